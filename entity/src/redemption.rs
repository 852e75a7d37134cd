//! A redemption 核销: what an offer took off an order.

use sea_orm::entity::prelude::*;

use crate::{CouponId, Day, Instant, MemberId, MerchantId, OrderId, RedemptionId};

/// What was redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum OfferKind {
    /// 营销活动: a campaign.
    Campaign,
    /// 优惠券: a coupon.
    Coupon,
    /// 会员等级: the discount of the buyer's tier.
    Tier,
}

/// Where a redemption stands 核销状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RedemptionState {
    /// 占用: its order is not paid yet.
    Reserved,
    /// 已核销: its order was paid.
    Committed,
    /// 已回滚: its order was closed, or refunded in full.
    RolledBack,
}

/// A redemption 核销: what an offer took off an order.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "redemptions")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RedemptionId,
    /// The order.
    pub order_id: OrderId,
    /// What was redeemed.
    pub offer: OfferKind,
    /// The campaign, the template of the coupon, or the tier.
    pub offer_id: i64,
    /// The version that it was redeemed in.
    pub version: i32,
    /// The coupon, where it is one.
    pub coupon_id: Option<CouponId>,
    /// Who bought, where that is known.
    pub member_id: Option<MemberId>,
    /// Where it stands.
    pub state: RedemptionState,
    /// What came off, in minor units.
    pub off_minor: i64,
    /// What of it fell to each line, in minor units, in their order: JSON.
    #[sea_orm(column_type = "Text")]
    pub shares: String,
    /// The merchant's day on which it was reserved, which limits of a day count.
    pub day: Day,
    /// Whether counters hold it: not where a late payment came when nothing was left.
    pub counted: bool,
    /// What was paid for the order, in minor units, once it was.
    pub sales_minor: Option<i64>,
    /// Whether the order is the first that its member paid.
    pub newcomer: bool,
    /// When it was reserved.
    pub reserved_at: Instant,
    /// When its order was paid.
    pub committed_at: Option<Instant>,
    /// When it was rolled back.
    pub rolled_back_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
