//! A version of a campaign: what it gave from then on; append-only.

use sea_orm::entity::prelude::*;

use crate::campaign::RefundPolicy;
use crate::{CampaignId, Instant, MerchantId};

/// A version of a campaign: what it gave from then on; append-only.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_versions")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The campaign.
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: CampaignId,
    /// Which version, from 1 on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// What the merchant called it.
    pub name: String,
    /// What it gave, on what, to whom: JSON.
    #[sea_orm(column_type = "Text")]
    pub rules: String,
    /// From when it was given.
    pub starts_at: Instant,
    /// Until before when.
    pub ends_at: Option<Instant>,
    /// Which share of members was not given it, in millionths.
    pub holdout_ppm: i32,
    /// What a full refund did.
    pub refund_policy: RefundPolicy,
    /// Who made the version.
    pub changed_by: String,
    /// When.
    pub changed_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
