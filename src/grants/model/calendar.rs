//! Which days are kept on which: years that have no 29 February, days ahead, and days that were missed.

use chrono::{Datelike, Days, NaiveDate};

/// How many days that were missed are made up for.
const MISSED_DAYS: u64 = 31;
/// How many years back anybody joined.
const MOST_YEARS: i32 = 100;

/// Where handing out gifts stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is to be done for this day.
    Due(NaiveDate),
    /// Nothing is to be done until this day begins.
    Wait(NaiveDate),
}

/// What is to be done next; `next` is the first day for which it is not done yet.
#[must_use]
pub fn turn(next: NaiveDate, today: NaiveDate) -> Turn {
    if next > today {
        return Turn::Wait(next);
    }
    Turn::Due(next.max(today - Days::new(MISSED_DAYS)))
}

/// Days of one year, both ends in it: those that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    from: NaiveDate,
    to: NaiveDate,
}

/// The days that are looked at on a day: it, and those ahead, year by year.
#[must_use]
pub fn spans_on(day: NaiveDate, days_before: i32) -> Vec<Span> {
    let last = day + Days::new(u64::try_from(days_before).unwrap_or_default());
    let (mut spans, mut from) = (Vec::new(), day);
    while from <= last {
        let year_end = NaiveDate::from_ymd_opt(from.year(), 12, 31).unwrap_or(last);
        let to = last.min(year_end);
        spans.push(Span { from, to });
        from = to + Days::new(1);
    }
    spans
}

impl Span {
    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.from.year()
    }

    /// The birthdays that are kept in it, from the first to the last: a hundred times the month, and the day.
    #[must_use]
    pub fn birthdays(self) -> (i32, i32) {
        let last = if stands_for_leap_day(self.to) {
            229
        } else {
            month_day(self.to)
        };
        (month_day(self.from), last)
    }

    /// Whether a birthday is kept in it.
    #[must_use]
    pub fn keeps(self, birthday: i32) -> bool {
        let (first, last) = self.birthdays();
        (first..=last).contains(&birthday)
    }

    /// The days of earlier years whose anniversary is kept in it, year by year from the first to the last, back to the
    /// first day on which anybody joined.
    #[must_use]
    pub fn joined(self, first: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let years = first.year().max(self.year() - MOST_YEARS)..self.year();
        let days = years.map(|year| {
            // 29 February of a year without one: it begins behind it, and ends before it.
            let from = self.from.with_year(year);
            let from = from.or_else(|| NaiveDate::from_ymd_opt(year, 3, 1));
            let leap = stands_for_leap_day(self.to).then(|| NaiveDate::from_ymd_opt(year, 2, 29));
            let to = leap.flatten().or_else(|| self.to.with_year(year));
            let to = to.or_else(|| NaiveDate::from_ymd_opt(year, 2, 28));
            from.zip(to)
        });
        let days = days.flatten().filter(|(from, to)| from <= to);
        days.filter(|(_, to)| *to >= first).collect()
    }

    /// Whether the anniversary of who joined on a day is kept in it.
    #[must_use]
    pub fn keeps_joined(self, joined: NaiveDate) -> bool {
        let mut days = self.joined(joined).into_iter();
        days.any(|(from, to)| (from..=to).contains(&joined))
    }
}

fn month_day(day: NaiveDate) -> i32 {
    i32::try_from(day.month() * 100 + day.day()).unwrap_or_default()
}

/// 28 February of a year without a 29 February.
fn stands_for_leap_day(day: NaiveDate) -> bool {
    month_day(day) == 228 && !day.leap_year()
}
