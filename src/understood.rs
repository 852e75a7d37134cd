//! `Understood`: what slices have made of merchants' rows, kept in memory for a while by its type, which they alone know.

use std::any::{Any, TypeId};
use std::sync::Arc;
use std::time::{Duration, Instant};

use entity::MerchantId;
use moka::Expiry;
use moka::sync::Cache;

/// How many things are kept at the most, of all types.
const MOST: u64 = 30_000;

/// What a slice makes of a merchant's rows and keeps in memory.
pub trait Kept: Send + Sync + 'static {
    /// For how long it is believed.
    const BELIEVED_FOR: Duration;
}

/// What slices have made of merchants' rows: one thing of each type for each merchant.
#[derive(Debug)]
pub struct Understood(Cache<(MerchantId, TypeId), Entry>);

#[derive(Clone, Debug)]
struct Entry {
    thing: Arc<dyn Any + Send + Sync>,
    believed_for: Duration,
}

struct AsLongAsItSays;

impl Expiry<(MerchantId, TypeId), Entry> for AsLongAsItSays {
    fn expire_after_create(
        &self,
        _key: &(MerchantId, TypeId),
        entry: &Entry,
        _at: Instant,
    ) -> Option<Duration> {
        Some(entry.believed_for)
    }

    fn expire_after_update(
        &self,
        _key: &(MerchantId, TypeId),
        entry: &Entry,
        _at: Instant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.believed_for)
    }
}

impl Default for Understood {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(MOST);
        Self(cache.expire_after(AsLongAsItSays).build())
    }
}

impl Understood {
    /// What is kept of a merchant, while it is believed.
    #[must_use]
    pub fn get<T: Kept>(&self, merchant_id: MerchantId) -> Option<Arc<T>> {
        let entry = self.0.get(&(merchant_id, TypeId::of::<T>()))?;
        entry.thing.downcast().ok()
    }

    /// Keeps a thing of a merchant.
    pub fn keep<T: Kept>(&self, merchant_id: MerchantId, thing: T) -> Arc<T> {
        let thing = Arc::new(thing);
        let entry = Entry {
            thing: Arc::clone(&thing) as Arc<_>,
            believed_for: T::BELIEVED_FOR,
        };
        self.0.insert((merchant_id, TypeId::of::<T>()), entry);
        thing
    }

    /// Has it made anew by whoever wants it next.
    pub fn forget<T: Kept>(&self, merchant_id: MerchantId) {
        self.0.invalidate(&(merchant_id, TypeId::of::<T>()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    struct Long(u8);

    impl Kept for Long {
        const BELIEVED_FOR: Duration = Duration::from_secs(600);
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Over(u8);

    impl Kept for Over {
        const BELIEVED_FOR: Duration = Duration::ZERO;
    }

    #[test]
    fn each_type_is_kept_by_itself_for_as_long_as_it_says() {
        let (understood, one, other) = (Understood::default(), MerchantId(1), MerchantId(2));
        understood.keep(one, Long(1));
        understood.keep(one, Over(2));
        assert_eq!(understood.get(one), Some(Arc::new(Long(1))));
        assert_eq!(understood.get::<Over>(one), None);
        assert_eq!(understood.get::<Long>(other), None);
        understood.keep(one, Long(3));
        assert_eq!(understood.get(one), Some(Arc::new(Long(3))));
        understood.forget::<Long>(one);
        assert_eq!(understood.get::<Long>(one), None);
    }
}
