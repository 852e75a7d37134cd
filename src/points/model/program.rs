//! Counts points: earned, taken back, given back, and what they are worth in money. Everything is rounded down.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{Instant, points_program};

use crate::time_range::start_of_day;

/// The most points that come at once.
pub const MOST_POINTS: i64 = 1_000_000_000_000;
/// How many days points hold that are given back when their lot has ended.
pub const RESTORED_DAYS: i32 = 30;
/// A multiplier of one, in millionths.
pub const ONE_PPM: i64 = 1_000_000;

/// By which rule an order earns points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarnRule {
    /// So many points
    pub points: i64,
    /// for each of so many minor units,
    pub per_minor: i64,
    /// times so many millionths.
    pub multiplier_ppm: i64,
}

impl EarnRule {
    /// The rule of a program, times a tier's multiplier.
    #[must_use]
    pub const fn of(program: &points_program::Model, multiplier_ppm: i64) -> Self {
        Self {
            points: program.earn_points,
            per_minor: program.earn_per_minor,
            multiplier_ppm,
        }
    }
}

/// The points that an amount earns, in minor units: rounded down once, at the end.
#[must_use]
pub fn earned(base_minor: i64, rule: EarnRule) -> i64 {
    let exact = i128::from(base_minor.max(0))
        .saturating_mul(i128::from(rule.points))
        .saturating_mul(i128::from(rule.multiplier_ppm));
    let per = i128::from(rule.per_minor.max(1)) * i128::from(ONE_PPM);
    i64::try_from(exact / per).map_or(MOST_POINTS, |points| points.clamp(0, MOST_POINTS))
}

/// How many of an order's points are to be taken back in all, where refunds have given back so much of it: what is left
/// has earned what it would have earned alone.
#[must_use]
pub fn clawed_total(base_minor: i64, refunded_minor: i64, rule: EarnRule) -> i64 {
    earned(base_minor, rule) - earned(base_minor - refunded_minor, rule)
}

/// How many of the points that an order was paid with are to be given back in all, where refunds have given back so much
/// of what was paid: all of them with the last.
#[must_use]
pub fn restored_total(spent: i64, refunded_minor: i64, paid_minor: i64) -> i64 {
    if refunded_minor >= paid_minor {
        return spent;
    }
    let exact = i128::from(spent) * i128::from(refunded_minor.max(0)) / i128::from(paid_minor);
    i64::try_from(exact).unwrap_or(spent)
}

/// What points are worth as payment, in minor units.
#[must_use]
pub fn worth(points: i64, program: &points_program::Model) -> i64 {
    let exact = i128::from(points.max(0)) * i128::from(program.pay_minor);
    i64::try_from(exact / i128::from(program.pay_points.max(1))).unwrap_or(i64::MAX)
}

/// The fewest points that are worth so many minor units.
#[must_use]
pub fn points_for(minor: i64, program: &points_program::Model) -> i64 {
    let per = i128::from(program.pay_minor.max(1));
    let exact = i128::from(minor.max(0)) * i128::from(program.pay_points);
    i64::try_from((exact + per - 1) / per).unwrap_or(i64::MAX)
}

/// When something ends that holds so many days: with the end of the merchant's day.
#[must_use]
pub fn ends_after(from: DateTime<Utc>, days: i32, zone: Tz) -> Instant {
    let ahead = Days::new(u64::try_from(days).unwrap_or_default() + 1);
    let today = from.with_timezone(&zone).date_naive();
    let day = today.checked_add_days(ahead).unwrap_or(NaiveDate::MAX);
    Instant(start_of_day(day, zone))
}

/// When points that come now can be spent; none for at once.
#[must_use]
pub fn released_at(from: DateTime<Utc>, program: &points_program::Model) -> Option<Instant> {
    let days = i64::from(program.pending_days);
    (days > 0).then(|| Instant(from + TimeDelta::days(days)))
}
