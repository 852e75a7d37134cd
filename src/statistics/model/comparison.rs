//! What a time is compared with, and which of its days stands beside which.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::calendar::{at_local, begins_a_day, instant, next_hour, whole_hours};
use super::query::Grain;
use crate::time_range::{TimeRange, hour_of, start_of_day};

/// What a time is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The time before it: as many months before whole months, as many days before whole days; else as long
    /// where rows are by hour or not by time, and as many days, begun ones too, where they are longer.
    PreviousPeriod,
    /// The same dates a year before.
    SamePeriodLastYear,
}

/// How far back that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// Months of the calendar.
    Months(u32),
    /// Days of the calendar.
    Days(u64),
    /// Milliseconds.
    Exactly(i64),
}

impl Comparison {
    /// How far back a span of whole hours is compared, whose rows are so long.
    #[must_use]
    pub fn shift(self, range: TimeRange, grain: Option<Grain>, zone: Tz) -> Shift {
        if self == Self::SamePeriodLastYear {
            return Shift::Months(12);
        }
        if !(begins_a_day(range.from, zone) && begins_a_day(range.to, zone)) {
            if grain.is_none_or(|grain| grain == Grain::Hour) {
                return Shift::Exactly((range.to - range.from).num_milliseconds());
            }
            // A day stands beside a day, from midnight on and up to the same clock.
            let local = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
            let minutes = (local(range.to) - local(range.from)).num_minutes();
            let days = u64::try_from(minutes).unwrap_or(0).div_ceil(24 * 60);
            return Shift::Days(days.max(1));
        }
        let from = range.from.with_timezone(&zone).date_naive();
        let to = range.to.with_timezone(&zone).date_naive();
        if from.day() == 1 && to.day() == 1 {
            let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
            return Shift::Months(u32::try_from(months(to) - months(from)).unwrap_or(0));
        }
        Shift::Days(u64::try_from((to - from).num_days()).unwrap_or(0))
    }
}

impl Shift {
    fn back(self, at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let local = at.with_timezone(&zone).naive_local();
        match self {
            Self::Months(months) => at_local(local - Months::new(months), zone),
            Self::Days(days) => at_local(local - Days::new(days), zone),
            Self::Exactly(ms) => at - TimeDelta::milliseconds(ms),
        }
    }

    /// The span that one is compared with, in whole hours.
    #[must_use]
    pub fn before(self, range: TimeRange, zone: Tz) -> TimeRange {
        let from = self.back(range.from, zone);
        let to = self.end_back(range, zone).max(from);
        whole_hours(TimeRange { from, to }, zone)
    }

    /// Of a span that has begun and not ended: with which part of the earlier one it is compared as far as it has
    /// come, the hour under way counted whole.
    #[must_use]
    pub fn so_far(self, range: TimeRange, now: DateTime<Utc>, zone: Tz) -> Option<TimeRange> {
        let to = next_hour(instant(hour_of(now, zone)), zone);
        let has_begun = range.from <= now && to < range.to;
        has_begun.then(|| self.before(TimeRange { to, ..range }, zone))
    }

    /// The end of a span that goes back by months of other lengths. Of days the last one goes back, not the one
    /// after it: the 28th of February stands beside the 28th alone, whether a 29th follows or not.
    fn end_back(self, range: TimeRange, zone: Tz) -> DateTime<Utc> {
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let (first, end) = (day(range.from), day(range.to));
        let is_months = begins_a_day(range.from, zone) && first.day() == 1 && end.day() == 1;
        match self {
            Self::Months(months) if begins_a_day(range.to, zone) && !is_months => {
                let last = end - Days::new(1) - Months::new(months);
                start_of_day(last + Days::new(1), zone)
            }
            _ => self.back(range.to, zone),
        }
    }

    /// The date that stands beside an earlier one; whether it is the very one, not the nearest.
    fn date(self, earlier: NaiveDate) -> (NaiveDate, bool) {
        match self {
            Self::Months(months) => {
                let later = earlier + Months::new(months);
                (later, later.day() == earlier.day())
            }
            Self::Days(days) => (earlier + Days::new(days), true),
            // Only hours are shifted so.
            Self::Exactly(ms) => (earlier + TimeDelta::milliseconds(ms), true),
        }
    }

    /// The day that an earlier one stands beside. None where rows are by day and there is none: the 29th of
    /// February has no counterpart in other years, nor the 31st of a month in a shorter one.
    #[must_use]
    pub fn day(self, earlier: NaiveDate, grain: Grain) -> Option<NaiveDate> {
        let (day, is_exact) = self.date(earlier);
        (is_exact || grain > Grain::Day).then_some(day)
    }

