//! Reads what an overview shows.

mod brief;
mod funnel;
mod products;
mod reasons;
mod today;
mod waiting;

pub use brief::{Told, brief};
pub use funnel::{FunnelRow, funnel};
pub use products::{Asked, ProductRow, Ranking, SortBy, products};
pub use reasons::{ReasonRow, reasons};
pub use today::{Today, today};
pub use waiting::{MOST, waiting};

use chrono::TimeDelta;

use crate::error::Error;
use crate::time_range::TimeRange;

/// How long a time may be whose rows are counted one by one.
const MOST_DAYS: i64 = 366;

/// Refuses a time that is too long.
fn bounded(range: TimeRange) -> Result<TimeRange, Error> {
    if range.to - range.from > TimeDelta::days(MOST_DAYS) {
        return Err(Error::bad_input(
            "range",
            format!("is at most {MOST_DAYS} days long."),
            format!("最长 {MOST_DAYS} 天。"),
        ));
    }
    Ok(range)
}
