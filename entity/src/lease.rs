//! A lease: which instance does what only one may do, and until when.

use sea_orm::entity::prelude::*;

use crate::Instant;

/// A lease: which instance does what only one may do, and until when.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leases")]
pub struct Model {
    /// What is done.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Which instance does it.
    pub holder: String,
    /// Until when, unless it says more.
    pub until: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The lease of a name.
    #[must_use]
    pub fn of(name: &str) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::Name.eq(name))
    }

    /// An update of the lease of a name.
    #[must_use]
    pub fn update_of(name: &str) -> sea_orm::UpdateMany<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::update_many().filter(Column::Name.eq(name))
    }
}
