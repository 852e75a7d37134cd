//! Replays orders of the past through a policy: where each would have gone.

use std::collections::{BTreeMap, HashMap};

use entity::channel::{self, PaymentMethod};
use entity::channel_health::HealthState;
use entity::{ChannelId, OrderId};

use super::choice::{Candidate, Moment, Wish, choose};
use super::policy::Policy;

/// An order of the past.
#[derive(Clone, Copy, Debug)]
pub struct Past {
    /// Its id.
    pub id: OrderId,
    /// The channel that it took.
    pub channel_id: ChannelId,
    /// What was to be paid, in minor units.
    pub amount_minor: i64,
    /// Whether it was paid.
    pub paid: bool,
    /// When it was made.
    pub at: Moment,
    /// The day on which it was made, of the merchant's zone.
    pub day: i32,
}

/// Some orders and what they amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u32,
    /// What was to be paid for them, in minor units.
    pub amount_minor: i64,
    /// How many of them were paid.
    pub paid: u32,
}

impl Sum {
    fn add(&mut self, order: &Past) {
        self.count += 1;
        self.amount_minor = self.amount_minor.saturating_add(order.amount_minor);
        self.paid += u32::from(order.paid);
    }
}

/// Where orders would have gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// All of them.
    pub all: Sum,
    /// Those that went through each channel.
    pub was: BTreeMap<ChannelId, Sum>,
    /// Those that would have gone through each channel.
    pub would: BTreeMap<ChannelId, Sum>,
    /// From which channel to which; to none where none would have taken them.
    pub moves: BTreeMap<(ChannelId, Option<ChannelId>), Sum>,
}

/// Replays orders, the oldest first. Every channel counts as healthy, its configuration is that of now, and
/// a limit for the day counts what these orders paid.
#[must_use]
pub fn replay(
    method: PaymentMethod,
    policy: Option<&Policy>,
    channels: &[channel::Model],
    orders: &[Past],
) -> Replay {
    let mut told = Replay::default();
    let mut used: HashMap<(ChannelId, i32), i64> = HashMap::new();
    let mut candidates: Vec<_> = channels
        .iter()
        .filter(|channel| channel.method == method)
        .map(|channel| Candidate {
            channel,
            state: HealthState::Unknown,
            used_minor: 0,
            taken_at: 0,
        })
        .collect();
    for (order, turn) in orders.iter().zip(1_u64..) {
        for candidate in &mut candidates {
            let today = (candidate.channel.id, order.day);
            candidate.used_minor = used.get(&today).copied().unwrap_or_default();
        }
        let wish = Wish {
            amount_minor: order.amount_minor,
            device: None,
            at: order.at,
        };
        let taken = choose(method, policy, &candidates, &wish, scatter(order.id));
        let taken = taken.ok().map(|channel| channel.id);
        for candidate in &mut candidates {
            if Some(candidate.channel.id) == taken {
                candidate.taken_at = turn;
            }
        }
        told.all.add(order);
        told.was.entry(order.channel_id).or_default().add(order);
        let moved = told.moves.entry((order.channel_id, taken));
        moved.or_default().add(order);
        if let Some(id) = taken {
            told.would.entry(id).or_default().add(order);
            if order.paid {
                *used.entry((id, order.day)).or_default() += order.amount_minor;
            }
        }
    }
    told
}

/// A number that is as good as chance, and the same each time (splitmix64).
fn scatter(id: OrderId) -> u64 {
    let mut mixed = id.0.cast_unsigned().wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
