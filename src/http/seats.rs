//! How many live connections each user and each merchant has on this instance, and who gets one more.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::{ApiKeyId, MerchantId, StaffId};

use crate::auth::model::{Actor, Who};
use crate::config::Sockets;
use crate::throttle::model::network;

/// Whom a connection is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Holder {
    Staff(StaffId),
    ApiKey(ApiKeyId),
    /// Who has not signed in is told apart by where they come from: see [`network`].
    Address(Option<IpAddr>),
    Merchant(MerchantId),
}

/// The seats of this instance. A clone counts the same ones.
#[derive(Clone, Debug)]
pub struct Seats(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    per_user: usize,
    per_merchant: usize,
    taken: Mutex<HashMap<Holder, usize>>,
}

impl Seats {
    /// As many as the settings allow; none is taken.
    #[must_use]
    pub fn new(settings: &Sockets) -> Self {
        Self(Arc::new(Shared {
            per_user: settings.max_per_user,
            per_merchant: settings.max_per_merchant,
            taken: Mutex::default(),
        }))
    }

    /// One more connection of somebody; none where they, or their merchant, have as many as they may.
    #[must_use]
    pub fn take(&self, actor: Option<&Actor>, ip: Option<IpAddr>) -> Option<Seat> {
        let holders = holders(actor, ip);
        let mut taken = self.0.lock();
        let is_free = |holder: &Holder| {
            let most = match holder {
                Holder::Merchant(_) => self.0.per_merchant,
                _ => self.0.per_user,
            };
            taken.get(holder).copied().unwrap_or_default() < most
        };
        if !holders.iter().flatten().all(is_free) {
            return None;
        }
        for holder in holders.iter().flatten() {
            *taken.entry(*holder).or_default() += 1;
        }
        Some(Seat {
            seats: self.clone(),
            holders,
        })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<Holder, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn holders(actor: Option<&Actor>, ip: Option<IpAddr>) -> [Option<Holder>; 2] {
    let Some(actor) = actor else {
        return [Some(Holder::Address(ip.map(network))), None];
    };
    let user = match actor.who {
        Who::Staff { staff_id, .. } => Some(Holder::Staff(staff_id)),
        Who::ApiKey(id) => Some(Holder::ApiKey(id)),
        Who::PublishableKey(_) => Some(Holder::Address(ip.map(network))),
        Who::Link | Who::System => None,
    };
    [user, Some(Holder::Merchant(actor.merchant_id))]
}

/// One connection's seat; it is free again when this is dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Seats,
    holders: [Option<Holder>; 2],
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock();
        for holder in self.holders.iter().flatten() {
            if let Some(count) = taken.get_mut(holder) {
                *count -= 1;
                if *count == 0 {
                    taken.remove(holder);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::membership::Role;

    use super::*;
    use crate::auth::model::Scopes;

    fn staff(person: i64, merchant: i64) -> Actor {
        let role = Role::Viewer;
        Actor {
            merchant_id: MerchantId::from(merchant),
            who: Who::Staff {
                staff_id: StaffId::from(person),
                role,
            },
            scopes: Scopes::of_role(role),
            origin: None,
        }
    }

    #[test]
    fn a_seat_is_refused_above_either_limit_and_free_again_once_it_is_left() {
        let seats = Seats::new(&Sockets {
            max_per_user: 2,
            max_per_merchant: 3,
            ..Sockets::default()
        });
        let take = |person| seats.take(Some(&staff(person, 1)), None);
        let (first, _second) = (take(1).unwrap(), take(1).unwrap());
        assert!(take(1).is_none(), "a third of one user");
        let _third = take(2).unwrap();
        assert!(take(3).is_none(), "a fourth of one merchant");
        assert!(seats.take(Some(&staff(3, 2)), None).is_some());
        drop(first);
        assert!(take(3).is_some());
        let nobody = || seats.take(None, Some([127, 0, 0, 1].into()));
        let _held = (nobody().unwrap(), nobody().unwrap());
        assert!(nobody().is_none(), "a third of one address");
        assert!(seats.take(None, Some([127, 0, 0, 2].into())).is_some());
    }

    #[test]
    fn addresses_of_one_customer_share_their_seats() {
        let seats = Seats::new(&Sockets {
            max_per_user: 1,
            ..Sockets::default()
        });
        let take = |ip: &str| seats.take(None, Some(ip.parse().unwrap()));
        let _held = take("2001:db8:1:2::1").unwrap();
        assert!(take("2001:db8:1:2:ffff::9").is_none());
        assert!(take("2001:db8:1:3::1").is_some());
    }

    #[test]
    fn what_is_left_is_forgotten() {
        let seats = Seats::new(&Sockets::default());
        drop(seats.take(Some(&staff(1, 1)), None));
        assert!(seats.0.lock().is_empty());
    }
}
