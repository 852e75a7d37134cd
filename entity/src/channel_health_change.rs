//! A change of a channel's health 健康变化; never edited.

use sea_orm::entity::prelude::*;

use crate::channel_health::{HealthCause, HealthState};
use crate::{ChannelId, HealthChangeId, Instant, MerchantId};

/// A change of a channel's health 健康变化; never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_health_changes")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HealthChangeId,
    /// Which channel.
    pub channel_id: ChannelId,
    /// How it was.
    pub from_state: HealthState,
    /// How it is since.
    pub to_state: HealthState,
    /// Why.
    pub cause: Option<HealthCause>,
    /// Who says so: `system`, or an id of staff or of an API key.
    pub changed_by: String,
    /// When.
    pub changed_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
