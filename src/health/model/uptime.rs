//! A channel's days: how long it was in which state, what went through it, how long that took.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::channel_health::HealthState;
use entity::channel_latency::Measure;

use super::latency::percentile;
use super::rate::share;
use crate::time_range::start_of_day;

/// How many days are told of at the most.
pub const MOST_DAYS: i32 = 366;

/// A day of the merchant's, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySpan {
    /// The date.
    pub date: NaiveDate,
    /// When it begins, in milliseconds since 1970.
    pub from_ms: i64,
    /// When it ends; now, where it is not over.
    pub to_ms: i64,
}

/// The last days of a merchant's, the oldest first, today included.
#[must_use]
pub fn days(now: DateTime<Utc>, zone: Tz, count: u32) -> Vec<DaySpan> {
    let today = now.with_timezone(&zone).date_naive();
    let back = |ago: u32| today - Days::new(u64::from(ago));
    (0..count)
        .rev()
        .map(|ago| {
            let date = back(ago);
            let ends = start_of_day(date + Days::new(1), zone);
            DaySpan {
                date,
                from_ms: start_of_day(date, zone).timestamp_millis(),
                to_ms: ends.min(now).timestamp_millis(),
            }
        })
        .collect()
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at_ms: i64,
    /// How the channel was before.
    pub from: HealthState,
    /// How it is since.
    pub to: HealthState,
}

/// What went through a channel in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// When it began.
    pub starts_ms: i64,
    /// Attempts to pay.
    pub attempts: i64,
    /// Payments.
    pub paid: i64,
}

/// How many in an hour fell into one bucket of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    /// When the hour began.
    pub starts_ms: i64,
    /// What was measured.
    pub measure: Measure,
    /// Which bucket.
    pub bucket: i16,
    /// How many.
    pub count: i64,
}

/// What is known of one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Changes of its state, the oldest first; those before the first day may be left out but for the last.
    pub changes: Vec<Change>,
    /// What went through it.
    pub hours: Vec<Hour>,
    /// How long that took.
    pub took: Vec<Took>,
    /// When its incidents were opened.
    pub incidents_ms: Vec<i64>,
}

/// One day of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelDay {
    /// The date.
    pub date: NaiveDate,
    /// The time that it was not down, of that when it was known and not being worked on, in millionths.
    pub availability_ppm: Option<i64>,
    /// Attempts to pay.
    pub attempts: i64,
    /// Payments.
    pub paid: i64,
    /// The share of attempts that was paid, in millionths.
    pub success_ppm: Option<i64>,
    /// Until a payment code was there: half of them, in milliseconds.
    pub create_p50_ms: Option<i64>,
    /// The same, 95 of a hundred.
    pub create_p95_ms: Option<i64>,
    /// Until a payment was reported: half of them, in milliseconds.
    pub callback_p50_ms: Option<i64>,
    /// The same, 95 of a hundred.
    pub callback_p95_ms: Option<i64>,
    /// Incidents that were opened.
    pub incidents: i32,
    /// How long it was down, in milliseconds.
    pub down_ms: i64,
    /// How long it was degraded, in milliseconds.
    pub degraded_ms: i64,
    /// The worst state of the day.
    pub worst: HealthState,
}

/// From the worst to the best; where all of a day is unknown, that is what it was.
const STATES: [HealthState; 5] = [
    HealthState::Down,
    HealthState::Degraded,
    HealthState::Maintenance,
    HealthState::Healthy,
    HealthState::Unknown,
];

impl Record {
    /// What each day was like.
    #[must_use]
    pub fn tell(&self, days: &[DaySpan]) -> Vec<ChannelDay> {
        days.iter().map(|day| self.tell_day(day)).collect()
    }

