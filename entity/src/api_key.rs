//! An API key 接口密钥: how a merchant's shop server signs its requests in.

use sea_orm::entity::prelude::*;

use crate::{ApiKeyId, Instant, MerchantId, StaffId};

/// An API key 接口密钥: how a merchant's shop server signs its requests in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; part of the key's text, so that a key is found without a search.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    /// What the merchant calls it.
    pub name: String,
    /// SHA-256 of the secret part: 256 random bits need no slow hash.
    pub secret_hash: Vec<u8>,
    /// What it may do: scope names, separated by spaces.
    #[sea_orm(column_type = "Text")]
    pub scopes: String,
    /// Addresses it may come from, separated by spaces; none is any.
    #[sea_orm(column_type = "Text", nullable)]
    pub allowed_ips: Option<String>,
    /// Who made it.
    pub created_by: StaffId,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends by itself.
    pub expires_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// Whether it may stand in a shop's pages, where everybody reads it 可公开.
    pub publishable: bool,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
