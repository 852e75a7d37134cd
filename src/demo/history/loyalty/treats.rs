//! What members took for their points, now and then.

use std::collections::HashMap;

use entity::point_entry::PointKind;
use entity::reward_redemption::{self, RewardRedemptionState};
use entity::{MemberId, RewardId, RewardRedemptionId, reward};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::card::Card;
use crate::demo::history::instant;
use crate::demo::store::Store;

/// Of a hundred payments of who could, so many are followed by a reward.
const TAKING: u32 = 18;
/// How long the last ones wait to be handed over.
const WAITING_MS: i64 = 6 * 3_600_000;
/// How long after the payment somebody takes a reward.
const AFTER_MS: i64 = 1;

/// What points were given for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Treated {
    /// The rewards, with how many were taken of each.
    pub rewards: Vec<reward::Model>,
    /// What was taken.
    pub redemptions: Vec<reward_redemption::Model>,
}

/// Rewards under way.
#[derive(Debug)]
pub(super) struct Treats {
    rng: ChaCha8Rng,
    rewards: Vec<reward::Model>,
    taken: HashMap<(MemberId, RewardId), i64>,
    redemptions: Vec<reward_redemption::Model>,
    last_id: i64,
}

impl Treats {
    pub fn open(store: &Store) -> Self {
        let rewards = store.club.iter().flat_map(|club| club.rewards.clone());
        Self {
            rng: ChaCha8Rng::seed_from_u64(store.merchant.id.0.unsigned_abs()),
            rewards: rewards.collect(),
            taken: HashMap::new(),
            redemptions: Vec::new(),
            last_id: 0,
        }
    }

    /// Lets a member take a reward that they can have, where they feel like it.
    pub fn take(
        &mut self,
        store: &Store,
        card: &mut Card,
        (paid_ms, until_ms): (i64, i64),
    ) -> Option<RewardRedemptionId> {
        let at_ms = paid_ms + AFTER_MS;
        let (id, at) = (card.id(), instant(at_ms));
        let available = card.available(at);
        let of_member = |reward: &reward::Model| {
            let taken = self.taken.get(&(id, reward.id)).copied().unwrap_or(0);
            reward.per_member.is_none_or(|most| taken < most)
        };
        let can = self.rewards.iter().enumerate().filter(|(_, reward)| {
            reward.points <= available
                && reward.stock.is_none_or(|stock| reward.taken < stock)
                && of_member(reward)
        });
        let can: Vec<usize> = can.map(|(place, _)| place).collect();
        if can.is_empty() || self.rng.random_range(0..100) >= TAKING {
            return None;
        }
        let place = can[self.rng.random_range(0..can.len())];
        let reward = &mut self.rewards[place];
        card.purse
            .spend(reward.points, PointKind::Redeemed, at.0)
            .ok()?;
        reward.taken += 1;
        *self.taken.entry((id, reward.id)).or_default() += 1;
        self.last_id = RewardRedemptionId::first_at(at_ms).0.max(self.last_id + 1);
        let waits = until_ms - at_ms < WAITING_MS;
        let by = store.crew.owner.clone();
        self.redemptions.push(reward_redemption::Model {
            merchant_id: store.merchant.id,
            id: RewardRedemptionId(self.last_id),
            reward_id: reward.id,
            member_id: id,
            state: if waits {
                RewardRedemptionState::Pending
            } else {
                RewardRedemptionState::Fulfilled
            },
            points: reward.points,
            coupon_id: None,
            created_by: by.clone(),
            note: None,
            fulfilled_at: (!waits).then_some(at),
            fulfilled_by: (!waits).then_some(by),
            canceled_at: None,
            canceled_by: None,
            cancel_reason: None,
        });
        Some(RewardRedemptionId(self.last_id))
    }

    pub fn close(self) -> Treated {
        Treated {
            rewards: self.rewards,
            redemptions: self.redemptions,
        }
    }
}
