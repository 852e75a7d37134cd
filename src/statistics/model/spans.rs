//! Which hours and days are read: whole days as days, what is left at both ends as hours.

use chrono::Days;
use chrono_tz::Tz;
use entity::Day;

use super::calendar::begins_a_day;
use super::query::Grain;
use crate::time_range::{TimeRange, start_of_day};

/// Which rows are read, each span half open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    /// Days since 1970.
    pub days: Option<(i64, i64)>,
    /// Hours' first milliseconds.
    pub hours: Vec<(i64, i64)>,
}

/// What a span of whole hours is read from.
#[must_use]
pub fn spans(range: TimeRange, grain: Option<Grain>, zone: Tz) -> Spans {
    let ms = |at: chrono::DateTime<chrono::Utc>| at.timestamp_millis();
    let hours = |from, to| {
        if from < to {
            vec![(from, to)]
        } else {
            Vec::new()
        }
    };
    let all_hours = Spans {
        days: None,
        hours: hours(ms(range.from), ms(range.to)),
    };
    if grain == Some(Grain::Hour) {
        return all_hours;
    }
    let mut first = range.from.with_timezone(&zone).date_naive();
    if !begins_a_day(range.from, zone) {
        first = first + Days::new(1);
    }
    let end = range.to.with_timezone(&zone).date_naive();
    if first >= end {
        return all_hours;
    }
    let mut parts = hours(ms(range.from), ms(start_of_day(first, zone)));
    parts.extend(hours(ms(start_of_day(end, zone)), ms(range.to)));
    Spans {
        days: Some((i64::from(Day::from(first).0), i64::from(Day::from(end).0))),
        hours: parts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> TimeRange {
        TimeRange {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        }
    }

    #[test]
    fn whole_days_are_read_as_days_and_the_rest_as_hours() {
        let zone = chrono_tz::UTC;
        let day = 20_780;
        let ms = |text: &str| {
            text.parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap()
                .timestamp_millis()
        };
        let whole = range("2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z");
        let read = spans(whole, Some(Grain::Month), zone);
        assert_eq!(read.days, Some((day, day + 2)));
        assert_eq!(read.hours, []);
        let ragged = range("2026-11-22T22:00:00Z", "2026-11-25T03:00:00Z");
        let read = spans(ragged, None, zone);
        assert_eq!(read.days, Some((day, day + 2)));
        assert_eq!(
            read.hours,
            [
                (ms("2026-11-22T22:00:00Z"), ms("2026-11-23T00:00:00Z")),
                (ms("2026-11-25T00:00:00Z"), ms("2026-11-25T03:00:00Z"))
            ]
        );
        let short = range("2026-11-23T01:00:00Z", "2026-11-23T05:00:00Z");
        assert_eq!(spans(short, None, zone).days, None);
        assert_eq!(spans(short, None, zone).hours.len(), 1);
        assert_eq!(spans(whole, Some(Grain::Hour), zone).days, None);
    }
}
