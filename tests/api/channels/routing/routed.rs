//! Orders that name a method: which channel they take, what refuses them, and what a repeated request does.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::channel::{Column, PaymentMethod};
use entity::channel_health::HealthState;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::{
    asked_to_set, becomes, by_method, channel_of, open, policy, refusal, routed, set, took,
};
use crate::everywhere;

everywhere! {
    async fn an_order_that_names_a_method_takes_the_first_channel_that_fits(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = open(&merchant, PaymentMethod::WechatPay, 2).await;
        open(&merchant, PaymentMethod::Alipay, 0).await;
        let (order, taken) = routed(&merchant, "36.00").await;
        assert_eq!(taken, merchant.channel_id);
        assert_eq!(order.read("method").await["method"], "WECHAT_PAY");
        order.pay().await;
        assert_eq!(order.payment_state().await, "PAID");
        set(&merchant, merchant.channel_id, Column::MaxMinor, Expr::value(3_599)).await;
        let (order, taken) = routed(&merchant, "36.00").await;
        assert_eq!(taken, second);
        let link = order.read("paymentCode { content }").await["paymentCode"]["content"].to_string();
        assert!(link.contains(&second.to_string()), "{link}");
        // Which channel is well matters more than its place.
        becomes(&merchant, merchant.channel_id, HealthState::Degraded).await;
        assert_eq!(routed(&merchant, "1.00").await.1, second);
        becomes(&merchant, second, HealthState::Maintenance).await;
        assert_eq!(routed(&merchant, "1.00").await.1, merchant.channel_id);
        // A bad way to pay is better than none.
        assert_eq!(routed(&merchant, "36.00").await.1, second);
    }

    async fn one_of_channel_and_method_is_named(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut both = merchant.order_input("36.00");
        both["method"] = json!("WECHAT_PAY");
        let mut neither = by_method(&merchant, "36.00", "WECHAT_PAY");
        neither.as_object_mut().expect("an object").remove("method");
        for input in [both, neither] {
            let payload = merchant.asked_for(input).await;
            assert_eq!(refusal(&payload), ("INVALID", "method"), "{payload}");
        }
        assert_eq!(merchant.order_count().await, 0);
    }

    async fn the_same_key_returns_the_order_with_its_channel_whatever_the_route_is_now(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = open(&merchant, PaymentMethod::WechatPay, 2).await;
        let input = by_method(&merchant, "36.00", "WECHAT_PAY");
        let first = merchant.asked_for(input.clone()).await;
        let order = merchant.order_of(&first);
        for enabled in [true, false] {
            set(&merchant, merchant.channel_id, Column::Enabled, Expr::value(false)).await;
            set(&merchant, second, Column::Enabled, Expr::value(enabled)).await;
            assert_eq!(merchant.asked_for(input.clone()).await, first);
        }
        assert_eq!(channel_of(&order).await, merchant.channel_id);
        // By the channel that was found, it is another request.
        let mut named = input;
        named["channelId"] = json!(merchant.channel_id.to_string());
        named["method"] = Value::Null;
        assert_eq!(refusal(&merchant.asked_for(named).await).0, "KEY_REUSED");
        assert_eq!(merchant.order_count().await, 1);
    }

    async fn no_channel_is_told_for_the_nearest_reason(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = merchant.channel_id;
        let told = async |input: Value| {
            let payload = merchant.asked_for(input).await;
            assert_eq!(refusal(&payload), ("NO_CHANNEL", "method"), "{payload}");
            payload["userErrors"][0]["message"].as_str().expect("a message").to_owned()
        };
        let closed = "No channel of this method is open.";
        assert_eq!(told(by_method(&merchant, "36.00", "ALIPAY")).await, closed);
        set(&merchant, id, Column::Enabled, Expr::value(false)).await;
        assert_eq!(told(by_method(&merchant, "36.00", "WECHAT_PAY")).await, closed);
        set(&merchant, id, Column::Enabled, Expr::value(true)).await;
        set(&merchant, id, Column::Devices, Expr::value("MOBILE")).await;
        let device = "No channel of this method works on the payer's device.";
        assert_eq!(told(by_method(&merchant, "36.00", "WECHAT_PAY")).await, device);
        set(&merchant, id, Column::Devices, Expr::value("DESKTOP MOBILE")).await;
        set(&merchant, id, Column::MinMinor, Expr::value(3_601)).await;
        let amount = "No channel of this method takes this amount.";
        assert_eq!(told(by_method(&merchant, "36.00", "WECHAT_PAY")).await, amount);
        set(&merchant, id, Column::MinMinor, Expr::value(0)).await;
        set(&merchant, id, Column::DailyMaxMinor, Expr::value(3_599)).await;
        let day = "Every channel of this method that would fit has taken as much as it may today.";
        assert_eq!(told(by_method(&merchant, "36.00", "WECHAT_PAY")).await, day);
        assert_eq!(merchant.order_count().await, 0);
    }

    async fn a_channel_takes_so_much_on_a_day_of_the_merchants(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = open(&merchant, PaymentMethod::WechatPay, 2).await;
        let first = merchant.channel_id;
        set(&merchant, first, Column::DailyMaxMinor, Expr::value(10_000)).await;
        // The last hour of Sunday in Shanghai, and the first and the eleventh of Monday.
        took(&merchant, first, "2026-11-22T15:00:00Z", 9_999).await;
        took(&merchant, first, "2026-11-22T16:00:00Z", 5_000).await;
        took(&merchant, first, "2026-11-23T03:00:00Z", 1_000).await;
        took(&merchant, second, "2026-11-23T03:00:00Z", 9_000).await;
        assert_eq!(routed(&merchant, "40.00").await.1, first);
        assert_eq!(routed(&merchant, "40.01").await.1, second);
        // Named, it says which limit it is.
        let payload = merchant.asked_for(merchant.order_input("40.01")).await;
        assert_eq!(refusal(&payload), ("DAILY_LIMIT_REACHED", "lines"));
        let told = payload["userErrors"][0]["message"].as_str().expect("a message");
        assert!(told.contains("100.00"), "{told}");
        merchant.order("40.00").await;
        world.clock.advance(TimeDelta::hours(12));
        assert_eq!(routed(&merchant, "100.00").await.1, first);
    }

    async fn a_named_channel_takes_the_devices_that_it_knows(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        set(&merchant, merchant.channel_id, Column::Devices, Expr::value("MOBILE")).await;
        let payload = merchant.asked_for(merchant.order_input("1.00")).await;
        assert_eq!(refusal(&payload), ("DEVICE_NOT_SUPPORTED", "device"));
        merchant.order_with("1.00", json!({ "device": "MOBILE" })).await;
        // How it is does not matter where the shop names it.
        becomes(&merchant, merchant.channel_id, HealthState::Down).await;
        merchant.order_with("1.00", json!({ "device": "MOBILE" })).await;
    }

    async fn a_policy_sends_orders_by_amount_and_hour(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (night, large) = (
            open(&merchant, PaymentMethod::WechatPay, 2).await,
            open(&merchant, PaymentMethod::WechatPay, 3).await,
        );
        policy(&merchant, "PRIORITY", json!([
            { "channelId": large.to_string(), "minAmount": { "amount": "500.00", "currency": "CNY" } },
            { "channelId": night.to_string(), "weekdays": ["MONDAY"], "from": "22:00", "until": "06:00" },
            { "channelId": merchant.channel_id.to_string() },
        ])).await;
        assert_eq!(routed(&merchant, "500.00").await.1, large);
        assert_eq!(routed(&merchant, "499.99").await.1, merchant.channel_id);
        // Monday at 22:00 in Shanghai.
        world.clock.advance(TimeDelta::hours(10));
        assert_eq!(routed(&merchant, "499.99").await.1, night);
        world.clock.advance(TimeDelta::minutes(8 * 60 - 1));
        assert_eq!(routed(&merchant, "499.99").await.1, night);
        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(routed(&merchant, "499.99").await.1, merchant.channel_id);
    }

    async fn a_policy_goes_round_and_keeps_to_weights(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = open(&merchant, PaymentMethod::WechatPay, 2).await;
        let unused = open(&merchant, PaymentMethod::WechatPay, 0).await;
        let targets = json!([
            { "channelId": merchant.channel_id.to_string(), "weight": 9_999 },
            { "channelId": second.to_string() },
        ]);
        policy(&merchant, "ROUND_ROBIN", targets.clone()).await;
        let mut counts = BTreeMap::new();
        for _ in 0..6 {
            *counts.entry(routed(&merchant, "1.00").await.1).or_insert(0) += 1;
        }
        assert_eq!(counts, BTreeMap::from([(merchant.channel_id, 3), (second, 3)]));
        let weighted = json!({ "method": "WECHAT_PAY", "strategy": "WEIGHTED", "expectedVersion": 1, "targets": targets });
        assert_eq!(asked_to_set(&merchant, weighted).await["userErrors"], json!([]));
        let mut seen = Vec::new();
        for _ in 0..6 {
            seen.push(routed(&merchant, "1.00").await.1);
        }
        // That it is the other twice among six happens once in millions.
        let others = seen.iter().filter(|id| **id != merchant.channel_id);
        assert!(others.count() <= 1, "{seen:?}");
        assert!(!seen.contains(&unused));
    }
}
