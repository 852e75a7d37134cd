//! How many deliveries are under way at one time: in all, of one merchant, to one endpoint, to one host.

use std::collections::HashMap;

use entity::{MerchantId, WebhookEndpointId};

/// Deliveries under way on one instance.
const MOST: usize = 64;
/// Of these, to endpoints that took nothing last: dead ones leave half for the others.
const MOST_FAILING: usize = MOST / 2;
/// Of one merchant, wherever they go: slow answers of one hold up nobody else.
const MOST_OF_MERCHANT: usize = 16;
/// To one endpoint.
const MOST_OF_TARGET: usize = 4;
/// To one host, whosever endpoints.
const MOST_OF_HOST: usize = 16;

/// Where a delivery goes: an endpoint, or one of a merchant's shops in 易支付's style.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// Whose.
    pub merchant_id: MerchantId,
    /// The endpoint; none for its orders' own addresses.
    pub endpoint_id: Option<WebhookEndpointId>,
    /// The shop's host, for an order's own address: a dead shop holds up no other one; none for an endpoint.
    pub shop: Option<String>,
}

/// What there is no place for now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// Whatever goes there.
    Target(Target),
    /// Whatever is this merchant's.
    Merchant(MerchantId),
}

/// A place that a delivery takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it goes.
    pub target: Target,
    /// The host there.
    pub host: String,
    /// Whether nothing was taken there last.
    pub failing: bool,
}

/// What is under way to one target.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    all: usize,
    failing: usize,
}

impl Taken {
    const fn is_full(self) -> bool {
        self.all >= MOST_OF_TARGET || self.failing > 0
    }
}

/// The places that are taken on one instance.
#[derive(Debug, Default)]
pub struct Places {
    all: usize,
    failing: usize,
    targets: HashMap<Target, Taken>,
    hosts: HashMap<String, usize>,
    merchants: HashMap<MerchantId, usize>,
}

impl Places {
    /// Takes a place, or says what there is none for.
    pub fn enter(&mut self, place: &Place) -> Result<(), Refused> {
        let merchant_id = place.target.merchant_id;
        if self.of_merchant(merchant_id) >= MOST_OF_MERCHANT {
            return Err(Refused::Merchant(merchant_id));
        }
        let of_target = self.targets.get(&place.target).copied().unwrap_or_default();
        let of_host = self.hosts.get(&place.host).copied().unwrap_or(0);
        if self.is_full()
            || of_target.is_full()
            || (place.failing && of_target.all > 0)
            || of_host >= MOST_OF_HOST
            || (place.failing && self.failing >= MOST_FAILING)
        {
            return Err(Refused::Target(place.target.clone()));
        }
        self.all += 1;
        self.failing += usize::from(place.failing);
        let of_target = self.targets.entry(place.target.clone()).or_default();
        of_target.all += 1;
        of_target.failing += usize::from(place.failing);
        *self.hosts.entry(place.host.clone()).or_default() += 1;
        *self.merchants.entry(merchant_id).or_default() += 1;
        Ok(())
    }

    fn of_merchant(&self, merchant_id: MerchantId) -> usize {
        self.merchants.get(&merchant_id).copied().unwrap_or(0)
    }

    /// Gives a place back.
    pub fn leave(&mut self, place: &Place) {
        self.all = self.all.saturating_sub(1);
        self.failing = self.failing.saturating_sub(usize::from(place.failing));
        if let Some(taken) = self.targets.get_mut(&place.target) {
            taken.all = taken.all.saturating_sub(1);
            taken.failing = taken.failing.saturating_sub(usize::from(place.failing));
            if taken.all == 0 {
                self.targets.remove(&place.target);
            }
        }
        give_back(&mut self.hosts, &place.host);
        give_back(&mut self.merchants, &place.target.merchant_id);
    }

