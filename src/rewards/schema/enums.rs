//! The kinds and states of rewards and redemptions.

use async_graphql::Enum;

use crate::graphql::plain::plain_scalars;

/// What sort of thing a reward is 商品类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::reward::RewardKind")]
pub enum RewardKind {
    /// 实物: something to be handed over or sent.
    Goods,
    /// 服务: something to be done.
    Service,
    /// 优惠券: a coupon, which the member has at once.
    Coupon,
}

/// Whether a reward can be had 上架状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::reward::RewardState")]
pub enum RewardState {
    /// 上架: it can, in its time and while there is some left.
    Active,
    /// 暂停: not until somebody says so.
    Paused,
    /// 下架: not any more, for good.
    Ended,
}

/// Where a redemption stands 兑换状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::reward_redemption::RewardRedemptionState")]
pub enum RewardRedemptionState {
    /// 待兑付: it is to be handed over.
    Pending,
    /// 已兑付: it was handed over.
    Fulfilled,
    /// 已取消: it was called off; the points are back.
    Canceled,
}

plain_scalars!(RewardKind, RewardState, RewardRedemptionState);
