//! Decides what segments may be, without a database.

mod check;
mod filter;
mod refusal;
mod rfm;
mod rules;
mod today;

pub use check::{DEEPEST, MOST_RULES, read_name};
pub use filter::SegmentFilter;
pub use refusal::{
    CreateRefusal, MOST_SEGMENTS, RemoveRefusal, SnapshotRefusal, UpdateRefusal, Use, UseKind,
};
pub use rfm::{Means, RFM_DAYS, RfmGroup, Sums};
pub use rules::{Bought, Range, Rule};
pub use today::Today;
