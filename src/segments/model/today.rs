//! What "so many days" means: days of the merchant, the last of which is today.

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use entity::{Day, Instant};

use crate::time_range::start_of_day;

/// The moment at which a segment is asked about, on the merchant's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Today {
    /// The moment.
    pub now: Instant,
    /// The merchant's time zone.
    pub zone: Tz,
}

impl Today {
    /// The day.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        self.now.0.with_timezone(&self.zone).date_naive()
    }

    /// The first of so many days.
    #[must_use]
    pub fn first_of(self, days: i32) -> Day {
        Day(Day::from(self.date()).0.saturating_sub(days - 1))
    }

    /// When the first of so many days began.
    #[must_use]
    pub fn since(self, days: i32) -> Instant {
        Instant(start_of_day(self.first_of(days).into(), self.zone))
    }

    /// The birthdays of so many days from today on, as spans of a hundred times the month and the day. Who was born on
    /// 29 February has it on the 28th where there is none.
    #[must_use]
    pub fn birthdays(self, days: i32) -> Vec<(i32, i32)> {
        let first = self.date();
        let ahead = Days::new(u64::try_from(days - 1).unwrap_or_default());
        let Some(last) = first.checked_add_days(ahead).filter(|_| days < 365) else {
            return vec![(101, 1231)];
        };
        let (from, to) = (written(first), until(last));
        if first.year() == last.year() {
            vec![(from, to)]
        } else {
            vec![(from, 1231), (101, to)]
        }
    }
}

fn written(day: NaiveDate) -> i32 {
    let text = day.month() * 100 + day.day();
    i32::try_from(text).unwrap_or_default()
}

fn until(day: NaiveDate) -> i32 {
    match written(day) {
        228 if !day.leap_year() => 229,
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn on(year: i32, month: u32, day: u32) -> Today {
        let zone = chrono_tz::Asia::Shanghai;
        let now = zone.with_ymd_and_hms(year, month, day, 7, 0, 0).unwrap();
        Today {
            now: Instant(now.to_utc()),
            zone,
        }
    }

    #[test]
    fn so_many_days_end_with_today() {
        let today = on(2026, 11, 29);
        assert_eq!(today.first_of(1), Day::from(today.date()));
        assert_eq!(today.since(1).0.to_rfc3339(), "2026-11-28T16:00:00+00:00");
        assert_eq!(today.since(30).0.to_rfc3339(), "2026-10-30T16:00:00+00:00");
    }

    #[test]
    fn birthdays_go_on_past_the_new_year() {
        assert_eq!(on(2026, 11, 29).birthdays(1), [(1129, 1129)]);
        assert_eq!(on(2026, 12, 29).birthdays(7), [(1229, 1231), (101, 104)]);
        assert_eq!(on(2026, 3, 1).birthdays(365), [(101, 1231)]);
    }

    #[test]
    fn the_29th_of_february_is_the_28th_where_there_is_none() {
        assert_eq!(on(2027, 2, 20).birthdays(9), [(220, 229)]);
        assert_eq!(on(2028, 2, 20).birthdays(9), [(220, 228)]);
        assert_eq!(on(2028, 2, 20).birthdays(10), [(220, 229)]);
    }
}
