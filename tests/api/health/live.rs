//! Changes of channels' health, live: in order, from any cursor, of one's own channels alone.

use entity::channel::{ChannelKind, PaymentMethod};
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::{Client, Merchant, next};

const CHANGES: &str = "subscription($ids: [ID!], $after: String) { \
    channelHealthChanged(channelIds: $ids, after: $after) { cursor occurredAt change { \
        id from to cause changedBy changedAt channel { id health { state } } } } }";

fn change(answer: &Value) -> Value {
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["channelHealthChanged"].clone()
}

/// A second channel of the merchant.
async fn second(merchant: &Merchant) -> Merchant {
    let kind = ChannelKind::Sandbox;
    merchant.through(merchant.channel(kind, PaymentMethod::Alipay, None).await)
}

everywhere! {
    async fn changes_are_told_in_order_and_from_any_cursor(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let alipay = second(&merchant).await;
        let stranger = world.merchant("云裳").await;
        let owner = merchant.owner().await;
        let mut all = owner.subscribe(CHANGES, json!({ "after": "e0" }));
        let ids = json!([alipay.channel_id.to_string()]);
        let mut some = owner.subscribe(CHANGES, json!({ "ids": ids, "after": "e0" }));
        let mut theirs = stranger.owner().await.subscribe(CHANGES, json!({
            "ids": [merchant.channel_id.to_string()], "after": "e0" }));

        merchant.tries(2, "宫保鸡丁").await;
        world.judged().await;
        alipay.tries(5, "sandbox:unavailable").await;
        world.judged().await;
        merchant.tries(9, "sandbox:unreadable").await;
        world.judged().await;
        let expected = [
            (&merchant, "UNKNOWN", "HEALTHY", json!(null)),
            (&alipay, "UNKNOWN", "DOWN", json!("TECHNICAL_ERRORS")),
            (&merchant, "HEALTHY", "DOWN", json!("TECHNICAL_ERRORS")),
        ];
        let mut cursors = Vec::new();
        for (of, from, to, cause) in &expected {
            let told = change(&next(&mut all).await);
            let change = &told["change"];
            assert_eq!(change["channel"]["id"], of.channel_id.to_string());
            assert_eq!((&change["from"], &change["to"], &change["cause"]), (&json!(from), &json!(to), cause));
            assert_eq!((&change["changedBy"], &change["changedAt"]), (&json!("system"), &told["occurredAt"]));
            assert_eq!(change["channel"]["health"]["state"], "DOWN", "as it is now");
            let node = "query($id: ID!) { node(id: $id) { __typename ... on ChannelHealthChange { to } } }";
            let node = owner.data(node, json!({ "id": change["id"] })).await;
            assert_eq!(node["node"], json!({ "__typename": "ChannelHealthChange", "to": to }));
            cursors.push(told["cursor"].clone());
        }
        let told = change(&next(&mut some).await);
        assert_eq!(told["change"]["channel"]["id"], alipay.channel_id.to_string());
        for (place, cursor) in cursors.iter().enumerate() {
            let mut resumed = owner.subscribe(CHANGES, json!({ "after": cursor }));
            for cursor in &cursors[place + 1..] {
                assert_eq!(change(&next(&mut resumed).await)["cursor"], *cursor);
            }
        }
        let events = "subscription { events(types: [CHANNEL_HEALTH_CHANGED], after: \"e0\") { subject { \
            ... on ChannelHealthChange { from to } } } }";
        let mut events = owner.subscribe(events, json!({}));
        let event = next(&mut events).await;
        assert_eq!(event["data"]["events"]["subject"], json!({ "from": "UNKNOWN", "to": "HEALTHY" }));
        let more = tokio::time::timeout(std::time::Duration::from_millis(200), next(&mut theirs));
        assert!(more.await.is_err(), "nothing of another merchant");
    }

    async fn who_may_not_read_channels_does_not_see_how_they_are_beside_an_order(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(1, "宫保鸡丁").await;
        let shop = Client::bearer(world.gateway.clone(), &merchant.api_key().await).await;
        for field in ["health { state }", "healthHistory { edges { cursor } }"] {
            let document = format!("{{ orders {{ edges {{ node {{ channel {{ id {field} }} }} }} }} }}");
            let answer = shop.ask(&document, json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
        }
    }

    async fn a_history_is_paged_from_both_ends(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(2, "宫保鸡丁").await;
        world.judged().await;
        merchant.tries(6, "sandbox:unreadable").await;
        world.judged().await;
        world.clock.advance(chrono::TimeDelta::seconds(60));
        merchant.tries(5, "sandbox:unreadable").await;
        world.judged().await;
        let document = "query($id: ID!, $first: Int, $last: Int, $after: String) { channel(id: $id) { \
            healthHistory(first: $first, last: $last, after: $after) { edges { cursor node { to } } \
            pageInfo { hasNextPage hasPreviousPage } } } }";
        let owner = merchant.owner().await;
        let page = async |arguments: Value| {
            let mut all = json!({ "id": merchant.channel_id.to_string() });
            all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
            owner.data(document, all).await["channel"]["healthHistory"].clone()
        };
        let states = |page: &Value| -> Vec<Value> {
            page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["to"].clone()).collect()
        };
        let newest = page(json!({ "first": 2 })).await;
        assert_eq!(states(&newest), ["DOWN", "DEGRADED"]);
        assert_eq!(newest["pageInfo"], json!({ "hasNextPage": true, "hasPreviousPage": false }));
        let rest = page(json!({ "first": 2, "after": newest["edges"][1]["cursor"] })).await;
        assert_eq!(states(&rest), ["HEALTHY"]);
        assert_eq!(states(&page(json!({ "last": 1 })).await), ["HEALTHY"]);
    }
}
