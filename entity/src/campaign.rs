//! A campaign 营销活动: what comes off orders by itself.

use sea_orm::entity::prelude::*;

use crate::{CampaignId, Instant, MerchantId};

/// Where a campaign stands 活动状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum CampaignState {
    /// 草稿: nobody is given it.
    Draft,
    /// 待开始: it begins by itself.
    Scheduled,
    /// 进行中: it is given.
    Active,
    /// 已暂停: it is not given until somebody goes on.
    Paused,
    /// 已结束: for good.
    Ended,
}

/// What is given 优惠方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum BenefitKind {
    /// 满减: an amount comes off from an amount on, in steps.
    FullReduction,
    /// 每满减: an amount comes off for every full amount.
    EveryFull,
    /// 折扣: a share comes off.
    Discount,
    /// 现金券: a fixed amount comes off.
    Cash,
}

/// What a full refund of the order does 退款规则.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RefundPolicy {
    /// 退还: what was taken of limits and budget, and the coupon, are given back.
    Restore,
    /// 不退还: they stay used.
    Keep,
}

/// A campaign 营销活动: what comes off orders by itself.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CampaignId,
    /// What the merchant calls it.
    pub name: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Counts changes of what it gives.
    pub version: i32,
    /// What it gives.
    pub kind: BenefitKind,
    /// What it gives, on what, to whom: JSON.
    #[sea_orm(column_type = "Text")]
    pub rules: String,
    /// From when it is given.
    pub starts_at: Instant,
    /// Until before when; none for no end.
    pub ends_at: Option<Instant>,
    /// Which share of members is not given it, to compare with, in millionths.
    pub holdout_ppm: i32,
    /// What a full refund does.
    pub refund_policy: RefundPolicy,
    /// Who made it.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Instant,
    /// When it was first begun.
    pub activated_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// When it begins or ends by itself.
    pub next_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Campaigns that are to begin or to end, of all merchants: the worker's list.
    #[must_use]
    pub fn due(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::NextAt.lte(now))
    }
}
