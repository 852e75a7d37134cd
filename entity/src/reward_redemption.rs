//! A reward that a member has taken 兑换记录.

use sea_orm::entity::prelude::*;

use crate::{CouponId, Instant, MemberId, MerchantId, RewardId, RewardRedemptionId};

/// Where a taken reward stands 兑换状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RewardRedemptionState {
    /// 待兑付: it is to be handed over.
    Pending,
    /// 已兑付: it was handed over.
    Fulfilled,
    /// 已取消: it was called off; the points are back.
    Canceled,
}

/// A reward that a member has taken 兑换记录.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reward_redemptions")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; it holds when it was taken.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RewardRedemptionId,
    /// The reward.
    pub reward_id: RewardId,
    /// Who took it.
    pub member_id: MemberId,
    /// Where it stands.
    pub state: RewardRedemptionState,
    /// How many points it took.
    pub points: i64,
    /// The coupon, where it is one.
    pub coupon_id: Option<CouponId>,
    /// Who entered it.
    pub created_by: String,
    /// What is to be known to hand it over.
    pub note: Option<String>,
    /// When it was handed over.
    pub fulfilled_at: Option<Instant>,
    /// By whom.
    pub fulfilled_by: Option<String>,
    /// When it was called off.
    pub canceled_at: Option<Instant>,
    /// By whom.
    pub canceled_by: Option<String>,
    /// Why.
    pub cancel_reason: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