    fn tell_day(&self, day: &DaySpan) -> ChannelDay {
        let within = |ms: i64| (day.from_ms..day.to_ms).contains(&ms);
        let spent = self.spent(day);
        let of = |state| spent[place(state)];
        let down_ms = of(HealthState::Down);
        let up_ms = of(HealthState::Healthy) + of(HealthState::Degraded);
        let hours = || self.hours.iter().filter(|hour| within(hour.starts_ms));
        let attempts = hours().map(|hour| hour.attempts).sum();
        let paid = hours().map(|hour| hour.paid).sum();
        let took = |measure, per_cent| {
            let took = self.took.iter();
            let took = took.filter(|one| one.measure == measure && within(one.starts_ms));
            let buckets: Vec<(i16, i64)> = took.map(|one| (one.bucket, one.count)).collect();
            percentile(&buckets, per_cent)
        };
        let opened = self.incidents_ms.iter().filter(|ms| within(**ms)).count();
        let mut states = STATES.into_iter();
        ChannelDay {
            date: day.date,
            availability_ppm: share(up_ms, up_ms + down_ms),
            attempts,
            paid,
            success_ppm: share(paid, attempts),
            create_p50_ms: took(Measure::Create, 50),
            create_p95_ms: took(Measure::Create, 95),
            callback_p50_ms: took(Measure::Callback, 50),
            callback_p95_ms: took(Measure::Callback, 95),
            incidents: i32::try_from(opened).unwrap_or(i32::MAX),
            down_ms,
            degraded_ms: of(HealthState::Degraded),
            worst: states
                .find(|state| of(*state) > 0)
                .unwrap_or(HealthState::Unknown),
        }
    }

    /// How many milliseconds of a day the channel was in each state, in the order of [`STATES`].
    fn spent(&self, day: &DaySpan) -> [i64; 5] {
        let mut spent = [0; 5];
        let (mut state, mut since) = (self.state_at(day.from_ms), day.from_ms);
        for change in &self.changes {
            if change.at_ms <= day.from_ms || change.at_ms >= day.to_ms {
                continue;
            }
            spent[place(state)] += change.at_ms - since;
            (state, since) = (change.to, change.at_ms);
        }
        spent[place(state)] += (day.to_ms - since).max(0);
        spent
    }

    /// How the channel was at an instant; unknown where nobody had judged it yet.
    fn state_at(&self, ms: i64) -> HealthState {
        let before = self.changes.iter().rev().find(|change| change.at_ms <= ms);
        match (before, self.changes.first()) {
            (Some(change), _) => change.to,
            (None, Some(first)) => first.from,
            (None, None) => HealthState::Unknown,
        }
    }
}

const fn place(state: HealthState) -> usize {
    match state {
        HealthState::Down => 0,
        HealthState::Degraded => 1,
        HealthState::Maintenance => 2,
        HealthState::Healthy => 3,
        HealthState::Unknown => 4,
    }
}

#[cfg(test)]
mod tests {
    use HealthState::{Degraded, Down, Healthy, Maintenance, Unknown};

    use super::*;

    const HOUR: i64 = 3_600_000;
    const SHANGHAI: Tz = Tz::Asia__Shanghai;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn changes(all: &[(i64, HealthState, HealthState)]) -> Record {
        let changes = all.iter().map(|(at_ms, from, to)| Change {
            at_ms: *at_ms,
            from: *from,
            to: *to,
        });
        Record {
            changes: changes.collect(),
            ..Record::default()
        }
    }

    #[test]
    fn days_are_the_merchants_and_today_is_as_long_as_it_has_come() {
        // Noon in Shanghai.
        let told = days(at("2026-11-23T04:00:00Z"), SHANGHAI, 2);
        let dates: Vec<String> = told.iter().map(|day| day.date.to_string()).collect();
        assert_eq!(dates, ["2026-11-22", "2026-11-23"]);
        let lengths: Vec<i64> = told.iter().map(|day| day.to_ms - day.from_ms).collect();
        assert_eq!(lengths, [24 * HOUR, 12 * HOUR]);
        assert_eq!(told[0].to_ms, told[1].from_ms);
    }

    #[test]
    fn a_day_on_which_clocks_change_is_shorter_or_longer() {
        for (now, hours) in [
            // Berlin: forward on 2026-03-29, back on 2026-10-25.
            ("2026-03-30T12:00:00Z", 23),
            ("2026-10-26T12:00:00Z", 25),
            ("2026-06-02T12:00:00Z", 24),
        ] {
            let told = days(at(now), Tz::Europe__Berlin, 2);
            assert_eq!(told[0].to_ms - told[0].from_ms, hours * HOUR, "{now}");
            // Down from the change of clocks' day's first hour on: all of the rest counts.
            let record = changes(&[(told[0].from_ms + HOUR, Healthy, Down)]);
            let day = record.tell(&told)[0];
            assert_eq!(day.down_ms, (hours - 1) * HOUR, "{now}");
            assert_eq!(day.availability_ppm, Some(1_000_000 / hours), "{now}");
        }
    }

