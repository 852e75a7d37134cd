//! Rewards are made, changed and listed; who had one keeps it as it was.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::coupons::{asked, code};

const REWARD: &str = "reward { id name nameEn displayName description displayDescription kind state version points stock \
    left perMember startsAt endsAt available redeemedCount createdBy couponTemplate { id } }";

everywhere! {
    async fn a_reward_is_made_and_changed_and_told_of(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let input = json!({
            "name": " 保温杯 ", "nameEn": "Thermos", "description": "三百毫升", "kind": "GOODS", "points": 500,
            "stock": 10, "perMember": 1, "endsAt": "2026-12-31T16:00:00Z",
        });
        let made = asked(&owner, "rewardCreate", REWARD, input).await["reward"].clone();
        assert_eq!(
            [&made["name"], &made["displayName"], &made["displayDescription"], &made["kind"], &made["state"]],
            ["保温杯", "Thermos", "三百毫升", "GOODS", "ACTIVE"]
        );
        assert_eq!([&made["points"], &made["stock"], &made["left"], &made["redeemedCount"]], [500, 10, 10, 0]);
        assert_eq!([&made["available"], &made["couponTemplate"]], [&json!(true), &Value::Null]);
        let own = merchant.owner().await.in_chinese();
        let asked_for = "query($id: ID!) { reward(id: $id) { displayName } node(id: $id) { ... on Reward { points } } }";
        let seen = own.data(asked_for, json!({ "id": made["id"] })).await;
        assert_eq!(seen, json!({ "reward": { "displayName": "保温杯" }, "node": { "points": 500 } }));

        let change = |version: i32, more: Value| {
            let mut input = json!({ "id": made["id"], "expectedVersion": version });
            crate::support::merchant::merge(&mut input, more);
            input
        };
        let paused = change(1, json!({ "state": "PAUSED", "points": 600, "nameEn": null, "stock": null }));
        let paused = asked(&owner, "rewardUpdate", REWARD, paused).await["reward"].clone();
        assert_eq!([&paused["version"], &paused["points"]], [2, 600]);
        assert_eq!([&paused["nameEn"], &paused["stock"], &paused["left"]], [&Value::Null; 3]);
        assert_eq!([&paused["state"], &paused["available"]], [&json!("PAUSED"), &json!(false)]);
        let old = asked(&owner, "rewardUpdate", REWARD, change(1, json!({ "points": 1 }))).await;
        assert_eq!(code(&old), "VERSION_CONFLICT");
        let same = asked(&owner, "rewardUpdate", REWARD, change(2, json!({ "points": 600 }))).await;
        assert_eq!(same["reward"]["version"], 2, "what changes nothing writes nothing");
        asked(&owner, "rewardUpdate", REWARD, change(2, json!({ "state": "ENDED" }))).await;
        let back = asked(&owner, "rewardUpdate", REWARD, change(3, json!({ "state": "ACTIVE" }))).await;
        assert_eq!(code(&back), "ENDED");
        let told: Vec<String> = merchant.events().await;
        let told: Vec<&str> = told.iter().map(String::as_str).filter(|kind| kind.starts_with("REWARD")).collect();
        assert_eq!(told, ["REWARD_CREATED", "REWARD_UPDATED", "REWARD_UPDATED"]);
        let log = "{ auditLog(filter: { actions: [\"rewardCreate\", \"rewardUpdate\"] }) { totalCount } }";
        assert_eq!(owner.data(log, Value::Null).await["auditLog"]["totalCount"], 3);
    }

    async fn what_cannot_be_meant_is_named_in_both_languages(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        for (more, field) in [
            (json!({ "name": " " }), "name"),
            (json!({ "points": 0 }), "points"),
            (json!({ "stock": -1 }), "stock"),
            (json!({ "perMember": 0 }), "perMember"),
            (json!({ "kind": "COUPON" }), "couponTemplateId"),
            (json!({ "couponTemplateId": "tpl_0000000000000" }), "couponTemplateId"),
            (json!({ "endsAt": "2026-11-01T00:00:00Z" }), "endsAt"),
        ] {
            let mut input = json!({ "name": "保温杯", "kind": "GOODS", "points": 500 });
            crate::support::merchant::merge(&mut input, more);
            let refused = asked(&owner, "rewardCreate", REWARD, input.clone()).await;
            assert_eq!([code(&refused), refused["userErrors"][0]["field"].as_str().unwrap()], ["INVALID", field]);
            let chinese = asked(&merchant.owner().await.in_chinese(), "rewardCreate", REWARD, input).await;
            assert_ne!(chinese["userErrors"][0]["message"], refused["userErrors"][0]["message"]);
        }
        for id in ["tpl_0000000000000", "nonsense"] {
            let input = json!({ "name": "券", "kind": "COUPON", "points": 5, "couponTemplateId": id });
            assert_eq!(code(&asked(&owner, "rewardCreate", REWARD, input).await), "TEMPLATE_NOT_FOUND");
        }
    }

    async fn stock_is_moved_up_and_down_to_what_is_taken(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let reward = merchant.reward(json!({ "stock": 2 })).await;
        merchant.has_points("m1", 5_000, None).await;
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "");
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "");
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "SOLD_OUT");
        let stock = |version: i32, stock: i32| json!({ "id": reward, "expectedVersion": version, "stock": stock });
        let refused = asked(&owner, "rewardUpdate", REWARD, stock(1, 1)).await;
        assert_eq!(code(&refused), "STOCK_BELOW_TAKEN");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains('2'), "{refused}");
        let more = asked(&owner, "rewardUpdate", REWARD, stock(1, 3)).await;
        assert_eq!([&more["reward"]["left"], &more["reward"]["redeemedCount"]], [1, 2]);
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "");
        merchant.rewards_are_right().await;
    }

    async fn rewards_are_listed_by_state_kind_and_by_who_could_have_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({})).await;
        merchant.reward(json!({ "name": "五元券", "kind": "COUPON", "points": 100, "couponTemplateId": template })).await;
        merchant.reward(json!({ "name": "按摩", "kind": "SERVICE", "points": 900 })).await;
        merchant.reward(json!({ "name": "空的", "points": 50, "stock": 0 })).await;
        merchant.reward(json!({ "name": "将来", "points": 50, "startsAt": "2026-11-23T05:00:00Z" })).await;
        merchant.reward(json!({ "name": "今天", "points": 50, "endsAt": "2026-11-23T05:00:00Z" })).await;
        merchant.has_points("m1", 100, None).await;
        let owner = merchant.owner().await;
        let named = async |filter: Value| -> Vec<String> {
            let document = "query($filter: RewardFilterInput) { rewards(filter: $filter) { totalCount \
                edges { node { name } } } }";
            let seen = owner.data(document, json!({ "filter": filter })).await;
            let edges = seen["rewards"]["edges"].as_array().expect("edges");
            assert_eq!(seen["rewards"]["totalCount"], edges.len());
            edges.iter().map(|edge| edge["node"]["name"].as_str().expect("a name").to_owned()).collect()
        };
        assert_eq!(named(json!({})).await, ["今天", "将来", "空的", "按摩", "五元券"], "the newest first");
        assert_eq!(named(json!({ "kind": ["SERVICE", "COUPON"] })).await, ["按摩", "五元券"]);
        assert_eq!(named(json!({ "available": true })).await, ["今天", "按摩", "五元券"]);
        assert_eq!(named(json!({ "available": false })).await, ["将来", "空的"]);
        assert_eq!(named(json!({ "available": true, "affordableBy": "m1" })).await, ["今天", "五元券"]);
        assert_eq!(named(json!({ "affordableBy": "nobody" })).await, [""; 0]);
        assert_eq!(named(json!({ "state": ["PAUSED"] })).await, [""; 0]);
        world.clock.advance(TimeDelta::hours(1));
        assert_eq!(named(json!({ "available": true, "kind": ["GOODS"] })).await, ["将来"]);
    }
}
