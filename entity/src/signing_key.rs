//! A key that signs access tokens (Ed25519); its public half is in `/jwks.json`.

use sea_orm::entity::prelude::*;

use crate::Instant;

/// A key that signs access tokens (Ed25519); its public half is in `/jwks.json`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    /// The `kid` of the tokens it signs.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The 32 bytes that verify.
    pub public_key: Vec<u8>,
    /// PKCS#8, sealed under the master key.
    pub sealed_private_key: Vec<u8>,
    /// When it was made.
    pub created_at: Instant,
    /// When it begins to sign: after every instance has seen it.
    pub signs_from: Instant,
    /// When its last token has ended, and it is gone from `/jwks.json`.
    pub retires_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Every key that may still verify a token.
    #[must_use]
    pub fn alive(now: Instant) -> sea_orm::Select<Self> {
        Self::find().filter(Column::RetiresAt.gt(now))
    }
}
