//! A version of a routing policy 路由策略版本: who set or removed it, and what it said.

use sea_orm::entity::prelude::*;

use crate::channel::PaymentMethod;
use crate::{Instant, MerchantId};

/// A version of a routing policy 路由策略版本; never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "routing_policy_versions")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The method of its policy.
    #[sea_orm(primary_key, auto_increment = false)]
    pub method: PaymentMethod,
    /// The version that the change made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// Who did it: an id of staff or of an API key, `system`.
    pub changed_by: String,
    /// When.
    pub changed_at: Instant,
    /// The whole policy since then, in JSON; one without targets is none.
    #[sea_orm(column_type = "Text")]
    pub policy: String,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
