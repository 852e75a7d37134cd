//! When a schedule runs, and what leaves then.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use entity::BankAccountId;
use entity::payout_schedule::{self, PayoutCadence};

use super::{ScheduleRefusal, Terms};
use crate::error::Problem;

/// A moment of every cadence comes within so many days.
const LOOK_AHEAD_DAYS: u64 = 62;
/// The largest amount that is understood, in minor units.
const LARGEST_MINOR: i64 = 1_000_000_000_000;

/// A schedule as somebody sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduleDraft {
    /// Where the money goes.
    pub bank_account_id: BankAccountId,
    /// How often.
    pub cadence: PayoutCadence,
    /// The day of the week (1 Monday to 7 Sunday) or of the month (1 to 31, the last where it is shorter).
    pub day: Option<i16>,
    /// The minute of the day, in the merchant's zone.
    pub at_minute: i16,
    /// What stays available, in minor units.
    pub retained_minor: i64,
    /// Below it nothing leaves, in minor units.
    pub min_minor: i64,
    /// Whether it rests.
    pub paused: bool,
}

/// Why a schedule ran and nothing left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// The merchant may not act at the moment.
    MerchantSuspended,
    /// Who set it works here no more, or may not set it any more.
    SetterNotAllowed,
    /// The account takes no payouts.
    AccountNotPayable,
    /// None of the merchant's channels pays out.
    NoChannel,
    /// No money leaves yet through the channel that would pay out: its credentials are new, or no second factor has
    /// agreed to them.
    ChannelNotReady,
    /// What is beyond the retained amount is too little.
    BelowMinimum,
    /// The day's limit is used up.
    DailyLimit,
}

impl Skip {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::MerchantSuspended,
        Self::SetterNotAllowed,
        Self::AccountNotPayable,
        Self::NoChannel,
        Self::ChannelNotReady,
        Self::BelowMinimum,
        Self::DailyLimit,
    ];

    /// Its name, as it is kept.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MerchantSuspended => "MERCHANT_SUSPENDED",
            Self::SetterNotAllowed => "SETTER_NOT_ALLOWED",
            Self::AccountNotPayable => "ACCOUNT_NOT_PAYABLE",
            Self::NoChannel => "NO_CHANNEL",
            Self::ChannelNotReady => "CHANNEL_NOT_READY",
            Self::BelowMinimum => "BELOW_MINIMUM",
            Self::DailyLimit => "DAILY_LIMIT",
        }
    }

    /// The reason of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|skip| skip.name() == name)
    }
}

impl ScheduleDraft {
    /// Whether it can be meant.
    pub fn check(&self) -> Result<(), ScheduleRefusal> {
        let wrong = |field: &str, en: &str, zh: &str| ScheduleRefusal::Invalid {
            field: field.to_owned(),
            problem: Problem::new(en, zh),
        };
        let day_fits = match self.cadence {
            PayoutCadence::Daily => self.day.is_none(),
            PayoutCadence::Weekly => self.day.is_some_and(|day| (1..=7).contains(&day)),
            PayoutCadence::Monthly => self.day.is_some_and(|day| (1..=31).contains(&day)),
        };
        if !day_fits {
            return Err(wrong(
                "day",
                "`day` is 1 (Monday) to 7 with WEEKLY, 1 to 31 with MONTHLY, and left out with DAILY.",
                "`day`：每周为 1（周一）至 7，每月为 1 至 31，每日则不填。",
            ));
        }
        if !(0..1_440).contains(&self.at_minute) {
            return Err(wrong(
                "at",
                "`at` is a time of day of four digits, from 00:00 to 23:59: `09:30`.",
                "`at` 须为四位数字的时刻，00:00 至 23:59，如 `09:30`。",
            ));
        }
        if !(0..=LARGEST_MINOR).contains(&self.retained_minor) {
            return Err(wrong(
                "retainedAmount",
                "`retainedAmount` must not be below zero.",
                "`retainedAmount` 不能为负数。",
            ));
        }
        if !(1..=LARGEST_MINOR).contains(&self.min_minor) {
            return Err(wrong(
                "minimumAmount",
                "`minimumAmount` must be more than zero.",
                "`minimumAmount` 须大于零。",
            ));
        }
        Ok(())
    }

    /// When it runs first after an instant; never while it rests.
    #[must_use]
    pub fn first_after(&self, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.paused {
            return None;
        }
        next(self.cadence, self.day, self.at_minute, zone, after)
    }
}

/// When a schedule runs next after an instant. Moments that nobody ran at are not made up for.
#[must_use]
pub fn next_moment(
    schedule: &payout_schedule::Model,
    zone: Tz,
    after: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if schedule.paused {
        return None;
    }
    let (cadence, day) = (schedule.cadence, schedule.day);
    next(cadence, day, schedule.at_minute, zone, after)
}

fn next(
    cadence: PayoutCadence,
    day: Option<i16>,
    at_minute: i16,
    zone: Tz,
    after: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let first = after.with_timezone(&zone).date_naive() - Days::new(1);
    (0..LOOK_AHEAD_DAYS)
        .filter_map(|days| first.checked_add_days(Days::new(days)))
        .filter(|date| falls_on(cadence, day, *date))
        .filter_map(|date| instant(date, at_minute, zone))
        .find(|at| *at > after)
}

