//! Working days 工作日: what a calendar in a file says, and nothing beyond.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;

/// The calendar that is built in.
const BUILT_IN: &str = include_str!("../data/working_days.toml");

/// Why a calendar cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Its text is none of a calendar.
    #[error("the calendar cannot be read: {0}")]
    Text(#[from] toml::de::Error),
    /// A day stands in another year's table.
    #[error("{0} does not belong to {1}")]
    StrayDay(NaiveDate, String),
}

/// Which days are worked on, in the years that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i32>,
    holidays: BTreeSet<NaiveDate>,
    working_weekends: BTreeSet<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    holidays: Vec<NaiveDate>,
    working_weekends: Vec<NaiveDate>,
}

impl Calendar {
    /// The calendar of a file; the one built in where none is given.
    pub fn read(file: Option<&Path>) -> Result<Self, CalendarError> {
        let Some(path) = file else {
            return Self::parse(BUILT_IN);
        };
        let text = std::fs::read_to_string(path).map_err(|source| CalendarError::File {
            path: path.display().to_string(),
            source,
        })?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, CalendarError> {
        let years: BTreeMap<String, Year> = toml::from_str(text)?;
        let mut calendar = Self {
            years: BTreeSet::new(),
            holidays: BTreeSet::new(),
            working_weekends: BTreeSet::new(),
        };
        for (name, year) in years {
            let days = year.holidays.iter().chain(&year.working_weekends);
            for day in days {
                if day.year().to_string() != name {
                    return Err(CalendarError::StrayDay(*day, name));
                }
                calendar.years.insert(day.year());
            }
            calendar.holidays.extend(year.holidays);
            calendar.working_weekends.extend(year.working_weekends);
        }
        Ok(calendar)
    }

    /// Whether a day is worked on; none where its year is not known.
    #[must_use]
    pub fn is_working(&self, day: NaiveDate) -> Option<bool> {
        if !self.years.contains(&day.year()) {
            return None;
        }
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        Some(if weekend {
            self.working_weekends.contains(&day)
        } else {
            !self.holidays.contains(&day)
        })
    }

    /// The `days`-th working day after a day; the day itself, or the next that is worked on, where `days`
    /// is 0. None where a year on the way is not known.
    #[must_use]
    pub fn after(&self, day: NaiveDate, days: u32) -> Option<NaiveDate> {
        let mut day = day;
        let mut left = days;
        if left == 0 {
            while !self.is_working(day)? {
                day = day.checked_add_days(Days::new(1))?;
            }
            return Some(day);
        }
        while left > 0 {
            day = day.checked_add_days(Days::new(1))?;
            if self.is_working(day)? {
                left -= 1;
            }
        }
        Some(day)
    }

    /// The last year that is known.
    #[must_use]
    pub fn last_year(&self) -> Option<i32> {
        self.years.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar() -> Calendar {
        Calendar::read(None).unwrap()
    }

    #[test]
    fn holidays_are_free_and_some_weekends_are_not() {
        for (date, works) in [
            ("2026-11-24", true),
            ("2026-11-21", false),
            ("2026-10-01", false),
            ("2026-10-10", true),
            ("2026-02-14", true),
            ("2026-02-23", false),
            ("2026-02-24", true),
            ("2025-01-26", true),
            ("2025-10-08", false),
            ("2025-10-11", true),
        ] {
            assert_eq!(calendar().is_working(day(date)), Some(works), "{date}");
        }
    }

    #[test]
    fn working_days_are_counted_over_weekends_holidays_and_make_up_days() {
        for (from, days, to) in [
            ("2026-11-24", 1, "2026-11-25"),
            ("2026-11-27", 1, "2026-11-30"),
            ("2026-11-28", 1, "2026-11-30"),
            ("2026-09-30", 1, "2026-10-08"),
            ("2026-10-09", 1, "2026-10-10"),
            ("2026-02-13", 2, "2026-02-24"),
            ("2026-11-28", 0, "2026-11-30"),
            ("2026-11-24", 0, "2026-11-24"),
            ("2025-12-31", 1, "2026-01-04"),
        ] {
            assert_eq!(calendar().after(day(from), days), Some(day(to)), "{from}");
        }
    }

    #[test]
    fn a_year_that_was_not_announced_is_not_guessed() {
        assert_eq!(calendar().is_working(day("2027-01-04")), None);
        assert_eq!(calendar().after(day("2026-12-31"), 1), None);
        assert_eq!(calendar().is_working(day("2024-06-03")), None);
    }

    #[test]
    fn a_day_of_another_year_is_refused() {
        let text = "[2026]\nholidays = [\"2027-01-01\"]\nworking_weekends = []";
        assert!(matches!(
            Calendar::parse(text),
            Err(CalendarError::StrayDay(..))
        ));
    }

    /// The announcements shift days and make none up: 2025 and 2026 have 28 and 33 days of holidays and
    /// 5 and 6 of make-up.
    #[test]
    fn the_announcements_are_complete() {
        for (year, holidays, make_up) in [(2025, 28, 5), (2026, 33, 6)] {
            let count =
                |days: &BTreeSet<NaiveDate>| days.iter().filter(|day| day.year() == year).count();
            assert_eq!(count(&calendar().holidays), holidays, "{year}");
            assert_eq!(count(&calendar().working_weekends), make_up, "{year}");
        }
        let calendar = calendar();
        for day in &calendar.working_weekends {
            assert!(
                matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
                "{day}"
            );
        }
    }
}
