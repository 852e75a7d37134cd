//! Which tier a member has: pure rules, by figures that are handed in.

mod calendar;
mod check;
mod ladder;
mod missing;
mod refusal;
mod standing;
mod wish;

pub use calendar::{Moment, next_night};
pub use check::{LONGEST_NOTE, MOST, check};
pub use ladder::{Figures, Ladder, Sums, Window, first_day};
pub use missing::{Missing, missing};
pub use refusal::{AssignRefusal, RemoveRefusal, SetRefusal};
pub use standing::{Held, Step, assigned, decide, merged, reached_since, undone};
pub use wish::{Assignment, TierWish};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
