//! A refresh token: used once, replaced by its successor; used twice, its whole family ends.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId, RefreshTokenId, StaffId, TokenFamilyId};

/// A refresh token: used once, replaced by its successor; used twice, its whole family ends.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    /// Who signed in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: StaffId,
    /// The id; part of the token's text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefreshTokenId,
    /// The sign-in that it descends from.
    pub family_id: TokenFamilyId,
    /// The merchant that access tokens are minted for.
    pub merchant_id: MerchantId,
    /// SHA-256 of the secret part.
    pub secret_hash: Vec<u8>,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends by itself.
    pub expires_at: Instant,
    /// When it was exchanged for its successor.
    pub used_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The refresh tokens of one member of staff.
    #[must_use]
    pub fn of_staff(staff_id: StaffId) -> sea_orm::Select<Self> {
        Self::find().filter(Column::StaffId.eq(staff_id))
    }
}
