//! Rules for points that somebody wants to set, and whether they can be meant.

use crate::invalid::Invalid;

/// The most points that a rule names.
const MOST_IN_RULE: i64 = 1_000_000;
/// The most minor units that a rule names.
const MOST_MINOR: i64 = 1_000_000_000;
/// The highest limit of an adjustment.
const MOST_LIMIT: i64 = 1_000_000_000;
/// The most days that points hold.
const MOST_DAYS: i32 = 3_650;
/// The most days that points wait.
const MOST_PENDING: i32 = 365;

/// Rules for points, as somebody wants them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramDraft {
    /// Whether points are earned.
    pub enabled: bool,
    /// So many points
    pub earn_points: i64,
    /// for each of so many minor units.
    pub earn_per_minor: i64,
    /// How many days they hold; none for ever.
    pub valid_days: Option<i32>,
    /// How many days they wait.
    pub pending_days: i32,
    /// Whether they are taken as payment.
    pub pay_enabled: bool,
    /// So many points
    pub pay_points: i64,
    /// are worth so many minor units.
    pub pay_minor: i64,
    /// The most of an order that they pay, in millionths.
    pub pay_cap_ppm: i64,
    /// The most that one adjustment gives or takes.
    pub adjust_limit: i64,
}

impl ProgramDraft {
    /// Refuses what cannot be meant.
    pub fn check(&self) -> Result<(), Invalid> {
        within("earn.points", self.earn_points, MOST_IN_RULE)?;
        within_money("earn.per", self.earn_per_minor)?;
        if let Some(days) = self.valid_days {
            within("validDays", days.into(), MOST_DAYS.into())?;
        }
        if !(0..=MOST_PENDING).contains(&self.pending_days) {
            return Err(Invalid::new(
                "pendingDays",
                format!("is from 0 to {MOST_PENDING}."),
                format!("须为 0 至 {MOST_PENDING}。"),
            ));
        }
        if self
            .valid_days
            .is_some_and(|days| days <= self.pending_days)
        {
            return Err(Invalid::new(
                "validDays",
                "is more than `pendingDays`: points would end before they can be spent.",
                "须大于 `pendingDays`，否则积分在可用前即已过期。",
            ));
        }
        within("pay.points", self.pay_points, MOST_IN_RULE)?;
        within_money("pay.worth", self.pay_minor)?;
        if !(1..=1_000_000).contains(&self.pay_cap_ppm) {
            return Err(Invalid::new(
                "pay.maxShare",
                "is more than 0 and at most 1.",
                "须大于 0 且不超过 1。",
            ));
        }
        within("adjustLimit", self.adjust_limit, MOST_LIMIT)
    }
}

fn within(field: &str, value: i64, most: i64) -> Result<(), Invalid> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(Invalid::new(
        field,
        format!("is from 1 to {most}."),
        format!("须为 1 至 {most}。"),
    ))
}

fn within_money(field: &str, minor: i64) -> Result<(), Invalid> {
    if (1..=MOST_MINOR).contains(&minor) {
        return Ok(());
    }
    Err(Invalid::new(
        field,
        "is more than nothing, and not that much.",
        "须大于零且不超过上限。",
    ))
}
