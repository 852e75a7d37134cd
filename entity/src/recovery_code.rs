//! A recovery code 恢复码: stands in for a lost second factor, once.

use sea_orm::entity::prelude::*;

use crate::{Instant, StaffId};

/// A recovery code 恢复码: stands in for a lost second factor, once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_codes")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: StaffId,
    /// SHA-256 of whose it is and the code, whose 80 random bits need no slow hash.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_hash: Vec<u8>,
    /// When it was spent.
    pub used_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// One person's recovery codes.
    #[must_use]
    pub fn of_staff(staff_id: StaffId) -> sea_orm::Select<Self> {
        Self::find().filter(Column::StaffId.eq(staff_id))
    }

    /// An update of one person's recovery codes.
    #[must_use]
    pub fn update_of_staff(staff_id: StaffId) -> sea_orm::UpdateMany<Self> {
        Self::update_many().filter(Column::StaffId.eq(staff_id))
    }

    /// A deletion of one person's recovery codes.
    #[must_use]
    pub fn delete_of_staff(staff_id: StaffId) -> sea_orm::DeleteMany<Self> {
        Self::delete_many().filter(Column::StaffId.eq(staff_id))
    }
}
