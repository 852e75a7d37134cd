//! Birthdays 生日: a month and a day, and the year where it is known.

use chrono::{Datelike, NaiveDate};

use crate::error::Problem;

/// The first year that anybody is born in.
const FIRST_YEAR: i32 = 1900;
/// A year with a 29th of February.
const LEAP_YEAR: i32 = 2000;

/// A birthday: a month and a day, and the year where it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Birthday {
    /// The month, 1 to 12.
    pub month: u32,
    /// The day, from 1.
    pub day: u32,
    /// The year, where it is known.
    pub year: Option<i32>,
}

/// It is of a person: no log shows it.
impl std::fmt::Debug for Birthday {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Birthday(…)")
    }
}

impl Birthday {
    /// Checks a birthday, which lies before tomorrow.
    pub fn check(self, today: NaiveDate) -> Result<Self, Problem> {
        let wrong = || {
            Problem::new(
                "must be a day that there is, such as month 2 and day 29",
                "须为存在的日期，例如 2 月 29 日。",
            )
        };
        let Some(year) = self.year else {
            let date = NaiveDate::from_ymd_opt(LEAP_YEAR, self.month, self.day);
            return date.map(|_| self).ok_or_else(wrong);
        };
        let date = NaiveDate::from_ymd_opt(year, self.month, self.day).ok_or_else(wrong)?;
        if year < FIRST_YEAR || date > today {
            return Err(Problem::new(
                format!("must lie between {FIRST_YEAR} and today"),
                format!("须在 {FIRST_YEAR} 年至今天之间。"),
            ));
        }
        Ok(self)
    }

    /// How a member's row keeps it: a hundred times the month, and the day.
    #[must_use]
    pub fn number(self) -> i32 {
        i32::try_from(self.month * 100 + self.day).unwrap_or_default()
    }

    /// The birthday of a row, and the year of its profile.
    #[must_use]
    pub fn of_number(number: i32, year: Option<i32>) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        Some(Self {
            month: number / 100,
            day: number % 100,
            year,
        })
    }

    /// The birthday of a date.
    #[must_use]
    pub fn of_date(date: NaiveDate) -> Self {
        Self {
            month: date.month(),
            day: date.day(),
            year: Some(date.year()),
        }
    }
}
