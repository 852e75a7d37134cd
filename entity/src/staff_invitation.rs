//! An invitation 邀请: who has its secret may work for a merchant, in one role.

use sea_orm::entity::prelude::*;

use crate::{Instant, InvitationId, MerchantId, StaffId};

/// An invitation 邀请: who has its secret may work for a merchant, in one role.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_invitations")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; part of the secret's text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    /// Who is invited, in lower case.
    pub email: String,
    /// What they may do.
    pub role: super::membership::Role,
    /// SHA-256 of the secret part.
    pub secret_hash: Vec<u8>,
    /// Who invited them.
    pub invited_by: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends by itself.
    pub expires_at: Instant,
    /// When it was accepted.
    pub accepted_at: Option<Instant>,
    /// The account that accepted it.
    pub accepted_by: Option<StaffId>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
