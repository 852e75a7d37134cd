//! How much of an offer is taken, reservations included. The database refuses to pass a limit or a budget.

use sea_orm::entity::prelude::*;

use crate::MerchantId;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum CounterKind {
    /// Redemptions of a campaign.
    Campaign,
    /// Coupons of a template that were handed out.
    CouponIssue,
    /// Redemptions of coupons of a template.
    CouponUse,
}

/// How much of an offer is taken, reservations included. The database refuses to pass a limit or a budget.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offer_counters")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// What is counted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: CounterKind,
    /// The campaign, or the coupon template.
    #[sea_orm(primary_key, auto_increment = false)]
    pub offer_id: i64,
    /// In which span: empty for all of it, `d` and a day, `m` and a member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub span: String,
    /// How often.
    pub taken: i64,
    /// What it cost, in minor units.
    pub spent_minor: i64,
    /// The limit that it was last taken under.
    pub most: Option<i64>,
    /// The budget that it was last taken under, in minor units.
    pub budget_minor: Option<i64>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
