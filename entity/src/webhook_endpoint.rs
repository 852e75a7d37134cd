//! A webhook endpoint 推送地址: where a merchant's events are sent.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId, WebhookEndpointId};

/// Whether an endpoint is sent events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum WebhookEndpointState {
    /// 已启用: it is.
    Enabled,
    /// 已停用: it is not.
    Disabled,
    /// 已删除: it is not, and never will be; it stays as history.
    Deleted,
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum DisabledBecause {
    /// 手动停用: somebody of the merchant did it.
    Merchant,
    /// 对方返回 410: it said that it is gone.
    Gone,
    /// 连续失败: it took nothing for five days.
    Failing,
}

/// A webhook endpoint 推送地址: where a merchant's events are sent.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoints")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookEndpointId,
    /// Where to.
    pub url: String,
    /// What it is for, in words.
    pub description: String,
    /// The kinds of events that it is sent, separated by spaces; empty for all.
    pub event_types: String,
    /// Whether it is sent events.
    pub state: WebhookEndpointState,
    /// Why not, where it is disabled.
    pub disabled_because: Option<DisabledBecause>,
    /// Only what happened since is sent.
    pub active_since: Instant,
    /// What deliveries are signed with, sealed.
    pub sealed_secret: Vec<u8>,
    /// The end of the secret.
    pub secret_hint: String,
    /// The secret before, sealed, while both sign.
    pub sealed_previous_secret: Option<Vec<u8>>,
    /// Until when it signs.
    pub previous_secret_until: Option<Instant>,
    /// Since when it has taken nothing; none while it does.
    pub failing_since: Option<Instant>,
    /// What went wrong last.
    pub last_error: Option<crate::webhook_attempt::WebhookFault>,
    /// When it last took something.
    pub last_delivered_at: Option<Instant>,
    /// Counts what people change of it.
    pub version: i32,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Endpoints of all merchants, since each has a secret: what is sealed again when the master key changes.
    #[must_use]
    pub fn sealed() -> sea_orm::Select<Self> {
        use sea_orm::EntityTrait;
        Self::find()
    }

    /// Endpoints by id, of all merchants: where the deliveries go that a worker takes up.
    #[must_use]
    pub fn of_deliveries(
        ids: impl IntoIterator<Item = WebhookEndpointId>,
    ) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::Id.is_in(ids))
    }
}
