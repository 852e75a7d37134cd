//! A reward 积分商品: what points are given for.

use sea_orm::entity::prelude::*;

use crate::{CouponTemplateId, Instant, MerchantId, RewardId};

/// What sort of reward it is 商品类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RewardKind {
    /// 实物: something to be handed over or sent.
    Goods,
    /// 服务: something to be done.
    Service,
    /// 优惠券: a coupon.
    Coupon,
}

/// Whether a reward can be had 状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RewardState {
    /// 上架: it can.
    Active,
    /// 暂停: not until somebody says so.
    Paused,
    /// 下架: not any more.
    Ended,
}

/// A reward 积分商品: what points are given for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rewards")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RewardId,
    /// Its name.
    pub name: String,
    /// Its name in English.
    pub name_en: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// The same in English.
    pub description_en: Option<String>,
    /// What sort of thing it is.
    pub kind: RewardKind,
    /// Of which coupons, where it is one.
    pub template_id: Option<CouponTemplateId>,
    /// Whether it can be had.
    pub state: RewardState,
    /// How often it was set.
    pub version: i32,
    /// How many points it takes.
    pub points: i64,
    /// How many there are in all; none for any number.
    pub stock: Option<i64>,
    /// How many were taken.
    pub taken: i64,
    /// How many one member may have; none for any number.
    pub per_member: Option<i64>,
    /// From when it can be had.
    pub starts_at: Option<Instant>,
    /// Until before when.
    pub ends_at: Option<Instant>,
    /// Who made it.
    pub created_by: String,
    /// When it was changed.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
