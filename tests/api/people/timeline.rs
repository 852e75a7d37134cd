//! What has happened to a member, by time.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{give_points, later, merged, person, seen, sold, with_scopes};
use crate::everywhere;
use crate::support::coupons::asked;
use crate::support::{Client, Merchant, World};

/// The kinds of a page of what has happened to a member, and its cursors.
async fn page(client: &Client, no: &str, arguments: &str) -> (Vec<String>, Value) {
    let document = format!(
        "query($no: String!) {{ member(by: {{ memberNo: $no }}) {{ timeline({arguments}) {{ edges {{ node {{ kind at }} }} \
         pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }} }}"
    );
    let answer = client.data(&document, json!({ "no": no })).await;
    let timeline = &answer["member"]["timeline"];
    let edges = timeline["edges"].as_array().expect("edges");
    let kinds = edges
        .iter()
        .map(|edge| edge["node"]["kind"].as_str().unwrap().to_owned());
    (kinds.collect(), timeline["pageInfo"].clone())
}

/// A member to whom much has happened.
async fn busy(world: &World) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    let id = person(
        &merchant,
        json!({ "memberNo": "A", "name": "王小明", "consent": true }),
    )
    .await;
    later(world, 1);
    let template = merchant.coupon_template(json!({})).await;
    merchant.issues(&template, &["A"]).await;
    later(world, 1);
    let order = merchant
        .order_with("36.00", json!({ "memberNo": "A" }))
        .await;
    later(world, 1);
    give_points(world, &merchant, &id, 30, false).await;
    order.pay().await;
    later(world, 1);
    sold(&merchant, "A", "5.00").await;
    merchant
}

