//! What mutations of rewards answer.

use super::redemption::RewardRedemption;
use super::reward::Reward;
use crate::graphql::payload::payload;
use crate::graphql::plain::Lean;
use crate::rewards::model::{
    CancelRefusal, CreateRefusal, FulfillRefusal, RedeemRefusal, UpdateRefusal,
};

payload! {
    /// What `rewardCreate` did.
    RewardCreatePayload {
        /// The reward, ACTIVE.
        reward: Lean<Reward>,
    }
    /// Why a reward was not made.
    RewardCreateError / RewardCreateErrorCode from CreateRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is no such coupon template.
        TemplateNotFound,
    }
}

payload! {
    /// What `rewardUpdate` did.
    RewardUpdatePayload {
        /// The reward, as it is now.
        reward: Lean<Reward>,
    }
    /// Why a reward was not changed.
    RewardUpdateError / RewardUpdateErrorCode from UpdateRefusal {
        /// There is no such reward.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// It has ended, for good.
        Ended,
        /// More are taken already; the message says how many.
        StockBelowTaken,
    }
}

payload! {
    /// What `rewardRedeem` did.
    RewardRedeemPayload {
        /// The redemption: PENDING, or FULFILLED where it is a coupon.
        redemption: Lean<RewardRedemption>,
    }
    /// Why a reward was not redeemed: the member has all points they had.
    RewardRedeemError / RewardRedeemErrorCode from RedeemRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is no such reward.
        RewardNotFound,
        /// There is no such member.
        MemberNotFound,
        /// The reward is paused or has ended.
        NotActive,
        /// Its time has not come.
        NotYet,
        /// Its time is over.
        Over,
        /// None of it is left 已兑完.
        SoldOut,
        /// The member has as many of it as one may; the message says how many.
        MemberLimit,
        /// It does not take `expectedPoints` any more 所需积分已变更; the message says how many it takes.
        PointsChanged,
        /// The member has too few points 积分不足; the message says how many.
        NotEnoughPoints,
        /// Its coupons are not handed out: the template is paused or over.
        CouponNotActive,
        /// All of its coupons are handed out.
        CouponUsedUp,
        /// The member has as many of its coupons as one may; the message says how many.
        CouponMemberLimit,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `rewardFulfill` did.
    RewardFulfillPayload {
        /// The redemption, FULFILLED.
        redemption: Lean<RewardRedemption>,
    }
    /// Why a redemption was not fulfilled.
    RewardFulfillError / RewardFulfillErrorCode from FulfillRefusal {
        /// There is no such redemption.
        NotFound,
        /// It was called off.
        Canceled,
    }
}

payload! {
    /// What `rewardCancel` did.
    RewardCancelPayload {
        /// The redemption, CANCELED.
        redemption: Lean<RewardRedemption>,
    }
    /// Why a redemption was not called off.
    RewardCancelError / RewardCancelErrorCode from CancelRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is no such redemption.
        NotFound,
        /// An order that is not paid yet holds its coupon; the message says which.
        CouponReserved,
        /// Its coupon was used; the message says which.
        CouponUsed,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}
