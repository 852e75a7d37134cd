//! A coupon 优惠券: something that comes off one order.

use sea_orm::entity::prelude::*;

use crate::{CouponBatchId, CouponId, CouponTemplateId, Instant, MemberId, MerchantId, OrderId};

/// Where a coupon stands 优惠券状态. That it has expired is told by its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum CouponState {
    /// 可用: it can be used while it holds.
    Available,
    /// 占用中: an order that is not paid yet holds it.
    Reserved,
    /// 已使用: a paid order has it.
    Used,
    /// 已作废: it was voided.
    Void,
}

/// How a coupon came about 来源.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum CouponOrigin {
    /// 发放: it was given to a member.
    Issued,
    /// 领取: a member claimed it.
    Claimed,
    /// 兑换码: it was made as a code for whoever has it.
    Code,
}

/// A coupon 优惠券: something that comes off one order.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupons")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; it holds when the coupon was handed out.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CouponId,
    /// What it is one of.
    pub template_id: CouponTemplateId,
    /// What it was handed out with; none where a member claimed it.
    pub batch_id: Option<CouponBatchId>,
    /// Its code 券码, unique in the merchant.
    pub code: String,
    /// Whose it is; none where it is whose code it is.
    pub member_id: Option<MemberId>,
    /// Where it stands.
    pub state: CouponState,
    /// How it came about.
    pub origin: CouponOrigin,
    /// From when it holds.
    pub valid_from: Instant,
    /// Until before when.
    pub valid_until: Instant,
    /// The order that holds or has it.
    pub order_id: Option<OrderId>,
    /// When that order was paid.
    pub used_at: Option<Instant>,
    /// When it was voided.
    pub voided_at: Option<Instant>,
    /// Who voided it.
    pub voided_by: Option<String>,
    /// Why.
    pub void_reason: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
