//! The terms of merchants and channels: who sets what, what is refused, and what holds from then on.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{asked_for_terms, balance, set_terms};
use crate::everywhere;
use crate::support::Client;

const SHOWN: &str = "{ merchant { latePaymentPolicy settlement { cycle days } \
    refundApproval { aboveAmount { amount currency } roles } } }";

/// What somebody is told who changes the merchant.
async fn update(client: &Client, input: Value) -> Value {
    let document = "mutation($input: MerchantUpdateInput!) { merchantUpdate(input: $input) { \
        merchant { id } userErrors { code field message } } }";
    let answer = client.data(document, json!({ "input": input })).await;
    answer["merchantUpdate"].clone()
}

everywhere! {
    async fn an_owner_sets_what_the_merchant_decides(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let shown = async || owner.data(SHOWN, json!({})).await["merchant"].clone();
        let mut wanted = json!({
            "latePaymentPolicy": "ACCEPT",
            "settlement": { "cycle": "T", "days": 1 },
            "refundApproval": { "aboveAmount": null, "roles": [] },
        });
        assert_eq!(shown().await, wanted);
        let money = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        for (part, value) in [
            ("latePaymentPolicy", json!("AUTO_REFUND")),
            ("settlement", json!({ "cycle": "D", "days": 30 })),
            ("refundApproval", json!({ "aboveAmount": money("500.00"), "roles": ["SUPPORT", "FINANCE"] })),
            ("refundApproval", json!({ "aboveAmount": money("0.00"), "roles": ["SUPPORT", "SUPPORT"] })),
            ("refundApproval", json!({ "aboveAmount": null, "roles": [] })),
            ("settlement", json!({ "cycle": "INSTANT", "days": 0 })),
        ] {
            let payload = update(&owner, json!({ part: value })).await;
            assert_eq!(payload, json!({ "merchant": { "id": merchant.id.to_string() }, "userErrors": [] }));
            wanted[part] = value;
            if part == "refundApproval" {
                let roles = wanted[part]["roles"].as_array_mut().expect("roles");
                roles.sort_by_key(|role| role == "SUPPORT");
                roles.dedup();
            }
            assert_eq!(shown().await, wanted, "{part}");
        }
        update(&owner, json!({})).await;
        assert_eq!(shown().await, wanted, "nothing is asked, nothing changes");
        // It holds at once.
        merchant.paid_order("36.00").await;
        assert_eq!(balance(&merchant, None).await[1], "36.00");
    }

    async fn what_no_merchant_can_decide_is_refused_by_its_reason(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let before = owner.data(SHOWN, json!({})).await;
        let days = |cycle: &str, days: i32| json!({ "settlement": { "cycle": cycle, "days": days } });
        let above = |amount: &str, currency: &str| {
            let amount = json!({ "amount": amount, "currency": currency });
            json!({ "latePaymentPolicy": "AUTO_REFUND", "refundApproval": { "aboveAmount": amount, "roles": [] } })
        };
        for (input, code, field) in [
            (days("INSTANT", 1), "INSTANT_WITH_DAYS", "settlement.days"),
            (days("D", 0), "DAYS_OUT_OF_RANGE", "settlement.days"),
            (days("T", 31), "DAYS_OUT_OF_RANGE", "settlement.days"),
            (days("T", -1), "DAYS_OUT_OF_RANGE", "settlement.days"),
            (above("-0.01", "CNY"), "INVALID_AMOUNT", "refundApproval.aboveAmount"),
            (above("1.00", "USD"), "INVALID_AMOUNT", "refundApproval.aboveAmount"),
            (above("1.001", "CNY"), "INVALID_AMOUNT", "refundApproval.aboveAmount"),
        ] {
            let payload = update(&owner, input.clone()).await;
            let error = &payload["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(field)), "{input}");
            assert_eq!(payload["merchant"], Value::Null);
        }
        assert_eq!(owner.data(SHOWN, json!({})).await, before);
        let zh = update(&owner.clone().in_chinese(), days("T", 31)).await;
        let message = zh["userErrors"][0]["message"].as_str().expect("a message");
        assert!(message.contains("1 至 30"), "{message}");
        // Nobody but an owner.
        let document = "mutation { merchantUpdate(input: {}) { userErrors { code } } }";
        let (code, _) = merchant.client(Role::Finance).await.error(document, json!({})).await;
        assert_eq!(code, "FORBIDDEN");
    }

    async fn a_channels_terms_are_set_part_by_part(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut wanted = json!({
            "fundsMode": "COLLECT",
            "settlement": null,
            "effectiveSettlement": { "cycle": "T", "days": 1 },
            "refunds": { "windowDays": 365, "maxCount": 50, "spacingSeconds": 0, "partialAllowed": true,
                "returnsFee": true, "arrivalDays": 3 },
        });
        let own = json!({ "cycle": "D", "days": 7 });
        for (part, value) in [
            ("fundsMode", json!("DIRECT")),
            ("settlement", own.clone()),
            ("refunds", json!({ "windowDays": 180, "spacingSeconds": 60 })),
            ("refunds", json!({ "maxCount": 1, "partialAllowed": false, "returnsFee": false, "arrivalDays": 0 })),
            ("settlement", Value::Null),
        ] {
            world.clock.advance(TimeDelta::seconds(1));
            let payload = asked_for_terms(&merchant, json!({ part: value })).await;
            assert_eq!(payload["userErrors"], json!([]));
            match &value {
                Value::Object(values) if part == "refunds" => {
                    wanted[part].as_object_mut().expect("terms").extend(values.clone());
                }
                _ => wanted[part] = value,
            }
            if part == "settlement" {
                let merchants = json!({ "cycle": "T", "days": 1 });
                let has_own = !wanted["settlement"].is_null();
                wanted["effectiveSettlement"] = if has_own { own.clone() } else { merchants };
            }
            assert_eq!(payload["channel"]["terms"], wanted, "{part}");
            let now = world.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(payload["channel"]["updatedAt"], now);
        }
        // Beside an order they are the same at once, and the channel works as before.
        let order = merchant.paid_order("1.00").await;
        let beside = order.read("channel { terms { fundsMode refunds { maxCount } } }").await;
        let terms = json!({ "fundsMode": "DIRECT", "refunds": { "maxCount": 1 } });
        assert_eq!(beside["channel"]["terms"], terms);
    }

    async fn what_no_contract_says_is_refused_by_its_reason(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let terms = |cycle: &str, days: i32| json!({ "settlement": { "cycle": cycle, "days": days } });
        let refunds = |part: &str, figure: i32| json!({ "fundsMode": "DIRECT", "refunds": { part: figure } });
        for (input, code, field) in [
            (terms("INSTANT", 1), "INSTANT_WITH_DAYS", "settlement.days"),
            (terms("D", 0), "DAYS_OUT_OF_RANGE", "settlement.days"),
            (terms("T", 31), "DAYS_OUT_OF_RANGE", "settlement.days"),
            (refunds("windowDays", -1), "OUT_OF_RANGE", "refunds.windowDays"),
            (refunds("maxCount", 1_001), "OUT_OF_RANGE", "refunds.maxCount"),
            (refunds("spacingSeconds", 86_401), "OUT_OF_RANGE", "refunds.spacingSeconds"),
            (refunds("arrivalDays", 61), "OUT_OF_RANGE", "refunds.arrivalDays"),
            (json!({ "channelId": "chn_0" }), "NOT_FOUND", "channelId"),
            (json!({ "channelId": "nonsense" }), "NOT_FOUND", "channelId"),
        ] {
            let payload = asked_for_terms(&merchant, input.clone()).await;
            let error = &payload["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(field)), "{input}");
            assert_eq!(payload["channel"], Value::Null);
        }
        let mode = "{ channels { terms { fundsMode } } }";
        let seen = merchant.owner().await.data(mode, json!({})).await;
        assert_eq!(seen["channels"], json!([{ "terms": { "fundsMode": "COLLECT" } }]));
    }

    async fn what_was_paid_keeps_what_held_for_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("1.00").await;
        set_terms(&merchant, json!({ "settlement": { "cycle": "D", "days": 5 } })).await;
        merchant.paid_order("2.00").await;
        set_terms(&merchant, json!({ "settlement": { "cycle": "INSTANT", "days": 0 } })).await;
        merchant.paid_order("4.00").await;
        set_terms(&merchant, json!({ "fundsMode": "DIRECT" })).await;
        merchant.paid_order("8.00").await;
        let document = "{ settlementSchedule { day amount { amount } } }";
        let seen = merchant.owner().await.data(document, json!({})).await;
        let day = |day: &str, amount: &str| json!({ "day": day, "amount": { "amount": amount } });
        let days = json!([day("2026-11-24", "1.00"), day("2026-11-28", "2.00")]);
        assert_eq!(seen["settlementSchedule"], days);
        assert_eq!(balance(&merchant, None).await, ["3.00", "4.00", "0.00", "0.00", "0.00"]);
    }
}
