//! Orders that are made at their price.

use entity::campaign::RefundPolicy;
use entity::coupon::CouponState;
use entity::{coupon_template, member};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use super::books::counters_are_right;
use super::scene::{REDEMPTIONS, cash, cash_rules, cny, code, full, lines};
use crate::everywhere;
use crate::payments::close;
use crate::support::Merchant;

/// The numbers of all members, sorted.
async fn members(merchant: &Merchant) -> Vec<String> {
    let rows = member::Entity::of(merchant.id)
        .all(merchant.app().db.writer())
        .await;
    let rows = rows.expect("the database answers").into_iter();
    let mut nos: Vec<String> = rows.map(|row| row.member_no).collect();
    nos.sort();
    nos
}

everywhere! {
    async fn an_order_costs_what_its_quote_said_and_holds_what_it_takes(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let member = merchant.member_id("M1").await;
        let campaign = merchant.campaign("满百减二十", json!({ "benefit": full("100.00", "20.00") })).await;
        let template = merchant.template("五元券", &cash_rules(500), RefundPolicy::Restore).await;
        let coupon = merchant.coupon_of(template, Some(member)).await;
        let cart = json!([
            { "title": "宫保鸡丁", "category": "热菜", "quantity": 2, "unitPrice": cny("33.33") },
            { "title": "米饭", "quantity": 1, "unitPrice": cny("33.34") },
        ]);
        // As people type it.
        let typed = coupon.to_lowercase();
        let channel = merchant.channel_id.to_string();
        let quote = merchant.quote(json!({ "lines": cart, "memberNo": "M1", "channelId": channel,
            "couponCodes": [typed] })).await;
        assert_eq!(quote["payable"]["amount"], "75.00");
        let order = merchant.checked_out("1.00", "75.00", &[&typed],
            json!({ "lines": cart, "memberNo": "M1" })).await;
        let seen = order.read(REDEMPTIONS).await;
        assert_eq!(seen["discount"], quote["discount"]);
        assert_eq!(seen["payable"]["amount"], "75.00");
        let shares = |list: &Value| -> Vec<Value> {
            list.as_array().expect("lines").iter().map(|line| line["discount"].clone()).collect()
        };
        assert_eq!(shares(&seen["lines"]), shares(&quote["lines"]));
        let redeemed = |kind: &str, name: &str, code: Value, off: &str, campaign: Value| json!({
            "kind": kind, "name": name, "couponCode": code, "version": 1, "off": { "amount": off },
            "state": "RESERVED", "counted": true, "newcomer": false, "campaign": campaign,
        });
        assert_eq!(seen["redemptions"], json!([
            redeemed("CAMPAIGN", "满百减二十", Value::Null, "20.00", json!({ "id": campaign })),
            redeemed("COUPON", "五元券", json!(coupon), "5.00", Value::Null),
        ]));
        assert_eq!(merchant.taken(&campaign).await, (1, 2_000));
        assert_eq!(merchant.coupon_state(&coupon).await, CouponState::Reserved);
        // The platform is paid that much.
        order.pay().await;
        assert_eq!(order.read("paid { amount }").await["paid"]["amount"], "75.00");
    }

    async fn an_order_that_costs_something_else_by_now_is_not_made(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let campaign = merchant.campaign("立减", json!({ "benefit": cash("5.00") })).await;
        let input = merchant.checkout_input("50.00", "44.00", &[], json!({}));
        let payload = merchant.asked_for(input.clone()).await;
        assert_eq!(code(&payload), "PRICE_CHANGED");
        assert_eq!(payload["userErrors"][0]["field"], "checkout.expectedPayable");
        let message = payload["userErrors"][0]["message"].as_str().expect("a message");
        assert!(message.contains("¥45.00"), "{message}");
        assert_eq!(payload["order"], Value::Null);
        merchant.turn("Pause", &campaign).await;
        let input = merchant.checkout_input("50.00", "45.00", &[], json!({}));
        assert_eq!(code(&merchant.asked_for(input.clone()).await), "PRICE_CHANGED");
        assert!(merchant.counters().await.is_empty(), "nothing was taken");
        // The key of a refused request is free for another try.
        let mut again = input;
        again["checkout"]["expectedPayable"] = cny("50.00");
        assert_eq!(code(&merchant.asked_for(again.clone()).await), "");
    }

    async fn an_order_costs_what_another_instance_quoted(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let elsewhere = merchant.on(&world.another_instance().await);
        let cart = json!({ "lines": lines("50.00") });
        let payable = async |at: &Merchant| at.quote(cart.clone()).await["payable"]["amount"].clone();
        // It keeps for a moment that there is none.
        assert_eq!(payable(&elsewhere).await, "50.00");
        let campaign = merchant.campaign("立减", json!({ "benefit": cash("5.00") })).await;
        assert_eq!(payable(&merchant).await, "45.00");
        elsewhere.checked_out("50.00", "45.00", &[], json!({})).await;
        assert_eq!(merchant.taken(&campaign).await, (1, 500));
        // And for a moment that there is one.
        assert_eq!(payable(&elsewhere).await, "45.00");
        merchant.turn("Pause", &campaign).await;
        assert_eq!(payable(&merchant).await, "50.00");
        elsewhere.checked_out("50.00", "50.00", &[], json!({})).await;
        assert_eq!(merchant.taken(&campaign).await, (1, 500));
    }

    async fn an_order_that_is_refused_makes_nobody_a_member(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.campaign("每人一次", json!({ "benefit": cash("5.00"), "limits": { "perMember": 1 } })).await;
        let input = merchant.checkout_input("50.00", "44.00", &[], json!({ "memberNo": "M1" }));
        assert_eq!(code(&merchant.asked_for(input).await), "PRICE_CHANGED");
        assert!(members(&merchant).await.is_empty());
        merchant.checked_out("50.00", "45.00", &[], json!({ "memberNo": "M1" })).await;
        assert_eq!(members(&merchant).await, ["M1"]);
    }

    async fn a_new_customers_coupon_is_used_once_however_many_they_have(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut rules = cash_rules(500);
        rules.audience.newcomers = true;
        rules.stacking.group = None;
        let template = merchant.template("新客券", &rules, RefundPolicy::Restore).await;
        let mine = merchant.coupon_of(template, Some(merchant.member_id("M1").await)).await;
        let codes = [merchant.coupon_of(template, None).await, merchant.coupon_of(template, None).await];
        let m1 = json!({ "memberNo": "M1" });
        // Not twice in one order.
        let input = merchant.checkout_input("50.00", "40.00", &[&mine, &codes[0]], m1.clone());
        assert_eq!(code(&merchant.asked_for(input).await), "COUPON_NOT_USABLE");
        let first = merchant.checked_out("50.00", "45.00", &[&mine], m1.clone()).await;
        // Nor in an order beside one that is not paid yet.
        let quote = merchant.quote(json!({ "lines": lines("50.00"), "memberNo": "M1",
            "couponCodes": [codes[0]] })).await;
        assert_eq!(quote["notApplied"][0]["code"], "USED_UP_BY_MEMBER");
        let input = merchant.checkout_input("50.00", "45.00", &[&codes[0]], m1.clone());
        assert_eq!(code(&merchant.asked_for(input).await), "COUPON_NOT_USABLE");
        counters_are_right(&merchant).await;
        // An order that is closed gives it back.
        close(&merchant.owner().await, &first).await;
        merchant.checked_out("50.00", "45.00", &[&codes[1]], m1).await;
        counters_are_right(&merchant).await;
    }

    async fn a_member_uses_no_more_codes_than_one_may_have(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.template("五元券", &cash_rules(500), RefundPolicy::Restore).await;
        let mut codes = Vec::new();
        for _ in 0..4 {
            codes.push(merchant.coupon_of(template, None).await);
        }
        let one_each = coupon_template::Entity::update_of(merchant.id)
            .filter(coupon_template::Column::Id.eq(template))
            .col_expr(coupon_template::Column::PerMember, Expr::value(1_i64))
            .exec(merchant.app().db.writer()).await;
        assert_eq!(one_each.expect("the database answers").rows_affected, 1);
        let m1 = json!({ "memberNo": "M1" });
        merchant.checked_out("50.00", "45.00", &[&codes[0]], m1.clone()).await;
        let input = merchant.checkout_input("50.00", "45.00", &[&codes[1]], m1);
        let payload = merchant.asked_for(input).await;
        assert_eq!(code(&payload), "COUPON_NOT_USABLE");
        let message = payload["userErrors"][0]["message"].as_str().expect("a message");
        assert!(message.contains("as often as one may"), "{message}");
        // Whose number nobody gives cannot be counted.
        for code in &codes[1..3] {
            merchant.checked_out("50.00", "45.00", &[code], json!({})).await;
        }
        merchant.checked_out("50.00", "45.00", &[&codes[3]], json!({ "memberNo": "M2" })).await;
        counters_are_right(&merchant).await;
    }

    async fn orders_are_found_by_what_took_something_off_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let campaign = merchant.campaign("满百减二十", json!({ "benefit": full("100.00", "20.00") })).await;
        let template = merchant.template("五元券", &cash_rules(500), RefundPolicy::Restore).await;
        let coupon = merchant.coupon_of(template, None).await;
        merchant.checked_out("50.00", "50.00", &[], json!({})).await;
        let first = merchant.checked_out("100.00", "80.00", &[], json!({})).await;
        let second = merchant.checked_out("100.00", "75.00", &[&coupon], json!({})).await;
        let owner = merchant.owner().await;
        let list = "query($filter: OrderFilterInput) { orders(filter: $filter) { totalCount edges { node { id } } } }";
        let found = async |filter: Value| -> Vec<String> {
            let answer = owner.data(list, json!({ "filter": filter })).await;
            let edges = answer["orders"]["edges"].as_array().expect("edges").iter();
            edges.map(|edge| edge["node"]["id"].as_str().expect("an id").to_owned()).collect()
        };
        let (by_campaign, by_template) =
            (json!({ "campaignId": campaign }), json!({ "couponTemplateId": template.to_string() }));
        let (first_id, second_id) = (first.id.to_string(), second.id.to_string());
        assert_eq!(found(by_campaign.clone()).await, [second_id.clone(), first_id.clone()]);
        assert_eq!(found(by_template).await, std::slice::from_ref(&second_id));
        close(&owner, &first).await;
        assert_eq!(found(by_campaign.clone()).await, [second_id], "what was rolled back took nothing");
        let other = world.merchant("云裳时装").await;
        let answer = other.owner().await.data(list, json!({ "filter": by_campaign.clone() })).await;
        assert_eq!(answer["orders"]["totalCount"], 0);
        let wrong = json!({ "filter": { "not": { "campaignId": "nothing" } } });
        assert_eq!(owner.error(list, wrong).await.0, "BAD_USER_INPUT");
    }

    async fn the_code_of_a_coupon_that_can_be_used_again_is_not_shown(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.template("五元券", &cash_rules(500), RefundPolicy::Restore).await;
        let coupon = merchant.coupon_of(template, None).await;
        let order = merchant.checked_out("50.00", "45.00", &[&coupon], json!({})).await;
        let shown = async || order.read("redemptions { state couponCode }").await["redemptions"][0].clone();
        assert_eq!(shown().await, json!({ "state": "RESERVED", "couponCode": coupon }));
        // Whoever could close the order would have the code.
        let viewer = merchant.client(entity::membership::Role::Viewer).await;
        let listed = viewer.data("{ orders { edges { node { redemptions { couponCode } } } } }", Value::Null).await;
        assert_eq!(listed["orders"]["edges"][0]["node"]["redemptions"], json!([{ "couponCode": null }]));
        close(&merchant.owner().await, &order).await;
        assert_eq!(shown().await, json!({ "state": "ROLLED_BACK", "couponCode": null }));
    }

    async fn a_coupon_that_takes_nothing_off_is_refused_with_its_reason(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (member, other) = (merchant.member_id("M1").await, merchant.member_id("M2").await);
        let template = merchant.template("五元券", &cash_rules(500), RefundPolicy::Restore).await;
        let better = merchant.template("九元券", &cash_rules(900), RefundPolicy::Restore).await;
        let (mine, foreign) = (merchant.coupon_of(template, Some(member)).await,
            merchant.coupon_of(template, Some(other)).await);
        let nine = merchant.coupon_of(better, Some(member)).await;
        let m1 = json!({ "memberNo": "M1" });
        let cases: [(&[&str], &str); 3] = [
            (&["NOPE"], "There is no coupon of this code."),
            (&[&foreign], "belongs to another member"),
            (&[&mine, &nine], "“九元券” takes more off"),
        ];
        for (codes, expected) in cases {
            let input = merchant.checkout_input("50.00", "45.00", codes, m1.clone());
            let payload = merchant.asked_for(input.clone()).await;
            assert_eq!(code(&payload), "COUPON_NOT_USABLE", "{codes:?}");
            let message = payload["userErrors"][0]["message"].as_str().expect("a message");
            assert!(message.contains(expected), "{message}");
        }
        // Used once, it is held.
        merchant.checked_out("50.00", "45.00", &[&mine], m1.clone()).await;
        let input = merchant.checkout_input("50.00", "45.00", &[&mine], m1);
        let payload = merchant.asked_for(input.clone()).await;
        assert_eq!(code(&payload), "COUPON_NOT_USABLE");
    }

    async fn the_same_request_again_returns_the_same_order_and_takes_nothing_more(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let limits = json!({ "benefit": cash("5.00"), "limits": { "total": 1 } });
        let campaign = merchant.campaign("前一名", limits).await;
        let template = merchant.template("五元券", &cash_rules(500), RefundPolicy::Restore).await;
        let coupon = merchant.coupon_of(template, None).await;
        let input = merchant.checkout_input("50.00", "40.00", &[&coupon], json!({}));
        let first = merchant.asked_for(input.clone()).await;
        assert_eq!(first["userErrors"], json!([]));
        assert_eq!(merchant.asked_for(input.clone()).await, first);
        assert_eq!(merchant.taken(&campaign).await, (1, 500));
        let mut other = input;
        other["checkout"]["expectedPayable"] = cny("41.00");
        assert_eq!(code(&merchant.asked_for(other.clone()).await), "KEY_REUSED");
    }

    async fn shops_that_price_themselves_are_left_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.campaign("立减", json!({ "benefit": cash("5.00") })).await;
        let order = merchant.order_with("50.00", json!({ "discount": cny("1.00") })).await;
        let seen = order.read(REDEMPTIONS).await;
        assert_eq!(seen["payable"]["amount"], "49.00");
        assert_eq!(seen["redemptions"], json!([]));
        let both = merchant.checkout_input("50.00", "45.00", &[], json!({ "discount": cny("1.00") }));
        let payload = merchant.asked_for(both.clone()).await;
        assert_eq!((code(&payload), &payload["userErrors"][0]["field"]), ("INVALID", &json!("checkout")));
    }

    async fn limits_of_a_member_and_of_a_day_hold(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let rules = json!({ "benefit": cash("5.00"), "limits": { "perMember": 1, "perDay": 2 } });
        merchant.campaign("每人一次", rules).await;
        let quoted = async |no: &str| {
            let quote = merchant.quote(json!({ "lines": lines("50.00"), "memberNo": no })).await;
            quote["notApplied"][0]["code"].as_str().unwrap_or("given").to_owned()
        };
        merchant.checked_out("50.00", "45.00", &[], json!({ "memberNo": "M1" })).await;
        assert_eq!(quoted("M1").await, "USED_UP_BY_MEMBER");
        assert_eq!(quoted("M2").await, "given");
        merchant.checked_out("50.00", "45.00", &[], json!({ "memberNo": "M2" })).await;
        assert_eq!(quoted("M3").await, "USED_UP_TODAY");
        world.clock.advance(chrono::TimeDelta::days(1));
        assert_eq!(quoted("M3").await, "given");
        assert_eq!(quoted("M1").await, "USED_UP_BY_MEMBER");
    }
}
