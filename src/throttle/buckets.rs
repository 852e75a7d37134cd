//! Buckets in the memory of this instance, where there is no Redis: so many at the most, the oldest go first.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::model::{Bill, Bucket, Limit, Payer, take};

/// Buckets of one generation; there are two, of some 5 MB together.
const GENERATION: usize = 50_000;

/// The buckets of this instance. One that was not touched while as many others as a generation holds were
/// used is forgotten: it is full then, or a flood of addresses has come, which no memory would hold.
#[derive(Debug, Default)]
pub struct Buckets(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Payer, Bucket>,
    old: HashMap<Payer, Bucket>,
}

impl Buckets {
    /// Takes a bill's price from all its buckets, or from none: then in how many milliseconds it can be.
    pub fn take(&self, bill: &Bill, now_ms: i64) -> Result<(), u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buckets: Vec<(Bucket, Limit)> = bill
            .buckets
            .iter()
            .map(|(payer, limit)| {
                let bucket = known.find(payer);
                (bucket.unwrap_or(Bucket::full(*limit, now_ms)), *limit)
            })
            .collect();
        let taken = take(&mut buckets, bill.price, now_ms);
        for ((payer, _), (bucket, _)) in bill.buckets.iter().zip(buckets) {
            known.keep(*payer, bucket);
        }
        taken
    }
}

impl Generations {
    fn find(&self, payer: &Payer) -> Option<Bucket> {
        self.young.get(payer).or(self.old.get(payer)).copied()
    }

    fn keep(&mut self, payer: Payer, bucket: Bucket) {
        if self.young.len() >= GENERATION && !self.young.contains_key(&payer) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(payer, bucket);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    const LIMIT: Limit = Limit {
        burst: 10,
        per_s: 1,
    };

    fn bill(address: u32) -> Bill {
        let ip = IpAddr::V4(Ipv4Addr::from(address));
        Bill {
            price: 10,
            buckets: vec![(Payer::of_address(ip), LIMIT)],
        }
    }

    #[test]
    fn a_flood_of_addresses_fills_no_memory_and_frees_nobody_who_goes_on() {
        let buckets = Buckets::default();
        buckets.take(&bill(0), 0).unwrap();
        for address in 1..200_000 {
            buckets.take(&bill(address), 0).unwrap();
            if address % 20_000 == 0 {
                assert_eq!(buckets.take(&bill(0), 0), Err(10_000), "{address}");
            }
        }
        let known = buckets.0.lock().unwrap();
        assert!(known.young.len() + known.old.len() <= 2 * GENERATION);
    }
}
