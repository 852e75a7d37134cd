//! A target of a routing policy 路由目标: a channel, and which orders may take it.

use sea_orm::entity::prelude::*;

use crate::channel::PaymentMethod;
use crate::{ChannelId, MerchantId};

/// A target of a routing policy 路由目标: a channel, and which orders may take it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "routing_targets")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The method of its policy.
    #[sea_orm(primary_key, auto_increment = false)]
    pub method: PaymentMethod,
    /// Its place in the policy, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i16,
    /// The channel.
    pub channel_id: ChannelId,
    /// Its weight against the others.
    pub weight: i32,
    /// Only amounts from this one on, in minor units.
    pub min_minor: Option<i64>,
    /// Only amounts up to this one, in minor units.
    pub max_minor: Option<i64>,
    /// Only these days of the week: a bit each, Monday the lowest.
    pub weekdays: i16,
    /// From this minute of the day on, in the merchant's zone.
    pub from_minute: i16,
    /// Up to this minute of the day, exclusive; before `from_minute` it ends on the next day.
    pub until_minute: i16,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
