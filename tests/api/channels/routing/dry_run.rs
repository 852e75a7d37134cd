//! Where the last orders would have gone.

use chrono::TimeDelta;
use entity::channel::{Column, PaymentMethod};
use entity::channel_health::HealthState;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::{becomes, open, policy, set};
use crate::everywhere;
use crate::orders::rows::{before_noon, insert, order};
use crate::support::{Merchant, noon};

const DRY_RUN: &str = "query($policy: RoutingPolicyInput, $last: Int) { \
    routingDryRun(method: WECHAT_PAY, policy: $policy, last: $last) { \
        orders { count amount { amount } share } since until moved { count share } unrouted { count amount { amount } } \
        channels { channel { id } was { count } would { count amount { amount } share } successRate } \
        moves { from { id } to { id } orders { count } } } }";

async fn dry_run(merchant: &Merchant, policy: Value, last: i32) -> Value {
    let owner = merchant.owner().await;
    let variables = json!({ "policy": policy, "last": last });
    let answer = owner.data(DRY_RUN, variables).await;
    answer["routingDryRun"].clone()
}

everywhere! {
    async fn a_dry_run_shows_where_orders_would_have_gone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (first, alipay) = (merchant.channel_id, open(&merchant, PaymentMethod::Alipay, 0).await);
        let second = open(&merchant, PaymentMethod::WechatPay, 2).await;
        let wechat = PaymentMethod::WechatPay;
        let rows = [
            // Too old to be asked about.
            order(&merchant, "0", noon() - TimeDelta::days(91)).amount(999_900),
            order(&merchant, "1", before_noon(60)).amount(10_000).paid(before_noon(60)),
            order(&merchant, "2", before_noon(50)).amount(30_000).paid(before_noon(50)),
            order(&merchant, "3", before_noon(40)).amount(30_000).discount(20_001),
            order(&merchant, "4", before_noon(30)).amount(20_000).through(second, wechat).paid(before_noon(30)),
            order(&merchant, "5", before_noon(20)).amount(70_000),
            order(&merchant, "6", before_noon(10)).amount(70_000).through(alipay, PaymentMethod::Alipay),
        ];
        insert(&world, &rows).await;
        // How channels are now says nothing of then.
        becomes(&merchant, second, HealthState::Down).await;
        set(&merchant, second, Column::MaxMinor, Expr::value(50_000)).await;
        let money = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        let tried = json!({ "strategy": "PRIORITY", "targets": [
            { "channelId": second.to_string(), "minAmount": money("100.00") },
            { "channelId": first.to_string(), "maxAmount": money("99.99") },
        ] });
        let (one, two) = (json!({ "id": first.to_string() }), json!({ "id": second.to_string() }));
        let expected = json!({
            "orders": { "count": 5, "amount": { "amount": "1399.99" }, "share": "1" },
            "since": "2026-11-23T03:00:00.000Z",
            "until": "2026-11-23T03:40:00.000Z",
            "moved": { "count": 2, "share": "0.4" },
            "unrouted": { "count": 1, "amount": { "amount": "700.00" } },
            "channels": [
                { "channel": one, "was": { "count": 4 },
                  "would": { "count": 1, "amount": { "amount": "99.99" }, "share": "0.2" },
                  "successRate": "0.5" },
                { "channel": two, "was": { "count": 1 },
                  "would": { "count": 3, "amount": { "amount": "600.00" }, "share": "0.6" },
                  "successRate": "1" },
            ],
            "moves": [
                { "from": one, "to": null, "orders": { "count": 1 } },
                { "from": one, "to": one, "orders": { "count": 1 } },
                { "from": one, "to": two, "orders": { "count": 2 } },
                { "from": two, "to": two, "orders": { "count": 1 } },
            ],
        });
        let seen = dry_run(&merchant, tried.clone(), 1_000).await;
        assert_eq!(seen, expected);
        // Nothing was set; once it is, it is what is tried where nothing is named.
        assert_eq!(dry_run(&merchant, Value::Null, 1_000).await["moved"]["count"], 1);
        policy(&merchant, "PRIORITY", tried["targets"].clone()).await;
        assert_eq!(dry_run(&merchant, Value::Null, 1_000).await, expected);
        // The last two of the method.
        let last = dry_run(&merchant, Value::Null, 2).await;
        assert_eq!((&last["orders"]["count"], &last["since"]), (&json!(2), &json!("2026-11-23T03:30:00.000Z")));
    }

    async fn many_orders_are_read_in_parts_and_none_twice(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let rows: Vec<_> = (0..4_100)
            .map(|no| order(&merchant, format!("{no}"), before_noon(5_000) + TimeDelta::seconds(no)).amount(100))
            .collect();
        insert(&world, &rows).await;
        for (last, count) in [(1, 1), (1_999, 1_999), (2_000, 2_000), (4_000, 4_000), (4_001, 4_001), (10_000, 4_100)] {
            let seen = dry_run(&merchant, Value::Null, last).await;
            assert_eq!(seen["orders"]["count"], count, "{last}");
            assert_eq!(seen["orders"]["amount"]["amount"], format!("{count}.00"), "{last}");
        }
    }

    async fn a_dry_run_of_nothing_says_so_and_what_cannot_be_meant_is_named(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let seen = dry_run(&merchant, Value::Null, 1_000).await;
        assert_eq!(seen["orders"], json!({ "count": 0, "amount": { "amount": "0.00" }, "share": null }));
        assert_eq!((&seen["since"], &seen["channels"], &seen["moves"]), (&Value::Null, &json!([]), &json!([])));
        let owner = merchant.owner().await;
        let target = json!([{ "channelId": merchant.channel_id.to_string(), "weight": 0 }]);
        for (variables, says) in [
            (json!({ "last": 0 }), "`last`"),
            (json!({ "last": 10_001 }), "`last`"),
            (json!({ "policy": { "strategy": "PRIORITY", "targets": [] }, "last": 1 }), "`policy.targets`"),
            (json!({ "policy": { "strategy": "PRIORITY", "targets": target }, "last": 1 }), "`policy.targets.0.weight`"),
        ] {
            let (code, message) = owner.error(DRY_RUN, variables).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.starts_with(says), "{message}");
        }
    }
}
