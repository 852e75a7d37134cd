//! Decides what is given, to whom, and for which days.

mod calendar;
mod gift;
mod rule;

#[cfg(test)]
mod tests;

pub use calendar::{Span, Turn, spans_on, turn};
pub use gift::{Gift, gift_of};
pub use rule::{RuleDraft, SetRefusal};
