//! Tiers: set, reached, kept, lapsed, undone, given by a person, and looked at again every night.

mod nights;
mod plans;
mod reaching;
mod setting;

use entity::membership::Role;
use serde_json::{Value, json};

use crate::support::{Client, Merchant, Order};

/// What is read of a tier.
pub const SHOWN: &str = "id rank name nameEn displayName version retentionDays downgrade removedAt memberCount \
    thresholds { spend { amount } points orders windowDays } \
    benefits { discountPercent exclusive pointsMultiplier birthdayPoints priority perks displayPerks }";

/// What somebody is told who sets a tier.
pub async fn asked(client: &Client, input: Value) -> Value {
    let document = format!(
        "mutation($input: TierSetInput!) {{ tierSet(input: $input) {{ tier {{ {SHOWN} }} recalculatesAt \
            userErrors {{ code field message }} }} }}"
    );
    let answer = client.data(&document, json!({ "input": input })).await;
    answer["tierSet"].clone()
}

/// The same, where it is not refused: the tier.
pub async fn set(merchant: &Merchant, input: Value) -> Value {
    let marketing = merchant.client(Role::Marketing).await;
    let payload = asked(&marketing, input.clone()).await;
    assert_eq!(payload["userErrors"], json!([]), "{input}");
    payload["tier"].clone()
}

/// The first refusal, where nothing was set: its code and its field.
pub async fn refused(merchant: &Merchant, input: Value) -> (String, String) {
    let marketing = merchant.client(Role::Marketing).await;
    let payload = asked(&marketing, input.clone()).await;
    assert_eq!(payload["tier"], Value::Null, "{input}");
    let error = &payload["userErrors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("code"), text("field"))
}

pub fn money(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// What makes a tier of who spends so much in thirty days, kept for sixty.
pub fn wanted(rank: i32, name: &str, spend: &str) -> Value {
    json!({
        "rank": rank,
        "name": name,
        "thresholds": { "spend": money(spend), "windowDays": 30 },
        "retentionDays": 60,
    })
}

/// Silver from 100 on, gold from 500 on.
pub async fn ladder(merchant: &Merchant) -> [Value; 2] {
    [
        set(merchant, wanted(1, "银卡", "100.00")).await,
        set(merchant, wanted(2, "金卡", "500.00")).await,
    ]
}

/// A paid order of a member.
pub async fn sold(merchant: &Merchant, member_no: &str, amount: &str) -> Order {
    let input = json!({ "memberNo": member_no });
    let order = merchant.order_with(amount, input).await;
    order.pay().await;
    order
}

/// What the owner sees of a member.
pub async fn seen(merchant: &Merchant, member_no: &str, fields: &str) -> Value {
    let document =
        format!("query($no: String!) {{ member(by: {{ memberNo: $no }}) {{ {fields} }} }}");
    let owner = merchant.owner().await;
    let answer = owner.data(&document, json!({ "no": member_no })).await;
    answer["member"].clone()
}

/// The name of a member's tier.
pub async fn tier_of(merchant: &Merchant, member_no: &str) -> Value {
    let seen = seen(merchant, member_no, "tier { name }").await;
    seen["tier"]["name"].clone()
}

/// What became of a member's tier, the oldest first: why, and what they had since.
pub async fn history(merchant: &Merchant, member_no: &str) -> Vec<String> {
    let fields = "tierChanges { edges { node { reason to { name } } } }";
    let seen = seen(merchant, member_no, fields).await;
    let edges = seen["tierChanges"]["edges"].as_array().expect("edges");
    let told = |edge: &Value| {
        let (why, to) = (&edge["node"]["reason"], &edge["node"]["to"]["name"]);
        let (why, to) = (why.as_str().expect("why"), to.as_str().unwrap_or("-"));
        format!("{why} {to}")
    };
    edges.iter().rev().map(told).collect()
}

/// How often it was told that a member has another tier.
pub async fn times_told(merchant: &Merchant) -> usize {
    let events = merchant.events().await;
    let kind = "MEMBER_TIER_CHANGED";
    events.iter().filter(|event| *event == kind).count()
}

/// What somebody is told who gives a member a tier.
pub async fn given(client: &Client, input: Value) -> Value {
    let document = "mutation($input: MemberTierSetInput!) { memberTierSet(input: $input) { \
        member { memberNo tier { name } tierUntil } userErrors { code field message } } }";
    let answer = client.data(document, json!({ "input": input })).await;
    answer["memberTierSet"].clone()
}
