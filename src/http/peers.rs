//! Connections at the same time: so many in all, and so many of one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::Http;
use crate::throttle::model::network;

/// Who is connected to this instance. A clone counts the same.
#[derive(Clone, Debug)]
pub struct Peers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    most: usize,
    /// None where all come through one proxy.
    most_of_address: Option<usize>,
    connected: Mutex<Connected>,
}

#[derive(Debug, Default)]
struct Connected {
    count: usize,
    addresses: HashMap<IpAddr, usize>,
}

impl Peers {
    /// As many as the settings allow; nobody is connected.
    #[must_use]
    pub fn new(settings: &Http) -> Self {
        let direct = settings.client_ip_header.is_none();
        Self(Arc::new(Shared {
            most: settings.max_connections,
            most_of_address: direct.then_some(settings.max_connections_per_address),
            connected: Mutex::default(),
        }))
    }

    /// A place for one more connection of an address; none where all are taken.
    #[must_use]
    pub fn take(&self, ip: IpAddr) -> Option<Place> {
        let mut connected = self.0.lock();
        if connected.count >= self.0.most {
            return None;
        }
        let mut address = None;
        if let Some(most) = self.0.most_of_address {
            let ip = network(ip);
            let count = connected.addresses.get(&ip).copied().unwrap_or_default();
            if count >= most {
                return None;
            }
            connected.addresses.insert(ip, count + 1);
            address = Some(ip);
        }
        connected.count += 1;
        Some(Place {
            peers: self.clone(),
            address,
        })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Connected> {
        self.connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's place; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    peers: Peers,
    address: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut connected = self.peers.0.lock();
        connected.count -= 1;
        let Some(ip) = self.address else { return };
        if let Some(count) = connected.addresses.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                connected.addresses.remove(&ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(most: usize, most_of_address: usize, proxy: Option<&str>) -> Peers {
        Peers::new(&Http {
            max_connections: most,
            max_connections_per_address: most_of_address,
            client_ip_header: proxy.map(str::to_owned),
            ..Http::default()
        })
    }

    #[test]
    fn an_address_has_its_places_and_all_together_have_theirs() {
        let peers = peers(3, 2, None);
        let [one, two, three]: [IpAddr; 3] =
            ["203.0.113.1", "203.0.113.2", "203.0.113.3"].map(|ip| ip.parse().unwrap());
        let first = peers.take(one).unwrap();
        let _second = peers.take(one).unwrap();
        assert!(peers.take(one).is_none(), "a third of one address");
        let _third = peers.take(two).unwrap();
        assert!(peers.take(three).is_none(), "a fourth of all");
        drop(first);
        let _fourth = peers.take(three).unwrap();
        assert!(peers.take(one).is_none(), "a fourth of all");
    }

    #[test]
    fn who_has_gone_leaves_nothing_behind() {
        let peers = peers(3, 2, None);
        drop(peers.take("2001:db8::1".parse().unwrap()).unwrap());
        let connected = peers.0.lock();
        assert_eq!((connected.count, connected.addresses.len()), (0, 0));
    }

    #[test]
    fn behind_a_proxy_all_come_from_one_address() {
        let peers = peers(3, 1, Some("x-real-ip"));
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let places: Vec<_> = (0..4).filter_map(|_| peers.take(proxy)).collect();
        assert_eq!(places.len(), 3);
    }
}