everywhere! {
    async fn what_somebody_noted_is_hidden_from_who_may_not_see_what_names_people(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let input = json!({ "memberNo": "A", "consent": true, "consentSource": "王小明的电话" });
        person(&merchant, input).await;
        let document = "{ member(by: { memberNo: \"A\" }) { timeline { edges { node { note } } } } }";
        let masked = with_scopes(&world, &merchant, "MEMBERS_READ").await;
        for (client, note) in [(merchant.owner().await, "王小明的电话"), (masked, "***")] {
            let answer = client.data(document, Value::Null).await;
            let notes = answer["member"]["timeline"]["edges"].as_array().unwrap().iter();
            let notes: Vec<&Value> = notes.map(|edge| &edge["node"]["note"]).collect();
            assert!(notes.contains(&&json!(note)) && notes.contains(&&Value::Null), "{notes:?}");
        }
    }

    async fn everything_is_there_the_newest_first(world: World) {
        let merchant = busy(&world).await;
        let owner = merchant.owner().await;
        let (kinds, _) = page(&owner, "A", "first: 100").await;
        assert_eq!(kinds, ["PAID", "POINTS", "PAID", "COUPON_GIVEN", "PROFILE", "PROFILE"]);
        let fields = "timeline { edges { node { kind title at points fields order { id } coupon { code } } } }";
        let entries = seen(&merchant, "A", fields).await["timeline"]["edges"].clone();
        let of = |kind: &str| {
            let mut all = entries.as_array().unwrap().iter().map(|edge| &edge["node"]);
            all.find(|node| node["kind"] == kind).cloned().unwrap()
        };
        assert_eq!((&of("POINTS")["points"], &of("POINTS")["title"]), (&json!(30), &json!("Points adjusted by hand")));
        assert!(of("PAID")["order"]["id"].is_string() && of("COUPON_GIVEN")["coupon"]["code"].is_string());
        assert_eq!(of("PROFILE")["fields"], json!(["consent"]));
        let chinese = owner.in_chinese();
        let answer = chinese.data("{ member(by: { memberNo: \"A\" }) { timeline(first: 1) { edges { node { title } } } } }",
            Value::Null).await;
        assert_eq!(answer["member"]["timeline"]["edges"][0]["node"]["title"], "支付订单");
    }

    async fn pages_join_without_a_gap_either_way(world: World) {
        let merchant = busy(&world).await;
        // Many at one instant.
        let id = seen(&merchant, "A", "id").await["id"].as_str().unwrap().to_owned();
        for points in 1..=4 {
            give_points(&world, &merchant, &id, points, false).await;
        }
        sold(&merchant, "A", "7.00").await;
        let owner = merchant.owner().await;
        let (all, _) = page(&owner, "A", "first: 100").await;
        assert_eq!(all.len(), 11);
        for size in [1, 2, 3] {
            let (mut seen, mut arguments) = (Vec::new(), format!("first: {size}"));
            loop {
                let (kinds, info) = page(&owner, "A", &arguments).await;
                seen.extend(kinds);
                if info["hasNextPage"] == false {
                    break;
                }
                arguments = format!("first: {size}, after: {}", info["endCursor"]);
            }
            assert_eq!(seen, all, "forth by {size}");
            let (mut seen, mut arguments) = (Vec::new(), format!("last: {size}"));
            loop {
                let (kinds, info) = page(&owner, "A", &arguments).await;
                seen.splice(0..0, kinds);
                if info["hasPreviousPage"] == false {
                    break;
                }
                arguments = format!("last: {size}, before: {}", info["startCursor"]);
            }
            assert_eq!(seen, all, "back by {size}");
        }
        let wrong = "{ member(by: { memberNo: \"A\" }) { timeline(after: \"x\") { edges { cursor } } } }";
        let answer = owner.ask(wrong, Value::Null).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }

    async fn what_the_reader_may_not_see_is_left_out(world: World) {
        let merchant = busy(&world).await;
        for (scopes, wanted) in [
            ("MEMBERS_READ", vec!["POINTS", "PROFILE", "PROFILE"]),
            ("MEMBERS_READ, CAMPAIGNS_READ", vec!["POINTS", "COUPON_GIVEN", "PROFILE", "PROFILE"]),
            ("MEMBERS_READ, ORDERS_READ", vec!["PAID", "POINTS", "PAID", "PROFILE", "PROFILE"]),
        ] {
            let client = with_scopes(&world, &merchant, scopes).await;
            assert_eq!(page(&client, "A", "first: 100").await.0, wanted, "{scopes}");
        }
    }

    async fn refunds_go_with_who_becomes_a_part_of_somebody(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let from = person(&merchant, json!({ "memberNo": "A" })).await;
        let into = person(&merchant, json!({ "memberNo": "B" })).await;
        later(&world, 1);
        // One that is over before they are one, one that succeeds after, and one that is asked for after.
        let order = sold(&merchant, "A", "36.00").await;
        let second = sold(&merchant, "A", "4.00").await;
        later(&world, 1);
        let owner = merchant.owner().await;
        let told = merchant.asked_to_refund(&owner, &order, json!({})).await;
        assert_eq!(told["userErrors"], json!([]), "{told}");
        merchant.refunds_go_through().await;
        let told = merchant.asked_to_refund(&owner, &second, json!({})).await;
        assert_eq!(told["userErrors"], json!([]), "{told}");
        assert_eq!(page(&owner, "A", "first: 100").await.0, ["REFUNDED", "PAID", "PAID", "PROFILE"]);
        assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
        merchant.refunds_go_through().await;
        let third = sold(&merchant, "A", "5.00").await;
        later(&world, 1);
        let told = merchant.asked_to_refund(&owner, &third, json!({})).await;
        assert_eq!(told["userErrors"], json!([]), "{told}");
        merchant.refunds_go_through().await;
        let document = "timeline(first: 100) { edges { node { kind order { id } } } }";
        let told = seen(&merchant, "B", document).await["timeline"]["edges"].clone();
        let nodes = told.as_array().expect("edges").iter().map(|edge| &edge["node"]);
        let orders: Vec<&Value> = nodes.filter(|node| node["kind"] == "REFUNDED").map(|node| &node["order"]["id"]).collect();
        let wanted = [&third, &second, &order].map(|order| json!(order.id.to_string()));
        assert_eq!(orders, wanted.iter().collect::<Vec<_>>());
    }

    async fn what_happened_to_many_who_became_one_is_told_page_by_page(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let into = person(&merchant, json!({ "memberNo": "A" })).await;
        for no in ["B", "C", "D"] {
            let from = person(&merchant, json!({ "memberNo": no })).await;
            later(&world, 1);
            give_points(&world, &merchant, &from, 7, false).await;
            assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
            later(&world, 1);
            give_points(&world, &merchant, &into, 3, false).await;
        }
        let owner = merchant.owner().await;
        let (all, _) = page(&owner, "A", "first: 100").await;
        let points = all.iter().filter(|kind| *kind == "POINTS").count();
        // Seven and three each, and each time what came with who became a part of them.
        assert_eq!(points, 9, "{all:?}");
        let (mut seen, mut arguments) = (Vec::new(), "first: 2".to_owned());
        loop {
            let (kinds, info) = page(&owner, "A", &arguments).await;
            seen.extend(kinds);
            if info["hasNextPage"] == false {
                break;
            }
            arguments = format!("first: 2, after: {}", info["endCursor"]);
        }
        assert_eq!(seen, all);
    }

    async fn what_happened_to_who_became_a_part_of_them_is_there_once(world: World) {
        let merchant = busy(&world).await;
        let from = seen(&merchant, "A", "id").await["id"].as_str().unwrap().to_owned();
        world.clock.advance(TimeDelta::minutes(1));
        let into = person(&merchant, json!({ "memberNo": "B" })).await;
        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
        let (kinds, _) = page(&merchant.owner().await, "A", "first: 100").await;
        assert_eq!(kinds, ["PROFILE", "POINTS", "PROFILE", "PAID", "POINTS", "PAID", "COUPON_GIVEN", "PROFILE", "PROFILE"]);
        let update = json!({ "id": into, "expectedVersion": seen(&merchant, "B", "version").await["version"], "name": "王" });
        asked(&merchant.owner().await, "memberUpdate", "", update).await;
        let top = seen(&merchant, "B", "timeline(first: 1) { edges { node { kind fields title } } }").await;
        let node = json!({ "kind": "PROFILE", "fields": ["name"], "title": "Profile changed" });
        assert_eq!(top["timeline"]["edges"][0]["node"], node);
    }
}
