//! Payout terms 提现条款: what payouts of a merchant cost, and how much may leave.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Instant, MerchantId};

/// Payout terms 提现条款: what payouts of a merchant cost, and how much may leave.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payout_terms")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The channel whose platform pays out; none: the first enabled one that can.
    pub channel_id: Option<ChannelId>,
    /// The fee's share of the amount, in millionths.
    pub rate_ppm: i32,
    /// The fee's fixed part, in minor units.
    pub fixed_minor: i64,
    /// The least fee, in minor units.
    pub min_fee_minor: Option<i64>,
    /// The highest fee, in minor units.
    pub max_fee_minor: Option<i64>,
    /// The least amount of a payout, in minor units.
    pub min_minor: i64,
    /// The highest amount of a payout, in minor units.
    pub max_minor: i64,
    /// The highest sum of a day in the merchant's zone, in minor units.
    pub daily_max_minor: Option<i64>,
    /// The minute of the day from which on a payout counts as asked for on the next working day.
    pub cutoff_minute: i16,
    /// Working days until it arrives, at the earliest.
    pub arrival_days_min: i16,
    /// Working days until it arrives, at the latest.
    pub arrival_days_max: i16,
    /// Whether the fee comes back with a payout that the bank returned.
    pub fee_returned: bool,
    /// When they were last changed.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
