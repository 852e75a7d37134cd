//! A seal 哈希链: binds an audit entry to all before it. Never edited.

use sea_orm::entity::prelude::*;

use crate::{AuditEntryId, MerchantId};

/// A seal 哈希链: binds an audit entry to all before it. Never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_seals")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Its place in the merchant's chain, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// The entry.
    pub entry_id: AuditEntryId,
    /// A keyed hash over the seal before and the entry.
    pub hash: Vec<u8>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
