//! A payout's challenge 提现确认: what a second factor signs, seen before it is signed.

use sea_orm::entity::prelude::*;

use crate::{BankAccountId, ChannelId, Instant, MerchantId, PayoutChallengeId, PayoutId, StaffId};

/// A payout's challenge 提现确认: what a second factor signs, seen before it is signed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payout_challenges")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PayoutChallengeId,
    /// Who is to sign.
    pub staff_id: StaffId,
    /// Where the money is to go.
    pub bank_account_id: BankAccountId,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The fee in it, in minor units.
    pub fee_minor: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// When it was signed.
    pub used_at: Option<Instant>,
    /// The channel whose platform is to pay it out; none in those that were made before this was kept.
    pub channel_id: Option<ChannelId>,
    /// The payout that it signed.
    pub payout_id: Option<PayoutId>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
