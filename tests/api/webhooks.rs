//! Webhooks: endpoints, what is sent to them over real HTTP, what becomes of it, and calls in 易支付's style.

mod crash_points;
mod delivering;
mod endpoints;
mod failing;
mod inbox;
mod notify;
mod races;
pub mod receiver;
mod replaying;
mod seats;

use chrono::TimeDelta;
use entity::MerchantId;
use serde_json::{Value, json};
use yigate::webhooks::service::Desk;
use yigate::webhooks::worker::work;

use self::receiver::Receiver;
use crate::support::{Client, Merchant, World};

/// A merchant with servers of its own, and the worker, which works when it is told to.
pub struct Shop {
    pub world: World,
    pub merchant: Merchant,
    pub desk: Desk,
}

impl Shop {
    /// In a world where servers on this machine may be called.
    pub async fn open(world: World) -> Self {
        let world = world
            .with_settings(|settings| {
                settings.webhooks.allow_private = true;
                settings.webhooks.timeout_ms = 5_000;
            })
            .await;
        let merchant = world.merchant("汇贤饭店").await;
        Self {
            world,
            merchant,
            desk: Desk::default(),
        }
    }

    /// The worker deals with everything that is due.
    pub async fn works(&self) {
        self.merchant.numbered().await;
        work(self.world.app(), &self.world.gateway.courier, &self.desk).await;
    }

    /// Time passes, and the worker deals with what is due then.
    pub async fn works_after(&self, time: TimeDelta) {
        self.world.clock.advance(time);
        self.works().await;
    }

    /// An endpoint at a receiver, for these types of events.
    pub async fn endpoint(&self, receiver: &Receiver, types: &[&str]) -> Endpoint {
        let input = json!({ "url": receiver.url(), "eventTypes": types });
        made(&self.merchant.owner().await, input).await
    }

    /// The deliveries that a filter wants, oldest first.
    pub async fn deliveries(&self, filter: Value) -> Vec<Value> {
        let document = "query($filter: WebhookDeliveryFilterInput) { \
            webhookDeliveries(filter: $filter, last: 100) { edges { node { id kind webhookId url eventType \
            eventCursor state attemptCount nextAttemptAt lastStatus lastError orderId endpoint { id } \
            attempts { no status error body tookMs } } } } }";
        let owner = self.merchant.owner().await;
        let answer = owner.data(document, json!({ "filter": filter })).await;
        let edges = answer["webhookDeliveries"]["edges"]
            .as_array()
            .expect("edges");
        edges
            .iter()
            .rev()
            .map(|edge| edge["node"].clone())
            .collect()
    }

    /// An endpoint as its owner sees it.
    pub async fn shown(&self, endpoint: &Endpoint) -> Value {
        let document = "query($id: ID!) { node(id: $id) { ... on WebhookEndpoint { url description state \
            eventTypes disabledBecause failingSince lastError lastDeliveredAt secretHint \
            previousSecretUntil version } } }";
        let owner = self.merchant.owner().await;
        let answer = owner.data(document, json!({ "id": endpoint.id })).await;
        answer["node"].clone()
    }
}

/// An endpoint of a test, and its secret.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub id: String,
    pub secret: String,
}

/// What somebody is told who sends a mutation whose payload holds a webhook endpoint.
pub async fn asked(client: &Client, field: &str, more: &str, input: Value) -> Value {
    let mut letters = field.chars();
    let upper = letters.next().expect("a name").to_ascii_uppercase();
    let document = format!(
        "mutation($input: {upper}{}Input!) {{ {field}(input: $input) {{ {more} \
            userErrors {{ code field message }} }} }}",
        letters.as_str()
    );
    let answer = client.data(&document, json!({ "input": input })).await;
    answer[field].clone()
}

/// The endpoint that is made.
pub async fn made(client: &Client, input: Value) -> Endpoint {
    let more = "webhookEndpoint { id } secret";
    let payload = asked(client, "webhookEndpointCreate", more, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Endpoint {
        id: text(&payload["webhookEndpoint"]["id"]),
        secret: text(&payload["secret"]),
    }
}

/// The code of the first refusal.
pub fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

/// How many deliveries a merchant has.
pub async fn counted(world: &World, merchant_id: MerchantId) -> u64 {
    use sea_orm::PaginatorTrait;
    let all = entity::webhook_delivery::Entity::of(merchant_id);
    all.count(world.app().db.reads_across())
        .await
        .expect("a count")
}
