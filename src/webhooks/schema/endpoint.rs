//! A webhook endpoint as clients see it: never its secret.

use std::sync::Arc;

use async_graphql::ID;
use chrono::{DateTime, Utc};
use entity::event::EventKind;
use entity::webhook_endpoint;
use sea_orm::{ActiveEnum, Iterable};

use super::enums::{WebhookDisabledBecause, WebhookEndpointState, WebhookFault};
use crate::graphql::events::EventType;
use crate::graphql::plain::plain_object;
use crate::graphql::scalars::Timestamp;

/// A webhook endpoint.
#[derive(Clone, Debug)]
pub struct WebhookEndpoint {
    /// The row.
    pub row: Arc<webhook_endpoint::Model>,
}

impl From<webhook_endpoint::Model> for WebhookEndpoint {
    fn from(row: webhook_endpoint::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl WebhookEndpoint {
    fn wanted(&self) -> Vec<EventType> {
        let mut kept = self.row.event_types.split(' ').collect::<Vec<_>>();
        kept.retain(|name| !name.is_empty());
        EventKind::iter()
            .filter(|kind| kept.contains(&kind.to_value().as_str()))
            .map(EventType::from)
            .collect()
    }

    fn previous_until(&self) -> Option<DateTime<Utc>> {
        self.row.previous_secret_until.map(|until| until.0)
    }
}

plain_object! {
    /// A webhook endpoint 推送地址: where the merchant's events are sent, signed as Standard Webhooks says.
    WebhookEndpoint(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Where to.
        url / "url": &str = self.row.url.as_str();
        /// What it is for, in words.
        description / "description": &str = self.row.description.as_str();
        /// The types of events that it is sent 订阅事件; empty for all.
        event_types / "eventTypes": Vec<EventType> = self.wanted();
        /// Whether it is sent events.
        state / "state": WebhookEndpointState = self.row.state.into();
        /// Why it is disabled; none where it is not.
        disabled_because / "disabledBecause": Option<WebhookDisabledBecause> =
            self.row.disabled_because.map(WebhookDisabledBecause::from);
        /// The end of its secret 签名密钥, by which people tell secrets apart.
        secret_hint / "secretHint": &str = self.row.secret_hint.as_str();
        /// Until when the secret before signs as well; none where it was never exchanged with an overlap.
        previous_secret_until / "previousSecretUntil": Option<Timestamp> =
            self.previous_until().map(Timestamp);
        /// Since when it has taken nothing; none while it takes what it is sent. After five days it is disabled.
        failing_since / "failingSince": Option<Timestamp> =
            self.row.failing_since.map(Timestamp::from);
        /// What went wrong last; none while it takes what it is sent.
        last_error / "lastError": Option<WebhookFault> = self.row.last_error.map(WebhookFault::from);
        /// When it last took something, to the minute.
        last_delivered_at / "lastDeliveredAt": Option<Timestamp> =
            self.row.last_delivered_at.map(Timestamp::from);
        /// Counts what is changed of it; pass it as `expectedVersion`.
        version / "version": i32 = self.row.version;
        /// Who made it: an id of staff or of an API key.
        created_by / "createdBy": &str = self.row.created_by.as_str();
        /// When it was made.
        created_at / "createdAt": Timestamp = self.row.created_at.into();
        /// When it was last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
    }
}
