//! What an order has to do with points: what was spent on it, what it earned, by which rules.

use sea_orm::entity::prelude::*;

use crate::{MemberId, MerchantId, OrderId};

/// What an order has to do with points: what was spent on it, what it earned, by which rules.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_points")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    /// Whose points.
    pub member_id: MemberId,
    /// Points that it was paid with.
    pub spent: i64,
    /// What these were worth, in minor units.
    pub off_minor: i64,
    /// What of that fell to each line, in minor units, in their order: JSON.
    #[sea_orm(column_type = "Text")]
    pub shares: String,
    /// Whether these are taken now: not where it was closed.
    pub held: bool,
    /// How many of these refunds have given back.
    pub restored: i64,
    /// What earned points, in minor units; 0 until it is paid.
    pub base_minor: i64,
    /// By which rule: so many points
    pub earn_points: i64,
    /// for each of so many minor units,
    pub earn_per_minor: i64,
    /// times so many millionths.
    pub multiplier_ppm: i64,
    /// Points that it earned.
    pub earned: i64,
    /// How many of these refunds have taken back.
    pub clawed: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
