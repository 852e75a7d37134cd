//! Channels are changed: part by part, by one at a time, never the last one closed unasked.

use chrono::{SecondsFormat, TimeDelta};
use entity::membership::Role;

use super::*;
use crate::everywhere;

/// What changes the merchant's own channel, which has a version.
fn change(merchant: &Merchant, version: i32, input: &Value) -> Value {
    let known = json!({ "channelId": merchant.channel_id.to_string(), "expectedVersion": version });
    with(known, input)
}

everywhere! {
    async fn a_channel_is_changed_part_by_part(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let mut wanted = seen(&merchant).await[0].clone();
        for (version, (part, value)) in (1..).zip([
            ("name", json!("微信支付 (门店)")),
            ("minAmount", money("1.00")),
            ("maxAmount", money("500.00")),
            ("dailyLimit", money("500.00")),
            ("minAmount", Value::Null),
            ("devices", json!(["DESKTOP"])),
            ("hideWhen", json!("DOWN")),
            ("maxAmount", Value::Null),
            ("dailyLimit", Value::Null),
        ]) {
            world.clock.advance(TimeDelta::seconds(1));
            let channel = done(&owner, "channelUpdate", change(&merchant, version, &json!({ part: value }))).await;
            wanted["version"] = json!(version + 1);
            wanted[part] = match value.get("amount") {
                Some(amount) => json!({ "amount": amount }),
                None => value,
            };
            assert_eq!(channel, wanted, "{part}");
            assert_eq!(seen(&merchant).await, [wanted.clone()], "{part}");
            let at = row(&merchant, &channel["id"]).await.updated_at.0;
            assert_eq!(at, world.clock.now());
        }
        assert_eq!(events(&merchant, EventKind::ChannelUpdated).await, 9);
    }

    async fn what_changes_nothing_is_no_version_and_nobody_is_told(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let before = seen(&merchant).await;
        let id = json!(merchant.channel_id.to_string());
        for (field, input) in [
            ("channelUpdate", change(&merchant, 1, &json!({}))),
            ("channelUpdate", change(&merchant, 1, &json!({ "name": " WechatPay ", "minAmount": money("0.00") }))),
            ("channelEnable", json!({ "channelId": id })),
            ("channelTermsSet", change(&merchant, 1, &json!({ "fundsMode": "COLLECT" }))),
            ("channelRevert", change(&merchant, 1, &json!({ "version": 1 }))),
        ] {
            world.clock.advance(TimeDelta::seconds(1));
            assert_eq!(done(&owner, field, input).await, before[0], "{field}");
        }
        let payload = answer(&owner, "channelsReorder", "channels", json!({ "channelIds": [id] })).await;
        assert_eq!(payload, json!({ "channels": before, "userErrors": [] }));
        let made = row(&merchant, &id).await;
        assert_eq!(made.created_at, made.updated_at);
        assert_eq!(events(&merchant, EventKind::ChannelUpdated).await, 0);
    }

    async fn who_does_not_know_the_version_is_told_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        done(&owner, "channelUpdate", change(&merchant, 1, &json!({ "name": "甲" }))).await;
        for (field, input) in [
            ("channelUpdate", json!({ "name": "乙" })),
            ("channelTermsSet", json!({ "fundsMode": "DIRECT" })),
            ("channelRevert", json!({ "version": 1 })),
        ] {
            for version in [1, 3, -1] {
                let payload = asked(&owner, field, change(&merchant, version, &input)).await;
                assert_eq!(refusal(&payload), ("VERSION_CONFLICT", "expectedVersion"), "{field}");
                let message = payload["userErrors"][0]["message"].as_str().expect("a message");
                assert!(message.contains("its version is 2"), "{message}");
            }
        }
        // Terms may be set by who does not care; that is a version like every other.
        let terms = json!({ "channelId": merchant.channel_id.to_string(), "fundsMode": "DIRECT" });
        assert_eq!(done(&owner, "channelTermsSet", terms).await["version"], 3);
        let seen = &seen(&merchant).await[0];
        assert_eq!((&seen["name"], &seen["version"]), (&json!("甲"), &json!(3)));
    }

    async fn the_last_enabled_channel_is_closed_only_where_that_is_confirmed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let second = made(&merchant, json!({})).await["id"].clone();
        let first = json!(merchant.channel_id.to_string());
        let closed = done(&owner, "channelDisable", json!({ "channelId": first })).await;
        assert_eq!((&closed["enabled"], &closed["version"]), (&json!(false), &json!(2)));
        let refused = merchant.asked_for(merchant.order_input("1.00")).await;
        assert_eq!(refused["userErrors"][0]["code"], "CHANNEL_DISABLED");
        // Closing what is closed is no error, and asks for nothing.
        done(&owner, "channelDisable", json!({ "channelId": first })).await;
        for confirm in [json!({}), json!({ "confirmLast": false })] {
            let input = with(json!({ "channelId": second }), &confirm);
            let payload = asked(&owner, "channelDisable", input).await;
            assert_eq!(refusal(&payload), ("LAST_ENABLED", "confirmLast"));
        }
        let input = json!({ "channelId": second, "confirmLast": true });
        assert_eq!(done(&owner, "channelDisable", input).await["enabled"], false);
        let opened = done(&owner, "channelEnable", json!({ "channelId": first })).await;
        assert_eq!((&opened["enabled"], &opened["version"]), (&json!(true), &json!(3)));
        merchant.paid_order("1.00").await;
    }

    async fn what_is_no_channel_of_the_merchant_is_not_found(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let stub = EpayStub::start().await;
        for id in ["chn_0", "nonsense", "chn_0000000000001"] {
            for (field, more) in [
                ("channelUpdate", json!({ "expectedVersion": 1 })),
                ("channelEnable", json!({})),
                ("channelDisable", json!({})),
                ("channelCredentialsSet", json!({ "expectedVersion": 1, "credentials": v1(&stub) })),
                ("channelRevert", json!({ "expectedVersion": 1, "version": 1 })),
                ("channelTermsSet", json!({})),
            ] {
                let payload = asked(&owner, field, with(json!({ "channelId": id }), &more)).await;
                assert_eq!(refusal(&payload), ("NOT_FOUND", "channelId"), "{field} {id}");
            }
        }
    }

    async fn fee_rules_of_a_channel_are_those_that_could_apply(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let other = made(&merchant, json!({})).await["id"].clone();
        let later = (world.clock.now() + TimeDelta::days(1)).to_rfc3339_opts(SecondsFormat::Millis, true);
        let document = "mutation($input: FeeRuleSetInput!) { feeRuleSet(input: $input) { userErrors { code } } }";
        for (name, terms) in [
            ("all", json!({})),
            ("its own", json!({ "channelId": merchant.channel_id.to_string(), "country": "CN" })),
            ("its method", json!({ "method": "WECHAT_PAY", "amountFrom": money("10.00") })),
            ("another's", json!({ "channelId": other })),
            ("another method", json!({ "method": "ALIPAY" })),
            ("later", json!({ "country": "US", "effectiveFrom": later })),
        ] {
            let input = with(json!({ "name": name, "rate": "0.006" }), &terms);
            let payload = owner.data(document, json!({ "input": input })).await;
            assert_eq!(payload["feeRuleSet"]["userErrors"], json!([]), "{name}");
        }
        let rules = "{ channels { feeRules { name } } }";
        let seen = owner.data(rules, Value::Null).await;
        let named = |names: &[&str]| {
            json!({ "feeRules": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>() })
        };
        let wanted = [named(&["its own", "its method", "all"]), named(&["another's", "another method", "all"])];
        assert_eq!(seen["channels"], json!(wanted));
        // Rules are for who may see fees, wherever they stand.
        let key = "mutation { apiKeyCreate(input: { name: \"看板\", scopes: [CHANNELS_READ] }) { secret } }";
        let key = owner.data(key, Value::Null).await;
        let secret = key["apiKeyCreate"]["secret"].as_str().expect("a secret");
        let board = Client::bearer(world.gateway.clone(), secret).await;
        let answer = board.ask("{ channels { id feeRules { name } } }", Value::Null).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(answer["data"]["channels"][0]["feeRules"], Value::Null);
        assert!(answer["data"]["channels"][0]["id"].is_string());
    }

    async fn an_order_is_read_though_its_channels_health_is_for_others(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        let key = "mutation { apiKeyCreate(input: { name: \"店铺\", scopes: [ORDERS_READ] }) { secret } }";
        let key = merchant.owner().await.data(key, Value::Null).await;
        let secret = key["apiKeyCreate"]["secret"].as_str().expect("a secret");
        let shop = Client::bearer(world.gateway.clone(), secret).await;
        for field in [
            "health { state }",
            "history { edges { cursor } }",
            "healthHistory { edges { cursor } }",
            "uptime { date }",
        ] {
            let document = format!("{{ orders {{ edges {{ node {{ id channel {{ name {field} }} }} }} }} }}");
            let answer = shop.ask(&document, Value::Null).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{field}");
            let node = &answer["data"]["orders"]["edges"][0]["node"];
            assert_eq!(node["id"], order.id.to_string(), "{field}");
            let name = field.split(' ').next().expect("a name");
            assert_eq!(node["channel"], json!({ "name": "WechatPay", name: null }));
        }
    }

    async fn nobody_but_an_owner_changes_channels(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let finance = merchant.client(Role::Finance).await;
        let document = "mutation($id: ID!) { channelDisable(input: { channelId: $id }) { userErrors { code } } }";
        let id = json!({ "id": merchant.channel_id.to_string() });
        assert_eq!(finance.error(document, id).await.0, "FORBIDDEN");
    }
}
