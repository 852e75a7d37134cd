//! The merchant's days: when a tier ends, and when the night is in which all are looked at again.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{Day, Instant};

use crate::time_range::start_of_day;

/// How long after midnight all members are looked at again: shops are closed, and the day before is complete.
const NIGHT: TimeDelta = TimeDelta::hours(2);

/// An instant, and the zone whose days count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub now: Instant,
    /// The merchant's time zone.
    pub zone: Tz,
}

impl Moment {
    /// The day that it is.
    #[must_use]
    pub fn today(self) -> Day {
        Day::from(self.date())
    }

    /// When something ends that is kept for so many whole days after today: at midnight.
    #[must_use]
    pub fn end_after(self, days: i32) -> Instant {
        let days = u64::try_from(days).unwrap_or_default().saturating_add(1);
        let last = self.date().checked_add_days(Days::new(days));
        Instant(start_of_day(last.unwrap_or(NaiveDate::MAX), self.zone))
    }

    fn date(self) -> NaiveDate {
        self.now.0.with_timezone(&self.zone).date_naive()
    }
}

/// The next night after an instant in which all members are looked at again.
#[must_use]
pub fn next_night(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    let night = |days: u64| {
        let day = today.checked_add_days(Days::new(days)).unwrap_or(today);
        start_of_day(day, zone) + NIGHT
    };
    let tonight = night(0);
    if tonight > now { tonight } else { night(1) }
}
