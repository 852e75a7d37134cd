//! A delivery 推送记录: one event on its way to one endpoint, or one paid order on its way to its shop.

use sea_orm::entity::prelude::*;

use crate::event::EventKind;
use crate::{EventId, Instant, MerchantId, OrderId, WebhookDeliveryId, WebhookEndpointId};

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum WebhookDeliveryState {
    /// 待推送: it is sent, or waits to be sent again.
    Pending,
    /// 已送达: it was taken.
    Delivered,
    /// 失败: it was not taken, and is not sent again by itself.
    Failed,
}

/// A delivery 推送记录: one event on its way to one endpoint, or one paid order on its way to its shop.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookDeliveryId,
    /// The endpoint; none where it goes to an order's own address.
    pub endpoint_id: Option<WebhookEndpointId>,
    /// The order whose shop is called back; none where it goes to an endpoint.
    pub order_id: Option<OrderId>,
    /// The event: what receivers know it by, however often it is sent.
    pub event_id: EventId,
    /// The event's number.
    pub event_seq: i64,
    /// What happened.
    pub event_kind: EventKind,
    /// To what.
    pub subject_id: i64,
    /// When.
    pub occurred_at: Instant,
    /// What became of it.
    pub state: WebhookDeliveryState,
    /// How often it may have been sent in all.
    pub attempts: i32,
    /// How often since it was made, or was last sent again by hand.
    pub tries: i32,
    /// Counts the claims: an outcome counts only from the claim that is the last.
    pub lease: i32,
    /// When a worker takes it up next.
    pub next_attempt_at: Option<Instant>,
    /// When it was taken.
    pub delivered_at: Option<Instant>,
    /// The HTTP status of the last answer.
    pub last_status: Option<i32>,
    /// What went wrong last.
    pub last_error: Option<crate::webhook_attempt::WebhookFault>,
    /// When anything last changed.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Deliveries that a worker has to take up, of all merchants: the worker's list.
    #[must_use]
    pub fn due(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::NextAttemptAt.lte(now))
    }
}
