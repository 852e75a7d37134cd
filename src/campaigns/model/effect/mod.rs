//! What a campaign brought, against what would have been expected without it; and how far that is certain.
//!
//! Everything is reckoned in integers: money in minor units, the rest in millionths.

mod baseline;
mod groups;
mod spread;

pub use baseline::{
    Baseline, DayOfSales, FEWEST_DAYS, FEWEST_OF_A_WEEKDAY, MOST_DAYS, NotEnough, WEEKS_BEFORE,
    baseline,
};
pub use groups::{Buying, FEWEST_BUYERS, Group, HeldOut, TooFewBuyers, compare};

/// An estimate with the interval that holds the truth in 95 of 100 such cases 95% 置信区间.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The estimate.
    pub value: i64,
    /// The interval's lower end.
    pub low: i64,
    /// The interval's upper end.
    pub high: i64,
}

/// As an `i64`, at its bounds where it is beyond them.
fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// A quotient, rounded half away from zero. The divisor is above zero.
fn rounded(sum: i128, by: i128) -> i128 {
    let half = by / 2;
    if sum < 0 {
        (sum - half) / by
    } else {
        (sum + half) / by
    }
}

#[cfg(test)]
mod tests;
