//! Policies: set in full, one at a time, removed, and what is refused.

use entity::channel::PaymentMethod;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{asked_to_set, open, policy, refusal, routed};
use crate::everywhere;
use crate::support::{Merchant, World};

const POLICIES: &str = "{ routingPolicies { method version strategy updatedBy updatedAt targets { \
    channel { id } weight minAmount { amount } maxAmount { amount } weekdays from until } } }";

async fn policies(merchant: &Merchant) -> Value {
    let answer = merchant.owner().await.data(POLICIES, Value::Null).await;
    answer["routingPolicies"].clone()
}

async fn remove(merchant: &Merchant, version: i32) -> Value {
    let document = "mutation($version: Int!) { routingPolicyRemove(input: { method: WECHAT_PAY, \
        expectedVersion: $version }) { method userErrors { code field } } }";
    let owner = merchant.owner().await;
    let answer = owner.data(document, json!({ "version": version })).await;
    answer["routingPolicyRemove"].clone()
}

everywhere! {
    async fn a_policy_is_set_in_full_and_read_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = open(&merchant, PaymentMethod::WechatPay, 2).await;
        let money = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        let payload = asked_to_set(&merchant, json!({
            "method": "WECHAT_PAY",
            "strategy": "WEIGHTED",
            "targets": [
                { "channelId": second.to_string(), "weight": 3, "minAmount": money("1.00"),
                  "maxAmount": money("500.00"), "weekdays": ["SUNDAY", "FRIDAY"],
                  "from": "22:00", "until": "02:30" },
                { "channelId": merchant.channel_id.to_string(), "from": "08:00", "until": "00:00" },
            ],
        })).await;
        assert_eq!(payload, json!({ "routingPolicy": { "version": 1 }, "userErrors": [] }));
        let week = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
        let owner = merchant.staff(entity::membership::Role::Owner).to_string();
        assert_eq!(policies(&merchant).await, json!([{
            "method": "WECHAT_PAY",
            "version": 1,
            "strategy": "WEIGHTED",
            "updatedBy": owner,
            "updatedAt": "2026-11-23T04:00:00.000Z",
            "targets": [
                { "channel": { "id": second.to_string() }, "weight": 3, "minAmount": { "amount": "1.00" },
                  "maxAmount": { "amount": "500.00" }, "weekdays": ["FRIDAY", "SUNDAY"],
                  "from": "22:00", "until": "02:30" },
                { "channel": { "id": merchant.channel_id.to_string() }, "weight": 1, "minAmount": null,
                  "maxAmount": null, "weekdays": week, "from": "08:00", "until": "24:00" },
            ],
        }]));
        assert_eq!(merchant.events().await, ["ROUTING_POLICY_SET"]);
    }

    async fn nobodys_change_of_a_policy_is_lost(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let input = |version: Value| json!({
            "method": "WECHAT_PAY",
            "expectedVersion": version,
            "strategy": "PRIORITY",
            "targets": [{ "channelId": merchant.channel_id.to_string() }],
        });
        let set = |version: Value| asked_to_set(&merchant, input(version));
        assert_eq!(refusal(&set(json!(1)).await), ("VERSION_CONFLICT", "expectedVersion"));
        assert_eq!(set(Value::Null).await["routingPolicy"]["version"], 1);
        assert_eq!(refusal(&set(Value::Null).await), ("VERSION_CONFLICT", "expectedVersion"));
        // Of many who know the same version, one is right.
        let told = join_all((0..8).map(|_| set(json!(1)))).await;
        let done = told.iter().filter(|payload| payload["userErrors"] == json!([]));
        assert_eq!(done.count(), 1);
        assert_eq!(refusal(&remove(&merchant, 1).await), ("VERSION_CONFLICT", "expectedVersion"));
        assert_eq!(remove(&merchant, 2).await, json!({ "method": "WECHAT_PAY", "userErrors": [] }));
        assert_eq!(policies(&merchant).await, json!([]));
        assert_eq!(refusal(&remove(&merchant, 2).await).0, "VERSION_CONFLICT");
        assert_eq!(refusal(&remove(&merchant, 3).await).0, "VERSION_CONFLICT");
        // Whoever still has an old version in mind is told.
        assert_eq!(set(Value::Null).await["routingPolicy"]["version"], 4);
        assert_eq!(refusal(&set(json!(1)).await).0, "VERSION_CONFLICT");
        assert_eq!(merchant.events().await, ["ROUTING_POLICY_SET"; 4]);
    }

    async fn what_cannot_be_meant_is_refused_by_its_code_and_field(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let alipay = open(&merchant, PaymentMethod::Alipay, 2).await;
        let own = merchant.channel_id.to_string();
        let target = |changes: Value| {
            let mut target = json!({ "channelId": own });
            target.as_object_mut().expect("an object").extend(changes.as_object().expect("one").clone());
            target
        };
        let dollars = json!({ "amount": "1.00", "currency": "USD" });
        let yuan = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        for (code, field, targets) in [
            ("INVALID", "targets", json!([])),
            ("INVALID", "targets.0.weight", json!([target(json!({ "weight": 0 }))])),
            ("INVALID", "targets.0.minAmount.currency", json!([target(json!({ "minAmount": dollars }))])),
            ("INVALID", "targets.0.minAmount", json!([target(json!({ "minAmount": yuan("0.001") }))])),
            ("INVALID", "targets.0.maxAmount", json!([
                target(json!({ "minAmount": yuan("2.00"), "maxAmount": yuan("1.99") })),
            ])),
            ("INVALID", "targets.0.weekdays", json!([target(json!({ "weekdays": [] }))])),
            ("INVALID", "targets.1.until", json!([target(json!({})), target(json!({ "from": "08:00", "until": "08:00" }))])),
            ("CHANNEL_NOT_FOUND", "targets.0.channelId", json!([target(json!({ "channelId": "no id" }))])),
            ("CHANNEL_NOT_FOUND", "targets.0.channelId", json!([
                target(json!({ "channelId": other.channel_id.to_string() })),
            ])),
            ("METHOD_NOT_OF_CHANNEL", "targets.1.channelId", json!([
                target(json!({})), target(json!({ "channelId": alipay.to_string() })),
            ])),
        ] {
            let input = json!({ "method": "WECHAT_PAY", "strategy": "PRIORITY", "targets": targets });
            let payload = asked_to_set(&merchant, input).await;
            assert_eq!(refusal(&payload), (code, field), "{payload}");
            assert_eq!(payload["routingPolicy"], Value::Null);
        }
        assert_eq!(policies(&merchant).await, json!([]));
        assert_eq!(merchant.events().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_policy_is_followed_at_once_here_and_by_other_instances_within_a_second() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    let second = open(&merchant, PaymentMethod::WechatPay, 2).await;
    let elsewhere = merchant.on(&world.another_instance().await);
    for merchant in [&merchant, &elsewhere] {
        assert_eq!(routed(merchant, "1.00").await.1, merchant.channel_id);
    }
    let targets = json!([{ "channelId": second.to_string() }]);
    policy(&merchant, "PRIORITY", targets).await;
    assert_eq!(routed(&merchant, "1.00").await.1, second);
    crate::support::eventually("the other instance follows it, too", || async {
        routed(&elsewhere, "1.00").await.1 == second
    })
    .await;
}
