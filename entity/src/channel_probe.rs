//! When a channel's payment platform is asked whether it is there 主动探测, and what it last said.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Instant, MerchantId};

/// When a channel's payment platform is asked whether it is there 主动探测, and what it last said.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_probes")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Which channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    /// When it is asked next. Whoever asks moves it behind the last moment of an answer first, and says then when
    /// its turn is again.
    pub next_at: Instant,
    /// The instance that asks now.
    pub leased_by: Option<String>,
    /// When it last answered, or did not.
    pub probed_at: Option<Instant>,
    /// How long that took.
    pub took_ms: Option<i32>,
    /// How often in a row it did not answer.
    pub failures: i32,
    /// When the first of them was asked.
    pub failing_since: Option<Instant>,
    /// When it last answered as it should; none where it never did, so that a platform which cannot be asked
    /// is told from one that is away.
    pub answered_at: Option<Instant>,
    /// What was wrong the last time.
    pub error: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Rows of all merchants, for whoever probes.
    #[must_use]
    pub fn all() -> sea_orm::Select<Self> {
        Self::find()
    }
}
