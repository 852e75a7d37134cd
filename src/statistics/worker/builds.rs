//! Builds under way in the background, and who rests after something went wrong.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use entity::MerchantId;

use crate::app::App;
use crate::statistics::service;

/// How many merchants are built at once.
const AT_ONCE: usize = 2;
/// How long a merchant rests whose build failed: at first, and at the most.
const REST: (TimeDelta, TimeDelta) = (TimeDelta::seconds(10), TimeDelta::minutes(10));

/// Merchants with whom something went wrong: each time they rest twice as long.
#[derive(Debug)]
pub(super) struct Rests {
    first: TimeDelta,
    longest: TimeDelta,
    until: HashMap<MerchantId, (TimeDelta, DateTime<Utc>)>,
}

impl Rests {
    /// None rests yet. So long at first, and so long at the most.
    pub fn new((first, longest): (TimeDelta, TimeDelta)) -> Self {
        Self {
            first,
            longest,
            until: HashMap::new(),
        }
    }

    /// Whether one rests.
    pub fn is_resting(&self, merchant_id: MerchantId, now: DateTime<Utc>) -> bool {
        let until = self.until.get(&merchant_id);
        until.is_some_and(|(_, until)| now < *until)
    }

    /// Something went wrong with one.
    pub fn has_failed(&mut self, merchant_id: MerchantId, now: DateTime<Utc>) {
        let before = self.until.get(&merchant_id);
        let rest = before.map_or(self.first, |(rest, _)| (*rest * 2).min(self.longest));
        self.until.insert(merchant_id, (rest, now + rest));
    }

    /// What went wrong with one took until now.
    fn has_failed_until(&mut self, merchant_id: MerchantId, now: DateTime<Utc>) {
        if let Some((rest, until)) = self.until.get_mut(&merchant_id) {
            *until = now + *rest;
        }
    }

    /// Nothing is wrong with one.
    pub fn is_well(&mut self, merchant_id: MerchantId) {
        self.until.remove(&merchant_id);
    }
}

/// The builds under way.
#[derive(Debug, Default)]
pub(super) struct Builds(Arc<Mutex<Places>>);

#[derive(Debug)]
struct Places {
    taken: HashSet<MerchantId>,
    rests: Rests,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            taken: HashSet::new(),
            rests: Rests::new(REST),
        }
    }
}

/// The place of one build; free when it is dropped, however that comes.
struct Place {
    places: Arc<Mutex<Places>>,
    merchant_id: MerchantId,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.places).taken.remove(&self.merchant_id);
    }
}

impl Builds {
    /// Begins to build some merchants' statistics, in the background: others are counted meanwhile. False where
    /// there is no place for all.
    pub fn begin(&self, app: &App, merchants: Vec<MerchantId>) -> bool {
        for merchant_id in merchants {
            {
                let mut places = lock(&self.0);
                if places.taken.contains(&merchant_id)
                    || places.rests.is_resting(merchant_id, app.clock.now())
                {
                    continue;
                }
                if places.taken.len() >= AT_ONCE {
                    return false;
                }
                places.taken.insert(merchant_id);
            }
            let place = Place {
                places: Arc::clone(&self.0),
                merchant_id,
            };
            app.tasks.spawn(build(app.clone(), place));
        }
        true
    }

    /// Whether something is being built.
    pub fn is_building(&self) -> bool {
        !lock(&self.0).taken.is_empty()
    }
}

async fn build(app: App, place: Place) {
    let merchant_id = place.merchant_id;
    // Until it has gone well: a panic is no success.
    lock(&place.places)
        .rests
        .has_failed(merchant_id, app.clock.now());
    let built = tokio::select! {
        () = app.shutdown.cancelled() => return,
        built = service::rebuild(&app, merchant_id) => built,
    };
    match built {
        Ok(is_built) => {
            lock(&place.places).rests.is_well(merchant_id);
            if is_built {
                tracing::info!(%merchant_id, "statistics were built");
            }
        }
        Err(error) => {
            let now = app.clock.now();
            lock(&place.places).rests.has_failed_until(merchant_id, now);
            tracing::warn!(%merchant_id, ?error, "statistics were not built");
        }
    }
}

fn lock(places: &Mutex<Places>) -> MutexGuard<'_, Places> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_fails_again_rests_longer_and_not_for_ever() {
        let mut rests = Rests::new((TimeDelta::seconds(1), TimeDelta::seconds(4)));
        let (one, other) = (MerchantId(1), MerchantId(2));
        let mut now = DateTime::UNIX_EPOCH;
        for seconds in [1, 2, 4, 4] {
            rests.has_failed(one, now);
            now += TimeDelta::seconds(seconds) - TimeDelta::milliseconds(1);
            assert!(rests.is_resting(one, now), "{seconds}");
            assert!(!rests.is_resting(other, now));
            now += TimeDelta::milliseconds(1);
            assert!(!rests.is_resting(one, now), "{seconds}");
        }
        rests.is_well(one);
        rests.has_failed(one, now);
        assert!(!rests.is_resting(one, now + TimeDelta::seconds(1)));
    }
}
