//! Messages: written, sent to those who agreed, once to each, told of, and what they brought.

mod crash;
mod effect;
mod late;
mod races;
mod sending;
mod telling;
mod writing;

use chrono::TimeDelta;
use entity::membership::Role;
use entity::{MessageId, member, message_recipient};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use yigate::messages::worker::work;

use crate::support::coupons::new_key;
use crate::support::merchant::merge;
use crate::support::{Client, Merchant, World};

/// What is read of a message.
pub const SHOWN: &str = "id name state version title body titleEn bodyEn sendAt startedAt finishedAt nextAt \
    quietHours { from until } effectDays segment { id } counts { sent noConsent erased pending }";

/// What somebody is told who sends a mutation.
async fn answered(client: &Client, field: &str, fields: &str, input: Value) -> Value {
    let mut letters = field.chars();
    let upper = letters.next().expect("a name").to_ascii_uppercase();
    let document = format!(
        "mutation($input: {upper}{}Input!) {{ {field}(input: $input) {{ {fields} \
            userErrors {{ code field message }} }} }}",
        letters.as_str()
    );
    let answer = client.data(&document, json!({ "input": input })).await;
    answer[field].clone()
}

/// The same of messages.
pub async fn asked(client: &Client, field: &str, input: Value) -> Value {
    answered(client, field, &format!("message {{ {SHOWN} }}"), input).await
}

/// The same, where it is not refused: the message.
pub async fn done(client: &Client, field: &str, input: Value) -> Value {
    let payload = asked(client, field, input.clone()).await;
    assert_eq!(payload["userErrors"], json!([]), "{field} {input}");
    payload["message"].clone()
}

/// The first refusal, where nothing was done: its code and its field.
pub async fn refused(client: &Client, field: &str, input: Value) -> (String, String) {
    let payload = asked(client, field, input.clone()).await;
    assert_eq!(payload["message"], Value::Null, "{field} {input}");
    let error = &payload["userErrors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("code"), text("field"))
}

/// Makes a member with a profile.
pub async fn member(merchant: &Merchant, no: &str, more: Value) -> String {
    let mut input = json!({ "memberNo": no, "consent": true });
    merge(&mut input, more);
    let owner = merchant.owner().await;
    let payload = answered(&owner, "memberCreate", "member { id }", input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["member"]["id"].as_str().expect("an id").to_owned()
}

/// Makes many members at once; all agree to be written to.
pub async fn many_members(merchant: &Merchant, count: usize) {
    let template = merchant
        .coupon_template(json!({ "quantity": 10_000 }))
        .await;
    let nos: Vec<String> = (0..count).map(|no| format!("m{no:04}")).collect();
    for some in nos.chunks(500) {
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        let payload = merchant.issues(&template, &some).await;
        assert_eq!(payload["userErrors"], json!([]));
    }
    member::Entity::update_of(merchant.id)
        .col_expr(member::Column::ConsentedAt, Expr::value(1_i64))
        .exec(merchant.app().db.writer())
        .await
        .expect("the database answers");
}

/// A segment of the members whose numbers begin so.
pub async fn segment(merchant: &Merchant, beginning: &str) -> String {
    let name = format!("{beginning} {}", new_key());
    let input = json!({ "name": name, "rules": { "memberNo": beginning } });
    let owner = merchant.owner().await;
    let payload = answered(&owner, "segmentCreate", "segment { id }", input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["segment"]["id"].as_str().expect("an id").to_owned()
}

/// What makes a message to a segment, with what `input` names over that.
pub fn wanted(segment: &str, input: Value) -> Value {
    let mut all = json!({
        "name": "回访", "segmentId": segment, "title": "好久不见", "body": "{name}，回来看看",
    });
    merge(&mut all, input);
    all
}

/// A message to the members whose numbers begin with `m`, made by marketing.
pub async fn made(merchant: &Merchant, input: Value) -> Value {
    let segment = segment(merchant, "m").await;
    let client = merchant.client(Role::Marketing).await;
    done(&client, "messageCreate", wanted(&segment, input)).await
}

/// Lets a message be sent, with what `more` names.
pub async fn sent(merchant: &Merchant, message: &Value, more: Value) -> Value {
    let mut input = json!({ "idempotencyKey": new_key(), "id": message["id"] });
    merge(&mut input, more);
    let client = merchant.client(Role::Marketing).await;
    done(&client, "messageSend", input).await
}

/// The worker sends everything that is due.
pub async fn works(world: &World) {
    while work(world.app()).await > 0 {}
}

/// Time passes, and the worker sends what is due then.
pub async fn works_after(world: &World, time: TimeDelta) {
    world.clock.advance(time);
    works(world).await;
}

/// A message as its owner sees it.
pub async fn shown(merchant: &Merchant, message: &Value) -> Value {
    let document = format!("query($id: ID!) {{ message(id: $id) {{ {SHOWN} }} }}");
    let owner = merchant.owner().await;
    let seen = owner.data(&document, json!({ "id": message["id"] })).await;
    seen["message"].clone()
}

/// What became of a message, by member's number: some fields of each recipient.
pub async fn recipients(client: &Client, message: &Value, fields: &str) -> Vec<Value> {
    let document = format!(
        "query($id: ID!) {{ message(id: $id) {{ recipients(first: 100) {{ totalCount edges {{ node {{ \
            member {{ memberNo }} {fields} }} }} }} }} }}"
    );
    let seen = client.data(&document, json!({ "id": message["id"] })).await;
    let edges = seen["message"]["recipients"]["edges"]
        .as_array()
        .expect("edges");
    let mut all: Vec<Value> = edges.iter().map(|edge| edge["node"].clone()).collect();
    all.sort_by_key(|one| one["member"]["memberNo"].as_str().map(str::to_owned));
    all
}

/// The members' numbers of those with an outcome, in order.
pub async fn reached(merchant: &Merchant, message: &Value, outcome: &str) -> Vec<String> {
    let all = recipients(&merchant.owner().await, message, "outcome").await;
    let all = all.iter().filter(|one| one["outcome"] == outcome);
    let no = |one: &Value| one["member"]["memberNo"].as_str().map(str::to_owned);
    all.filter_map(no).collect()
}

/// The rows of a message's recipients, as they were written.
pub async fn rows(merchant: &Merchant, message: &Value) -> Vec<message_recipient::Model> {
    let id: MessageId = message["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id");
    message_recipient::Entity::of(merchant.id)
        .filter(message_recipient::Column::MessageId.eq(id))
        .order_by_asc(message_recipient::Column::Id)
        .all(merchant.app().db.reads_across())
        .await
        .expect("the database answers")
}
