//! Members who bought: counted once each, however often they did, so that rows do not sum to totals.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::Day;
use entity::ids::EPOCH_MS;

use super::calendar::{instant, next_hour, periods, whole_hours};
use super::comparison::Shift;
use super::query::{Dimension, Question};
use super::spans::spans;
use super::times::Times;
use crate::time_range::{TimeRange, start_of_day};

/// How many members bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Those who paid for an order.
    pub buyers: i64,
    /// Those of them whose first payment of all is among these.
    pub new_members: i64,
}

impl People {
    /// Those of them who had paid before, or elsewhere.
    #[must_use]
    pub fn returning(self) -> i64 {
        self.buyers - self.new_members
    }
}

/// A stretch of time, half open, and the period of an answer that it counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The period's place.
    pub period: i64,
    /// The first millisecond in it.
    pub from_ms: i64,
    /// The first millisecond after it.
    pub to_ms: i64,
}

/// Whether a question's rows can say how many members bought: an order has several categories, a buyer one order.
#[must_use]
pub fn tells_people(question: &Question) -> bool {
    !question.has(Dimension::Category) && question.filter.categories.is_none()
}

/// The stretches of time whose buyers are counted for a question's periods: those of `range`, which may be an earlier
/// one, each beside the period that its figures stand in. Nobody bought before there were ids, or will have after `now`.
#[must_use]
pub fn stretches(
    question: &Question,
    zone: Tz,
    range: TimeRange,
    shift: Option<Shift>,
    now: DateTime<Utc>,
) -> Vec<Stretch> {
    let until = now + Days::new(1);
    let range = TimeRange {
        from: range.from.max(instant(EPOCH_MS)),
        to: range.to.min(until),
    };
    if range.from >= range.to {
        return Vec::new();
    }
    let Some(grain) = question.grain else {
        return vec![Stretch {
            period: 0,
            from_ms: range.from.timestamp_millis(),
            to_ms: range.to.timestamp_millis(),
        }];
    };
    let range = whole_hours(range, zone);
    let timeline = periods(question.range, grain, zone);
    let times = Times::of(question.grain, zone, &timeline);
    let read = spans(range, question.grain, zone);
    let mut found = Vec::new();
    let mut add = |period: Option<usize>, from_ms: i64, to_ms: i64| {
        let Some(period) = period.and_then(|place| i64::try_from(place).ok()) else {
            return;
        };
        found.push(Stretch {
            period,
            from_ms,
            to_ms,
        });
    };
    for (from, to) in read.hours {
        let mut hour = instant(from);
        while hour.timestamp_millis() < to {
            let (starts, next) = (hour.timestamp_millis(), next_hour(hour, zone));
            let period = times.period(starts, false, shift);
            add(period, starts, next.timestamp_millis());
            hour = next;
        }
    }
    let (first, end) = read.days.unwrap_or_default();
    for number in first..end {
        let day: NaiveDate = Day(i32::try_from(number).unwrap_or_default()).into();
        let begin = |day| start_of_day(day, zone).timestamp_millis();
        let period = times.period(number, true, shift);
        add(period, begin(day), begin(day + Days::new(1)));
    }
    joined(found)
}

/// Stretches of one period that follow each other are one.
fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable_by_key(|stretch| stretch.from_ms);
    let mut joined: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match joined.last_mut() {
            Some(last) if last.period == stretch.period && last.to_ms == stretch.from_ms => {
                last.to_ms = stretch.to_ms;
            }
            _ => joined.push(stretch),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::model::{Comparison, Grain};

    const ZONE: Tz = chrono_tz::America::New_York;

    fn days(from: &str, to: &str) -> TimeRange {
        let at = |text: &str| start_of_day(text.parse().unwrap(), ZONE);
        TimeRange {
            from: at(from),
            to: at(to),
        }
    }

    fn question(range: TimeRange, grain: Option<Grain>) -> Question {
        Question {
            grain,
            ..Question::of(range)
        }
    }

    fn now() -> DateTime<Utc> {
        "2030-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn each_period_is_one_stretch_and_together_they_are_the_range() {
        // Over the end of summer time, on the 1st of November.
        let range = days("2026-10-28", "2026-11-03");
        for (grain, count) in [
            (None, 1),
            (Some(Grain::Hour), 6 * 24 + 1),
            (Some(Grain::Day), 6),
            (Some(Grain::Week), 2),
            (Some(Grain::Month), 2),
        ] {
            let found = stretches(&question(range, grain), ZONE, range, None, now());
            assert_eq!(found.len(), count, "{grain:?}");
            let periods: Vec<i64> = found.iter().map(|stretch| stretch.period).collect();
            let places: Vec<i64> = (0..).take(count).collect();
            assert_eq!(periods, places, "{grain:?}");
            let ends = (found[0].from_ms, found[count - 1].to_ms);
            let whole = (range.from.timestamp_millis(), range.to.timestamp_millis());
            assert_eq!(ends, whole, "{grain:?}");
            let gapless = found
                .windows(2)
                .all(|pair| pair[0].to_ms == pair[1].from_ms);
            assert!(gapless, "{grain:?}");
        }
    }

    #[test]
    fn an_earlier_day_counts_beside_the_one_that_its_figures_stand_beside() {
        let range = days("2029-02-27", "2029-03-02");
        let asked = question(range, Some(Grain::Day));
        let shift = Comparison::SamePeriodLastYear.shift(range, asked.grain, ZONE);
        let earlier = shift.before(range, ZONE);
        let found = stretches(&asked, ZONE, earlier, Some(shift), now());
        let begin = |text: &str| start_of_day(text.parse().unwrap(), ZONE).timestamp_millis();
        let told: Vec<_> = found.iter().map(|it| (it.period, it.from_ms)).collect();
        // The 29th of February 2028 stands beside no day.
        let expected = [(0, "2028-02-27"), (1, "2028-02-28"), (2, "2028-03-01")];
        assert_eq!(told, expected.map(|(place, day)| (place, begin(day))));
    }

    #[test]
    fn nobody_buys_in_centuries_that_are_not_there() {
        let range = days("1900-01-01", "2900-01-01");
        let found = stretches(
            &question(range, Some(Grain::Year)),
            ZONE,
            range,
            None,
            now(),
        );
        assert_eq!(found.len(), 22);
        assert_eq!(found[0].from_ms, EPOCH_MS);
    }
}
