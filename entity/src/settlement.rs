//! A settlement 结算: money of one channel that became available on one day.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Day, Instant, MerchantId, SettlementId};

/// A settlement 结算: money of one channel that became available. Never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settlements")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SettlementId,
    /// The channel that it came through.
    pub channel_id: ChannelId,
    /// ISO 4217.
    pub currency: String,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Of how many payments.
    pub payments: i32,
    /// The merchant's day on which it was due.
    pub settles_on: Day,
    /// When it became available.
    pub released_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
