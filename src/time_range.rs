//! Spans of time as merchants say them: today, the last seven days, this month, in their own zone.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A span of time, half open: `from` is in it, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    /// The first instant in it.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

/// A span that is named instead of dated. Days are the merchant's; "last N days" includes today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Preset {
    Today,
    Yesterday,
    Last3Days,
    Last7Days,
    Last30Days,
    Last90Days,
    Last365Days,
    ThisWeek,
    ThisMonth,
    LastMonth,
    ThisQuarter,
    ThisYear,
}

impl TimeRange {
    /// The span that a name means at an instant, in a zone. Weeks begin on Monday.
    #[must_use]
    pub fn of_preset(preset: Preset, now: DateTime<Utc>, zone: Tz) -> Self {
        let today = now.with_timezone(&zone).date_naive();
        let tomorrow = today + Days::new(1);
        let month = first_of_month(today);
        let (from, to) = match preset {
            Preset::Today => (today, tomorrow),
            Preset::Yesterday => (today - Days::new(1), today),
            Preset::Last3Days => (today - Days::new(2), tomorrow),
            Preset::Last7Days => (today - Days::new(6), tomorrow),
            Preset::Last30Days => (today - Days::new(29), tomorrow),
            Preset::Last90Days => (today - Days::new(89), tomorrow),
            Preset::Last365Days => (today - Days::new(364), tomorrow),
            Preset::ThisWeek => {
                let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
                (monday, monday + Days::new(7))
            }
            Preset::ThisMonth => (month, month + Months::new(1)),
            Preset::LastMonth => (month - Months::new(1), month),
            Preset::ThisQuarter => {
                let quarter = month - Months::new(month.month0() % 3);
                (quarter, quarter + Months::new(3))
            }
            Preset::ThisYear => {
                let year = month - Months::new(month.month0());
                (year, year + Months::new(12))
            }
        };
        Self {
            from: start_of_day(from, zone),
            to: start_of_day(to, zone),
        }
    }
}

/// The years in which months are counted.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9_998;

impl TimeRange {
    /// The month of a day in a zone; none beyond the years that are counted.
    #[must_use]
    pub fn of_month(day: NaiveDate, zone: Tz) -> Option<Self> {
        let month = YEARS.contains(&day.year()).then(|| first_of_month(day))?;
        Some(Self {
            from: start_of_day(month, zone),
            to: start_of_day(month + Months::new(1), zone),
        })
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.day0()))
}

/// The first instant of a day in a zone. Where the clocks skip midnight, the day begins after the gap;
/// where they repeat it, with the first.
#[must_use]
pub fn start_of_day(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    (0..=4)
        .filter_map(|half_hours| {
            zone.from_local_datetime(&(midnight + chrono::TimeDelta::minutes(30 * half_hours)))
                .earliest()
        })
        .next()
        .map_or_else(|| midnight.and_utc(), |local| local.with_timezone(&Utc))
}

/// When the hour of an instant began on the merchant's clock.
#[must_use]
pub fn hour_of(at: DateTime<Utc>, zone: Tz) -> i64 {
    let local = at.with_timezone(&zone);
    let into = i64::from(local.minute()) * 60 + i64::from(local.second());
    let ms = at.timestamp_millis();
    ms - into * 1_000 - ms.rem_euclid(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_the_merchants_own() {
        // 17:30 UTC is 01:30 of the next day in Shanghai.
        let now = at("2026-11-23T17:30:00Z");
        let zone = chrono_tz::Asia::Shanghai;
        for (preset, from, to) in [
            (
                Preset::Today,
                "2026-11-23T16:00:00Z",
                "2026-11-24T16:00:00Z",
            ),
            (
                Preset::Yesterday,
                "2026-11-22T16:00:00Z",
                "2026-11-23T16:00:00Z",
            ),
            (
                Preset::Last3Days,
                "2026-11-21T16:00:00Z",
                "2026-11-24T16:00:00Z",
            ),
            (
                Preset::ThisWeek,
                "2026-11-22T16:00:00Z",
                "2026-11-29T16:00:00Z",
            ),
            (
                Preset::ThisMonth,
                "2026-10-31T16:00:00Z",
                "2026-11-30T16:00:00Z",
            ),
            (
                Preset::LastMonth,
                "2026-09-30T16:00:00Z",
                "2026-10-31T16:00:00Z",
            ),
            (
                Preset::ThisQuarter,
                "2026-09-30T16:00:00Z",
                "2026-12-31T16:00:00Z",
            ),
            (
                Preset::ThisYear,
                "2025-12-31T16:00:00Z",
                "2026-12-31T16:00:00Z",
            ),
        ] {
            let range = TimeRange::of_preset(preset, now, zone);
            assert_eq!((range.from, range.to), (at(from), at(to)), "{preset:?}");
        }
    }

    #[test]
    fn a_day_whose_midnight_does_not_exist_begins_after_the_gap() {
        // Beirut, 2024-03-31: the clocks went from 00:00 to 01:00.
        let day = NaiveDate::from_ymd_opt(2024, 3, 31).unwrap();
        assert_eq!(
            start_of_day(day, chrono_tz::Asia::Beirut),
            at("2024-03-30T22:00:00Z")
        );
    }

    #[test]
    fn a_day_of_daylight_saving_has_23_hours() {
        let range = TimeRange::of_preset(
            Preset::Today,
            at("2026-03-29T12:00:00Z"),
            chrono_tz::Europe::Berlin,
        );
        assert_eq!((range.to - range.from).num_hours(), 23);
    }
}
