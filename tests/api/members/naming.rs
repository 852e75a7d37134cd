//! Orders that name their member, and what becomes of the member when they are paid.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::found;
use crate::everywhere;
use crate::support::Merchant;

/// How often something happened in a merchant.
async fn how_often(merchant: &Merchant, kind: &str) -> usize {
    let events = merchant.events().await;
    events.iter().filter(|event| *event == kind).count()
}

everywhere! {
    async fn a_member_is_made_by_the_first_order_that_names_it_and_found_by_the_next(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let first = merchant.order_by("M-1", "36.00").await;
        let made = merchant.member("M-1", "id memberNo createdAt firstPaidAt firstOrder { id } paidOrders").await;
        assert_eq!(made["memberNo"], "M-1");
        assert_eq!(made["createdAt"], first.read("createdAt").await["createdAt"]);
        assert_eq!((&made["firstPaidAt"], &made["firstOrder"]), (&Value::Null, &Value::Null));
        assert_eq!(made["paidOrders"], 0);
        world.clock.advance(TimeDelta::hours(1));
        let second = merchant.order_by("M-1", "10.00").await;
        let seen = "member { id memberNo }";
        let wanted = json!({ "member": { "id": made["id"], "memberNo": "M-1" } });
        assert_eq!(first.read(seen).await, wanted);
        assert_eq!(second.read(seen).await, wanted);
        let nobody = merchant.order("5.00").await;
        assert_eq!(nobody.read(seen).await, json!({ "member": null }));
        assert_eq!(how_often(&merchant, "MEMBER_CREATED").await, 1);
        let listed = "{ orders { edges { node { member { memberNo } } } } }";
        let listed = merchant.owner().await.data(listed, Value::Null).await;
        let members: Vec<&Value> = listed["orders"]["edges"].as_array().unwrap().iter()
            .map(|edge| &edge["node"]["member"]).collect();
        let one = json!({ "memberNo": "M-1" });
        assert_eq!(members, [&Value::Null, &one, &one]);
        let document = "subscription { events(after: \"e0\", types: [MEMBER_CREATED]) \
            { type subject { id ... on Member { memberNo } } } }";
        let mut events = merchant.owner().await.subscribe(document, Value::Null);
        let event = crate::support::next(&mut events).await;
        assert_eq!(event["data"]["events"], json!({ "type": "MEMBER_CREATED",
            "subject": { "id": made["id"], "memberNo": "M-1" } }));
        let node = "query($id: ID!) { node(id: $id) { id ... on Member { memberNo } } }";
        let node = merchant.owner().await.data(node, json!({ "id": made["id"] })).await;
        assert_eq!(node["node"], json!({ "id": made["id"], "memberNo": "M-1" }));
    }

    async fn the_first_order_that_is_paid_is_the_members_first_whenever_it_was_made(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let never = merchant.order_by("M-1", "9.00").await;
        let late = merchant.order_by("M-1", "10.00").await;
        world.clock.advance(TimeDelta::minutes(5));
        let first = merchant.sold_to("M-1", "36.00").await;
        let paid_at = first.read("paidAt").await["paidAt"].clone();
        world.clock.advance(TimeDelta::minutes(5));
        late.pay().await;
        let seen = merchant.member("M-1", "firstPaidAt firstOrder { id } paidOrders spent { amount } \
            orders { totalCount edges { node { id } } }").await;
        assert_eq!((&seen["firstPaidAt"], &seen["firstOrder"]["id"]), (&paid_at, &json!(first.id.to_string())));
        assert_eq!((&seen["paidOrders"], &seen["spent"]["amount"]), (&json!(2), &json!("46.00")));
        let orders = [&first, &late, &never].map(|order| json!({ "node": { "id": order.id.to_string() } }));
        assert_eq!(seen["orders"], json!({ "totalCount": 3, "edges": orders }));
        // A full refund takes an order out; the first payment stays the first.
        first.refund(json!({})).await;
        merchant.refunds_go_through().await;
        let seen = merchant.member("M-1", "firstPaidAt paidOrders spent { amount }").await;
        assert_eq!(seen, json!({ "firstPaidAt": paid_at, "paidOrders": 1, "spent": { "amount": "10.00" } }));
    }

    async fn an_order_that_is_refused_makes_no_member(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let long = "7".repeat(65);
        for wrong in ["", "王小明", "a b", "a/b", &long] {
            let mut input = merchant.order_input("36.00");
            input["memberNo"] = json!(wrong);
            let payload = merchant.asked_for(input).await;
            let error = &payload["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!("INVALID"), &json!("memberNo")), "{wrong:?}");
        }
        let order = merchant.order_with("1.00", json!({ "merchantOrderNo": "S-1" })).await;
        let mut twice = merchant.order_input("36.00");
        twice["merchantOrderNo"] = json!("S-1");
        twice["memberNo"] = json!("M-1");
        let payload = merchant.asked_for(twice).await;
        assert_eq!(payload["userErrors"][0]["code"], "DUPLICATE_ORDER_NO");
        assert_eq!(found(&merchant.owner().await, Value::Null).await, Vec::<String>::new());
        assert_eq!(how_often(&merchant, "MEMBER_CREATED").await, 0);
        order.pay().await;
    }

    async fn a_key_sent_again_for_another_member_is_reused_and_keys_without_members_stay_what_they_were(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut input = merchant.order_input("36.00");
        let first = merchant.asked_for(input.clone()).await;
        assert_eq!(merchant.asked_for(input.clone()).await, first);
        input["memberNo"] = Value::Null;
        assert_eq!(merchant.asked_for(input.clone()).await, first, "none is none");
        input["memberNo"] = json!("M-1");
        let payload = merchant.asked_for(input).await;
        assert_eq!(payload["userErrors"][0]["code"], "KEY_REUSED");
        let mut input = merchant.order_input("36.00");
        input["memberNo"] = json!("M-2");
        let first = merchant.asked_for(input.clone()).await;
        assert_eq!(merchant.asked_for(input.clone()).await, first);
        input["memberNo"] = json!("M-3");
        let payload = merchant.asked_for(input).await;
        assert_eq!(payload["userErrors"][0]["code"], "KEY_REUSED");
        assert_eq!(found(&merchant.owner().await, Value::Null).await, ["M-2"]);
    }
}
