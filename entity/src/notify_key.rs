//! A notify key 回调密钥: what signs the callbacks of 易支付's style to a merchant's shop.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId};

/// A notify key 回调密钥: what signs the callbacks of 易支付's style to a merchant's shop.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notify_keys")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The key, sealed.
    pub sealed_key: Vec<u8>,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// The keys of all merchants: what is sealed again when the master key changes.
    #[must_use]
    pub fn sealed() -> sea_orm::Select<Self> {
        use sea_orm::EntityTrait;
        Self::find()
    }
}
