//! Decides on which day a payment's money becomes available.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::channel::{self, SettlementCycle};
use entity::merchant;

use crate::error::{Problem, Refusal};
use crate::time_range::start_of_day;
use crate::working_days::Calendar;

/// How many days a settlement takes at the most.
pub const MOST_DAYS: u32 = 30;

/// No settlement takes longer, whatever the holidays.
const LONGEST: TimeDelta = TimeDelta::days(365);

/// How the days until a settlement are counted, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How they are counted.
    pub cycle: SettlementCycle,
    /// How many.
    pub days: u32,
}

/// Why terms cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadTerms {
    /// At once is not so many days later.
    InstantWithDays,
    /// Fewer than one day, or more than are agreed.
    DaysOutOfRange,
}

impl Refusal for BadTerms {
    fn message(&self) -> Problem {
        match self {
            Self::InstantWithDays => Problem::new(
                "INSTANT settles at once: `days` is 0.",
                "实时结算的天数须为 0。",
            ),
            Self::DaysOutOfRange => Problem::new(
                format!("D and T settle after 1 to {MOST_DAYS} days."),
                format!("D+N 与 T+N 的天数须为 1 至 {MOST_DAYS}。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        Some("settlement.days".to_owned())
    }
}

impl Terms {
    /// Terms as somebody sets them.
    pub fn read(cycle: SettlementCycle, days: i32) -> Result<Self, BadTerms> {
        let days = u32::try_from(days).map_err(|_| BadTerms::DaysOutOfRange)?;
        match cycle {
            SettlementCycle::Instant if days > 0 => Err(BadTerms::InstantWithDays),
            SettlementCycle::D | SettlementCycle::T if !(1..=MOST_DAYS).contains(&days) => {
                Err(BadTerms::DaysOutOfRange)
            }
            _ => Ok(Self { cycle, days }),
        }
    }

    /// How many days, as tables keep it.
    #[must_use]
    pub fn kept_days(self) -> i16 {
        i16::try_from(self.days).unwrap_or(i16::MAX)
    }

    /// A merchant's terms, which hold where its channel has none.
    #[must_use]
    pub fn of_merchant(merchant: &merchant::Model) -> Self {
        Self {
            cycle: merchant.settlement_cycle,
            days: u32::try_from(merchant.settlement_days).unwrap_or(0),
        }
    }

    /// A channel's own terms, where it has some.
    #[must_use]
    pub fn of_channel(channel: &channel::Model) -> Option<Self> {
        let days = channel.settlement_days.unwrap_or(0);
        Some(Self {
            cycle: channel.settlement_cycle?,
            days: u32::try_from(days).unwrap_or(0),
        })
    }

    /// A channel's own terms, or its merchant's.
    #[must_use]
    pub fn of(merchant: &merchant::Model, channel: &channel::Model) -> Self {
        Self::of_channel(channel).unwrap_or_else(|| Self::of_merchant(merchant))
    }

    /// The merchant's day on which a payment becomes available that was credited at an instant; none where
    /// the calendar does not reach so far.
    #[must_use]
    pub fn settles_on(
        self,
        credited_at: DateTime<Utc>,
        zone: Tz,
        calendar: &Calendar,
    ) -> Option<NaiveDate> {
        let credited_on = credited_at.with_timezone(&zone).date_naive();
        match self.cycle {
            SettlementCycle::Instant => Some(credited_on),
            SettlementCycle::D => credited_on.checked_add_days(Days::new(u64::from(self.days))),
            SettlementCycle::T => calendar.after(credited_on, self.days),
        }
    }

    /// The instant from which on a payment has no day, since the calendar does not reach so far; none
    /// where each has one.
    #[must_use]
    pub fn unknown_from(self, zone: Tz, calendar: &Calendar) -> Option<DateTime<Utc>> {
        if self.cycle != SettlementCycle::T {
            return None;
        }
        let last = calendar
            .last_year()
            .and_then(|year| NaiveDate::from_ymd_opt(year, 12, 31));
        let mut day = last.unwrap_or(NaiveDate::MIN);
        while calendar.after(day, self.days).is_none() {
            match day.pred_opt() {
                Some(before) if last.is_some_and(|last| last - before < LONGEST) => day = before,
                _ => return Some(DateTime::<Utc>::MIN_UTC),
            }
        }
        Some(start_of_day(day.succ_opt()?, zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settles(cycle: SettlementCycle, days: u32, credited_at: &str) -> Option<String> {
        let calendar = Calendar::read(None).unwrap();
        Terms { cycle, days }
            .settles_on(
                credited_at.parse().unwrap(),
                chrono_tz::Asia::Shanghai,
                &calendar,
            )
            .map(|day| day.to_string())
    }

    #[test]
    fn days_begin_at_midnight_in_the_merchants_zone() {
        // 23:59 and 00:01 in Shanghai.
        let before = settles(SettlementCycle::D, 1, "2026-11-24T15:59:00Z");
        let after = settles(SettlementCycle::D, 1, "2026-11-24T16:01:00Z");
        assert_eq!(before.as_deref(), Some("2026-11-25"));
        assert_eq!(after.as_deref(), Some("2026-11-26"));
    }

    #[test]
    fn calendar_days_and_working_days_differ_at_a_weekend() {
        let friday = "2026-11-27T04:00:00Z";
        let d = settles(SettlementCycle::D, 1, friday);
        let t = settles(SettlementCycle::T, 1, friday);
        assert_eq!(d.as_deref(), Some("2026-11-28"));
        assert_eq!(t.as_deref(), Some("2026-11-30"));
    }

    #[test]
    fn terms_are_at_once_or_one_to_thirty_days() {
        use SettlementCycle::{D, Instant, T};
        for (cycle, days, wrong) in [
            (Instant, 0, None),
            (Instant, 1, Some(BadTerms::InstantWithDays)),
            (D, 0, Some(BadTerms::DaysOutOfRange)),
            (D, 1, None),
            (T, 30, None),
            (T, 31, Some(BadTerms::DaysOutOfRange)),
            (T, -1, Some(BadTerms::DaysOutOfRange)),
        ] {
            assert_eq!(Terms::read(cycle, days).err(), wrong, "{cycle:?}+{days}");
        }
    }

    #[test]
    fn from_where_days_are_unknown_is_where_the_first_has_none() {
        let (zone, calendar) = (chrono_tz::Asia::Shanghai, Calendar::read(None).unwrap());
        let cycle = SettlementCycle::T;
        for (days, from) in [
            (0, "2026-12-31T16:00:00Z"),
            (1, "2026-12-30T16:00:00Z"),
            (3, "2026-12-28T16:00:00Z"),
            (30, "2026-11-19T16:00:00Z"),
        ] {
            let terms = Terms { cycle, days };
            let from: DateTime<Utc> = from.parse().unwrap();
            assert_eq!(terms.unknown_from(zone, &calendar), Some(from), "T+{days}");
            let before = from - chrono::TimeDelta::milliseconds(1);
            assert!(terms.settles_on(before, zone, &calendar).is_some());
            assert_eq!(terms.settles_on(from, zone, &calendar), None);
        }
        let cycle = SettlementCycle::D;
        assert_eq!(Terms { cycle, days: 7 }.unknown_from(zone, &calendar), None);
    }

    #[test]
    fn beyond_the_calendar_only_working_days_are_unknown() {
        let last = "2026-12-31T04:00:00Z";
        assert_eq!(settles(SettlementCycle::T, 1, last), None);
        assert_eq!(
            settles(SettlementCycle::D, 1, last).as_deref(),
            Some("2027-01-01")
        );
        assert_eq!(
            settles(SettlementCycle::Instant, 0, last).as_deref(),
            Some("2026-12-31")
        );
    }
}
