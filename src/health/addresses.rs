//! How many probes are under way at one address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many probes are under way at each address, of this instance. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Addresses(Arc<Mutex<HashMap<String, usize>>>);

/// A place at an address, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    addresses: Addresses,
    address: String,
}

impl Addresses {
    /// How many probes are under way at one address at the most: a platform that hangs keeps its own
    /// channels waiting, and nobody else's.
    pub const MOST: usize = 8;

    /// A place at an address; none where all are taken.
    #[must_use]
    pub fn enter(&self, address: &str) -> Option<Seat> {
        let mut taken = self.lock();
        let count = taken.entry(address.to_owned()).or_default();
        if *count >= Self::MOST {
            return None;
        }
        *count += 1;
        Some(Seat {
            addresses: self.clone(),
            address: address.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.addresses.lock();
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_each_is_free_again() {
        let addresses = Addresses::default();
        let mut seats: Vec<Option<Seat>> = (0..Addresses::MOST)
            .map(|_| addresses.enter("a.example"))
            .collect();
        assert!(seats.iter().all(Option::is_some));
        assert!(addresses.enter("a.example").is_none());
        assert!(
            addresses.enter("b.example").is_some(),
            "another's are its own"
        );
        seats.pop();
        assert!(addresses.enter("a.example").is_some());
        seats.clear();
        assert!(
            addresses.lock().is_empty(),
            "nothing is remembered for good"
        );
    }
}
