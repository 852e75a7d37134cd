//! Points are given for a reward, all or nothing; coupons are there at once, the rest is handed over.

use chrono::TimeDelta;
use entity::Instant;
use entity::membership::Role;
use serde_json::{Value, json};

use super::scene::REDEMPTION;
use crate::everywhere;
use crate::support::coupons::{asked, code, new_key};

everywhere! {
    async fn goods_wait_to_be_handed_over(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let reward = merchant.reward(json!({ "stock": 3 })).await;
        merchant.has_points("m1", 1_200, None).await;
        let input = json!({ "idempotencyKey": new_key(), "rewardId": reward, "member": { "memberNo": "m1" },
            "note": " 红色 " });
        let support = merchant.client(Role::Support).await;
        let made = asked(&support, "rewardRedeem", REDEMPTION, input).await["redemption"].clone();
        assert_eq!([&made["state"], &made["note"]], ["PENDING", "红色"]);
        assert_eq!([&made["points"], &made["reward"]["left"], &made["reward"]["redeemedCount"]], [500, 2, 1]);
        assert_eq!(made["createdBy"], merchant.staff(Role::Support).to_string());
        assert_eq!(made["fulfilledAt"], Value::Null);
        assert_eq!(merchant.points_of("m1").await, 700);
        world.clock.advance(TimeDelta::minutes(5));
        let fields = json!({ "id": made["id"] });
        let done = asked(&support, "rewardFulfill", REDEMPTION, fields.clone()).await["redemption"].clone();
        assert_eq!([&done["state"], &done["fulfilledAt"]], ["FULFILLED", "2026-11-23T04:05:00.000Z"]);
        let again = asked(&merchant.shop(), "rewardFulfill", REDEMPTION, fields).await;
        assert_eq!(again["redemption"]["fulfilledBy"], done["fulfilledBy"], "it stays as it is");
        let told = merchant.events().await;
        let told: Vec<&str> = told.iter().map(String::as_str).filter(|kind| kind.starts_with("REWARD_R")).collect();
        assert_eq!(told, ["REWARD_REDEMPTION_CREATED", "REWARD_REDEMPTION_FULFILLED"]);
        let seen = merchant.owner().await.data(
            "query($id: ID!) { node(id: $id) { ... on RewardRedemption { state } }
                member(by: { memberNo: \"m1\" }) { rewardRedemptions { totalCount edges { node { id } } } }
                auditLog(filter: { actions: [\"rewardRedeem\", \"rewardFulfill\"] }) { totalCount } }",
            json!({ "id": made["id"] }),
        ).await;
        assert_eq!(seen["node"]["state"], "FULFILLED");
        assert_eq!(seen["member"]["rewardRedemptions"]["edges"][0]["node"]["id"], made["id"]);
        assert_eq!([&seen["member"]["rewardRedemptions"]["totalCount"], &seen["auditLog"]["totalCount"]], [1, 2]);
        merchant.rewards_are_right().await;
    }

    async fn a_coupon_is_the_members_at_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "quantity": 2, "perMember": 1 })).await;
        let reward = json!({ "kind": "COUPON", "points": 100, "couponTemplateId": template });
        let reward = merchant.reward(reward).await;
        for member in ["m1", "m2", "m3"] {
            merchant.has_points(member, 500, None).await;
        }
        let made = merchant.redeems(&reward, "m1").await["redemption"].clone();
        assert_eq!([&made["state"], &made["coupon"]["state"]], ["FULFILLED", "AVAILABLE"]);
        assert_eq!(merchant.coupons(json!({ "memberNo": "m1" }), "id").await, [made["coupon"]["id"].as_str().unwrap()]);
        let refused = merchant.redeems(&reward, "m1").await;
        assert_eq!(code(&refused), "COUPON_MEMBER_LIMIT");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains('1'), "{refused}");
        assert_eq!(code(&merchant.redeems(&reward, "m2").await), "");
        assert_eq!(code(&merchant.redeems(&reward, "m3").await), "COUPON_USED_UP");
        let owner = merchant.owner().await;
        let state = json!({ "id": template, "expectedVersion": 1, "state": "PAUSED" });
        asked(&owner, "couponTemplateUpdate", "couponTemplate { id }", state).await;
        assert_eq!(code(&merchant.redeems(&reward, "m3").await), "COUPON_NOT_ACTIVE");
        let points = [merchant.points_of("m1").await, merchant.points_of("m2").await, merchant.points_of("m3").await];
        assert_eq!(points, [400, 400, 500], "who gets nothing loses nothing");
        let told = merchant.events().await;
        for (kind, times) in [("COUPON_ISSUED", 2), ("REWARD_REDEMPTION_FULFILLED", 2)] {
            assert_eq!(told.iter().filter(|told| *told == kind).count(), times, "{kind}");
        }
        merchant.rewards_are_right().await;
    }

    async fn who_may_not_have_it_keeps_all_points(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let one_each = merchant.reward(json!({ "perMember": 1 })).await;
        let later = merchant.reward(json!({ "startsAt": "2026-11-24T00:00:00Z" })).await;
        let over = merchant.reward(json!({ "endsAt": "2026-11-23T05:00:00Z" })).await;
        let paused = merchant.reward(json!({})).await;
        let state = json!({ "id": paused, "expectedVersion": 1, "state": "PAUSED" });
        asked(&owner, "rewardUpdate", "reward { id }", state).await;
        merchant.has_points("m1", 1_000, None).await;
        merchant.has_points("m2", 499, None).await;
        assert_eq!(code(&merchant.redeems(&one_each, "m1").await), "");
        world.clock.advance(TimeDelta::hours(1));
        for (reward, member, why) in [
            (one_each.as_str(), "m1", "MEMBER_LIMIT"),
            (&one_each, "m2", "NOT_ENOUGH_POINTS"),
            (&one_each, "nobody", "MEMBER_NOT_FOUND"),
            (&later, "m1", "NOT_YET"),
            (&over, "m1", "OVER"),
            (&paused, "m1", "NOT_ACTIVE"),
            ("rwd_0000000000000", "m1", "REWARD_NOT_FOUND"),
            (&one_each, "王小明", "INVALID"),
        ] {
            assert_eq!(code(&merchant.redeems(reward, member).await), why);
        }
        let refused = merchant.redeems(&one_each, "m2").await;
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("500") && message.contains("499"), "{message}");
        assert_eq!([merchant.points_of("m1").await, merchant.points_of("m2").await], [500, 499]);
        merchant.rewards_are_right().await;
    }

    async fn the_same_key_redeems_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let reward = merchant.reward(json!({})).await;
        merchant.has_points("m1", 2_000, None).await;
        let by_no = "{ member(by: { memberNo: \"m1\" }) { id } }";
        let member = merchant.owner().await.data(by_no, Value::Null).await["member"].clone();
        let input = json!({ "idempotencyKey": new_key(), "rewardId": reward, "member": { "id": member["id"] } });
        let first = asked(&merchant.shop(), "rewardRedeem", REDEMPTION, input.clone()).await;
        assert_eq!(first["redemption"]["member"]["memberNo"], "m1");
        assert_eq!(asked(&merchant.shop(), "rewardRedeem", REDEMPTION, input.clone()).await, first);
        assert_eq!(merchant.points_of("m1").await, 1_500);
        let mut other = input.clone();
        other["note"] = json!("别的");
        assert_eq!(code(&asked(&merchant.shop(), "rewardRedeem", REDEMPTION, other).await), "KEY_REUSED");
        // A refused one leaves the key free.
        let poor = json!({ "idempotencyKey": new_key(), "rewardId": reward, "member": { "memberNo": "m2" } });
        merchant.has_points("m2", 1, None).await;
        assert_eq!(code(&asked(&merchant.shop(), "rewardRedeem", REDEMPTION, poor.clone()).await), "NOT_ENOUGH_POINTS");
        merchant.has_points("m2", 499, None).await;
        assert_eq!(code(&asked(&merchant.shop(), "rewardRedeem", REDEMPTION, poor).await), "");
        merchant.rewards_are_right().await;
    }

    async fn what_costs_more_later_costs_no_more_to_who_had_it_before(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let reward = merchant.reward(json!({})).await;
        merchant.has_points("m1", 2_000, None).await;
        let first = merchant.redeems(&reward, "m1").await["redemption"].clone();
        let dearer = json!({ "id": reward, "expectedVersion": 1, "points": 800 });
        asked(&owner, "rewardUpdate", "reward { id }", dearer).await;
        assert_eq!(merchant.redeems(&reward, "m1").await["redemption"]["points"], 800);
        assert_eq!(merchant.points_of("m1").await, 700);
        assert_eq!(merchant.calls_off(&first).await["redemption"]["points"], 500);
        assert_eq!(merchant.points_of("m1").await, 1_200);
        merchant.rewards_are_right().await;
    }

    async fn nothing_is_redeemed_for_other_points_than_the_member_was_shown(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let reward = merchant.reward(json!({})).await;
        merchant.has_points("m1", 2_000, None).await;
        let shown = |points: i64| json!({ "idempotencyKey": new_key(), "rewardId": reward,
            "member": { "memberNo": "m1" }, "expectedPoints": points });
        let taken = asked(&merchant.shop(), "rewardRedeem", REDEMPTION, shown(500)).await;
        assert_eq!(taken["redemption"]["points"], 500, "{taken}");
        for (version, points) in [(1, 800), (2, 300)] {
            let other = json!({ "id": reward, "expectedVersion": version, "points": points });
            asked(&owner, "rewardUpdate", "reward { id }", other).await;
            let late = shown(500);
            let refused = asked(&merchant.shop(), "rewardRedeem", REDEMPTION, late.clone()).await;
            assert_eq!([code(&refused), refused["userErrors"][0]["field"].as_str().unwrap()],
                ["POINTS_CHANGED", "expectedPoints"]);
            let message = refused["userErrors"][0]["message"].as_str().unwrap();
            assert!(message.contains(&points.to_string()), "{message}");
            assert_eq!(merchant.points_of("m1").await, 1_500, "nothing is taken");
        }
        // The key of what was refused is free, and the same request with what it takes now is another.
        let right = shown(300);
        let first = asked(&merchant.shop(), "rewardRedeem", REDEMPTION, right.clone()).await;
        assert_eq!(first["redemption"]["points"], 300, "{first}");
        let dearer = json!({ "id": reward, "expectedVersion": 3, "points": 400 });
        asked(&owner, "rewardUpdate", "reward { id }", dearer).await;
        let again = asked(&merchant.shop(), "rewardRedeem", REDEMPTION, right.clone()).await;
        assert_eq!(again["redemption"]["id"], first["redemption"]["id"], "what was done is told, whatever it takes now");
        let mut other = right;
        other["expectedPoints"] = json!(400);
        assert_eq!(code(&asked(&merchant.shop(), "rewardRedeem", REDEMPTION, other).await), "KEY_REUSED");
        assert_eq!(merchant.points_of("m1").await, 1_200);
        merchant.rewards_are_right().await;
    }

    async fn points_that_have_ended_buy_nothing_and_those_that_end_first_go_first(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let reward = merchant.reward(json!({ "points": 100 })).await;
        let soon = Instant(world.clock.now() + TimeDelta::hours(2));
        merchant.has_points("m1", 150, Some(soon)).await;
        merchant.has_points("m1", 100, None).await;
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "");
        world.clock.advance(TimeDelta::hours(3));
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "", "those that never end are there yet");
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "NOT_ENOUGH_POINTS");
        assert_eq!(merchant.points_of("m1").await, 0);
        merchant.rewards_are_right().await;
    }

    async fn redemptions_are_listed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (cup, bag) = (merchant.reward(json!({})).await, merchant.reward(json!({ "points": 10 })).await);
        merchant.has_points("m1", 1_000, None).await;
        merchant.has_points("m2", 1_000, None).await;
        let first = merchant.redeems(&cup, "m1").await["redemption"].clone();
        merchant.redeems(&bag, "m1").await;
        world.clock.advance(TimeDelta::days(1));
        merchant.redeems(&bag, "m2").await;
        merchant.calls_off(&first).await;
        let owner = merchant.owner().await;
        let listed = async |filter: Value| {
            let document = "query($filter: RewardRedemptionFilterInput) { rewardRedemptions(filter: $filter) \
                { totalCount edges { node { member { memberNo } reward { points } } } } }";
            let seen = owner.data(document, json!({ "filter": filter })).await["rewardRedemptions"].clone();
            let edges = seen["edges"].as_array().expect("edges").clone();
            assert_eq!(seen["totalCount"], edges.len());
            edges.iter().map(|edge| {
                let node = &edge["node"];
                format!("{} {}", node["member"]["memberNo"].as_str().unwrap(), node["reward"]["points"])
            }).collect::<Vec<_>>()
        };
        assert_eq!(listed(json!({})).await, ["m2 10", "m1 10", "m1 500"]);
        assert_eq!(listed(json!({ "memberNo": "m1" })).await, ["m1 10", "m1 500"]);
        assert_eq!(listed(json!({ "rewardId": bag, "state": ["PENDING"] })).await, ["m2 10", "m1 10"]);
        assert_eq!(listed(json!({ "state": ["CANCELED"] })).await, ["m1 500"]);
        assert_eq!(listed(json!({ "createdAt": { "preset": "TODAY" } })).await, ["m2 10"]);
        assert_eq!(listed(json!({ "memberNo": "nobody" })).await, [""; 0]);
    }
}
