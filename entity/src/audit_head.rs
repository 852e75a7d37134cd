//! How far a merchant's chain of audit seals goes, and the sealed key that it is made with.

use sea_orm::entity::prelude::*;

use crate::MerchantId;

/// How far a merchant's chain of audit seals goes, and the sealed key that it is made with.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_heads")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The place of the last seal; 0 before the first.
    pub last_seq: i64,
    /// The hash of the last seal; empty before the first.
    pub last_hash: Vec<u8>,
    /// The chain's key, sealed under the master key.
    pub sealed_key: Vec<u8>,
    /// A keyed hash over place and hash: who takes the last seals away cannot write another.
    pub proof: Vec<u8>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// The heads of all merchants: to seal their keys again under another master key.
    #[must_use]
    pub fn all_merchants() -> sea_orm::Select<Self> {
        Self::find()
    }
}
