//! Figures of an hour or a day 统计, kept in several cuts.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, MerchantId, TierId};

/// How long a figure reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Grain {
    /// An hour of the merchant's clock.
    Hour,
    /// A day of the merchant's calendar.
    Day,
}

/// Which dimensions rows keep; what is summed away is 0 or the empty text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Cut {
    /// The channel alone.
    #[sea_orm(num_value = 1)]
    Channel,
    /// The channel and the buyer's country.
    #[sea_orm(num_value = 2)]
    Country,
    /// The channel and the category of what was bought.
    #[sea_orm(num_value = 3)]
    Category,
    /// The channel, the buyer's country and the category.
    #[sea_orm(num_value = 4)]
    Full,
    /// The channel and the buyer's tier.
    #[sea_orm(num_value = 5)]
    Tier,
    /// The channel, the buyer's country, the category and the buyer's tier.
    #[sea_orm(num_value = 6)]
    FullTier,
}

/// Figures of an hour or a day 统计: sums of what was counted in it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Which build it belongs to; the position names the one that is served.
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i16,
    /// An hour or a day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub grain: Grain,
    /// Which dimensions it keeps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub cut: Cut,
    /// The hour's first millisecond since 1970, or the day since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub starts: i64,
    /// The channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    /// The buyer's country; empty where it is unknown, or summed away.
    #[sea_orm(primary_key, auto_increment = false)]
    pub country: String,
    /// The category; empty where there is none, or it is summed away.
    #[sea_orm(primary_key, auto_increment = false)]
    pub category: String,
    /// The tier that the buyer had when the order was made; 0 where there was none, or it is summed away.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tier_id: TierId,
    /// Orders that were made.
    pub orders: i64,
    /// How many of these have been paid, whenever that was.
    pub converted: i64,
    /// Orders that were paid.
    pub paid_orders: i64,
    /// What they were before discounts, in minor units.
    pub gross_minor: i64,
    /// What was taken off them, in minor units.
    pub discount_minor: i64,
    /// Refunds that succeeded, less those that the bank returned.
    pub refunds: i64,
    /// What they gave back, in minor units.
    pub refunded_minor: i64,
    /// What payments cost, less what refunds returned of it, in minor units.
    pub fee_minor: i64,
    /// From making an order to paying it, of all that were paid, in milliseconds.
    pub pay_ms: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
