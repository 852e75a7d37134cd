//! Channels: how they are made, changed, ordered and given credentials, how each change is kept; how one is
//! chosen among several, and what a payment page shows.

mod changing;
mod credentials;
mod history;
mod making;
mod page;
pub mod publishable;
mod routing;
mod signing;

use entity::event::EventKind;
use entity::{channel, event};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::epay_stub::{EpayStub, KEY, PID};
use crate::support::{Client, Merchant};

/// What is read of a channel.
pub const SHOWN: &str = "id name kind method enabled displayOrder version devices hideWhen \
    minAmount { amount } maxAmount { amount } dailyLimit { amount } \
    credentials { hint setAt previousUntil }";

/// What somebody is told who sends a mutation of one channel.
pub async fn asked(client: &Client, field: &str, input: Value) -> Value {
    answer(client, field, "channel", input).await
}

/// What somebody is told who sends a mutation of channels, whose payload holds `thing`.
async fn answer(client: &Client, field: &str, thing: &str, input: Value) -> Value {
    let mut letters = field.chars();
    let upper = letters.next().expect("a name").to_ascii_uppercase();
    let document = format!(
        "mutation($input: {upper}{}Input!) {{ {field}(input: $input) {{ \
            {thing} {{ {SHOWN} }} userErrors {{ code field message }} }} }}",
        letters.as_str()
    );
    let answer = client.data(&document, json!({ "input": input })).await;
    answer[field].clone()
}

/// The same, where it is not refused: the channel.
pub async fn done(client: &Client, field: &str, input: Value) -> Value {
    let payload = asked(client, field, input.clone()).await;
    assert_eq!(payload["userErrors"], json!([]), "{field} {input}");
    payload["channel"].clone()
}

/// The first refusal: its code and field.
fn refusal(payload: &Value) -> (&str, &str) {
    let error = &payload["userErrors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    (text("code"), text("field"))
}

/// The code of the first refusal, as the channel did not change by it.
async fn code(client: &Client, field: &str, input: Value) -> String {
    let payload = asked(client, field, input).await;
    assert_eq!(payload["channel"], Value::Null);
    refusal(&payload).0.to_owned()
}

/// A channel to be made, with what `input` names over the defaults.
async fn made(merchant: &Merchant, input: Value) -> Value {
    let owner = merchant.owner().await;
    done(&owner, "channelCreate", with(sandbox(), &input)).await
}

/// What makes a channel of the sandbox.
fn sandbox() -> Value {
    json!({ "name": "支付宝", "kind": "SANDBOX", "method": "ALIPAY" })
}

/// One object with the fields of another over its own.
fn with(mut all: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        all[name] = value.clone();
    }
    all
}

fn money(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// The stub's credentials of V1, as a client sends them.
fn v1(stub: &EpayStub) -> Value {
    json!({ "epayV1": { "baseUrl": stub.base_url(), "pid": PID, "key": KEY } })
}

/// The stub's credentials of V2, as a client sends them.
fn v2(stub: &EpayStub) -> Value {
    let all = stub.v2_credentials();
    json!({ "epayV2": {
        "baseUrl": stub.base_url(),
        "pid": PID,
        "merchantPrivateKey": all["merchant_private_key"],
        "platformPublicKey": all["platform_public_key"],
    } })
}

/// How many events of a kind the merchant has.
async fn events(merchant: &Merchant, kind: EventKind) -> u64 {
    let of_kind = event::Entity::of(merchant.id).filter(event::Column::Kind.eq(kind));
    let count = of_kind.count(merchant.app().db.reads_across()).await;
    count.expect("the database answers")
}

/// A channel's row.
async fn row(merchant: &Merchant, id: &Value) -> channel::Model {
    let id: entity::ChannelId = id.as_str().expect("an id").parse().expect("an id");
    let row = channel::Entity::of(merchant.id).filter(channel::Column::Id.eq(id));
    let row = row.one(merchant.app().db.reads_across()).await;
    row.expect("the database answers").expect("a channel")
}

/// The merchant's channels, as the owner sees them.
async fn seen(merchant: &Merchant) -> Vec<Value> {
    let document = format!("{{ channels {{ {SHOWN} }} }}");
    let seen = merchant.owner().await.data(&document, Value::Null).await;
    seen["channels"].as_array().expect("channels").clone()
}
