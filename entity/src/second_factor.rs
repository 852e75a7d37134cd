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
    /// The secret, sealed under the master key.
    pub sealed_secret: Vec<u8>,
    /// When it was made.
    pub enrolled_at: Instant,
    /// When its owner proved that their app knows it; until then it counts for nothing.
    pub confirmed_at: Option<Instant>,
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
}
