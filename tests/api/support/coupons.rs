//! Coupons of tests: templates made, coupons handed out and claimed through GraphQL.

use serde_json::{Value, json};

use super::client::Client;
use super::merchant::{Merchant, merge};

/// Calls a mutation, and gives its payload with `fields` and the first error.
pub async fn asked(client: &Client, field: &str, fields: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let document = format!(
        "mutation($input: {kind}!) {{ {field}(input: $input) {{ {fields} userErrors {{ code field message }} }} }}"
    );
    let mut answer = client.data(&document, json!({ "input": input })).await;
    answer[field].take()
}

/// The code of a payload's refusal; empty where there is none.
pub fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

/// A key that nobody has used.
pub fn new_key() -> String {
    format!("key-{:016x}", rand::random::<u64>())
}

/// The input of a template: 五元券, a week, 100 of them; what is given wins.
pub fn template_input(more: Value) -> Value {
    let mut input = json!({
        "name": "五元券",
        "rules": { "benefit": { "cash": { "off": { "amount": "5.00", "currency": "CNY" } } } },
        "validity": { "days": 7 },
        "quantity": 100,
    });
    merge(&mut input, more);
    input
}

/// What a coupon's changes are read from.
pub const COUPON: &str = "coupon { id code state origin member { memberNo } validFrom validUntil }";

impl Merchant {
    /// A coupon template, as `template_input` says; its id.
    pub async fn coupon_template(&self, more: Value) -> String {
        let owner = self.owner().await;
        let fields = "couponTemplate { id }";
        let made = asked(&owner, "couponTemplateCreate", fields, template_input(more)).await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        made["couponTemplate"]["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// Gives members coupons of a template; the payload.
    pub async fn issues(&self, template: &str, members: &[&str]) -> Value {
        let input =
            json!({ "idempotencyKey": new_key(), "templateId": template, "memberNos": members });
        let fields = "batch { id count codes template { issued } }";
        asked(&self.shop(), "couponIssue", fields, input).await
    }

    /// Makes single-use codes of a template.
    pub async fn codes(&self, template: &str, count: usize) -> Vec<String> {
        let input = json!({ "idempotencyKey": new_key(), "templateId": template, "count": count });
        let made = asked(&self.shop(), "couponCodesCreate", "batch { codes }", input).await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let codes = made["batch"]["codes"].as_array().expect("codes").iter();
        codes
            .map(|code| code.as_str().expect("a code").to_owned())
            .collect()
    }

    /// Claims a coupon for a member; the payload.
    pub async fn claims(&self, code: &str, member: &str) -> Value {
        let input = json!({ "idempotencyKey": new_key(), "code": code, "memberNo": member });
        asked(&self.shop(), "couponClaim", COUPON, input).await
    }

    /// One field of every coupon that a filter wants, the newest first.
    pub async fn coupons(&self, filter: Value, field: &str) -> Vec<String> {
        let document = format!(
            "query($filter: CouponFilterInput) {{ coupons(first: 100, filter: $filter) {{ \
             totalCount edges {{ node {{ {field} }} }} }} }}"
        );
        let seen = self
            .owner()
            .await
            .data(&document, json!({ "filter": filter }))
            .await;
        let edges = seen["coupons"]["edges"].as_array().expect("edges");
        assert_eq!(seen["coupons"]["totalCount"], edges.len(), "{seen}");
        let told = edges
            .iter()
            .map(|edge| edge["node"][field].as_str().expect("a text").to_owned());
        told.collect()
    }
}
