//! Campaigns: made, changed in versions, begun and ended by hand and by the clock, listed.

mod audience;
mod checking;
mod effect;
mod lifecycle;
mod lists;
mod plans;
mod pricing;
mod simulate;
mod versions;

use serde_json::{Value, json};

use crate::support::Client;
use crate::support::merchant::merge;

/// What is read of a campaign.
pub const SHOWN: &str = "id name state kind version startsAt endsAt activatedAt endedAt holdoutShare refundPolicy \
    createdBy redeemed discountCost { amount } remainingBudget { amount } rules { benefit { kind steps { \
    threshold { amount } off { amount } } percentOff threshold { amount } cap { amount } off { amount } } }";

/// What somebody is told who sends a mutation of campaigns.
pub async fn asked(client: &Client, field: &str, input: Value) -> Value {
    let mut letters = field.chars();
    let upper = letters.next().expect("a name").to_ascii_uppercase();
    let document = format!(
        "mutation($input: {upper}{}Input!) {{ {field}(input: $input) {{ campaign {{ {SHOWN} }} \
            userErrors {{ code field message }} }} }}",
        letters.as_str()
    );
    let answer = client.data(&document, json!({ "input": input })).await;
    answer[field].clone()
}

/// The same, where it is not refused: the campaign.
pub async fn done(client: &Client, field: &str, input: Value) -> Value {
    let payload = asked(client, field, input.clone()).await;
    assert_eq!(payload["userErrors"], json!([]), "{field} {input}");
    payload["campaign"].clone()
}

/// The first refusal, where nothing was done: its code and its field.
pub async fn refused(client: &Client, field: &str, input: Value) -> (String, String) {
    let payload = asked(client, field, input.clone()).await;
    assert_eq!(payload["campaign"], Value::Null, "{field} {input}");
    let error = &payload["userErrors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("code"), text("field"))
}

/// A campaign that is made: 满100减20, with what `input` names over that.
pub async fn made(client: &Client, input: Value) -> Value {
    done(client, "campaignCreate", wanted(input)).await
}

/// The same, begun.
pub async fn begun(client: &Client, input: Value) -> Value {
    let campaign = made(client, input).await;
    done(client, "campaignActivate", json!({ "id": campaign["id"] })).await
}

/// What makes a campaign 满100减20, with what `input` names over that.
pub fn wanted(input: Value) -> Value {
    let mut all =
        json!({ "name": "满100减20", "rules": { "benefit": full(&[("100.00", "20.00")]) } });
    merge(&mut all, input);
    all
}

/// A full reduction of some steps.
pub fn full(steps: &[(&str, &str)]) -> Value {
    let steps = steps
        .iter()
        .map(|(threshold, off)| json!({ "threshold": money(threshold), "off": money(off) }));
    json!({ "fullReduction": { "steps": steps.collect::<Vec<_>>() } })
}

pub fn money(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}
