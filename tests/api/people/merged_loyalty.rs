//! What becomes of points and tiers of two members who are made one.

use chrono::TimeDelta;
use entity::point_lot;
use serde_json::{Value, json};

use super::{assert_sums, by_id, find, merged, person, seen, sold};
use crate::everywhere;
use crate::support::Merchant;
use crate::support::coupons::{asked, code, new_key};

fn cny(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// A point for each yuan.
async fn has_points(merchant: &Merchant) {
    let input = json!({ "expectedVersion": 0, "earn": { "points": 1, "per": cny("1.00") }, "validDays": 365,
        "pay": { "enabled": true, "points": 100, "worth": cny("1.00"), "maxShare": "0.5" }, "adjustLimit": 1_000 });
    let set = asked(
        &merchant.owner().await,
        "pointsProgramSet",
        "pointsProgram { version }",
        input,
    )
    .await;
    assert_eq!(set["userErrors"], json!([]), "{set}");
}

/// A tier of who spends so much in thirty days; its id.
async fn tier(merchant: &Merchant, rank: i32, spend: &str) -> String {
    let input = json!({ "rank": rank, "name": format!("等级{rank}"), "retentionDays": 60,
        "thresholds": { "spend": cny(spend), "windowDays": 30 } });
    let set = asked(&merchant.owner().await, "tierSet", "tier { id }", input).await;
    assert_eq!(set["userErrors"], json!([]), "{set}");
    set["tier"]["id"].as_str().expect("an id").to_owned()
}

async fn refund(merchant: &Merchant, order: &crate::support::Order) {
    let owner = merchant.owner().await;
    let told = merchant.asked_to_refund(&owner, order, json!({})).await;
    assert_eq!(told["userErrors"], json!([]), "{told}");
    merchant.refunds_go_through().await;
}

everywhere! {
    async fn a_refund_of_who_is_gone_takes_its_points_back_from_who_stayed_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_points(&merchant).await;
        let from = person(&merchant, json!({ "memberNo": "OLD" })).await;
        let into = person(&merchant, json!({ "memberNo": "NEW" })).await;
        let order = sold(&merchant, "OLD", "36.00").await;
        sold(&merchant, "OLD", "4.00").await;
        sold(&merchant, "NEW", "10.00").await;
        // Some of it is spent, and the order's own lot is empty when it is merged.
        let spend = json!({ "idempotencyKey": new_key(), "member": { "memberNo": "OLD" }, "points": -36, "reason": "兑换" });
        let spent = asked(&merchant.owner().await, "pointsAdjust", "entries { points }", spend).await;
        assert_eq!(spent["userErrors"], json!([]), "{spent}");
        assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
        let points = "points { available pending owed }";
        let has = json!({ "points": { "available": 14, "pending": 0, "owed": 0 } });
        assert_eq!(seen(&merchant, "OLD", points).await, has);
        refund(&merchant, &order).await;
        let owes = json!({ "points": { "available": 0, "pending": 0, "owed": 22 } });
        assert_eq!(seen(&merchant, "NEW", points).await, owes, "36 are taken back where 14 are left");
        for id in [&from, &into] {
            assert_sums(&world, &merchant, id).await;
        }
        let one = seen(&merchant, "NEW", "paidOrders spent { amount }").await;
        assert_eq!(one, json!({ "paidOrders": 2, "spent": { "amount": "14.00" } }));
        let told = seen(&merchant, "NEW", "timeline(first: 100) { edges { node { kind } } }").await;
        let edges = told["timeline"]["edges"].as_array().unwrap().iter();
        assert_eq!(edges.filter(|edge| edge["node"]["kind"] == "REFUNDED").count(), 1);
    }

    async fn who_stays_has_the_better_tier_or_the_one_that_both_reach_together(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (silver, gold) = (tier(&merchant, 1, "100.00").await, tier(&merchant, 2, "500.00").await);
        for (from_spent, into_spent, wanted) in [
            ("500.00", "100.00", Some(&gold)),
            ("100.00", "500.00", Some(&gold)),
            ("60.00", "60.00", Some(&silver)),
            ("300.00", "300.00", Some(&gold)),
            ("100.00", "1.00", Some(&silver)),
            ("1.00", "1.00", None),
        ] {
            let (old, new) = (format!("OLD-{from_spent}-{into_spent}"), format!("NEW-{from_spent}-{into_spent}"));
            let from = person(&merchant, json!({ "memberNo": old })).await;
            let into = person(&merchant, json!({ "memberNo": new })).await;
            sold(&merchant, &old, from_spent).await;
            sold(&merchant, &new, into_spent).await;
            world.clock.advance(TimeDelta::minutes(1));
            assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
            let one = by_id(&merchant, &into, "tier { id }").await;
            assert_eq!(one["tier"]["id"].as_str(), wanted.map(String::as_str), "{from_spent} and {into_spent}");
            assert_eq!(find(&world, &merchant, &from).await.tier_id, None);
        }
    }

    async fn a_tier_that_is_given_to_who_is_gone_is_had_by_who_stayed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (silver, gold) = (tier(&merchant, 1, "100.00").await, tier(&merchant, 2, "500.00").await);
        let from = person(&merchant, json!({ "memberNo": "OLD" })).await;
        let into = person(&merchant, json!({ "memberNo": "NEW" })).await;
        sold(&merchant, "OLD", "100.00").await;
        assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
        let owner = merchant.owner().await;
        let next = "query($id: ID!) { memberNextTier(by: { id: $id }) { tier { id } missingSpend { amount } } }";
        let missing = json!({ "tier": { "id": gold }, "missingSpend": { "amount": "400.00" } });
        assert_eq!(owner.data(next, json!({ "id": from })).await["memberNextTier"], missing);
        let input = |tier: &str| json!({ "member": { "id": from }, "tierId": tier, "reason": "老客" });
        let given = asked(&owner, "memberTierSet", "member { id tier { id } }", input(&gold)).await;
        assert_eq!(given["member"], json!({ "id": into, "tier": { "id": gold } }), "{given}");
        assert_eq!(by_id(&merchant, &into, "tier { id }").await["tier"]["id"], gold);
        assert_eq!(find(&world, &merchant, &from).await.tier_id, None, "who is gone has nothing");
        sold(&merchant, "NEW", "400.00").await;
        let refused = asked(&owner, "memberTierSet", "", input(&silver)).await;
        assert_eq!(code(&refused), "REACHES_MORE", "{refused}");
    }

    async fn an_adjustment_that_is_asked_for_again_is_the_same_whatever_became_of_its_member(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_points(&merchant).await;
        let owner = merchant.owner().await;
        let from = person(&merchant, json!({ "memberNo": "OLD" })).await;
        let into = person(&merchant, json!({ "memberNo": "NEW" })).await;
        let input = json!({ "idempotencyKey": new_key(), "member": { "memberNo": "OLD" }, "points": 50, "reason": "补偿" });
        let first = asked(&owner, "pointsAdjust", "entries { id points }", input.clone()).await;
        assert_eq!(first["entries"].as_array().map(Vec::len), Some(1), "{first}");
        assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
        let fields = "entries { id points } member { id }";
        let again = asked(&owner, "pointsAdjust", fields, input.clone()).await;
        assert_eq!((&again["entries"], &again["member"]["id"]), (&first["entries"], &json!(into)), "{again}");
        let erase = json!({ "memberId": into, "reason": "本人要求", "alsoNumber": true });
        assert_eq!(asked(&owner, "memberErase", "", erase).await["userErrors"], json!([]));
        let again = asked(&owner, "pointsAdjust", "entries { id points }", input).await;
        assert_eq!(again, first);
        let one = find(&world, &merchant, &into).await;
        assert_eq!(one.points, 50, "once");
    }

    async fn lots_of_which_nothing_is_left_go_along_however_often_their_member_is_merged(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_points(&merchant).await;
        let ids = [
            person(&merchant, json!({ "memberNo": "A" })).await,
            person(&merchant, json!({ "memberNo": "B" })).await,
            person(&merchant, json!({ "memberNo": "C" })).await,
        ];
        sold(&merchant, "A", "36.00").await;
        let spend = json!({ "idempotencyKey": new_key(), "member": { "memberNo": "A" }, "points": -36, "reason": "兑换" });
        let spent = asked(&merchant.owner().await, "pointsAdjust", "entries { points }", spend).await;
        assert_eq!(spent["userErrors"], json!([]), "{spent}");
        for pair in ids.windows(2) {
            assert_eq!(merged(&merchant, &pair[0], &pair[1]).await["userErrors"], json!([]));
            let lots = point_lot::Entity::of(merchant.id).all(world.app().db.writer()).await.expect("lots");
            let whose: Vec<String> = lots.iter().map(|lot| lot.member_id.to_string()).collect();
            assert_eq!(whose, [pair[1].clone()]);
        }
    }
}
