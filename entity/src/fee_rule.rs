//! A fee rule 费率规则: what payments of one kind cost, in versions that are never edited.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, FeeRuleId, Instant, MerchantId};

/// A version of a fee rule 费率规则. It holds from `effective_from` until the rule's next version does.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fee_rules")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The rule, the same in all its versions.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FeeRuleId,
    /// The version, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// What the merchant calls it.
    pub name: String,
    /// Only payments through this channel.
    pub channel_id: Option<ChannelId>,
    /// Only payments by this method.
    pub method: Option<super::channel::PaymentMethod>,
    /// Only buyers from this country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Only amounts from this one on, in minor units.
    pub min_amount_minor: Option<i64>,
    /// Only amounts below this one, in minor units.
    pub max_amount_minor: Option<i64>,
    /// The rate, in millionths of what was paid.
    pub rate_ppm: i64,
    /// What is added to each fee, in minor units.
    pub fixed_minor: i64,
    /// The least fee, in minor units.
    pub min_fee_minor: Option<i64>,
    /// The largest fee, in minor units.
    pub max_fee_minor: Option<i64>,
    /// Since when it holds.
    pub effective_from: Instant,
    /// Until when it holds, at the longest; the rule ends then.
    pub effective_to: Option<Instant>,
    /// Who set it: an id of staff or of an API key, `system`.
    pub created_by: String,
    /// When it was set.
    pub created_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
