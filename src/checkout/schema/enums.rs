//! Kinds and reasons of the checkout.

use async_graphql::Enum;

use crate::checkout::model::{CodeProblem, NotApplied, OfferId, PointsProblem};
use crate::graphql::plain::plain_scalars;

/// What takes something off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::redemption::OfferKind")]
pub enum OfferKind {
    /// 营销活动: a campaign.
    Campaign,
    /// 优惠券: a coupon.
    Coupon,
    /// 会员折扣: the discount of the buyer's tier.
    Tier,
}

impl From<OfferId> for OfferKind {
    fn from(id: OfferId) -> Self {
        match id {
            OfferId::Campaign(_) => Self::Campaign,
            OfferId::Coupon(_) => Self::Coupon,
            OfferId::Tier(_) => Self::Tier,
        }
    }
}

/// Where a redemption stands 核销状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::redemption::RedemptionState")]
pub enum RedemptionState {
    /// 占用: its order is not paid yet.
    Reserved,
    /// 已核销: its order was paid.
    Committed,
    /// 已回滚: its order was closed, or refunded in full.
    RolledBack,
}

plain_scalars!(OfferKind, RedemptionState);

/// Why an offer takes nothing off 不可用原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum NotAppliedCode {
    /// 尚未开始: it begins later.
    NotStarted,
    /// 已结束: it is over.
    Ended,
    /// 不在适用时段: not at this time of the week.
    OutsideHours,
    /// 支付渠道不适用: not for this channel or method, or none is known.
    OtherChannel,
    /// 非会员: only for members, and none is known.
    MembersOnly,
    /// 仅限新客: the buyer has paid for something before.
    NewcomersOnly,
    /// 指定等级: only for members of some tiers, and the buyer has none of them.
    TierOnly,
    /// 指定分群: only for members of some segments, and the buyer is in none of them.
    SegmentOnly,
    /// 排除分群: not for members of some segments, and the buyer is in one of them.
    SegmentExcluded,
    /// 对照组: the buyer is one of those who are not given it, so that its effect can be told.
    HeldOut,
    /// 无适用商品: it is given on none of the lines.
    NothingInScope,
    /// 未达门槛: `missing` says how much more is needed.
    BelowThreshold,
    /// 已领完: as many orders as may had it.
    UsedUp,
    /// 今日已领完: as many orders of the day as may had it.
    UsedUpToday,
    /// 已达个人上限: the buyer had it as often as one may.
    UsedUpByMember,
    /// 预算不足: what is left of its budget does not reach.
    OverBudget,
    /// 同组择优: another of its group takes more off.
    BetterInGroup,
    /// 互斥: it, or what is given instead, stands alone.
    Exclusive,
    /// 已无可减: nothing is left to be taken off.
    NothingLeft,
}

impl From<NotApplied> for NotAppliedCode {
    fn from(why: NotApplied) -> Self {
        match why {
            NotApplied::NotStarted => Self::NotStarted,
            NotApplied::Ended => Self::Ended,
            NotApplied::OutsideHours => Self::OutsideHours,
            NotApplied::OtherChannel => Self::OtherChannel,
            NotApplied::MembersOnly => Self::MembersOnly,
            NotApplied::NewcomersOnly => Self::NewcomersOnly,
            NotApplied::TierOnly => Self::TierOnly,
            NotApplied::SegmentOnly => Self::SegmentOnly,
            NotApplied::SegmentExcluded => Self::SegmentExcluded,
            NotApplied::HeldOut => Self::HeldOut,
            NotApplied::NothingInScope => Self::NothingInScope,
            NotApplied::BelowThreshold(_) | NotApplied::BelowThresholdOfRest(_) => {
                Self::BelowThreshold
            }
            NotApplied::UsedUp => Self::UsedUp,
            NotApplied::UsedUpToday => Self::UsedUpToday,
            NotApplied::UsedUpByMember => Self::UsedUpByMember,
            NotApplied::OverBudget => Self::OverBudget,
            NotApplied::BetterInGroup(_) => Self::BetterInGroup,
            NotApplied::Exclusive => Self::Exclusive,
            NotApplied::NothingLeft => Self::NothingLeft,
        }
    }
}

/// Why a coupon's code cannot be used 券码不可用原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CouponProblemCode {
    /// 券码不存在: there is no coupon of this code.
    NotFound,
    /// 非本人优惠券: it is another member's, or a member's while nobody is known.
    OtherMember,
    /// 未到使用时间: it holds later.
    NotYetValid,
    /// 已过期: it held before.
    Expired,
    /// 占用中: an order that is not paid yet holds it.
    Reserved,
    /// 已使用: a paid order has it.
    Used,
    /// 已作废: it was voided.
    Void,
}

impl From<CodeProblem> for CouponProblemCode {
    fn from(problem: CodeProblem) -> Self {
        match problem {
            CodeProblem::NotFound => Self::NotFound,
            CodeProblem::OtherMember => Self::OtherMember,
            CodeProblem::NotYetValid => Self::NotYetValid,
            CodeProblem::Expired => Self::Expired,
            CodeProblem::Reserved => Self::Reserved,
            CodeProblem::Used => Self::Used,
            CodeProblem::Void => Self::Void,
        }
    }
}

/// Why points are not used 积分不可用原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PointsProblemCode {
    /// 非会员: no member is known whose they could be.
    NotAMember,
    /// 未开启: the merchant takes no points as payment.
    NotAccepted,
    /// 积分不足: the member has fewer.
    NotEnough,
    /// 超出上限: this cart takes fewer; `pointsUsable` says how many.
    OverCap,
}

impl From<PointsProblem> for PointsProblemCode {
    fn from(problem: PointsProblem) -> Self {
        match problem {
            PointsProblem::NotAMember => Self::NotAMember,
            PointsProblem::NotAccepted => Self::NotAccepted,
            PointsProblem::NotEnough { .. } => Self::NotEnough,
            PointsProblem::OverCap { .. } => Self::OverCap,
        }
    }
}
