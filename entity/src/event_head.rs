//! How far a merchant's events are numbered, and which are gone.

use sea_orm::entity::prelude::*;

use crate::MerchantId;

/// How far a merchant's events are numbered, and which are gone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_heads")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The number of the newest event; 0 before the first.
    pub last_seq: i64,
    /// The number of the newest event that was removed; 0 before the first.
    pub pruned_seq: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// The heads of several merchants.
    #[must_use]
    pub fn of_all(merchants: impl IntoIterator<Item = MerchantId>) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::MerchantId.is_in(merchants))
    }
}
