//! The rules by which points 积分 are earned and spent.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId};

/// The rules by which points 积分 are earned and spent.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "points_programs")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// How often they were set.
    pub version: i32,
    /// Whether points are earned at all.
    pub enabled: bool,
    /// So many points are earned
    pub earn_points: i64,
    /// for each of so many minor units that are paid.
    pub earn_per_minor: i64,
    /// How many days points hold; none for ever.
    pub valid_days: Option<i32>,
    /// How many days after the payment they can be spent; 0 for at once.
    pub pending_days: i32,
    /// Whether points are taken as payment.
    pub pay_enabled: bool,
    /// So many points
    pub pay_points: i64,
    /// are worth so many minor units.
    pub pay_minor: i64,
    /// The most of an order that points pay, in millionths.
    pub pay_cap_ppm: i32,
    /// The most points that one adjustment gives or takes.
    pub adjust_limit: i64,
    /// When they were set.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
