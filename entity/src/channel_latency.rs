//! How long a channel took 渠道耗时: a histogram for each hour.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, MerchantId};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Measure {
    /// From asking for a payment code until it was there.
    Create,
    /// From making the order until its payment was reported.
    Callback,
}

/// How many in an hour fell into one bucket of a histogram.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_latencies")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Which channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    /// When the hour begins, in milliseconds since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub starts_ms: i64,
    /// What is measured.
    #[sea_orm(primary_key, auto_increment = false)]
    pub measure: Measure,
    /// Which bucket.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: i16,
    /// How many.
    pub count: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
