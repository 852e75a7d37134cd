//! What was sold of a product 商品 on a day or in a month.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, MerchantId, ProductId};

/// How long a figure of a product reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Grain {
    /// A day of the merchant's calendar.
    Day,
    /// A month of it.
    Month,
}

/// What was sold of a product 商品 on a day or in a month.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_products")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Which build it belongs to; the position names the one that is served.
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i16,
    /// A day or a month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub grain: Grain,
    /// The channel; 0 where it is of all of them together.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    /// The day since 1970, of a month the first.
    #[sea_orm(primary_key, auto_increment = false)]
    pub starts: i64,
    /// The product.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    /// How many were sold.
    pub quantity: i64,
    /// In how many orders.
    pub orders: i64,
    /// What was paid for them, in minor units: price less the line's discount.
    pub paid_minor: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
