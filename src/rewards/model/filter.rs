//! Which rewards and redemptions lists want.

use chrono::{DateTime, Utc};
use entity::RewardId;
use entity::reward::{RewardKind, RewardState};
use entity::reward_redemption::RewardRedemptionState;

use crate::time_range::TimeRange;

/// Which rewards are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RewardFilter {
    /// Any of these states.
    pub states: Option<Vec<RewardState>>,
    /// Any of these kinds.
    pub kinds: Option<Vec<RewardKind>>,
    /// They take so many points at the most.
    pub affordable: Option<i64>,
    /// Whether they can be had at an instant.
    pub available: Option<(bool, DateTime<Utc>)>,
}

/// Which redemptions are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedemptionFilter {
    /// Of this reward.
    pub reward_id: Option<RewardId>,
    /// Of the member of this number.
    pub member_no: Option<String>,
    /// Of this member.
    pub member_id: Option<entity::MemberId>,
    /// Any of these states.
    pub states: Option<Vec<RewardRedemptionState>>,
    /// Redeemed in this span.
    pub created: Option<TimeRange>,
}
