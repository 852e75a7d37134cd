//! Decides whether a bucket holds enough, and when it will: whole numbers, and the time as an argument.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use entity::{ApiKeyId, MerchantId, StaffId};

/// A unit of cost in thousandths: what a second brings is then a whole number for each millisecond.
const MILLI: u64 = 1_000;

/// How much a bucket holds, and how fast it fills up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it holds when it is full.
    pub burst: u64,
    /// What comes back in a second.
    pub per_s: u64,
}

impl Limit {
    /// A bucket that holds nothing, or never fills up, would refuse for ever: both are 1 at least.
    #[must_use]
    pub fn new(burst: u64, per_s: u64) -> Self {
        Self {
            burst: burst.max(1),
            per_s: per_s.max(1),
        }
    }

    const fn full(self) -> u64 {
        self.burst.saturating_mul(MILLI)
    }
}

/// Whose bucket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// A member of staff's.
    Staff(StaffId),
    /// An API key's.
    ApiKey(MerchantId, ApiKeyId),
    /// A merchant's.
    Merchant(MerchantId),
    /// That of an address from which nobody has signed in.
    Address(IpAddr),
    /// That of an address that comes with a publishable key: payers, of whatever merchant.
    Page(IpAddr),
}

impl Payer {
    /// An address' bucket: see [`network`].
    #[must_use]
    pub fn of_address(ip: IpAddr) -> Self {
        Self::Address(network(ip))
    }

    /// The bucket of an address that reads payment pages: see [`network`].
    #[must_use]
    pub fn of_page(ip: IpAddr) -> Self {
        Self::Page(network(ip))
    }
}

impl fmt::Display for Payer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Staff(id) => write!(f, "staff:{id}"),
            Self::ApiKey(merchant_id, id) => write!(f, "key:{merchant_id}:{id}"),
            Self::Merchant(id) => write!(f, "merchant:{id}"),
            Self::Address(ip) => write!(f, "address:{ip}"),
            Self::Page(ip) => write!(f, "page:{ip}"),
        }
    }
}

/// The addresses that belong to one customer of a provider: one of IPv4, 2⁶⁴ of IPv6.
#[must_use]
pub fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        ip @ IpAddr::V4(_) => ip,
    }
}

/// What is to be paid, and from which buckets.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    /// What is taken from each of them.
    pub price: u64,
    /// Whose they are, and what they hold.
    pub buckets: Vec<(Payer, Limit)>,
}

/// A bucket at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    level: u64,
    at_ms: i64,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub const fn full(limit: Limit, now_ms: i64) -> Self {
        Self {
            level: limit.full(),
            at_ms: now_ms,
        }
    }

    /// The same one later; a clock that was turned back brings nothing.
    #[must_use]
    pub fn at(self, limit: Limit, now_ms: i64) -> Self {
        let passed = u64::try_from(now_ms.saturating_sub(self.at_ms)).unwrap_or(0);
        let level = self
            .level
            .saturating_add(passed.saturating_mul(limit.per_s));
        Self {
            level: level.min(limit.full()),
            at_ms: now_ms,
        }
    }

    /// What is left after a price is taken; or in how many milliseconds there is enough. What costs more than
    /// the bucket can hold takes it whole.
    pub fn take(self, limit: Limit, price: u64) -> Result<Self, u64> {
        let due = price.min(limit.burst).saturating_mul(MILLI);
        match self.level.checked_sub(due) {
            Some(level) => Ok(Self { level, ..self }),
            None => Err((due - self.level).div_ceil(limit.per_s)),
        }
    }
}

/// Takes a price from all buckets, or from none: then in how many milliseconds all have enough.
pub fn take(buckets: &mut [(Bucket, Limit)], price: u64, now_ms: i64) -> Result<(), u64> {
    let mut wait = 0;
    let mut after = Vec::with_capacity(buckets.len());
    for (bucket, limit) in buckets.iter() {
        match bucket.at(*limit, now_ms).take(*limit, price) {
            Ok(left) => after.push(left),
            Err(ms) => wait = wait.max(ms),
        }
    }
    if wait > 0 {
        return Err(wait);
    }
    for ((bucket, _), left) in buckets.iter_mut().zip(after) {
        *bucket = left;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: Limit = Limit {
        burst: 100,
        per_s: 10,
    };

    #[test]
    fn a_bucket_gives_what_it_holds_and_tells_when_it_has_more() {
        let full = Bucket::full(LIMIT, 0);
        let empty = full.take(LIMIT, 100).unwrap();
        assert_eq!(empty.take(LIMIT, 1), Err(100));
        assert_eq!(empty.take(LIMIT, 15), Err(1_500));
        assert!(empty.at(LIMIT, 99).take(LIMIT, 1).is_err());
        assert!(empty.at(LIMIT, 100).take(LIMIT, 1).is_ok());
        assert_eq!(empty.at(LIMIT, 1_000_000), Bucket::full(LIMIT, 1_000_000));
    }

    #[test]
    fn what_costs_more_than_a_bucket_holds_takes_it_whole() {
        let left = Bucket::full(LIMIT, 0).take(LIMIT, 5_000).unwrap();
        assert_eq!(left.take(LIMIT, 5_000), Err(10_000));
    }

    #[test]
    fn a_clock_that_is_turned_back_neither_gives_nor_starves() {
        let empty = Bucket::full(LIMIT, 3_600_000).take(LIMIT, 100).unwrap();
        let back = empty.at(LIMIT, 0);
        assert_eq!(back.take(LIMIT, 1), Err(100));
        assert!(back.at(LIMIT, 100).take(LIMIT, 1).is_ok());
    }

    #[test]
    fn all_pay_or_none() {
        let small = Limit {
            burst: 10,
            per_s: 1,
        };
        let mut buckets = [
            (Bucket::full(LIMIT, 0), LIMIT),
            (Bucket::full(small, 0), small),
        ];
        assert_eq!(take(&mut buckets, 10, 0), Ok(()));
        let before = buckets;
        assert_eq!(take(&mut buckets, 5, 0), Err(5_000));
        assert_eq!(buckets, before);
    }

    #[test]
    fn addresses_of_one_customer_are_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
        assert_ne!(of("203.0.113.7"), of("203.0.113.8"));
    }

    proptest! {
        /// Whatever is asked for whenever: no more is given than the burst and what time has brought; and
        /// who waits as long as they were told is not refused.
        #[test]
        fn no_more_is_given_than_time_has_brought(
            burst in 1_u64..1_000,
            per_s in 1_u64..1_000,
            asked in prop::collection::vec((0_i64..5_000, 1_u64..1_500), 1..60),
        ) {
            let limit = Limit::new(burst, per_s);
            let mut buckets = [(Bucket::full(limit, 0), limit)];
            let (mut now, mut given) = (0, 0);
            for (pause, price) in asked {
                now += pause;
                let due = price.min(burst);
                match take(&mut buckets, price, now) {
                    Ok(()) => given += due,
                    Err(wait) => {
                        prop_assert!(take(&mut buckets.clone(), price, now + wait as i64 - 1).is_err());
                        prop_assert!(take(&mut buckets.clone(), price, now + wait as i64).is_ok());
                    }
                }
                prop_assert!(given * 1_000 <= burst * 1_000 + now as u64 * per_s);
            }
        }
    }
}