    #[test]
    fn a_day_tells_how_long_the_channel_was_what() {
        let today = days(at("2026-11-23T16:00:00Z"), SHANGHAI, 3);
        let (first, day, last) = (today[0].from_ms, today[1].from_ms, today[2].from_ms);
        for (case, record, availability, down, degraded, worst) in [
            ("nothing is known", changes(&[]), None, 0, 0, Unknown),
            (
                "a state that began long before",
                changes(&[(first - 90 * 24 * HOUR, Unknown, Healthy)]),
                Some(1_000_000),
                0,
                0,
                Healthy,
            ),
            (
                "the first change tells how it was before",
                changes(&[(last + HOUR, Down, Healthy)]),
                Some(0),
                24,
                0,
                Down,
            ),
            (
                "down for six hours",
                changes(&[(day + HOUR, Healthy, Down), (day + 7 * HOUR, Down, Healthy)]),
                Some(750_000),
                6,
                0,
                Down,
            ),
            (
                "degraded is available",
                changes(&[(day, Healthy, Degraded), (day + HOUR, Degraded, Healthy)]),
                Some(1_000_000),
                0,
                1,
                Degraded,
            ),
            (
                "what is unknown and what is being worked on does not count",
                changes(&[
                    (day + 6 * HOUR, Unknown, Maintenance),
                    (day + 12 * HOUR, Maintenance, Down),
                    (day + 15 * HOUR, Down, Healthy),
                ]),
                Some(750_000),
                3,
                0,
                Down,
            ),
            (
                "over midnight, each day has its own",
                changes(&[(day - HOUR, Healthy, Down), (day + HOUR, Down, Healthy)]),
                Some(958_333),
                1,
                0,
                Down,
            ),
        ] {
            let told = record.tell(&today)[1];
            assert_eq!(told.availability_ppm, availability, "{case}");
            let hours = (told.down_ms / HOUR, told.degraded_ms / HOUR);
            assert_eq!(hours, (down, degraded), "{case}");
            assert_eq!(told.worst, worst, "{case}");
        }
    }

    #[test]
    fn a_day_of_nothing_but_maintenance_has_no_availability() {
        let today = days(at("2026-11-23T16:00:00Z"), SHANGHAI, 3);
        let record = changes(&[(today[0].from_ms, Healthy, Maintenance)]);
        let told = record.tell(&today)[1];
        assert_eq!(told.availability_ppm, None);
        assert_eq!(told.worst, Maintenance);
    }

    #[test]
    fn a_day_tells_what_went_through_the_channel_and_how_long_it_took() {
        let two = days(at("2026-11-24T16:00:00Z"), SHANGHAI, 2);
        let day = two[0].from_ms;
        let hour = |starts_ms, attempts, paid| Hour {
            starts_ms,
            attempts,
            paid,
        };
        let took = |starts_ms, measure, bucket, count| Took {
            starts_ms,
            measure,
            bucket,
            count,
        };
        let record = Record {
            hours: vec![
                hour(day - HOUR, 7, 7),
                hour(day, 10, 6),
                hour(day + HOUR, 30, 24),
            ],
            took: vec![
                took(day - HOUR, Measure::Create, 40, 9),
                took(day, Measure::Create, 10, 90),
                took(day + HOUR, Measure::Create, 20, 10),
                took(day, Measure::Callback, 30, 4),
            ],
            incidents_ms: vec![day - 1, day, day + 23 * HOUR],
            changes: Vec::new(),
        };
        let told = record.tell(&two)[0];
        assert_eq!((told.attempts, told.paid), (40, 30));
        assert_eq!(told.success_ppm, Some(750_000));
        assert_eq!(told.incidents, 2);
        let create = [(10, 90), (20, 10)];
        assert_eq!(told.create_p50_ms, percentile(&create, 50));
        assert_eq!(told.create_p95_ms, percentile(&create, 95));
        assert!(told.create_p50_ms < told.create_p95_ms);
        assert_eq!(told.callback_p50_ms, percentile(&[(30, 4)], 50));
        let empty = Record::default().tell(&two)[0];
        assert_eq!((empty.success_ppm, empty.create_p50_ms), (None, None));
    }
}
