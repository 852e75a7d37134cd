//! Deliveries and their attempts as clients see them.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::{webhook_attempt, webhook_delivery};

use super::endpoint::WebhookEndpoint;
use super::enums::{WebhookDeliveryKind, WebhookDeliveryState, WebhookFault};
use crate::error::Error;
use crate::events::Cursor;
use crate::graphql::Nullable;
use crate::graphql::connection::connection;
use crate::graphql::events::EventType;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::webhooks::loader::{AttemptsOf, UrlOf, WebhookLoader};

/// A delivery.
#[derive(Clone, Debug)]
pub struct WebhookDelivery {
    /// The row.
    pub row: Arc<webhook_delivery::Model>,
}

impl From<webhook_delivery::Model> for WebhookDelivery {
    fn from(row: webhook_delivery::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl WebhookDelivery {
    fn what(&self) -> WebhookDeliveryKind {
        match self.row.endpoint_id {
            Some(_) => WebhookDeliveryKind::Event,
            None => WebhookDeliveryKind::NotifyUrl,
        }
    }

    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }
}

plain_object! {
    /// A delivery 推送记录: one event on its way to one endpoint, or one paid order to its shop's address. Kept
    /// for 30 days.
    WebhookDelivery(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What it is.
        kind / "kind": WebhookDeliveryKind = self.what();
        /// The `webhook-id` that its receiver knows it by, the same however often it is sent.
        webhook_id / "webhookId": String = self.row.event_id.to_string();
        /// What happened.
        event_type / "eventType": EventType = self.row.event_kind.into();
        /// The event's cursor, as `events` tells it.
        event_cursor / "eventCursor": String = Cursor(self.row.event_seq).to_string();
        /// When it happened.
        occurred_at / "occurredAt": Timestamp = self.row.occurred_at.into();
        /// What became of the delivery.
        state / "state": WebhookDeliveryState = self.row.state.into();
        /// How often it was sent, or may have been.
        attempt_count / "attemptCount": i32 = self.row.attempts;
        /// When it is sent next; while it is under way, when it is given up for lost.
        next_attempt_at / "nextAttemptAt": Option<Timestamp> =
            self.row.next_attempt_at.map(Timestamp::from);
        /// When it was taken.
        delivered_at / "deliveredAt": Option<Timestamp> = self.row.delivered_at.map(Timestamp::from);
        /// The HTTP status of the last answer; none where none came.
        last_status / "lastStatus": Option<i32> = self.row.last_status;
        /// What went wrong last; none where it was taken.
        last_error / "lastError": Option<WebhookFault> = self.row.last_error.map(WebhookFault::from);
        /// When it was made.
        created_at / "createdAt": Timestamp = self.made_at();
        /// When anything about it last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
        /// The order whose shop is called; none where it goes to an endpoint.
        order_id / "orderId": Option<ID> = self.row.order_id.map(|id| ID(id.to_string()));
    }
    {
        /// The endpoint; none where it goes to an order's own address.
        async fn endpoint(&self, ctx: &Context<'_>) -> Nullable<Lean<WebhookEndpoint>> {
            let id = self.row.endpoint_id?;
            let loader = ctx.data_unchecked::<DataLoader<WebhookLoader>>();
            let row = loader.load_one(id).await.transpose()?;
            Some(row.map(|row| Lean(row.into())))
        }

        /// Where it goes.
        async fn url(&self, ctx: &Context<'_>) -> Result<String, Error> {
            let loader = ctx.data_unchecked::<DataLoader<WebhookLoader>>();
            let url = match (self.row.endpoint_id, self.row.order_id) {
                (Some(id), _) => loader.load_one(id).await?.map(|row| row.url),
                (None, Some(id)) => loader.load_one(UrlOf(id)).await?,
                (None, None) => None,
            };
            url.ok_or(Error::NotFound)
        }

        /// What was sent and came back, the last first.
        async fn attempts(&self, ctx: &Context<'_>) -> Result<Vec<WebhookAttempt>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<WebhookLoader>>();
            let rows = loader.load_one(AttemptsOf(self.row.id)).await?;
            Ok(rows.unwrap_or_default().into_iter().map(WebhookAttempt).collect())
        }
    }
}

/// An attempt.
#[derive(Clone, Debug)]
pub struct WebhookAttempt(webhook_attempt::Model);

plain_object! {
    /// An attempt 推送尝试: a delivery was sent once, and this came back.
    WebhookAttempt(self) {
        /// Counts the delivery's attempts from 1.
        no / "no": i32 = self.0.no;
        /// When it was sent.
        attempted_at / "attemptedAt": Timestamp = self.0.attempted_at.into();
        /// How long the answer took, in milliseconds.
        took_ms / "tookMs": i32 = self.0.took_ms;
        /// The HTTP status; none where no answer came.
        status / "status": Option<i32> = self.0.status;
        /// What went wrong; none where it was taken.
        error / "error": Option<WebhookFault> = self.0.error.map(WebhookFault::from);
        /// The beginning of the answer's body, at most 1024 bytes.
        body / "body": Option<&str> = self.0.answer.as_deref();
    }
}

connection! {
    /// A list of deliveries.
    WebhookDeliveryConnection
    /// A delivery in a list.
    WebhookDeliveryEdge
    /// The delivery.
    node: Lean<WebhookDelivery>
}
