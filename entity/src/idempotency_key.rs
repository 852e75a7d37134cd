//! An idempotency key 幂等键: what a mutation did when it was first asked.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId};

/// An idempotency key 幂等键: what a mutation did when it was first asked.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The client's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The mutation it was used for.
    pub operation: String,
    /// SHA-256 of what was asked.
    pub body_hash: Vec<u8>,
    /// The row that it made.
    pub subject_id: i64,
    /// When it was first used.
    pub created_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
