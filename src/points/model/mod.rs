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
    EarnRule, MOST_POINTS, ONE_PPM, RESTORED_DAYS, clawed_total, earned, ends_after, points_for,
    released_at, restored_total, worth,
};
pub use purse::{Fresh, Move, NotEnough, Part, Purse, parts_of};
pub use refusal::{AdjustRefusal, LONGEST_REASON, ProgramSetRefusal};
