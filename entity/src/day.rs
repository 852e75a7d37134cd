//! A calendar day, stored as days since 1970, the same on both databases.

use chrono::{Datelike, NaiveDate};

/// Where `NaiveDate` counts from: 1970-01-01 is this day of the common era.
const UNIX_DAY: i32 = 719_163;

/// A calendar day of a merchant's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
pub struct Day(pub i32);

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - UNIX_DAY)
    }
}

impl From<Day> for NaiveDate {
    fn from(day: Day) -> Self {
        Self::from_num_days_from_ce_opt(day.0.saturating_add(UNIX_DAY)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_back() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        assert_eq!(Day::from(date), Day(20_781));
        assert_eq!(NaiveDate::from(Day(20_781)), date);
        assert_eq!(
            Day::from(NaiveDate::from_ymd_opt(1970, 1, 1).unwrap()),
            Day(0)
        );
    }
}
