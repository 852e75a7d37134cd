//! What a member bought on a day of the merchant: what windows of time are summed from.

use sea_orm::entity::prelude::*;

use crate::{Day, MemberId, MerchantId};

/// What a member bought on a day of the merchant: what windows of time are summed from.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_days")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: MemberId,
    /// The day on which the orders were paid.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Day,
    /// Orders of that day that were paid and not refunded in full.
    pub orders: i64,
    /// What was paid for orders of that day, less what has been refunded of them since, in minor units.
    pub spent_minor: i64,
    /// Points that orders of that day have earned, less what was clawed back of them since.
    pub points: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
