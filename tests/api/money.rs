//! Money: the ledger, balances now and then, settlements, and the terms that they follow.

mod balances;
mod ledger;
mod plans;
mod settlements;
mod terms;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use yigate::app::App;
use yigate::error::Error;

use crate::support::{Merchant, World};

/// What the owner sees of the balance: pending, available, reserved, prepaid, debt.
async fn balance(merchant: &Merchant, at: Option<&str>) -> [String; 5] {
    let document = "query($at: DateTime) { balance(at: $at) { pending { amount } available { amount } \
        reserved { amount } prepaid { amount } debt { amount } } }";
    let answer = merchant
        .owner()
        .await
        .data(document, json!({ "at": at }))
        .await;
    ["pending", "available", "reserved", "prepaid", "debt"].map(|name| {
        let amount = answer["balance"][name]["amount"].as_str();
        amount.expect("an amount").to_owned()
    })
}

/// The ledger, newest first: source, step, and each entry as account, direction and amount.
async fn ledger(merchant: &Merchant, filter: Value) -> Vec<(String, String, Vec<String>)> {
    let document = "query($filter: LedgerFilterInput) { ledgerTransactions(filter: $filter, first: 100) \
        { edges { node { source step entries { account direction amount { amount } } } } } }";
    let owner = merchant.owner().await;
    let answer = owner.data(document, json!({ "filter": filter })).await;
    let edges = answer["ledgerTransactions"]["edges"].as_array();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let nodes = edges.expect("edges").iter().map(|edge| &edge["node"]);
    nodes
        .map(|node| {
            let entries = node["entries"].as_array().expect("entries").iter();
            let entries = entries.map(|entry| {
                let (account, direction) = (text(&entry["account"]), text(&entry["direction"]));
                format!("{account} {direction} {}", text(&entry["amount"]["amount"]))
            });
            (
                text(&node["source"]),
                text(&node["step"]),
                entries.collect(),
            )
        })
        .collect()
}

/// The owner sets terms of the merchant's channel; there is nothing to refuse.
async fn set_terms(merchant: &Merchant, terms: Value) {
    let payload = asked_for_terms(merchant, terms).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// What the owner is told who sets terms of the merchant's channel.
async fn asked_for_terms(merchant: &Merchant, mut terms: Value) -> Value {
    let document = "mutation($input: ChannelTermsSetInput!) { channelTermsSet(input: $input) { \
        channel { updatedAt terms { fundsMode settlement { cycle days } \
            effectiveSettlement { cycle days } refunds { windowDays maxCount spacingSeconds \
            partialAllowed returnsFee arrivalDays } } } userErrors { code field message } } }";
    if terms.get("channelId").is_none() {
        terms["channelId"] = json!(merchant.channel_id.to_string());
    }
    let answer = merchant
        .owner()
        .await
        .data(document, json!({ "input": terms }))
        .await;
    answer["channelTermsSet"].clone()
}

/// Money settles so many days after it was paid.
async fn settles(merchant: &Merchant, cycle: &str, days: i32) {
    set_terms(
        merchant,
        json!({ "settlement": { "cycle": cycle, "days": days } }),
    )
    .await;
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Runs statements in one transaction, as somebody with the database's password would; why it was refused.
async fn tampered(app: &App, statements: &[String]) -> Result<(), Error> {
    app.db
        .transaction_across(|txn| async move {
            for statement in statements {
                txn.execute_unprepared(statement).await?;
            }
            Ok(())
        })
        .await
}

/// Whether the trial balance balances, and whether it proves what is shown.
async fn trial(world: &World, merchant: &Merchant, at: Option<&str>) -> (bool, bool) {
    let document = "query($at: DateTime) { trialBalance(at: $at) { balanced proven } }";
    let owner = merchant.on(&world.gateway).owner().await;
    let answer = owner.data(document, json!({ "at": at })).await;
    let is = |name: &str| answer["trialBalance"][name].as_bool().expect("a boolean");
    (is("balanced"), is("proven"))
}