    /// The hour that an earlier one stands beside, as with days.
    #[must_use]
    pub fn hour(self, earlier_ms: i64, grain: Grain, zone: Tz) -> Option<i64> {
        let at = instant(earlier_ms);
        if let Self::Exactly(ms) = self {
            return Some(hour_of(at + TimeDelta::milliseconds(ms), zone));
        }
        let local = at.with_timezone(&zone).naive_local();
        let (date, is_exact) = self.date(local.date());
        let moment = NaiveDateTime::new(date, local.time());
        (is_exact || grain > Grain::Day).then(|| hour_of(at_local(moment, zone), zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, date: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, date).unwrap()
    }

    fn days(from: NaiveDate, to: NaiveDate) -> TimeRange {
        let at = |day: NaiveDate| crate::time_range::start_of_day(day, ZONE);
        TimeRange {
            from: at(from),
            to: at(to),
        }
    }

    const ZONE: Tz = chrono_tz::America::New_York;

    #[test]
    fn months_are_compared_with_months_and_days_with_days() {
        for (name, range, expected) in [
            (
                "a month",
                days(day(2026, 3, 1), day(2026, 4, 1)),
                days(day(2026, 2, 1), day(2026, 3, 1)),
            ),
            (
                "a quarter",
                days(day(2026, 1, 1), day(2026, 4, 1)),
                days(day(2025, 10, 1), day(2026, 1, 1)),
            ),
            (
                "a week over the end of summer time",
                days(day(2026, 10, 26), day(2026, 11, 2)),
                days(day(2026, 10, 19), day(2026, 10, 26)),
            ),
        ] {
            let shift = Comparison::PreviousPeriod.shift(range, Some(Grain::Day), ZONE);
            assert_eq!(shift.before(range, ZONE), expected, "{name}");
        }
    }

    #[test]
    fn hours_are_compared_with_as_many_hours_before() {
        let noon = days(day(2026, 11, 3), day(2026, 11, 4)).from + TimeDelta::hours(12);
        let range = TimeRange {
            from: noon,
            to: noon + TimeDelta::hours(3),
        };
        let before = Comparison::PreviousPeriod
            .shift(range, Some(Grain::Hour), ZONE)
            .before(range, ZONE);
        assert_eq!((before.from, before.to), (noon - TimeDelta::hours(3), noon));
    }

    #[test]
    fn days_of_a_ragged_time_stand_beside_whole_days_up_to_the_same_clock() {
        let of = |from: DateTime<Utc>, to, grain| {
            let range = TimeRange { from, to };
            let shift = Comparison::PreviousPeriod.shift(range, Some(grain), ZONE);
            (shift, shift.before(range, ZONE))
        };
        // Over the end of summer time, on the 1st of November.
        let monday = days(day(2026, 10, 26), day(2026, 11, 3));
        let afternoon = monday.to + TimeDelta::hours(15);
        let (shift, before) = of(monday.from, afternoon, Grain::Day);
        assert_eq!(shift, Shift::Days(9));
        let earlier = days(day(2026, 10, 17), day(2026, 10, 25));
        assert_eq!(
            (before.from, before.to),
            (earlier.from, earlier.to + TimeDelta::hours(15))
        );
        assert_eq!(
            shift.day(day(2026, 10, 17), Grain::Day),
            Some(day(2026, 10, 26))
        );
        let (shift, _) = of(afternoon, afternoon + TimeDelta::hours(2), Grain::Week);
        assert_eq!(shift, Shift::Days(1));
    }

    #[test]
    fn a_time_under_way_is_compared_as_far_as_it_has_come() {
        let month = days(day(2026, 11, 1), day(2026, 12, 1));
        let shift = Comparison::PreviousPeriod.shift(month, None, ZONE);
        let noon = days(day(2026, 11, 3), day(2026, 11, 4)).from + TimeDelta::hours(12);
        let so_far = shift.so_far(month, noon + TimeDelta::minutes(20), ZONE);
        let third = days(day(2026, 10, 1), day(2026, 10, 3));
        let to = third.to + TimeDelta::hours(13);
        assert_eq!(so_far, Some(TimeRange { to, ..third }));
        for now in [month.from - TimeDelta::hours(1), month.to] {
            assert_eq!(shift.so_far(month, now, ZONE), None);
        }
    }

    #[test]
    fn the_29th_of_february_stands_beside_no_day_of_another_year() {
        let shift = Shift::Months(12);
        assert_eq!(shift.day(day(2028, 2, 29), Grain::Day), None);
        assert_eq!(
            shift.day(day(2028, 2, 29), Grain::Month),
            Some(day(2029, 2, 28))
        );
        assert_eq!(
            shift.day(day(2027, 2, 28), Grain::Day),
            Some(day(2028, 2, 28))
        );
        for (name, range, expected) in [
            (
                "the day before the 29th",
                days(day(2028, 2, 28), day(2028, 2, 29)),
                days(day(2027, 2, 28), day(2027, 3, 1)),
            ),
            (
                "a week that ends then",
                days(day(2028, 2, 22), day(2028, 2, 29)),
                days(day(2027, 2, 22), day(2027, 3, 1)),
            ),
            (
                "the 29th",
                days(day(2028, 2, 29), day(2028, 3, 1)),
                days(day(2027, 2, 28), day(2027, 3, 1)),
            ),
            (
                "the last day of another February",
                days(day(2029, 2, 28), day(2029, 3, 1)),
                days(day(2028, 2, 28), day(2028, 2, 29)),
            ),
            (
                "days over the end of another February",
                days(day(2029, 2, 28), day(2029, 3, 2)),
                days(day(2028, 2, 28), day(2028, 3, 2)),
            ),
            (
                "another February",
                days(day(2029, 2, 1), day(2029, 3, 1)),
                days(day(2028, 2, 1), day(2028, 3, 1)),
            ),
        ] {
            assert_eq!(shift.before(range, ZONE), expected, "{name}");
        }
        let leap = days(day(2028, 2, 1), day(2028, 3, 1));
        assert_eq!(
            shift.before(leap, ZONE),
            days(day(2027, 2, 1), day(2027, 3, 1))
        );
    }
}
