//! Channels are made: in full, refused by a field, never one too many.

use chrono::TimeDelta;

use super::*;
use crate::epay::orders::Stage;
use crate::everywhere;
use crate::support::next;

const BY_NAME: &str = "subscription { events(after: \"e0\", types: [CHANNEL_CREATED]) \
    { type subject { ... on Channel { id name } } } }";

everywhere! {
    async fn a_channel_is_made_last_on_the_page_and_told_of(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let input = json!({
            "name": " 支付宝 (扫码) ", "minAmount": money("0.50"), "maxAmount": money("5000.00"),
            "dailyLimit": money("20000.00"), "devices": ["MOBILE", "MOBILE"], "hideWhen": "DEGRADED",
            "enabled": false,
        });
        let channel = made(&merchant, input).await;
        let mut wanted = json!({
            "name": "支付宝 (扫码)", "kind": "SANDBOX", "method": "ALIPAY", "enabled": false,
            "displayOrder": 2, "version": 1, "devices": ["MOBILE"], "hideWhen": "DEGRADED",
            "minAmount": { "amount": "0.50" }, "maxAmount": { "amount": "5000.00" },
            "dailyLimit": { "amount": "20000.00" }, "credentials": null,
        });
        wanted["id"] = channel["id"].clone();
        assert_eq!(channel, wanted);
        let plain = made(&merchant, json!({ "name": "银行卡", "method": "CARD" })).await;
        assert_eq!(plain["displayOrder"], 3);
        let parts = ["enabled", "devices", "hideWhen", "minAmount", "maxAmount", "dailyLimit"];
        let said: Vec<&Value> = parts.iter().map(|part| &plain[part]).collect();
        let said = json!(said);
        assert_eq!(said, json!([true, ["DESKTOP", "MOBILE"], "NEVER", null, null, null]));
        assert_eq!(seen(&merchant).await[1..], [channel.clone(), plain]);
        let mut told = merchant.owner().await.subscribe(BY_NAME, Value::Null);
        let event = next(&mut told).await["data"]["events"].clone();
        let subject = json!({ "id": channel["id"], "name": "支付宝 (扫码)" });
        assert_eq!(event, json!({ "type": "CHANNEL_CREATED", "subject": subject }));
    }

    async fn a_channel_with_credentials_is_paid_through_and_shows_none_of_its_keys(world: World) {
        let stage = Stage::set(world).await;
        let owner = stage.merchant.owner().await;
        let now = stage.world.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let private = stage.stub.v2_credentials()["merchant_private_key"].clone();
        let private = private.as_str().expect("a key");
        for (kind, credentials, secret) in [
            ("EPAY_V1", v1(&stage.stub), KEY),
            ("EPAY_V2", v2(&stage.stub), private),
        ] {
            let input = json!({ "name": kind, "kind": kind, "method": "WECHAT_PAY", "credentials": credentials });
            let payload = asked(&owner, "channelCreate", input).await;
            assert_eq!(payload["userErrors"], json!([]), "{kind}");
            let channel = &payload["channel"];
            let hint = channel["credentials"]["hint"].as_str().expect("a hint");
            match kind {
                "EPAY_V1" => assert_eq!(hint, "pid 1001 · key ****UJ8i"),
                _ => assert!(hint.starts_with("pid 1001 · key SHA256:") && hint.len() == 31, "{hint}"),
            }
            assert_eq!(channel["credentials"]["setAt"], now);
            assert_eq!(channel["credentials"]["previousUntil"], Value::Null);
            let row = row(&stage.merchant, &channel["id"]).await;
            let sealed = row.sealed_credentials.clone().expect("sealed");
            assert!(!sealed.windows(8).any(|part| secret.as_bytes().starts_with(part)));
            let history = "query($id: ID!) { channel(id: $id) { history { edges { node { changes { after } } } } } }";
            let history = owner.data(history, json!({ "id": channel["id"] })).await;
            assert!(!history.to_string().contains(&secret[..12]), "{history}");
            stage.paid_order("36.00", row.id).await;
        }
    }

    async fn what_cannot_be_meant_is_refused_by_its_field(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let stub = EpayStub::start().await;
        let of = |generation: &str, field: &str, value: Value| {
            let mut all = if generation == "epayV1" { v1(&stub) } else { v2(&stub) };
            all[generation][field] = value;
            let kind = if generation == "epayV1" { "EPAY_V1" } else { "EPAY_V2" };
            json!({ "kind": kind, "credentials": all })
        };
        let unusable = "CREDENTIALS_UNUSABLE";
        for (input, code, field) in [
            (json!({ "name": "" }), "INVALID", "name"),
            (json!({ "minAmount": money("-1.00") }), "INVALID", "minAmount"),
            (json!({ "minAmount": money("1.001") }), "INVALID", "minAmount"),
            (json!({ "maxAmount": money("0.00") }), "INVALID", "maxAmount"),
            (json!({ "dailyLimit": { "amount": "1.00", "currency": "USD" } }), "INVALID", "dailyLimit.currency"),
            (json!({ "minAmount": money("2.00"), "maxAmount": money("1.00") }), "INVALID", "maxAmount"),
            (json!({ "minAmount": money("2.00"), "dailyLimit": money("1.00") }), "INVALID", "dailyLimit"),
            (json!({ "devices": [] }), "INVALID", "devices"),
            (json!({ "kind": "EPAY_V1" }), "CREDENTIALS_MISSING", "credentials"),
            (json!({ "credentials": v1(&stub) }), "CREDENTIALS_NOT_OF_KIND", "credentials"),
            (json!({ "kind": "EPAY_V2", "credentials": v1(&stub) }), "CREDENTIALS_NOT_OF_KIND", "credentials"),
            (of("epayV1", "baseUrl", json!("nonsense")), unusable, "credentials.epayV1.baseUrl"),
            (of("epayV1", "pid", json!("10 01")), unusable, "credentials.epayV1.pid"),
            (of("epayV1", "key", json!("two words")), unusable, "credentials.epayV1.key"),
            (of("epayV1", "refundSuccessCodes", json!([-1])), unusable, "credentials.epayV1.refundSuccessCodes"),
            (of("epayV2", "merchantPrivateKey", json!("MIIE")), unusable, "credentials.epayV2.merchantPrivateKey"),
            (of("epayV2", "platformPublicKey", json!("MIIE")), unusable, "credentials.epayV2.platformPublicKey"),
        ] {
            let payload = asked(&owner, "channelCreate", with(sandbox(), &input)).await;
            assert_eq!(refusal(&payload), (code, field), "{input}");
            assert_eq!(payload["channel"], Value::Null);
            let zh = asked(&owner.clone().in_chinese(), "channelCreate", with(sandbox(), &input)).await;
            let message = zh["userErrors"][0]["message"].as_str().expect("a message");
            assert!(message.chars().any(|letter| letter > '一'), "{message}");
        }
        assert_eq!(seen(&merchant).await.len(), 1);
        assert_eq!(events(&merchant, EventKind::ChannelCreated).await, 0);
    }

    async fn a_merchant_has_fifty_channels_and_no_more(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        for no in 2..=50 {
            world.clock.advance(TimeDelta::milliseconds(1));
            assert_eq!(made(&merchant, json!({})).await["displayOrder"], no);
        }
        assert_eq!(code(&owner, "channelCreate", sandbox()).await, "TOO_MANY_CHANNELS");
        assert_eq!(seen(&merchant).await.len(), 50);
    }
}
