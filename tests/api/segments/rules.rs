//! Whom each rule finds, alone and joined with others.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::people::{Person, Shop, add, shop};
use super::{found, money};
use crate::everywhere;
use crate::support::coupons;

async fn each(shop: &Shop, cases: impl IntoIterator<Item = (Value, &str)>) {
    let owner = shop.merchant.owner().await;
    for (rules, wanted) in cases {
        let found = found(&owner, rules.clone()).await;
        let first = |no: &String| no.chars().next().expect("a letter");
        let letters: String = found.iter().map(first).collect();
        assert_eq!(letters, wanted, "{rules}");
    }
}

everywhere! {
    async fn who_somebody_is_finds_them(world: World) {
        let shop = shop(&world).await;
        let (gold, silver) = (shop.gold.to_string(), shop.silver.to_string());
        let (main, other) = (shop.merchant.channel_id.to_string(), shop.other_channel.to_string());
        each(&shop, [
            (json!({ "tier": { "tierIds": [gold] } }), "A"),
            (json!({ "tier": { "tierIds": [silver] } }), "BD"),
            (json!({ "tier": { "tierIds": [gold, silver] } }), "ABD"),
            (json!({ "tier": { "orNone": true } }), "C"),
            (json!({ "tier": { "tierIds": [gold], "orNone": true } }), "AC"),
            (json!({ "tags": ["vip"] }), "A"),
            (json!({ "tags": ["咖啡", "没有"] }), "AB"),
            (json!({ "tags": ["没有"] }), ""),
            (json!({ "memberNo": "A-" }), "A"),
            (json!({ "memberNo": "-1" }), ""),
            (json!({ "consented": true }), "AC"),
            (json!({ "consented": false }), "BD"),
            (json!({ "birthdayMonths": [11, 12] }), "A"),
            (json!({ "birthdayMonths": [2] }), "B"),
            (json!({ "birthdayWithinDays": 2 }), ""),
            (json!({ "birthdayWithinDays": 3 }), "A"),
            // To 28 February: there is no 29th.
            (json!({ "birthdayWithinDays": 98 }), "AB"),
            (json!({ "birthdayWithinDays": 97 }), "A"),
            (json!({ "birthdayWithinDays": 366 }), "AB"),
            (json!({ "joinedWithinDays": 11 }), "C"),
            (json!({ "joinedWithinDays": 10 }), ""),
            (json!({ "notJoinedWithinDays": 11 }), "ABD"),
            (json!({ "points": { "min": 500 } }), "A"),
            (json!({ "points": { "min": 501 } }), ""),
            (json!({ "points": { "max": 0 } }), "BCD"),
            (json!({ "firstChannelIds": [main] }), "AB"),
            (json!({ "firstChannelIds": [other] }), "D"),
        ])
        .await;
    }

    async fn what_somebody_has_bought_finds_them(world: World) {
        let shop = shop(&world).await;
        each(&shop, [
            (json!({ "firstPaidWithinDays": 91 }), "B"),
            (json!({ "firstPaidWithinDays": 90 }), ""),
            (json!({ "paidWithinDays": 6 }), "A"),
            (json!({ "paidWithinDays": 5 }), ""),
            (json!({ "notPaidForDays": 6 }), "BD"),
            (json!({ "notPaidForDays": 5 }), "ABD"),
            (json!({ "neverPaid": true }), "C"),
            (json!({ "neverPaid": false }), "ABD"),
            (json!({ "orders": { "min": 2 } }), "AB"),
            (json!({ "orders": { "max": 0 } }), "C"),
            (json!({ "orders": { "min": 0 } }), "ABCD"),
            (json!({ "orders": { "min": 1, "days": 61 } }), "AB"),
            (json!({ "orders": { "min": 1, "days": 60 } }), "A"),
            (json!({ "orders": { "max": 0, "days": 61 } }), "CD"),
            (json!({ "orders": { "max": 2, "days": 6 } }), "ABCD"),
            (json!({ "orders": { "min": 2, "max": 2, "days": 40 } }), "A"),
            (json!({ "orders": { "min": 3, "max": 5, "days": 41 } }), "A"),
            (json!({ "spent": { "min": money("1000.00") } }), "AD"),
            (json!({ "spent": { "min": money("1000.01") } }), "A"),
            (json!({ "spent": { "max": money("130") } }), "BC"),
            (json!({ "spent": { "min": money("300"), "days": 6 } }), "A"),
            (json!({ "spent": { "min": money("300.01"), "days": 40 } }), ""),
            (json!({ "spent": { "min": money("500"), "days": 41 } }), "A"),
            (json!({ "spent": { "min": money("0"), "days": 41 } }), "ABCD"),
            (json!({ "spent": { "max": money("50"), "days": 61 } }), "BCD"),
            (json!({ "spent": { "max": money("49.99"), "days": 61 } }), "CD"),
            (json!({ "averageOrder": { "min": money("200") } }), "AD"),
            (json!({ "averageOrder": { "min": money("233.34") } }), "D"),
            (json!({ "averageOrder": { "max": money("65") } }), "B"),
            (json!({ "averageOrder": { "max": money("64.99") } }), ""),
        ])
        .await;
    }

    async fn rules_are_joined_and_turned_around(world: World) {
        let shop = shop(&world).await;
        let (gold, silver) = (shop.gold.to_string(), shop.silver.to_string());
        each(&shop, [
            (json!({ "and": [{ "tier": { "tierIds": [silver] } }, { "notPaidForDays": 100 }] }), "D"),
            (json!({ "or": [{ "tags": ["vip"] }, { "neverPaid": true }] }), "AC"),
            (json!({ "not": { "tags": ["咖啡"] } }), "CD"),
            // Who has no tier, no birthday and no payment is none of those who have another one.
            (json!({ "not": { "tier": { "tierIds": [gold] } } }), "BCD"),
            (json!({ "not": { "birthdayMonths": [11] } }), "BCD"),
            (json!({ "not": { "paidWithinDays": 6 } }), "BCD"),
            (json!({ "not": { "notPaidForDays": 6 } }), "AC"),
            (json!({ "not": { "firstPaidWithinDays": 91 } }), "ACD"),
            (json!({ "not": { "spent": { "min": money("300"), "days": 6 } } }), "BCD"),
            (json!({ "not": { "averageOrder": { "min": money("200") } } }), "BC"),
            (json!({ "not": { "not": { "tags": ["vip"] } } }), "A"),
            (json!({ "not": { "or": [
                { "orders": { "min": 1, "days": 61 } },
                { "and": [{ "consented": true }, { "joinedWithinDays": 30 }] },
            ] } }), "D"),
            (json!({ "and": [
                { "or": [{ "tags": ["咖啡"] }, { "spent": { "min": money("1000") } }] },
                { "not": { "tier": { "tierIds": [gold] } } },
            ] }), "BD"),
        ])
        .await;
    }

    async fn what_was_in_an_order_finds_who_bought_it(world: World) {
        let shop = shop(&world).await;
        let merchant = &shop.merchant;
        let lines = |title: &str, category: &str| json!([{ "title": title, "category": category,
            "quantity": 1, "unitPrice": money("36.00") }]);
        let order = async |member: &str, lines: Value| {
            merchant.order_with("36.00", json!({ "memberNo": member, "lines": lines })).await
        };
        order("B-1", lines("拿铁", "咖啡")).await.pay().await;
        order("C-1", lines("拿铁", "咖啡")).await;
        world.clock.advance(TimeDelta::days(2));
        order("D-1", lines("可颂", "面包")).await.pay().await;
        each(&shop, [
            (json!({ "bought": { "products": ["拿铁"] } }), "B"),
            (json!({ "bought": { "categories": ["面包"] } }), "D"),
            (json!({ "bought": { "products": ["拿铁"], "categories": ["面包"] } }), "BD"),
            (json!({ "bought": { "products": ["美式"] } }), ""),
            (json!({ "bought": { "products": ["拿铁"], "days": 3 } }), "B"),
            (json!({ "bought": { "products": ["拿铁"], "days": 2 } }), ""),
            (json!({ "not": { "bought": { "categories": ["咖啡", "面包"] } } }), "AC"),
        ])
        .await;
    }

    async fn a_coupon_that_can_be_used_finds_who_holds_it(world: World) {
        let shop = shop(&world).await;
        let template = shop.merchant.coupon_template(json!({})).await;
        let another = shop.merchant.coupon_template(json!({ "name": "另一种" })).await;
        let issued = shop.merchant.issues(&template, &["A-1", "C-1"]).await;
        assert_eq!(coupons::code(&issued), "");
        each(&shop, [
            (json!({ "couponTemplateIds": [template] }), "AC"),
            (json!({ "couponTemplateIds": [another] }), ""),
            (json!({ "couponTemplateIds": [another, template] }), "AC"),
            (json!({ "not": { "couponTemplateIds": [template] } }), "BD"),
        ])
        .await;
        world.clock.advance(TimeDelta::days(9));
        each(&shop, [(json!({ "couponTemplateIds": [template] }), "")]).await;
    }

    async fn who_is_in_a_sample_was_named_last(world: World) {
        let shop = shop(&world).await;
        for no in 1..=12 {
            add(&world, &shop.merchant, &Person { no: format!("G-{no}"), ..Person::default() }).await;
        }
        let owner = shop.merchant.owner().await;
        let preview = owner.data("{ segmentPreview(rules: { neverPaid: true }) { size sample { memberNo } } }",
            Value::Null).await;
        let sample = preview["segmentPreview"]["sample"].as_array().unwrap();
        assert_eq!((&preview["segmentPreview"]["size"], sample.len()), (&json!(13), 10));
        assert_eq!(sample[0]["memberNo"], "G-12");
    }
}
