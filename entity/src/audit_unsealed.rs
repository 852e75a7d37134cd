//! An audit entry that is committed and not sealed yet, and the proof that Yigate wrote it.

use sea_orm::entity::prelude::*;

use crate::{AuditEntryId, MerchantId};

/// An audit entry that is committed and not sealed yet, and the proof that Yigate wrote it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_unsealed")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: AuditEntryId,
    /// Nothing, sealed under the master key and bound to what the entry says.
    pub proof: Vec<u8>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// The merchants that have such entries: the sealing worker's list.
    #[must_use]
    pub fn merchants() -> sea_orm::Select<Self> {
        use sea_orm::{EntityTrait, QuerySelect};
        Self::find()
            .select_only()
            .column(Column::MerchantId)
            .distinct()
    }
}
