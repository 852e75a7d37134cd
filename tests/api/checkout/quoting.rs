//! What carts cost, and why.

use chrono::TimeDelta;
use entity::campaign::RefundPolicy;
use entity::coupon::CouponState;
use serde_json::{Value, json};
use yigate::campaigns::model::is_held_out;

use super::scene::{QUOTE, cash, cash_rules, cny, full, lines, percent};
use crate::everywhere;

fn reasons(quote: &Value) -> Vec<(&str, &str)> {
    let told = quote["notApplied"].as_array().expect("a list").iter();
    told.map(|it| {
        (
            it["name"].as_str().expect("a name"),
            it["code"].as_str().expect("a code"),
        )
    })
    .collect()
}

everywhere! {
    async fn a_quote_says_what_comes_off_which_line_and_why_the_rest_does_not(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let steps = json!({ "fullReduction": { "steps": [
            { "threshold": cny("100.00"), "off": cny("20.00") },
            { "threshold": cny("300.00"), "off": cny("80.00") },
        ] } });
        let first = merchant.campaign("满减", json!({ "benefit": steps })).await;
        let wine = json!({ "benefit": percent("20"), "scope": { "categories": ["酒水"] } });
        merchant.campaign("酒水八折", wine).await;
        merchant.campaign("满五百", json!({ "benefit": full("500.00", "100.00") })).await;
        let input = json!({ "lines": [
            { "title": "宫保鸡丁", "category": "热菜", "quantity": 2, "unitPrice": cny("33.33") },
            { "title": "米饭", "quantity": 1, "unitPrice": cny("33.34") },
        ] });
        let quote = merchant.quote(input.clone()).await;
        assert_eq!(quote["amount"]["amount"], "100.00");
        assert_eq!(quote["discount"]["amount"], "20.00");
        assert_eq!(quote["payable"], cny("80.00"));
        assert_eq!(quote["applied"], json!([{ "kind": "CAMPAIGN", "name": "满减", "couponCode": null,
            "off": { "amount": "20.00" }, "campaign": { "id": first } }]));
        let offs: Vec<&str> = quote["lines"].as_array().expect("lines").iter()
            .filter_map(|line| line["discount"]["amount"].as_str()).collect();
        assert_eq!(offs, ["13.33", "6.67"]);
        assert_eq!(reasons(&quote), [("酒水八折", "NOTHING_IN_SCOPE"), ("满五百", "BELOW_THRESHOLD")]);
        assert_eq!(quote["notApplied"][1]["missing"]["amount"], "420.00");
        assert_eq!(quote["notApplied"][1]["message"], "At least ¥420.00 more is needed.");
        let chinese = merchant.shop().in_chinese().data(QUOTE, json!({ "input": input })).await;
        assert_eq!(chinese["checkoutQuote"]["notApplied"][1]["message"], "至少还差 ¥420.00 可用。");
        // Asking takes nothing.
        assert!(merchant.counters().await.is_empty());
        assert_eq!(merchant.quote(input).await, quote);
    }

    async fn of_a_members_coupons_those_are_named_that_take_most_off(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let member = merchant.member_id("M1").await;
        let mut small = cash_rules(500);
        let large = cash_rules(900);
        let few = merchant.template("五元券", &small, RefundPolicy::Restore).await;
        let many = merchant.template("九元券", &large, RefundPolicy::Restore).await;
        small.stacking.group = None;
        let beside = merchant.template("可叠加五元券", &small, RefundPolicy::Restore).await;
        merchant.coupon_of(few, Some(member)).await;
        let best = merchant.coupon_of(many, Some(member)).await;
        let stacked = merchant.coupon_of(beside, Some(member)).await;
        let input = json!({ "lines": lines("50.00"), "memberNo": "M1" });
        let quote = merchant.quote(input.clone()).await;
        assert_eq!(quote["payable"]["amount"], "50.00", "none is used that nobody chose");
        let named: Vec<&str> = quote["bestCoupons"].as_array().expect("codes").iter()
            .filter_map(Value::as_str).collect();
        assert_eq!(named.len(), 2);
        assert!(named.contains(&best.as_str()) && named.contains(&stacked.as_str()));
        let mut with = input;
        with["couponCodes"] = quote["bestCoupons"].clone();
        let priced = merchant.quote(with).await;
        assert_eq!(priced["payable"]["amount"], "36.00");
        assert_eq!(priced["bestCoupons"], quote["bestCoupons"]);
    }

    async fn each_code_that_cannot_be_used_is_told_with_its_reason(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (member, other) = (merchant.member_id("M1").await, merchant.member_id("M2").await);
        let template = merchant.template("五元券", &cash_rules(500), RefundPolicy::Restore).await;
        let anybodys = merchant.coupon_of(template, None).await;
        let foreign = merchant.coupon_of(template, Some(other)).await;
        let now = world.clock.instant();
        let later = entity::Instant(now.0 + TimeDelta::days(1));
        let not_yet = merchant.coupon_that(template, None, |it| it.valid_from = later).await;
        let expired = merchant.coupon_that(template, Some(member), |it| {
            it.valid_from = entity::Instant(now.0 - TimeDelta::days(1));
            it.valid_until = now;
        }).await;
        let void = merchant.coupon_that(template, None, |it| {
            it.state = CouponState::Void;
            it.voided_at = Some(now);
        }).await;
        let codes = ["ZZZZ-ZZZZ-ZZZZZ", &foreign, &not_yet, &expired, &void, &anybodys];
        let input = json!({ "lines": lines("50.00"), "memberNo": "M1", "couponCodes": codes });
        let quote = merchant.quote(input).await;
        let told: Vec<(&str, &str)> = quote["couponProblems"].as_array().expect("a list").iter()
            .map(|it| (it["couponCode"].as_str().unwrap(), it["code"].as_str().unwrap())).collect();
        assert_eq!(told, [
            ("ZZZZ-ZZZZ-ZZZZZ", "NOT_FOUND"), (&foreign, "OTHER_MEMBER"), (&not_yet, "NOT_YET_VALID"),
            (&expired, "EXPIRED"), (&void, "VOID"),
        ]);
        assert_eq!(quote["payable"]["amount"], "45.00", "what is nobody's is anybody's");
        // Nobody has what is somebody's.
        let input = json!({ "lines": lines("50.00"), "couponCodes": [foreign] });
        assert_eq!(merchant.quote(input).await["couponProblems"][0]["code"], "OTHER_MEMBER");
    }

    async fn what_is_for_some_is_given_to_them_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.campaign("新客", json!({ "benefit": cash("5.00"), "audience": { "newcomers": true } })).await;
        merchant.campaign("微信", json!({ "benefit": cash("3.00"),
            "scope": { "methods": ["WECHAT_PAY"] } })).await;
        let quote = merchant.quote(json!({ "lines": lines("50.00") })).await;
        assert_eq!(reasons(&quote), [("新客", "NEWCOMERS_ONLY"), ("微信", "OTHER_CHANNEL")]);
        let by_method = json!({ "lines": lines("50.00"), "method": "WECHAT_PAY", "memberNo": "M7" });
        assert_eq!(merchant.quote(by_method).await["payable"]["amount"], "42.00");
        let channel = merchant.channel_id.to_string();
        let by_channel = json!({ "lines": lines("50.00"), "channelId": channel, "memberNo": "M7" });
        assert_eq!(merchant.quote(by_channel.clone()).await["payable"]["amount"], "42.00");
        let order = merchant.order_with("50.00", json!({ "memberNo": "M7" })).await;
        order.pay().await;
        let quote = merchant.quote(by_channel).await;
        assert_eq!(reasons(&quote), [("新客", "NEWCOMERS_ONLY")]);
    }

    async fn the_comparison_group_is_given_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = merchant.campaign_with("满减", json!({ "benefit": cash("5.00") }),
            json!({ "holdoutShare": "0.5" })).await;
        let campaign = id.parse().expect("an id");
        let (mut given, mut held_out) = (0, 0);
        // Until there are some of both.
        for no in 0..64 {
            let no = format!("M{no}");
            // Nobody has named them before.
            let input = json!({ "lines": lines("50.00"), "memberNo": no });
            let quote = merchant.quote(input.clone()).await;
            if is_held_out(campaign, &no, 500_000) {
                held_out += 1;
                assert_eq!(reasons(&quote), [("满减", "HELD_OUT")]);
                assert_eq!(quote["notApplied"][0]["message"], "It is not given now.");
            } else {
                given += 1;
                assert_eq!(quote["payable"]["amount"], "45.00");
            }
            let payable = quote["payable"]["amount"].as_str().expect("an amount");
            // What they were quoted is what they pay, and who has ordered once is quoted the same.
            merchant.checked_out("50.00", payable, &[], json!({ "memberNo": no })).await;
            assert_eq!(merchant.quote(input).await, quote);
            if given > 1 && held_out > 1 {
                return;
            }
        }
        panic!("{given} are given it, {held_out} are held out");
    }

    async fn an_exclusive_campaign_says_itself_why_it_is_not_given(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let rules = json!({ "benefit": full("500.00", "100.00"), "stacking": { "exclusive": true } });
        merchant.campaign("满五百", rules).await;
        let quote = merchant.quote(json!({ "lines": lines("300.00") })).await;
        assert_eq!(reasons(&quote), [("满五百", "BELOW_THRESHOLD")]);
        assert_eq!(quote["notApplied"][0]["missing"]["amount"], "200.00");
    }

    async fn what_is_missing_behind_another_offer_is_told_as_the_least(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.campaign("九折", json!({ "benefit": percent("10") })).await;
        merchant.campaign("满百", json!({ "benefit": full("100.00", "20.00") })).await;
        let quote = merchant.quote(json!({ "lines": lines("100.00") })).await;
        assert_eq!(reasons(&quote), [("满百", "BELOW_THRESHOLD")]);
        assert_eq!(quote["notApplied"][0]["message"], "At least ¥10.00 more is needed.");
    }

    async fn what_cannot_be_meant_is_refused(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let channel = merchant.channel_id.to_string();
        let other = world.merchant("云裳时装").await.channel_id.to_string();
        let many: Vec<String> = (0..11).map(|no| format!("CODE{no}")).collect();
        let cases = [
            (json!({ "lines": [] }), "BAD_USER_INPUT"),
            (json!({ "lines": lines("0.00") }), "BAD_USER_INPUT"),
            (json!({ "lines": lines("5.00"), "couponCodes": many }), "BAD_USER_INPUT"),
            (json!({ "lines": lines("5.00"), "couponCodes": [""] }), "BAD_USER_INPUT"),
            (json!({ "lines": lines("5.00"), "memberNo": "王小明" }), "BAD_USER_INPUT"),
            (json!({ "lines": lines("5.00"), "channelId": channel, "method": "ALIPAY" }), "BAD_USER_INPUT"),
            (json!({ "lines": lines("5.00"), "channelId": other }), "NOT_FOUND"),
        ];
        for (input, expected) in cases {
            let (code, message) = merchant.shop().error(QUOTE, json!({ "input": input })).await;
            assert_eq!(code, expected, "{input}: {message}");
        }
    }
}
