//! Segments: whom rules find, how they are kept, and what names them.

mod agreeing;
mod asking;
mod keeping;
mod limits;
mod people;
mod rfm;
mod rules;

use serde_json::{Value, json};

use crate::support::Client;
use crate::support::coupons;

/// What is read of a segment.
pub const SHOWN: &str = "segment { id name kind version size snapshotAt createdBy members(first: 100) { totalCount \
    edges { node { memberNo } } } }";

/// What somebody is told who sends a mutation of segments.
pub async fn asked(client: &Client, field: &str, input: Value) -> Value {
    coupons::asked(client, field, SHOWN, input).await
}

/// The same, where it is not refused: the segment.
pub async fn done(client: &Client, field: &str, input: Value) -> Value {
    let payload = asked(client, field, input.clone()).await;
    assert_eq!(payload["userErrors"], json!([]), "{field} {input}");
    payload["segment"].clone()
}

/// The first refusal, where nothing was done: its code and its field.
pub async fn refused(client: &Client, field: &str, input: Value) -> (String, String) {
    let payload = asked(client, field, input.clone()).await;
    assert_eq!(payload["segment"], Value::Null, "{field} {input}");
    let error = &payload["userErrors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("code"), text("field"))
}

/// A segment of whoever rules hold for.
pub async fn made(client: &Client, name: &str, rules: Value) -> Value {
    done(
        client,
        "segmentCreate",
        json!({ "name": name, "rules": rules }),
    )
    .await
}

/// The numbers of the members that rules find, sorted: as many as are counted.
pub async fn found(client: &Client, rules: Value) -> Vec<String> {
    let document = "query($rules: SegmentRuleInput!) { segmentPreview(rules: $rules) { size \
        sample { memberNo } } }";
    let answer = client.data(document, json!({ "rules": rules })).await;
    let sample = answer["segmentPreview"]["sample"]
        .as_array()
        .expect("a sample");
    let mut numbers: Vec<String> = sample.iter().map(number).collect();
    assert_eq!(answer["segmentPreview"]["size"], numbers.len(), "{rules}");
    numbers.sort_unstable();
    numbers
}

/// The numbers of the members of a segment, sorted: as many as are counted.
pub fn listed(segment: &Value) -> Vec<String> {
    let edges = segment["members"]["edges"].as_array().expect("edges");
    let mut numbers: Vec<String> = edges.iter().map(|edge| number(&edge["node"])).collect();
    assert_eq!(segment["size"], numbers.len(), "{segment}");
    assert_eq!(segment["members"]["totalCount"], numbers.len(), "{segment}");
    numbers.sort_unstable();
    numbers
}

fn number(member: &Value) -> String {
    member["memberNo"].as_str().expect("a number").to_owned()
}

pub fn money(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}
