//! How many points are earned, what they are worth, and which lots they come from. Nothing here knows of a database.

mod draft;
mod filter;
mod program;
mod purse;
mod refusal;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use draft::ProgramDraft;
pub use filter::EntryFilter;
pub use program::{
    EarnRule, MOST_POINTS, ONE_PPM, clawed_total, earned, ends_after, points_for, released_at,
    restored_total, worth,
};
pub use purse::{Fresh, Move, NotEnough, Purse};
pub use refusal::{AdjustRefusal, LONGEST_REASON, ProgramSetRefusal};
