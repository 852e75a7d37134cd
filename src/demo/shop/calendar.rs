//! The days of the Chinese year that trade follows.

use chrono::{Datelike, NaiveDate};

/// The first day of the lunar year 春节, by year from 2024.
const SPRING_FESTIVAL: [(u32, u32); 13] = [
    (2, 10),
    (1, 29),
    (2, 17),
    (2, 6),
    (1, 26),
    (2, 13),
    (2, 3),
    (1, 23),
    (2, 11),
    (1, 31),
    (2, 19),
    (2, 8),
    (1, 28),
];

/// How many days after the Spring Festival of its year a date is; negative before it.
/// Beyond the years that are known here the festival falls on 5 February.
pub fn since_spring_festival(date: NaiveDate) -> i64 {
    let (month, day) = usize::try_from(date.year() - 2024)
        .ok()
        .and_then(|place| SPRING_FESTIVAL.get(place).copied())
        .unwrap_or((2, 5));
    NaiveDate::from_ymd_opt(date.year(), month, day).map_or(0, |festival| {
        date.signed_duration_since(festival).num_days()
    })
}

/// Whether the country rests: the Spring Festival, Labour Day and National Day.
pub fn is_holiday(date: NaiveDate) -> bool {
    matches!(since_spring_festival(date), -1..=6)
        || matches!(month_day(date), 101 | 501..=505 | 1001..=1007)
}

/// The number of a date in its year as people write it: 618 for 18 June.
pub fn month_day(date: NaiveDate) -> u32 {
    date.month() * 100 + date.day()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_the_festival_of_their_year() {
        let on = |y, m, d| since_spring_festival(NaiveDate::from_ymd_opt(y, m, d).unwrap());
        assert_eq!(on(2026, 2, 17), 0);
        assert_eq!(on(2026, 2, 16), -1);
        assert_eq!(on(2027, 2, 9), 3);
    }
}
