//! A redemption is called off: points, stock and coupon go back, once; a coupon that is used stays used.

use chrono::TimeDelta;
use entity::coupon::{self, CouponState};
use entity::{Instant, OrderId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use super::scene::REDEMPTION;
use crate::everywhere;
use crate::support::Merchant;
use crate::support::coupons::{asked, code, new_key};

/// What an order does with a coupon.
async fn stands(merchant: &Merchant, id: &Value, state: CouponState) {
    let id: entity::CouponId = id.as_str().expect("an id").parse().expect("an id");
    let order_id = (state != CouponState::Available).then_some(OrderId(1));
    coupon::Entity::update_of(merchant.id)
        .filter(coupon::Column::Id.eq(id))
        .col_expr(coupon::Column::State, Expr::value(state))
        .col_expr(coupon::Column::OrderId, Expr::value(order_id))
        .exec(&merchant.app().db.writes(merchant.id))
        .await
        .expect("the coupon is changed");
}

everywhere! {
    async fn points_and_stock_go_back_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let reward = merchant.reward(json!({ "stock": 1, "perMember": 1 })).await;
        merchant.has_points("m1", 500, None).await;
        let taken = merchant.redeems(&reward, "m1").await["redemption"].clone();
        asked(&merchant.shop(), "rewardFulfill", REDEMPTION, json!({ "id": taken["id"] })).await;
        let input = json!({ "idempotencyKey": new_key(), "id": taken["id"], "reason": " 退货 " });
        let off = asked(&merchant.shop(), "rewardCancel", REDEMPTION, input.clone()).await["redemption"].clone();
        assert_eq!([&off["state"], &off["cancelReason"]], ["CANCELED", "退货"]);
        assert_eq!([&off["reward"]["left"], &off["reward"]["redeemedCount"]], [1, 0]);
        assert_ne!(off["fulfilledAt"], Value::Null, "that it was handed over stays");
        assert_eq!(merchant.points_of("m1").await, 500);
        assert_eq!(asked(&merchant.shop(), "rewardCancel", REDEMPTION, input.clone()).await["redemption"], off);
        assert_eq!(merchant.calls_off(&taken).await["redemption"], off, "it stays as it is");
        let mut other = input;
        other["reason"] = json!("别的");
        assert_eq!(code(&asked(&merchant.shop(), "rewardCancel", REDEMPTION, other).await), "KEY_REUSED");
        assert_eq!(merchant.points_of("m1").await, 500);
        let fulfilled = asked(&merchant.shop(), "rewardFulfill", REDEMPTION, json!({ "id": taken["id"] })).await;
        assert_eq!(code(&fulfilled), "CANCELED");
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "", "what was called off does not count");
        let told = merchant.events().await;
        assert_eq!(told.iter().filter(|kind| *kind == "REWARD_REDEMPTION_CANCELED").count(), 1);
        merchant.rewards_are_right().await;
    }

    async fn a_timeline_counts_its_points_once_and_says_how_it_stands(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let reward = merchant.reward(json!({})).await;
        merchant.has_points("m1", 1_200, None).await;
        let owner = merchant.owner().await;
        let entries = async || {
            let document = "{ member(by: { memberNo: \"m1\" }) { timeline(first: 100) { edges { node { kind title \
                points } } } } }";
            let seen = owner.data(document, Value::Null).await;
            let edges = seen["member"]["timeline"]["edges"].as_array().expect("edges").clone();
            edges.into_iter().map(|edge| edge["node"].clone()).collect::<Vec<_>>()
        };
        let sum = |entries: &[Value]| entries.iter().filter_map(|entry| entry["points"].as_i64()).sum::<i64>();
        let title = |entries: &[Value]| {
            let reward = entries.iter().find(|entry| entry["kind"] == "REWARD").expect("the reward");
            reward["title"].clone()
        };
        let before = sum(&entries().await);
        let made = merchant.redeems(&reward, "m1").await["redemption"].clone();
        let taken = entries().await;
        assert_eq!((sum(&taken) - before, title(&taken)), (-500, json!("Reward taken")));
        assert_eq!(code(&merchant.calls_off(&made).await), "");
        let back = entries().await;
        assert_eq!((sum(&back) - before, title(&back)), (0, json!("Reward taken, called off since")));
    }

    async fn what_is_said_must_be_something_and_about_something(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let reward = merchant.reward(json!({})).await;
        merchant.has_points("m1", 500, None).await;
        let taken = merchant.redeems(&reward, "m1").await["redemption"].clone();
        let input = json!({ "idempotencyKey": new_key(), "id": taken["id"], "reason": " " });
        let refused = asked(&merchant.shop(), "rewardCancel", REDEMPTION, input).await;
        assert_eq!([code(&refused), refused["userErrors"][0]["field"].as_str().unwrap()], ["INVALID", "reason"]);
        for id in ["rrd_0000000000000", "nonsense"] {
            let input = json!({ "idempotencyKey": new_key(), "id": id, "reason": "x" });
            assert_eq!(code(&asked(&merchant.shop(), "rewardCancel", REDEMPTION, input).await), "NOT_FOUND");
            let fulfilled = asked(&merchant.shop(), "rewardFulfill", REDEMPTION, json!({ "id": id })).await;
            assert_eq!(code(&fulfilled), "NOT_FOUND");
        }
    }

    async fn a_coupon_goes_with_it_unless_an_order_holds_or_has_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({})).await;
        let reward = json!({ "kind": "COUPON", "points": 100, "couponTemplateId": template });
        let reward = merchant.reward(reward).await;
        merchant.has_points("m1", 300, None).await;
        let taken = merchant.redeems(&reward, "m1").await["redemption"].clone();
        let coupon = &taken["coupon"]["id"];
        for (state, why) in [(CouponState::Reserved, "COUPON_RESERVED"), (CouponState::Used, "COUPON_USED")] {
            stands(&merchant, coupon, state).await;
            let refused = merchant.calls_off(&taken).await;
            assert_eq!(code(&refused), why);
            let named = taken["coupon"]["code"].as_str().expect("a code");
            assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains(named), "{refused}");
        }
        assert_eq!(merchant.points_of("m1").await, 200);
        stands(&merchant, coupon, CouponState::Available).await;
        let off = merchant.calls_off(&taken).await["redemption"].clone();
        assert_eq!([&off["state"], &off["coupon"]["state"]], ["CANCELED", "VOID"]);
        assert_eq!(merchant.points_of("m1").await, 300);
        assert!(merchant.events().await.contains(&"COUPON_VOIDED".to_owned()));
        // One that is over is worth nothing any more, and stands in nobody's way.
        let taken = merchant.redeems(&reward, "m1").await["redemption"].clone();
        world.clock.advance(TimeDelta::days(30));
        assert_eq!(code(&merchant.calls_off(&taken).await), "");
        merchant.rewards_are_right().await;
    }

    async fn what_is_called_off_leaves_its_coupon_to_be_had_again(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let template = merchant.coupon_template(json!({ "quantity": 2, "perMember": 1 })).await;
        let issued = async || {
            let document = "query($id: ID!) { node(id: $id) { ... on CouponTemplate { issued } } }";
            owner.data(document, json!({ "id": template })).await["node"]["issued"].clone()
        };
        let reward = json!({ "kind": "COUPON", "points": 100, "couponTemplateId": template });
        let reward = merchant.reward(reward).await;
        for member in ["m1", "m2", "m3"] {
            merchant.has_points(member, 500, None).await;
        }
        assert_eq!(code(&merchant.redeems(&reward, "m2").await), "");
        for round in 0..3 {
            let taken = merchant.redeems(&reward, "m1").await;
            assert_eq!((code(&taken), issued().await), ("", json!(2)), "{round}");
            assert_eq!(code(&merchant.redeems(&reward, "m1").await), "COUPON_MEMBER_LIMIT", "{round}");
            let taken = &taken["redemption"];
            if round == 2 {
                // Voided by hand, it stays counted: whoever did it need not want to hand out another one.
                let which = json!({ "which": { "couponIds": [taken["coupon"]["id"]] }, "reason": "误发" });
                let voided = asked(&owner, "couponVoid", "voided", which).await;
                assert_eq!((&voided["voided"], issued().await), (&json!(1), json!(2)), "{voided}");
                assert_eq!(code(&merchant.redeems(&reward, "m1").await), "COUPON_MEMBER_LIMIT");
            }
            assert_eq!(code(&merchant.calls_off(taken).await), "");
            assert_eq!(issued().await, 1, "{round}");
            // What was called off before is given back no second time.
            assert_eq!(code(&merchant.calls_off(taken).await), "");
            assert_eq!(issued().await, 1, "{round}");
        }
        assert_eq!(code(&merchant.redeems(&reward, "m3").await), "", "the last one is there for anybody");
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "COUPON_USED_UP");
        merchant.rewards_are_right().await;
    }

    async fn points_go_back_to_where_they_came_from_or_hold_for_thirty_days(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let reward = merchant.reward(json!({ "points": 100 })).await;
        let soon = Instant(world.clock.now() + TimeDelta::days(1));
        merchant.has_points("m1", 100, Some(soon)).await;
        let taken = merchant.redeems(&reward, "m1").await["redemption"].clone();
        merchant.calls_off(&taken).await;
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(code(&merchant.redeems(&reward, "m1").await), "NOT_ENOUGH_POINTS", "they end when they did before");

        let soon = Instant(world.clock.now() + TimeDelta::days(1));
        merchant.has_points("m2", 100, Some(soon)).await;
        let taken = merchant.redeems(&reward, "m2").await["redemption"].clone();
        world.clock.advance(TimeDelta::days(2));
        merchant.calls_off(&taken).await;
        world.clock.advance(TimeDelta::days(29));
        assert_eq!(code(&merchant.redeems(&reward, "m2").await), "", "what had ended holds for 30 days more");
        merchant.rewards_are_right().await;
    }
}
