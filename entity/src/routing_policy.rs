//! A routing policy 路由策略: how one of several channels of a method is chosen.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::channel::PaymentMethod;
use crate::{Instant, MerchantId};

/// How a channel is chosen among those that fit 路由方式.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RoutingStrategy {
    /// 优先级: the first that fits.
    Priority,
    /// 权重: by chance, as often as weights say.
    Weighted,
    /// 轮询: one after another.
    RoundRobin,
}

/// A routing policy 路由策略: how one of several channels of a method is chosen.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "routing_policies")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The method that it is about.
    #[sea_orm(primary_key, auto_increment = false)]
    pub method: PaymentMethod,
    /// Its version, from 1.
    pub version: i32,
    /// How a channel is chosen.
    pub strategy: RoutingStrategy,
    /// Who set it: an id of staff or of an API key, `system`.
    pub updated_by: String,
    /// When.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