fn falls_on(cadence: PayoutCadence, day: Option<i16>, date: NaiveDate) -> bool {
    let wanted = u32::try_from(day.unwrap_or(1)).unwrap_or(1);
    match cadence {
        PayoutCadence::Daily => true,
        PayoutCadence::Weekly => date.weekday().number_from_monday() == wanted,
        PayoutCadence::Monthly => {
            let is_last = date.succ_opt().is_some_and(|next| next.day() == 1);
            date.day() == wanted || (is_last && date.day() < wanted)
        }
    }
}

/// The instant of a time of day; where clocks leave it out, the next one that they show.
fn instant(date: NaiveDate, at_minute: i16, zone: Tz) -> Option<DateTime<Utc>> {
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(at_minute));
    (0..=4)
        .filter_map(|half_hours| {
            let later = local + TimeDelta::minutes(30 * half_hours);
            zone.from_local_datetime(&later).earliest()
        })
        .map(|at| at.with_timezone(&Utc))
        .next()
}

/// What leaves by a schedule: all that is available beyond what is to stay, within the terms; or why nothing does.
pub fn scheduled_amount(
    schedule: &payout_schedule::Model,
    terms: &Terms,
    available_minor: i64,
    left_today: Option<i64>,
) -> Result<i64, Skip> {
    let least = schedule.min_minor.max(terms.min_minor);
    let beyond = available_minor.saturating_sub(schedule.retained_minor);
    if beyond < least {
        return Err(Skip::BelowMinimum);
    }
    let amount = beyond.min(terms.max_minor);
    let within = left_today.map_or(amount, |left| amount.min(left));
    if within < least {
        return Err(Skip::DailyLimit);
    }
    if within - terms.fee(within) < 1 {
        return Err(Skip::BelowMinimum);
    }
    Ok(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn told(
        cadence: PayoutCadence,
        day: Option<i16>,
        at_minute: i16,
        zone: Tz,
        after: &str,
    ) -> DateTime<Utc> {
        next(cadence, day, at_minute, zone, at(after)).unwrap()
    }

    #[test]
    fn the_next_moment_is_on_the_merchants_clock() {
        use PayoutCadence::{Daily, Monthly, Weekly};
        let shanghai = chrono_tz::Asia::Shanghai;
        for (cadence, day, minute, after, expected) in [
            (
                Daily,
                None,
                540,
                "2026-11-23T00:59:59Z",
                "2026-11-23T01:00:00Z",
            ),
            (
                Daily,
                None,
                540,
                "2026-11-23T01:00:00Z",
                "2026-11-24T01:00:00Z",
            ),
            // Half past midnight in Shanghai is the day before in UTC.
            (
                Daily,
                None,
                30,
                "2026-11-23T16:00:00Z",
                "2026-11-23T16:30:00Z",
            ),
            (
                Weekly,
                Some(1),
                540,
                "2026-11-23T01:00:00Z",
                "2026-11-30T01:00:00Z",
            ),
            (
                Weekly,
                Some(7),
                540,
                "2026-11-23T01:00:00Z",
                "2026-11-29T01:00:00Z",
            ),
            (
                Monthly,
                Some(31),
                540,
                "2026-11-23T01:00:00Z",
                "2026-11-30T01:00:00Z",
            ),
            (
                Monthly,
                Some(31),
                540,
                "2026-11-30T01:00:00Z",
                "2026-12-31T01:00:00Z",
            ),
            (
                Monthly,
                Some(30),
                540,
                "2027-02-01T00:00:00Z",
                "2027-02-28T01:00:00Z",
            ),
            (
                Monthly,
                Some(1),
                540,
                "2026-11-23T01:00:00Z",
                "2026-12-01T01:00:00Z",
            ),
        ] {
            let next = told(cadence, day, minute, shanghai, after);
            assert_eq!(next, at(expected), "{cadence:?} {day:?} after {after}");
        }
    }

    #[test]
    fn an_hour_that_clocks_leave_out_or_repeat_runs_once() {
        let berlin = chrono_tz::Europe::Berlin;
        let daily = |after: &str| told(PayoutCadence::Daily, None, 150, berlin, after);
        // 02:30 on 2026-03-29 does not exist; on 2026-10-25 it comes twice.
        let spring = daily("2026-03-28T12:00:00Z");
        assert_eq!(spring, at("2026-03-29T01:00:00Z"));
        assert_eq!(daily("2026-03-29T01:00:00Z"), at("2026-03-30T00:30:00Z"));
        assert_eq!(daily("2026-10-24T12:00:00Z"), at("2026-10-25T00:30:00Z"));
        assert_eq!(daily("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z"));
    }

    #[test]
    fn reasons_read_back_from_their_names() {
        for skip in Skip::ALL {
            assert_eq!(Skip::of_name(skip.name()), Some(skip));
        }
    }
}
