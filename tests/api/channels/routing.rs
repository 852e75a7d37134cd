//! Routing: policies, the orders that follow them, what they would have done, and what a payment page shows.

mod checkout;
mod dry_run;
mod plans;
mod policies;
mod routed;

use entity::channel::{self, ChannelKind, PaymentMethod};
use entity::channel_health::{self, HealthState};
use entity::channel_traffic::{self, Grain};
use entity::{ChannelId, Instant};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Merchant, Order};

/// One more channel of the sandbox, in a place of the payment page.
pub async fn open(merchant: &Merchant, method: PaymentMethod, place: i32) -> ChannelId {
    let id = merchant.channel(ChannelKind::Sandbox, method, None).await;
    set(
        merchant,
        id,
        channel::Column::DisplayOrder,
        Expr::value(place),
    )
    .await;
    id
}

/// The merchant changes something of a channel, and everybody knows.
pub async fn set(merchant: &Merchant, id: ChannelId, column: channel::Column, value: Expr) {
    channel::Entity::update_of(merchant.id)
        .filter(channel::Column::Id.eq(id))
        .col_expr(column, value)
        .exec(merchant.app().db.writer())
        .await
        .expect("the database answers");
    merchant.app().channels.invalidate(&merchant.id);
}

/// A channel is in a state, and everybody knows.
pub async fn becomes(merchant: &Merchant, channel_id: ChannelId, state: HealthState) {
    let app = merchant.app();
    let now: Instant = app.clock.instant();
    let row = channel_health::Model {
        merchant_id: merchant.id,
        channel_id,
        state,
        cause: None,
        since: now,
        judged_at: now,
        attempts: 0,
        error_ppm: None,
        success_ppm: None,
        baseline_ppm: None,
        candidate: None,
        candidate_since: None,
        flaps: 0,
        flapped_at: None,
        override_state: None,
        override_until: None,
        override_by: None,
        override_note: None,
    };
    let key = [
        channel_health::Column::MerchantId,
        channel_health::Column::ChannelId,
    ];
    let mut again = OnConflict::columns(key);
    again.update_column(channel_health::Column::State);
    channel_health::Entity::insert(row.into_active_model())
        .on_conflict(again)
        .exec_without_returning(app.db.writer())
        .await
        .expect("a state");
    app.health.invalidate(&merchant.id);
}

/// So much was paid through a channel in an hour that begins at an instant.
pub async fn took(merchant: &Merchant, channel_id: ChannelId, begins: &str, paid_minor: i64) {
    let begins: chrono::DateTime<chrono::Utc> = begins.parse().expect("an instant");
    let row = channel_traffic::Model {
        merchant_id: merchant.id,
        channel_id,
        grain: Grain::Hour,
        starts_ms: begins.timestamp_millis(),
        attempts: 1,
        attempted_minor: paid_minor,
        paid: 1,
        paid_minor,
        refused: 0,
        unavailable: 0,
        unreadable: 0,
        misconfigured: 0,
    };
    channel_traffic::Entity::insert(row.into_active_model())
        .exec_without_returning(merchant.app().db.writer())
        .await
        .expect("traffic");
    merchant.app().used_today.invalidate(&merchant.id);
}

const SET: &str = "mutation($input: RoutingPolicySetInput!) { routingPolicySet(input: $input) { \
    routingPolicy { version } userErrors { code field message } } }";

/// What the owner is told who sets a policy.
async fn asked_to_set(merchant: &Merchant, input: Value) -> Value {
    let owner = merchant.owner().await;
    let answer = owner.data(SET, json!({ "input": input })).await;
    answer["routingPolicySet"].clone()
}

/// The owner sets the first policy of WeChat Pay.
async fn policy(merchant: &Merchant, strategy: &str, targets: Value) {
    let input = json!({ "method": "WECHAT_PAY", "strategy": strategy, "targets": targets });
    let payload = asked_to_set(merchant, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// The input of an order that names a method.
fn by_method(merchant: &Merchant, amount: &str, method: &str) -> Value {
    let mut input = merchant.order_input(amount);
    let fields = input.as_object_mut().expect("an object");
    fields.remove("channelId");
    fields.insert("method".to_owned(), json!(method));
    input
}

/// An order by WeChat Pay, and the channel that it took.
async fn routed(merchant: &Merchant, amount: &str) -> (Order, ChannelId) {
    let payload = merchant
        .asked_for(by_method(merchant, amount, "WECHAT_PAY"))
        .await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    let order = merchant.order_of(&payload);
    let id = channel_of(&order).await;
    (order, id)
}

async fn channel_of(order: &Order) -> ChannelId {
    let seen = order.read("channel { id }").await;
    let id = seen["channel"]["id"].as_str().expect("an id");
    id.parse().expect("an id")
}

/// The first refusal of a payload: its code and field.
fn refusal(payload: &Value) -> (&str, &str) {
    let error = &payload["userErrors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    (text("code"), text("field"))
}
