//! Decides on which day a payment's money becomes available.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::channel::{self, SettlementCycle};
use entity::merchant;

use crate::working_days::Calendar;

/// How the days until a settlement are counted, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How they are counted.
    pub cycle: SettlementCycle,
    /// How many.
    pub days: u32,
}

impl Terms {
    /// A channel's own terms, or its merchant's.
    #[must_use]
    pub fn of(merchant: &merchant::Model, channel: &channel::Model) -> Self {
        let (cycle, days) = match channel.settlement_cycle {
            Some(cycle) => (cycle, channel.settlement_days.unwrap_or(0)),
            None => (merchant.settlement_cycle, merchant.settlement_days),
        };
        Self {
            cycle,
            days: u32::try_from(days).unwrap_or(0),
        }
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
