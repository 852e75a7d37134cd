//! Releases what is due, and says what becomes available when.

mod list;
mod release;
mod schedule;

pub use list::{Settled, SettlementFilter, find_many, list};
pub use release::{due, release};
pub use schedule::{Scheduled, schedule};
