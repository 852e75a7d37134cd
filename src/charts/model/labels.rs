//! Times as an axis says them.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::locale::Locale;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A time of a grain that begins at an instant, on a day of the merchant.
pub fn label(grain: &str, at: DateTime<Utc>, on: NaiveDate, zone: Tz, locale: Locale) -> String {
    match (grain, locale) {
        ("HOUR", _) => {
            let local = at.with_timezone(&zone);
            format!(
                "{:02}-{:02} {:02}:{:02}",
                local.month(),
                local.day(),
                local.hour(),
                local.minute()
            )
        }
        ("MONTH", Locale::ZhCn) => format!("{}年{}月", on.year(), on.month()),
        ("MONTH", Locale::En) => format!("{} {}", month(on), on.year()),
        ("QUARTER", Locale::ZhCn) => format!("{}年{}季度", on.year(), on.month0() / 3 + 1),
        ("QUARTER", Locale::En) => format!("Q{} {}", on.month0() / 3 + 1, on.year()),
        ("YEAR", Locale::ZhCn) => format!("{}年", on.year()),
        ("YEAR", Locale::En) => on.year().to_string(),
        (_, Locale::ZhCn) => format!("{}月{}日", on.month(), on.day()),
        (_, Locale::En) => format!("{} {}", month(on), on.day()),
    }
}

fn month(on: NaiveDate) -> &'static str {
    let place = usize::try_from(on.month0()).unwrap_or_default();
    MONTHS.get(place).copied().unwrap_or_default()
}

/// A span of time in days, the last one included; a part of a day is told in minutes.
pub fn span(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz, locale: Locale) -> String {
    let (from, to) = (from.with_timezone(&zone), to.with_timezone(&zone));
    let is_whole = from.num_seconds_from_midnight() == 0 && to.num_seconds_from_midnight() == 0;
    let (from, to) = if is_whole {
        let last = to.date_naive() - TimeDelta::days(1);
        if from.date_naive() == last {
            return last.to_string();
        }
        (from.date_naive().to_string(), last.to_string())
    } else {
        let minutes = "%Y-%m-%d %H:%M";
        (
            from.format(minutes).to_string(),
            to.format(minutes).to_string(),
        )
    };
    match locale {
        Locale::En => format!("{from} to {to}"),
        Locale::ZhCn => format!("{from} 至 {to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_names_its_last_day_and_parts_of_days_in_minutes() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let zone = chrono_tz::Asia::Shanghai;
        for (from, to, text) in [
            (
                "2026-10-31T16:00:00Z",
                "2026-11-30T16:00:00Z",
                "2026-11-01 to 2026-11-30",
            ),
            ("2026-11-22T16:00:00Z", "2026-11-23T16:00:00Z", "2026-11-23"),
            (
                "2026-11-22T17:00:00Z",
                "2026-11-23T16:00:00Z",
                "2026-11-23 01:00 to 2026-11-24 00:00",
            ),
        ] {
            assert_eq!(span(at(from), at(to), zone, Locale::En), text);
        }
    }

    #[test]
    fn each_grain_has_its_label() {
        let on = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        let at = "2026-11-01T16:00:00Z".parse().unwrap();
        let zone = chrono_tz::Asia::Shanghai;
        for (grain, en, zh) in [
            ("HOUR", "11-02 00:00", "11-02 00:00"),
            ("DAY", "Nov 2", "11月2日"),
            ("WEEK", "Nov 2", "11月2日"),
            ("MONTH", "Nov 2026", "2026年11月"),
            ("QUARTER", "Q4 2026", "2026年4季度"),
            ("YEAR", "2026", "2026年"),
        ] {
            assert_eq!(label(grain, at, on, zone, Locale::En), en);
            assert_eq!(label(grain, at, on, zone, Locale::ZhCn), zh);
        }
    }
}
