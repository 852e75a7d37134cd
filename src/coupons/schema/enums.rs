//! The states and origins of coupons.

use async_graphql::Enum;

use crate::coupons::model;
use crate::graphql::plain::plain_scalars;

/// Whether coupons of a template are handed out 发放状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::coupon_template::TemplateState")]
pub enum CouponTemplateState {
    /// 发放中: coupons are handed out.
    Active,
    /// 暂停发放: none are handed out; those that are out hold.
    Paused,
    /// 已结束: none are handed out any more, for good; those that are out hold.
    Ended,
}

/// Where a coupon stands 优惠券状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Shown")]
pub enum CouponState {
    /// 可用: it can be used now.
    Available,
    /// 未生效: it can be used later.
    NotYetValid,
    /// 占用中: an order that is not paid yet holds it.
    Reserved,
    /// 已使用: a paid order has it.
    Used,
    /// 已过期: nobody used it in time.
    Expired,
    /// 已作废: it was voided.
    Void,
}

/// How a coupon came about 来源.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::coupon::CouponOrigin")]
pub enum CouponOrigin {
    /// 发放: it was given to a member.
    Issued,
    /// 领取: a member claimed it by the template's public code.
    Claimed,
    /// 兑换码: it was made as a single-use code for whoever has it.
    Code,
}

plain_scalars!(CouponTemplateState, CouponState, CouponOrigin);
