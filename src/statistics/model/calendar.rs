//! Hours, days, weeks and so on of a merchant's clock.

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use entity::{Day, Instant};

use super::query::Grain;
use crate::time_range::{TimeRange, hour_of, start_of_day};

/// An hour, in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;

/// An instant of milliseconds since 1970.
#[must_use]
pub fn instant(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// The day of an instant, and when its hour began.
#[must_use]
pub fn day_and_hour(ms: i64, zone: Tz) -> (Day, i64) {
    let at = instant(ms);
    let day = at.with_timezone(&zone).date_naive();
    (Day::from(day), hour_of(at, zone))
}

/// A span widened to whole hours.
#[must_use]
pub fn whole_hours(range: TimeRange, zone: Tz) -> TimeRange {
    let from = instant(hour_of(range.from, zone));
    let last = instant(hour_of(range.to, zone));
    let to = if last < range.to {
        next_hour(last, zone)
    } else {
        last
    };
    TimeRange { from, to }
}

/// When the next hour begins. Where the clocks are moved by half an hour, it is a short one.
#[must_use]
pub fn next_hour(hour: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let began = hour.timestamp_millis();
    (1..=8)
        .map(|quarters| hour_of(hour + TimeDelta::minutes(15 * quarters), zone))
        .find(|next| *next > began)
        .map_or(hour + TimeDelta::hours(1), instant)
}

/// Whether a day begins at an instant.
#[must_use]
pub fn begins_a_day(at: DateTime<Utc>, zone: Tz) -> bool {
    start_of_day(at.with_timezone(&zone).date_naive(), zone) == at
}

/// The instant of a moment on the merchant's clock: the first where the clock shows it twice, and after the
/// gap where it is skipped.
#[must_use]
pub fn at_local(moment: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    (0..=8)
        .filter_map(|quarters| {
            let later = moment + TimeDelta::minutes(15 * quarters);
            zone.from_local_datetime(&later).earliest()
        })
        .next()
        .map_or_else(|| moment.and_utc(), |local| local.with_timezone(&Utc))
}

/// The first day of the week, month and so on that a day lies in.
#[must_use]
pub fn first_day(day: NaiveDate, grain: Grain) -> NaiveDate {
    let month = |back: u32| {
        let first = day - Days::new(u64::from(day.day0()));
        first - Months::new(back)
    };
    match grain {
        Grain::Hour | Grain::Day => day,
        Grain::Week => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
        Grain::Month => month(0),
        Grain::Quarter => month(day.month0() % 3),
        Grain::Year => month(day.month0()),
    }
}

/// The first day of the next one.
fn next_first(day: NaiveDate, grain: Grain) -> NaiveDate {
    match grain {
        Grain::Hour | Grain::Day => day + Days::new(1),
        Grain::Week => day + Days::new(7),
        Grain::Month => day + Months::new(1),
        Grain::Quarter => day + Months::new(3),
        Grain::Year => day + Months::new(12),
    }
}

/// A time that there are rows for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The hour's first millisecond, or the number of the first day.
    pub number: i64,
    /// When it begins.
    pub starts_at: Instant,
    /// The day on which it begins.
    pub starts_on: NaiveDate,
}

/// How many periods a span has, at a guess that is never too small by more than two.
#[must_use]
pub fn roughly(range: TimeRange, grain: Grain) -> i64 {
    let days = (range.to - range.from).num_days();
    match grain {
        Grain::Hour => (range.to - range.from).num_hours(),
        Grain::Day => days,
        Grain::Week => days / 7,
        Grain::Month => days / 31,
        Grain::Quarter => days / 92,
        Grain::Year => days / 366,
    }
}

/// Whether a span has no more periods than so many.
#[must_use]
pub fn fits(range: TimeRange, grain: Grain, most: usize, zone: Tz) -> bool {
    let roughly = usize::try_from(roughly(range, grain)).unwrap_or(usize::MAX);
    // Before anything is laid out: a span of centuries by the hour.
    roughly <= most && periods(whole_hours(range, zone), grain, zone).len() <= most
}

/// The periods that a span of whole hours touches, in order.
#[must_use]
pub fn periods(range: TimeRange, grain: Grain, zone: Tz) -> Vec<Period> {
    let mut found = Vec::new();
    if grain == Grain::Hour {
        let mut hour = range.from;
        while hour < range.to {
            found.push(Period {
                number: hour.timestamp_millis(),
                starts_at: Instant(hour),
                starts_on: hour.with_timezone(&zone).date_naive(),
            });
            hour = next_hour(hour, zone);
        }
        return found;
    }
    let last = range.to - TimeDelta::milliseconds(1);
    let last = last.with_timezone(&zone).date_naive();
    let mut day = first_day(range.from.with_timezone(&zone).date_naive(), grain);
    while day <= last {
        found.push(Period {
            number: i64::from(Day::from(day).0),
            starts_at: Instant(start_of_day(day, zone)),
            starts_on: day,
        });
        day = next_first(day, grain);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn range(from: &str, to: &str) -> TimeRange {
        TimeRange {
            from: at(from),
            to: at(to),
        }
    }

    #[test]
    fn days_of_summer_time_have_23_and_25_hours() {
        let zone = chrono_tz::America::New_York;
        for (from, to, hours) in [
            ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", 23),
            ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 25),
            ("2026-11-02T05:00:00Z", "2026-11-03T05:00:00Z", 24),
        ] {
            let found = periods(range(from, to), Grain::Hour, zone);
            assert_eq!(found.len(), hours, "{from}");
            assert!(
                found
                    .iter()
                    .all(|hour| hour.starts_on == found[0].starts_on)
            );
            assert_eq!(periods(range(from, to), Grain::Day, zone).len(), 1);
        }
    }

    #[test]
    fn a_span_is_widened_to_hours_of_the_merchants_own() {
        let zone = chrono_tz::Asia::Kathmandu;
        let wide = whole_hours(range("2026-11-23T04:20:00Z", "2026-11-23T05:15:00Z"), zone);
        assert_eq!(wide, range("2026-11-23T04:15:00Z", "2026-11-23T05:15:00Z"));
        let wide = whole_hours(range("2026-11-23T04:15:00Z", "2026-11-23T05:16:00Z"), zone);
        assert_eq!(wide, range("2026-11-23T04:15:00Z", "2026-11-23T06:15:00Z"));
    }

    #[test]
    fn where_clocks_move_by_half_an_hour_every_instant_has_one_hour() {
        let zone = chrono_tz::Australia::Lord_Howe;
        let span = range("2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z");
        let hours = periods(whole_hours(span, zone), Grain::Hour, zone);
        for minute in 0..24 * 60 {
            let (_, hour) = day_and_hour(
                (span.from + TimeDelta::minutes(minute)).timestamp_millis(),
                zone,
            );
            assert_eq!(
                hours.iter().filter(|one| one.number == hour).count(),
                1,
                "{minute}"
            );
        }
    }

    #[test]
    fn weeks_begin_on_monday_and_quarters_with_their_month() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 29).unwrap();
        for (grain, first) in [
            (Grain::Day, (2026, 11, 29)),
            (Grain::Week, (2026, 11, 23)),
            (Grain::Month, (2026, 11, 1)),
            (Grain::Quarter, (2026, 10, 1)),
            (Grain::Year, (2026, 1, 1)),
        ] {
            let (year, month, date) = first;
            let expected = NaiveDate::from_ymd_opt(year, month, date).unwrap();
            assert_eq!(first_day(day, grain), expected, "{grain:?}");
        }
    }
}
