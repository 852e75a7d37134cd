//! Counts what goes through channels, in memory, until somebody writes it down: on the path of a payment that
//! costs a short lock and nothing else.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use entity::channel_latency::Measure;
use entity::{ChannelId, MerchantId};

/// How many parts there are, each with a lock of its own.
const PARTS: usize = 16;
/// How many minutes of channels are kept for later while they cannot be written.
const MOST: usize = 20_000;

/// What is counted: a minute of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Minute {
    /// Whose.
    pub merchant_id: MerchantId,
    /// Which channel.
    pub channel_id: ChannelId,
    /// When it begins, in milliseconds since 1970.
    pub starts_ms: i64,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Payment codes that were asked for.
    pub attempts: i64,
    /// What they were asked for, in minor units.
    pub attempted_minor: i64,
    /// Payments that came in.
    pub paid: i64,
    /// What came in, in minor units.
    pub paid_minor: i64,
    /// Attempts that the platform refused, for reasons of business.
    pub refused: i64,
    /// Attempts without an answer.
    pub unavailable: i64,
    /// Attempts whose answer could not be read.
    pub unreadable: i64,
    /// Attempts that failed because the channel is configured wrongly.
    pub misconfigured: i64,
    /// How long things took: how many fell into each bucket.
    pub took: Vec<(Measure, i16, i64)>,
}

impl Counts {
    /// Counts how long something took.
    pub fn took(&mut self, measure: Measure, bucket: i16, count: i64) {
        let known = self
            .took
            .iter_mut()
            .find(|known| (known.0, known.1) == (measure, bucket));
        match known {
            Some(known) => known.2 += count,
            None => self.took.push((measure, bucket, count)),
        }
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.attempted_minor += other.attempted_minor;
        self.paid += other.paid;
        self.paid_minor += other.paid_minor;
        self.refused += other.refused;
        self.unavailable += other.unavailable;
        self.unreadable += other.unreadable;
        self.misconfigured += other.misconfigured;
        for (measure, bucket, count) in &other.took {
            self.took(*measure, *bucket, *count);
        }
    }
}

/// What went through channels and is not written down yet.
#[derive(Debug, Default)]
pub struct Traffic {
    parts: [Mutex<HashMap<Minute, Counts>>; PARTS],
}

impl Traffic {
    /// Counts something in a minute.
    pub fn add(&self, minute: Minute, count: impl FnOnce(&mut Counts)) {
        let mut part = self.part(minute);
        count(part.entry(minute).or_default());
    }

    /// Takes all that was counted, to be written.
    #[must_use]
    pub fn take(&self) -> Vec<(Minute, Counts)> {
        let mut taken = Vec::new();
        for part in &self.parts {
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            taken.extend(part.drain());
        }
        taken.sort_unstable_by_key(|(minute, _)| *minute);
        taken
    }

    /// Puts back what could not be written; returns how many minutes were too many to be kept, the oldest ones.
    pub fn give_back(&self, mut taken: Vec<(Minute, Counts)>) -> usize {
        taken.sort_unstable_by_key(|(minute, _)| std::cmp::Reverse(minute.starts_ms));
        let lost = taken.len().saturating_sub(MOST);
        taken.truncate(MOST);
        for (minute, counts) in &taken {
            self.add(*minute, |known| known.merge(counts));
        }
        lost
    }

    fn part(&self, minute: Minute) -> std::sync::MutexGuard<'_, HashMap<Minute, Counts>> {
        // The low bits of ids count up from a random number: they spread.
        let place = (minute.channel_id.0 ^ minute.merchant_id.0).cast_unsigned() % 16;
        let part = &self.parts[usize::try_from(place).unwrap_or(0)];
        part.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(channel: i64, starts_ms: i64) -> Minute {
        Minute {
            merchant_id: MerchantId(1),
            channel_id: ChannelId(channel),
            starts_ms,
        }
    }

    #[test]
    fn what_is_given_back_is_counted_with_what_came_meanwhile() {
        let traffic = Traffic::default();
        let count = |counts: &mut Counts| {
            counts.attempts += 1;
            counts.took(Measure::Create, 7, 1);
        };
        traffic.add(minute(2, 60_000), count);
        traffic.add(minute(1, 60_000), count);
        let taken = traffic.take();
        let order: Vec<i64> = taken.iter().map(|one| one.0.channel_id.0).collect();
        assert_eq!(order, [1, 2], "in the order of their keys");
        traffic.add(minute(1, 60_000), count);
        assert_eq!(traffic.give_back(taken), 0);
        let all = traffic.take();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].1.attempts, all[1].1.attempts), (2, 1));
        assert_eq!(all[0].1.took, [(Measure::Create, 7, 2)]);
        assert_eq!(traffic.take(), []);
    }

    #[test]
    fn of_too_much_the_newest_is_kept() {
        let traffic = Traffic::default();
        let many = i64::try_from(MOST).unwrap() + 3;
        let taken = (0..many).map(|at| (minute(1, at * 60_000), Counts::default()));
        assert_eq!(traffic.give_back(taken.collect()), 3);
        let kept = traffic.take();
        assert_eq!((kept.len(), kept[0].0.starts_ms), (MOST, 3 * 60_000));
    }
}