    /// Whether nothing more can be under way here.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.all >= MOST
    }

    /// What there is no place for now, whatever it is.
    #[must_use]
    pub fn busy(&self) -> Vec<Refused> {
        let targets = self.targets.iter().filter(|(_, taken)| taken.is_full());
        let merchants = self.merchants.iter();
        let merchants = merchants.filter(|(_, taken)| **taken >= MOST_OF_MERCHANT);
        targets
            .map(|(target, _)| Refused::Target(target.clone()))
            .chain(merchants.map(|(id, _)| Refused::Merchant(*id)))
            .collect()
    }
}

/// Counts one less, and forgets what is none.
fn give_back<K: Eq + std::hash::Hash>(counted: &mut HashMap<K, usize>, key: &K) {
    if let Some(taken) = counted.get_mut(key) {
        *taken = taken.saturating_sub(1);
        if *taken == 0 {
            counted.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each endpoint is another merchant's.
    fn place(endpoint: i64, host: &str, failing: bool) -> Place {
        Place {
            target: Target {
                merchant_id: MerchantId(endpoint),
                endpoint_id: Some(WebhookEndpointId(endpoint)),
                shop: None,
            },
            host: host.to_owned(),
            failing,
        }
    }

    #[test]
    fn an_endpoint_a_host_and_what_fails_have_so_many_places_and_each_is_free_again() {
        let mut places = Places::default();
        for _ in 0..MOST_OF_TARGET {
            assert_eq!(places.enter(&place(1, "a", false)), Ok(()));
        }
        assert!(
            places.enter(&place(1, "a", false)).is_err(),
            "of one endpoint"
        );
        assert_eq!(places.enter(&place(2, "a", true)), Ok(()));
        assert!(
            places.enter(&place(2, "a", true)).is_err(),
            "of one that fails"
        );
        for endpoint in 3.. {
            if places.enter(&place(endpoint, "a", false)).is_err() {
                assert_eq!(places.hosts["a"], MOST_OF_HOST);
                break;
            }
        }
        let mut failing = 1;
        while places
            .enter(&place(100 + failing, &format!("b{failing}"), true))
            .is_ok()
        {
            failing += 1;
        }
        assert_eq!(places.failing, MOST_FAILING);
        let mut last = 1_000;
        while places
            .enter(&place(last, &format!("c{last}"), false))
            .is_ok()
        {
            last += 1;
        }
        assert!(places.is_full());
        places.leave(&place(2, "a", true));
        assert!(!places.is_full());
        assert_eq!(places.enter(&place(2, "a", true)), Ok(()));
    }

    #[test]
    fn nothing_is_remembered_for_good() {
        let mut places = Places::default();
        assert_eq!(places.enter(&place(1, "a", true)), Ok(()));
        places.leave(&place(1, "a", true));
        assert!(places.targets.is_empty() && places.hosts.is_empty());
        assert!(places.merchants.is_empty());
        assert_eq!((places.all, places.failing), (0, 0));
    }

    #[test]
    fn one_merchant_leaves_places_for_the_others() {
        let mut places = Places::default();
        let of = |merchant_id: i64, endpoint: i64| {
            let mut place = place(endpoint, &format!("h{endpoint}"), false);
            place.target.merchant_id = MerchantId(merchant_id);
            place
        };
        for endpoint in 0..16 {
            assert_eq!(places.enter(&of(1, endpoint)), Ok(()));
        }
        let refused = Refused::Merchant(MerchantId(1));
        assert_eq!(places.enter(&of(1, 99)), Err(refused.clone()));
        assert_eq!(places.busy(), [refused]);
        assert_eq!(places.enter(&of(2, 99)), Ok(()));
    }

    #[test]
    fn a_dead_shop_holds_up_no_other_one() {
        let mut places = Places::default();
        let shop = |host: &str, failing| {
            let mut place = place(1, host, failing);
            place.target.endpoint_id = None;
            place.target.shop = Some(host.to_owned());
            place
        };
        assert_eq!(places.enter(&shop("dead", true)), Ok(()));
        assert!(places.enter(&shop("dead", false)).is_err());
        assert_eq!(places.enter(&shop("well", false)), Ok(()));
    }
}
