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

/// What went through a channel on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// Which of the days that are told of.
    pub day: usize,
    /// Attempts to pay.
    pub attempts: i64,
    /// Payments.
    pub paid: i64,
}

/// How many on a day fell into one bucket of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    /// Which of the days that are told of.
    pub day: usize,
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
    pub through: Vec<Through>,
    /// How long that took; empty where nobody asks.
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

/// What is known of one day, gathered in one pass over all of them.
#[derive(Clone, Debug, Default)]
struct Gathered {
    attempts: i64,
    paid: i64,
    create: Vec<(i16, i64)>,
    callback: Vec<(i16, i64)>,
}

impl Record {
    /// What each day was like.
    #[must_use]
    pub fn tell(&self, days: &[DaySpan]) -> Vec<ChannelDay> {
        let mut gathered = vec![Gathered::default(); days.len()];
        for through in &self.through {
            if let Some(day) = gathered.get_mut(through.day) {
                day.attempts += through.attempts;
                day.paid += through.paid;
            }
        }
        for took in &self.took {
            if let Some(day) = gathered.get_mut(took.day) {
                let buckets = match took.measure {
                    Measure::Create => &mut day.create,
                    Measure::Callback => &mut day.callback,
                };
                buckets.push((took.bucket, took.count));
            }
        }
        let days = days.iter().zip(&gathered);
        days.map(|(day, gathered)| self.tell_day(day, gathered))
            .collect()
    }

    fn tell_day(&self, day: &DaySpan, gathered: &Gathered) -> ChannelDay {
        let Gathered {
            attempts,
            paid,
            create,
            callback,
        } = gathered;
        let within = |ms: i64| (day.from_ms..day.to_ms).contains(&ms);
        let spent = self.spent(day);
        let of = |state| spent[place(state)];
        let down_ms = of(HealthState::Down);
        let up_ms = of(HealthState::Healthy) + of(HealthState::Degraded);
        let opened = self.incidents_ms.iter().filter(|ms| within(**ms)).count();
        let mut states = STATES.into_iter();
        ChannelDay {
            date: day.date,
            availability_ppm: share(up_ms, up_ms + down_ms),
            attempts: *attempts,
            paid: *paid,
            success_ppm: share(*paid, *attempts),
            create_p50_ms: percentile(create, 50),
            create_p95_ms: percentile(create, 95),
            callback_p50_ms: percentile(callback, 50),
            callback_p95_ms: percentile(callback, 95),
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
        // They come in order: only those of the day are looked at.
        let first = self
            .changes
            .partition_point(|change| change.at_ms <= day.from_ms);
        for change in &self.changes[first..] {
            if change.at_ms >= day.to_ms {
                break;
            }
            spent[place(state)] += change.at_ms - since;
            (state, since) = (change.to, change.at_ms);
        }
        spent[place(state)] += (day.to_ms - since).max(0);
        spent
    }

    /// How the channel was at an instant; unknown where nobody had judged it yet.
    fn state_at(&self, ms: i64) -> HealthState {
        let before = self.changes.partition_point(|change| change.at_ms <= ms);
        let before = before.checked_sub(1).map(|last| self.changes[last]);
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
mod tests;
