//! A coupon template 优惠券模板: what its coupons give, how many there are, how long they hold.

use sea_orm::entity::prelude::*;

use crate::campaign::{BenefitKind, RefundPolicy};
use crate::{CouponTemplateId, Instant, MerchantId};

/// Whether coupons are handed out 模板状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum TemplateState {
    /// 发放中: coupons are handed out.
    Active,
    /// 暂停发放: none are handed out; those that are out hold.
    Paused,
    /// 已结束: none are handed out any more; those that are out hold.
    Ended,
}

/// A coupon template 优惠券模板: what its coupons give, how many there are, how long they hold.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupon_templates")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CouponTemplateId,
    /// What payers are shown.
    pub name: String,
    /// Whether coupons are handed out.
    pub state: TemplateState,
    /// Counts changes.
    pub version: i32,
    /// What a coupon gives.
    pub kind: BenefitKind,
    /// What a coupon gives, on what, to whom: JSON. Never changed.
    #[sea_orm(column_type = "Text")]
    pub rules: String,
    /// From when coupons hold; from when they are handed out where there is none.
    pub valid_from: Option<Instant>,
    /// Until before when they hold, where that is fixed.
    pub valid_until: Option<Instant>,
    /// For how many days they hold from when they are handed out, where that is not fixed.
    pub valid_days: Option<i32>,
    /// How many may be handed out in all.
    pub quantity: i64,
    /// How many one member may get.
    pub per_member: Option<i64>,
    /// The public code 领券口令 by which members claim one; none where they cannot.
    pub claim_code: Option<String>,
    /// What a full refund does.
    pub refund_policy: RefundPolicy,
    /// Who made it.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
