//! Fees: rules that are set, what payments cost by them, statements, and the check that proves them.

mod check;
mod plans;
mod quotes;
mod rules;
mod statements;
mod taken;

use chrono::{DateTime, Utc};
use entity::channel::FundsMode;
use entity::{Instant, payment};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use crate::orders::rows;
use crate::support::{Client, Merchant, Order, World};

/// Sets a rule.
const SET: &str = "mutation($input: FeeRuleSetInput!) { feeRuleSet(input: $input) { \
    feeRule { id ruleId version name state rate effectiveFrom effectiveTo createdBy } \
    userErrors { code field message } } }";

/// Asks what a payment would cost.
const QUOTE: &str = "query($input: FeeQuoteInput!) { feeQuote(input: $input) { base { amount } \
    fee { amount } net { amount } rate fixed { amount } ruleId rule { version } explanation } }";

/// An amount in yuan.
fn money(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// One object with the fields of another over its own.
fn with(mut all: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        all[name] = value.clone();
    }
    all
}

/// What the owner is told who sets a rule of 1 % that `input` changes.
async fn set_by(client: &Client, input: &Value) -> Value {
    let all = with(json!({ "name": "全部", "rate": "0.01" }), input);
    let answer = client.data(SET, json!({ "input": all })).await;
    answer["feeRuleSet"].clone()
}

/// A version that is set, and not refused.
async fn rule(merchant: &Merchant, input: Value) -> Value {
    let payload = set_by(&merchant.owner().await, &input).await;
    assert_eq!(payload["userErrors"], json!([]), "{input}");
    payload["feeRule"].clone()
}

/// The next version of a rule.
async fn next_version(merchant: &Merchant, rule_id: &Value, input: Value) -> Value {
    let all = "query { feeRules(allVersions: true) { ruleId version } }";
    let all = merchant.owner().await.data(all, Value::Null).await;
    let versions = all["feeRules"].as_array().expect("rules").iter();
    let version = versions
        .filter(|rule| &rule["ruleId"] == rule_id)
        .map(|rule| rule["version"].as_i64().expect("a version"))
        .max();
    let known = json!({ "ruleId": rule_id, "expectedVersion": version });
    rule(merchant, with(known, &input)).await
}

/// The first refusal: its code and field.
fn refusal(payload: &Value) -> (&str, &str) {
    let error = &payload["userErrors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    (text("code"), text("field"))
}

/// What a payment through the merchant's own channel would cost.
async fn quote(merchant: &Merchant, amount: &str, input: &Value) -> Value {
    let own = json!({ "amount": money(amount), "channelId": merchant.channel_id.to_string() });
    let variables = json!({ "input": with(own, input) });
    let answer = merchant.owner().await.data(QUOTE, variables).await;
    answer["feeQuote"].clone()
}

/// The payment of an order, as it is kept.
async fn payment_of(order: &Order) -> payment::Model {
    payment::Entity::of(order.merchant().id)
        .filter(payment::Column::OrderId.eq(order.id))
        .one(order.merchant().app().db.reads_across())
        .await
        .expect("the database answers")
        .expect("a payment")
}

/// A payment written straight into the tables, with its order: 36.00, of which 1 % is taken by no rule.
#[derive(Clone)]
struct Taken {
    order: rows::Row,
    payment: payment::Model,
}

impl Taken {
    /// Credited at an instant; the shop calls its order `no`.
    fn at(merchant: &Merchant, no: impl Into<String>, at: DateTime<Utc>) -> Self {
        let order = rows::order(merchant, no, at).paid(at);
        let row = &order.order;
        let payment = payment::Model {
            merchant_id: merchant.id,
            order_id: row.id,
            channel_id: row.channel_id,
            method: row.method,
            country: None,
            currency: "CNY".to_owned(),
            paid_minor: row.paid_minor,
            credited_at: Instant(at),
            funds_mode: FundsMode::Collect,
            fee_rule_id: None,
            fee_rule_version: None,
            fee_rate_ppm: 10_000,
            fee_fixed_minor: 0,
            fee_min_minor: None,
            fee_max_minor: None,
            fee_minor: 36,
            returns_fee: true,
            fee_returned_minor: 0,
            settles_on: None,
            unsettled_minor: 0,
            pending_reserved_minor: 0,
            settlement_id: None,
        };
        Self { order, payment }
    }
}

/// Writes payments with their orders.
async fn insert(world: &World, all: &[Taken]) {
    let orders: Vec<rows::Row> = all.iter().map(|one| one.order.clone()).collect();
    rows::insert(world, &orders).await;
    for some in all.chunks(200) {
        let payments = some
            .iter()
            .map(|one| one.payment.clone().into_active_model());
        payment::Entity::insert_many(payments)
            .exec_without_returning(world.app().db.writer())
            .await
            .expect("payments");
    }
}

/// An amount in minor units.
fn minor(amount: &Value) -> i64 {
    let text = amount["amount"].as_str().expect("an amount");
    text.replace('.', "").parse().expect("a number")
}
