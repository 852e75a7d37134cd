//! Webhooks in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{
    EventId, MerchantId, OrderId, WebhookDeliveryId, WebhookEndpointId, webhook_attempt,
    webhook_delivery, webhook_endpoint,
};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads webhooks of one merchant.
#[derive(Debug)]
pub struct WebhookLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// A delivery's attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptsOf(pub WebhookDeliveryId);

/// Where the shop of an order is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UrlOf(pub OrderId);

/// The deliveries of an event to endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeliveriesOf(pub EventId);

impl Loader<WebhookEndpointId> for WebhookLoader {
    type Value = webhook_endpoint::Model;
    type Error = Error;

    async fn load(
        &self,
        keys: &[WebhookEndpointId],
    ) -> Result<HashMap<WebhookEndpointId, Self::Value>, Error> {
        service::find_endpoints(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<WebhookDeliveryId> for WebhookLoader {
    type Value = webhook_delivery::Model;
    type Error = Error;

    async fn load(
        &self,
        keys: &[WebhookDeliveryId],
    ) -> Result<HashMap<WebhookDeliveryId, Self::Value>, Error> {
        service::find_deliveries(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<AttemptsOf> for WebhookLoader {
    type Value = Vec<webhook_attempt::Model>;
    type Error = Error;

    async fn load(&self, keys: &[AttemptsOf]) -> Result<HashMap<AttemptsOf, Self::Value>, Error> {
        let ids: Vec<WebhookDeliveryId> = keys.iter().map(|key| key.0).collect();
        let attempts = service::attempts_of(&self.app, self.merchant_id, &ids).await?;
        Ok(attempts
            .into_iter()
            .map(|(id, rows)| (AttemptsOf(id), rows))
            .collect())
    }
}

impl Loader<UrlOf> for WebhookLoader {
    type Value = String;
    type Error = Error;

    async fn load(&self, keys: &[UrlOf]) -> Result<HashMap<UrlOf, String>, Error> {
        let orders: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let urls = service::urls_of(&self.app, self.merchant_id, &orders).await?;
        Ok(urls.into_iter().map(|(id, url)| (UrlOf(id), url)).collect())
    }
}

impl Loader<DeliveriesOf> for WebhookLoader {
    type Value = Vec<webhook_delivery::Model>;
    type Error = Error;

    async fn load(
        &self,
        keys: &[DeliveriesOf],
    ) -> Result<HashMap<DeliveriesOf, Self::Value>, Error> {
        let ids: Vec<EventId> = keys.iter().map(|key| key.0).collect();
        let rows = service::deliveries_of(&self.app, self.merchant_id, &ids).await?;
        let mut all: HashMap<DeliveriesOf, Self::Value> = HashMap::new();
        for row in rows {
            all.entry(DeliveriesOf(row.event_id)).or_default().push(row);
        }
        Ok(all)
    }
}
