//! Time and ids, handed in: the system's in a server, a set one in a test.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::{EPOCH_MS, TAIL_BITS};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Tells the time. Clones tell the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Hands>);

#[derive(Debug)]
enum Hands {
    System,
    Set(AtomicI64),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Hands::System))
    }

    /// A clock that stands at an instant until it is moved.
    #[must_use]
    pub fn set_at(instant: DateTime<Utc>) -> Self {
        Self(Arc::new(Hands::Set(AtomicI64::new(
            instant.timestamp_millis(),
        ))))
    }

    /// Now, in whole milliseconds: what is stored reads back equal.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that asks the system"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        let ms = match &*self.0 {
            Hands::System => Utc::now().timestamp_millis(),
            Hands::Set(ms) => ms.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_millis(ms).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Now, as tables keep it.
    #[must_use]
    pub fn instant(&self) -> entity::Instant {
        entity::Instant(self.now())
    }

    /// Moves a set clock forward; the system's clock does not obey.
    pub fn advance(&self, by: TimeDelta) {
        if let Hands::Set(ms) = &*self.0 {
            ms.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
        }
    }

    /// Moves a set clock to an instant; the system's clock does not obey.
    pub fn set(&self, instant: DateTime<Utc>) {
        if let Hands::Set(ms) = &*self.0 {
            ms.store(instant.timestamp_millis(), Ordering::SeqCst);
        }
    }
}

/// Makes ids: milliseconds in the high bits, 22 bits in the low ones that begin at random in each
/// millisecond and then count up. Two instances meet once in four million pairs made in the same
/// millisecond for the same merchant; the primary key then refuses the second, and the transaction
/// is tried again.
#[derive(Debug)]
pub struct Ids {
    clock: Clock,
    last: AtomicI64,
    random: Mutex<StdRng>,
}

impl Ids {
    /// Ids of this clock; a seed makes them repeatable.
    #[must_use]
    pub fn new(clock: Clock, seed: Option<u64>) -> Self {
        let random = seed.map_or_else(|| StdRng::from_rng(&mut rand::rng()), StdRng::seed_from_u64);
        Self {
            clock,
            last: AtomicI64::new(0),
            random: Mutex::new(random),
        }
    }

    /// The next id: larger than every one made before it here.
    pub fn next<Id: From<i64>>(&self) -> Id {
        let tail: i64 = {
            let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
            random.random_range(0..1 << (TAIL_BITS - 1))
        };
        let ms = self.clock.now().timestamp_millis() - EPOCH_MS;
        let after = |last: i64| {
            if last >> TAIL_BITS < ms {
                (ms << TAIL_BITS) | tail
            } else {
                // Uneven steps: two instances that have met do not meet at every step.
                last + 1 + (tail & 7)
            }
        };
        let before = self
            .last
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(after(last)))
            .unwrap_or_else(|last| last);
        Id::from(after(before))
    }
}

#[cfg(test)]
mod tests {
    use entity::OrderId;

    use super::*;

    #[test]
    fn ids_grow_even_where_the_clock_stands_or_turns_back() {
        let clock = Clock::set_at(DateTime::from_timestamp_millis(1_800_000_000_000).unwrap());
        let ids = Ids::new(clock.clone(), Some(1));
        let mut last: OrderId = ids.next();
        for step in 0..1000 {
            if step == 500 {
                clock.advance(TimeDelta::seconds(-60));
            }
            let next: OrderId = ids.next();
            assert!(next > last);
            last = next;
        }
    }

    #[test]
    fn two_instances_that_make_many_ids_in_one_millisecond_hardly_meet() {
        let clock = Clock::set_at(DateTime::from_timestamp_millis(1_800_000_000_000).unwrap());
        let of = |seed| {
            let ids = Ids::new(clock.clone(), Some(seed));
            (0..2_000)
                .map(|_| ids.next::<OrderId>())
                .collect::<Vec<_>>()
        };
        let here = of(1);
        assert!(of(2).iter().all(|id| !here.contains(id)));
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        let instant = DateTime::from_timestamp_millis(1_800_000_000_123).unwrap();
        let ids = Ids::new(Clock::set_at(instant), None);
        let id: OrderId = ids.next();
        assert_eq!(id.made_at_ms(), instant.timestamp_millis());
        assert!(OrderId::first_at(instant.timestamp_millis()) <= id);
    }
}
