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
use sea_orm::DbErr;

use crate::error::Error;
use crate::time_range::TimeRange;

/// How long a time may be whose rows are counted one by one.
const MOST_DAYS: i64 = 366;

/// What is told where a statement takes longer than it may: that the time is too long to be counted at once.
fn in_time<T>(told: Result<T, DbErr>) -> Result<T, Error> {
    told.map_err(|error| {
        if crate::db::is_timeout(&error) {
            return Error::bad_input(
                "range",
                "holds too much to be counted at once; take a shorter one.",
                "数据过多，无法一次统计；请缩短时间范围。",
            );
        }
        error.into()
    })
}

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
