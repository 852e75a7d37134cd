//! A second factor 二次验证: the TOTP secret of one member of staff, for all merchants.

use sea_orm::entity::prelude::*;

use crate::{Instant, StaffId};

/// A second factor 二次验证: the TOTP secret of one member of staff, for all merchants.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: StaffId,
    /// The secret that counts, sealed under the master key; none before the first is confirmed.
    pub sealed_secret: Option<Vec<u8>>,
    /// When its owner proved that their app knows it.
    pub confirmed_at: Option<Instant>,
    /// A secret that is to take its place, sealed; it counts for nothing until it is confirmed.
    pub pending_secret: Option<Vec<u8>>,
    /// When that was made.
    pub pending_at: Option<Instant>,
    /// The last time step that was spent: each counts once.
    pub last_step: i64,
    /// Wrong codes since the last right one.
    pub failures: i32,
    /// Until when no code is looked at.
    pub blocked_until: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// One person's second factor.
    #[must_use]
    pub fn of_staff(staff_id: StaffId) -> sea_orm::Select<Self> {
        Self::find().filter(Column::StaffId.eq(staff_id))
    }

    /// Those of some people.
    #[must_use]
    pub fn of_any(staff: Vec<StaffId>) -> sea_orm::Select<Self> {
        Self::find().filter(Column::StaffId.is_in(staff))
    }

    /// An update of one person's second factor.
    #[must_use]
    pub fn update_of_staff(staff_id: StaffId) -> sea_orm::UpdateMany<Self> {
        Self::update_many().filter(Column::StaffId.eq(staff_id))
    }

    /// All of them: only to seal them again.
    #[must_use]
    pub fn all() -> sea_orm::Select<Self> {
        Self::find()
    }
}
