//! How many deliveries are under way at one time: in all, to one endpoint, to one host.

use std::collections::HashMap;

use entity::{MerchantId, WebhookEndpointId};

/// Deliveries under way on one instance.
const MOST: usize = 64;
/// Of these, to endpoints that took nothing last: dead ones leave half for the others.
const MOST_FAILING: usize = MOST / 2;
/// To one endpoint.
const MOST_OF_TARGET: usize = 4;
/// To one host, whosever endpoints.
const MOST_OF_HOST: usize = 16;

/// Where a delivery goes: an endpoint, or one merchant's shops in 易支付's style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// Whose.
    pub merchant_id: MerchantId,
    /// The endpoint; none for its orders' own addresses.
    pub endpoint_id: Option<WebhookEndpointId>,
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
}

impl Places {
    /// Takes a place; false where there is none.
    pub fn enter(&mut self, place: &Place) -> bool {
        let of_target = self.targets.get(&place.target).copied().unwrap_or_default();
        let of_host = self.hosts.get(&place.host).copied().unwrap_or(0);
        if self.is_full()
            || of_target.is_full()
            || (place.failing && of_target.all > 0)
            || of_host >= MOST_OF_HOST
            || (place.failing && self.failing >= MOST_FAILING)
        {
            return false;
        }
        self.all += 1;
        self.failing += usize::from(place.failing);
        let of_target = self.targets.entry(place.target).or_default();
        of_target.all += 1;
        of_target.failing += usize::from(place.failing);
        *self.hosts.entry(place.host.clone()).or_default() += 1;
        true
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
        if let Some(taken) = self.hosts.get_mut(&place.host) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                self.hosts.remove(&place.host);
            }
        }
    }

    /// Whether nothing more can be under way here.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.all >= MOST
    }

    /// Where nothing more can go now.
    #[must_use]
    pub fn busy(&self) -> Vec<Target> {
        let busy = |(target, taken): (&Target, &Taken)| taken.is_full().then_some(*target);
        self.targets.iter().filter_map(busy).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(endpoint: i64, host: &str, failing: bool) -> Place {
        Place {
            target: Target {
                merchant_id: MerchantId(1),
                endpoint_id: Some(WebhookEndpointId(endpoint)),
            },
            host: host.to_owned(),
            failing,
        }
    }

    #[test]
    fn an_endpoint_a_host_and_what_fails_have_so_many_places_and_each_is_free_again() {
        let mut places = Places::default();
        for _ in 0..MOST_OF_TARGET {
            assert!(places.enter(&place(1, "a", false)));
        }
        assert!(!places.enter(&place(1, "a", false)), "of one endpoint");
        assert!(places.enter(&place(2, "a", true)));
        assert!(!places.enter(&place(2, "a", true)), "of one that fails");
        for endpoint in 3.. {
            if !places.enter(&place(endpoint, "a", false)) {
                assert_eq!(places.hosts["a"], MOST_OF_HOST);
                break;
            }
        }
        let mut failing = 1;
        while places.enter(&place(100 + failing, &format!("b{failing}"), true)) {
            failing += 1;
        }
        assert_eq!(places.failing, MOST_FAILING);
        let mut last = 1_000;
        while places.enter(&place(last, &format!("c{last}"), false)) {
            last += 1;
        }
        assert!(places.is_full());
        places.leave(&place(2, "a", true));
        assert!(!places.is_full());
        assert!(places.enter(&place(2, "a", true)));
    }

    #[test]
    fn nothing_is_remembered_for_good() {
        let mut places = Places::default();
        assert!(places.enter(&place(1, "a", true)));
        places.leave(&place(1, "a", true));
        assert!(places.targets.is_empty() && places.hosts.is_empty());
        assert_eq!((places.all, places.failing), (0, 0));
    }
}
