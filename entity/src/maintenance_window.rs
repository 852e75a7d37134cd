//! A maintenance window 维护窗口: when a channel is worked on, known ahead.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Instant, MaintenanceWindowId, MerchantId};

/// Who plans it 来源.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum MaintenanceSource {
    /// 商户: the merchant.
    Merchant,
    /// 支付平台: the payment platform has announced it.
    Provider,
}

/// A maintenance window 维护窗口: when a channel is worked on, known ahead.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "maintenance_windows")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MaintenanceWindowId,
    /// Which channel.
    pub channel_id: ChannelId,
    /// When it begins.
    pub starts_at: Instant,
    /// When it ends.
    pub ends_at: Instant,
    /// Who plans it.
    pub source: MaintenanceSource,
    /// What is done, in words.
    pub note: Option<String>,
    /// Who entered it: an id of staff or of an API key, `system`.
    pub created_by: String,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was called off.
    pub canceled_at: Option<Instant>,
    /// Who called it off.
    pub canceled_by: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Windows that hold at an instant, of all merchants, for whoever judges.
    #[must_use]
    pub fn current(at: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find()
            .filter(Column::CanceledAt.is_null())
            .filter(Column::EndsAt.gt(at))
            .filter(Column::StartsAt.lte(at))
    }
}
