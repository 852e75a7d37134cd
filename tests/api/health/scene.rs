//! What tests of health are told with: how a channel is, and what went through it.

use chrono::{DateTime, Utc};
use entity::ChannelId;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::channel_traffic::{Entity, Grain, Model};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::support::{Client, Merchant};

/// Sets a channel's state by hand, for ten minutes.
pub async fn set(client: &Client, channel: ChannelId, state: &str) {
    let payload = try_set(client, channel, state, 10).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// Sets a channel's state by hand; what came of it.
pub async fn try_set(client: &Client, channel: ChannelId, state: &str, minutes: i32) -> Value {
    let document = "mutation($input: ChannelHealthOverrideInput!) { channelHealthOverride(input: $input) { \
        channel { id } userErrors { code field } } }";
    let input = json!({ "channelId": channel.to_string(), "state": state, "minutes": minutes });
    let answer = client.data(document, json!({ "input": input })).await;
    answer["channelHealthOverride"].clone()
}

/// Lets a channel's figures rule again.
pub async fn clear(client: &Client, channel: ChannelId) -> Value {
    let document = "mutation($id: ID!) { channelHealthOverrideClear(input: { channelId: $id }) { \
        channel { id } userErrors { code } } }";
    let id = json!({ "id": channel.to_string() });
    client.data(document, id).await["channelHealthOverrideClear"].clone()
}

/// One field of a channel.
pub async fn of_channel(client: &Client, channel: ChannelId, fields: &str) -> Value {
    let document = format!("query($id: ID!) {{ channel(id: $id) {{ {fields} }} }}");
    let answer = client
        .data(&document, json!({ "id": channel.to_string() }))
        .await;
    answer["channel"].clone()
}

/// The incidents that a filter wants, the newest first.
pub async fn incidents(client: &Client, filter: Value, fields: &str) -> Vec<Value> {
    let document = format!(
        "query($filter: IncidentFilterInput) {{ incidents(filter: $filter) {{ edges {{ node {{ {fields} }} }} }} }}"
    );
    let answer = client.data(&document, json!({ "filter": filter })).await;
    let edges = answer["incidents"]["edges"].as_array().unwrap().clone();
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// The kinds of the merchant's events that are about health, in their order.
pub async fn health_events(merchant: &Merchant) -> Vec<String> {
    let about = ["CHANNEL_HEALTH", "INCIDENT", "MAINTENANCE"];
    let mut events = merchant.events().await;
    events.retain(|kind| about.iter().any(|word| kind.starts_with(word)));
    events
}

/// What went through a channel in a minute or an hour; attempts are of 10.00 each.
pub async fn traffic(
    merchant: &Merchant,
    channel: ChannelId,
    grain: Grain,
    at: DateTime<Utc>,
    (attempts, paid, failed): (i64, i64, i64),
) {
    let length = if grain == Grain::Hour {
        3_600_000
    } else {
        60_000
    };
    let at = at.timestamp_millis();
    let row = Model {
        merchant_id: merchant.id,
        channel_id: channel,
        grain,
        starts_ms: at - at % length,
        attempts,
        attempted_minor: attempts * 1_000,
        paid,
        paid_minor: paid * 1_000,
        refused: 0,
        unavailable: failed,
        unreadable: 0,
        misconfigured: 0,
    };
    Entity::insert(row.into_active_model())
        .exec_without_returning(merchant.app().db.writer())
        .await
        .expect("traffic");
}

/// One more channel, which Alipay pays through.
pub async fn alipay(merchant: &Merchant) -> ChannelId {
    merchant
        .channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None)
        .await
}

/// Lets a sandbox channel fail so for ten minutes, for a share of orders; or lets it be.
pub async fn outage(client: &Client, channel: ChannelId, kind: Option<&str>, share: &str) {
    let payload = match kind {
        Some(kind) => try_outage(client, channel, kind, share, 10).await,
        None => {
            let document = "mutation($id: ID!) { sandboxOutageEnd(input: { channelId: $id }) { ended \
                userErrors { code } } }";
            let answer = client
                .data(document, json!({ "id": channel.to_string() }))
                .await;
            assert_eq!(answer["sandboxOutageEnd"]["ended"], true);
            answer["sandboxOutageEnd"].clone()
        }
    };
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// Asks for an outage; what came of it.
pub async fn try_outage(
    client: &Client,
    channel: ChannelId,
    kind: &str,
    share: &str,
    minutes: i32,
) -> Value {
    let document = "mutation($input: SandboxOutageStartInput!) { sandboxOutageStart(input: $input) { \
        outage { kind share until } userErrors { code field } } }";
    let input = json!({
        "channelId": channel.to_string(), "kind": kind, "share": share, "minutes": minutes,
    });
    let answer = client.data(document, json!({ "input": input })).await;
    answer["sandboxOutageStart"].clone()
}
