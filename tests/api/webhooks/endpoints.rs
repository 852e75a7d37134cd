//! Endpoints made, changed, disabled and deleted; who may have what sent.

use serde_json::{Value, json};
use yigate::config::Settings;

use super::receiver::Receiver;
use super::{Shop, asked, code, counted, made};
use crate::everywhere;
use crate::support::Client;

const NEW: &str = "https://shop.example.com/hooks";

/// The fields of an endpoint that its changes are read from.
const FIELDS: &str = "webhookEndpoint { url description eventTypes state disabledBecause version }";

everywhere! {
    async fn an_endpoint_is_changed_by_who_knows_its_version_and_nothing_is_written_where_nothing_changes(world: World) {
        let shop = Shop::open(world).await;
        let owner = shop.merchant.owner().await;
        let input = json!({ "url": NEW, "description": "订单系统", "eventTypes": ["ORDER_PAID"] });
        let endpoint = made(&owner, input).await;
        assert!(endpoint.secret.starts_with("whsec_"));
        let shown = shop.shown(&endpoint).await;
        let hint = shown["secretHint"].as_str().expect("a hint");
        assert!(endpoint.secret.ends_with(hint.trim_start_matches('*')), "{hint}");
        let wanted = json!({ "id": endpoint.id, "expectedVersion": 1, "description": "仓库" });
        let changed = asked(&owner, "webhookEndpointUpdate", FIELDS, wanted.clone()).await;
        assert_eq!(changed["webhookEndpoint"]["version"], 2);
        assert_eq!(changed["webhookEndpoint"]["eventTypes"], json!(["ORDER_PAID"]));
        let late = asked(&owner, "webhookEndpointUpdate", FIELDS, wanted).await;
        assert_eq!(code(&late), "VERSION_CONFLICT");
        let same = json!({ "id": endpoint.id, "description": "仓库" });
        let same = asked(&owner, "webhookEndpointUpdate", FIELDS, same).await;
        assert_eq!(same["webhookEndpoint"]["version"], 2);

        let id = json!({ "id": endpoint.id });
        for (field, state, because, version) in [
            ("webhookEndpointDisable", "DISABLED", json!("MERCHANT"), 3),
            ("webhookEndpointDisable", "DISABLED", json!("MERCHANT"), 3),
            ("webhookEndpointEnable", "ENABLED", Value::Null, 4),
            ("webhookEndpointDelete", "DELETED", Value::Null, 5),
        ] {
            let payload = asked(&owner, field, FIELDS, id.clone()).await;
            let seen = &payload["webhookEndpoint"];
            assert_eq!(seen["state"], state, "{field}");
            assert_eq!(seen["disabledBecause"], because, "{field}");
            assert_eq!(seen["version"], version, "{field}");
        }
        for field in ["webhookEndpointEnable", "webhookEndpointDelete", "webhookTest"] {
            let more = if field == "webhookTest" { "test { status }" } else { FIELDS };
            assert_eq!(code(&asked(&owner, field, more, id.clone()).await), "NOT_FOUND", "{field}");
        }
        let listed = "{ webhookEndpoints { id } all: webhookEndpoints(deleted: true) { id state } }";
        let listed = owner.data(listed, Value::Null).await;
        assert_eq!(listed["webhookEndpoints"], json!([]));
        assert_eq!(listed["all"], json!([{ "id": endpoint.id, "state": "DELETED" }]));
        let told = shop.merchant.events().await;
        assert_eq!(told, [
            "WEBHOOK_ENDPOINT_CREATED", "WEBHOOK_ENDPOINT_UPDATED", "WEBHOOK_ENDPOINT_DISABLED",
            "WEBHOOK_ENDPOINT_ENABLED", "WEBHOOK_ENDPOINT_DELETED",
        ]);
    }

    async fn a_merchant_has_twenty_endpoints_and_nobody_is_told_of_webhooks(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let owner = shop.merchant.owner().await;
        let first = shop.endpoint(&receiver, &[]).await;
        for _ in 1..20 {
            made(&owner, json!({ "url": NEW, "eventTypes": ["ORDER_PAID"] })).await;
        }
        let more = asked(&owner, "webhookEndpointCreate", "secret", json!({ "url": NEW })).await;
        assert_eq!(code(&more), "TOO_MANY");
        assert!(more["secret"].is_null());
        let id = json!({ "id": first.id });
        asked(&owner, "webhookEndpointDelete", FIELDS, id).await;
        made(&owner, json!({ "url": NEW, "eventTypes": ["ORDER_PAID"] })).await;
        shop.works().await;
        assert_eq!(receiver.heard().len(), 0, "that would be a circle");
        assert_eq!(counted(&shop.world, shop.merchant.id).await, 0);
        let input = json!({ "url": NEW, "eventTypes": ["WEBHOOK_ENDPOINT_CREATED"] });
        let refused = asked(&owner, "webhookEndpointCreate", "secret", input).await;
        assert_eq!(code(&refused), "TYPE_NOT_SENT");
        let long = json!({ "url": NEW, "description": "x".repeat(201) });
        let refused = asked(&owner, "webhookEndpointCreate", "secret", long).await;
        assert_eq!(refused["userErrors"][0]["field"], "description");
    }

    async fn who_may_not_see_what_is_sent_leads_it_nowhere_else(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        let delivery = shop.deliveries(Value::Null).await.remove(0);
        let key = "mutation { apiKeyCreate(input: { name: \"推送\", scopes: [WEBHOOKS_READ, WEBHOOKS_WRITE] }) \
            { secret } }";
        let key = shop.merchant.owner().await.data(key, Value::Null).await;
        let key = key["apiKeyCreate"]["secret"].as_str().expect("a key").to_owned();
        let key = Client::bearer(shop.world.gateway.clone(), &key).await;
        let moved = json!({ "id": endpoint.id, "url": "https://thief.example/hooks" });
        let again = json!({ "endpointId": endpoint.id, "range": { "preset": "TODAY" }, "states": ["DELIVERED"] });
        for (field, fields, input) in [
            ("webhookEndpointUpdate", FIELDS, moved),
            ("webhookReplay", "replayed", again),
            ("webhookDeliveryReplay", "webhookDelivery { id }", json!({ "id": delivery["id"] })),
        ] {
            assert_eq!(code(&asked(&key, field, fields, input).await), "SCOPE_MISSING", "{field}");
        }
        assert_eq!(shop.shown(&endpoint).await["url"], receiver.url());
        let named = json!({ "id": endpoint.id, "description": "仓库" });
        assert_eq!(code(&asked(&key, "webhookEndpointUpdate", FIELDS, named).await), "");
        let id = json!({ "id": endpoint.id });
        assert_eq!(code(&asked(&key, "webhookEndpointDisable", FIELDS, id.clone()).await), "");
        assert_eq!(code(&asked(&key, "webhookEndpointEnable", FIELDS, id.clone()).await), "SCOPE_MISSING");
        let owner = shop.merchant.owner().await;
        assert_eq!(code(&asked(&owner, "webhookEndpointEnable", FIELDS, id).await), "");
    }

    async fn who_has_something_sent_may_see_it(world: World) {
        let shop = Shop::open(world).await;
        let key = "mutation { apiKeyCreate(input: { name: \"店铺\", scopes: [WEBHOOKS_WRITE, ORDERS_READ] }) \
            { secret userErrors { code } } }";
        let key = shop.merchant.owner().await.data(key, Value::Null).await;
        let key = key["apiKeyCreate"]["secret"].as_str().expect("a key").to_owned();
        let key = Client::bearer(shop.world.gateway.clone(), &key).await;
        for (types, told) in [
            (json!(["ORDER_PAID", "ORDER_CREATED"]), ""),
            (json!(["ORDER_PAID", "REFUND_SUCCEEDED"]), "SCOPE_MISSING"),
            (json!([]), "SCOPE_MISSING"),
        ] {
            let input = json!({ "url": NEW, "eventTypes": types });
            let payload = asked(&key, "webhookEndpointCreate", "webhookEndpoint { id }", input).await;
            assert_eq!(code(&payload), told, "{types}");
            let Some(id) = payload["webhookEndpoint"]["id"].as_str() else { continue };
            let wider = json!({ "id": id, "eventTypes": [] });
            let wider = asked(&key, "webhookEndpointUpdate", FIELDS, wider).await;
            assert_eq!(code(&wider), "SCOPE_MISSING");
        }
    }

    async fn secrets_are_sealed_and_sealed_again_when_the_master_key_changes(world: World) {
        use data_encoding::BASE64;
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        let owner = shop.merchant.owner().await;
        asked(&owner, "notifyKeySet", "key", json!({ "replace": false })).await;
        let row = entity::webhook_endpoint::Entity::of(shop.merchant.id);
        let row = row.one(shop.world.app().db.reads_across()).await.unwrap().expect("a row");
        let plain = BASE64.decode(endpoint.secret.trim_start_matches("whsec_").as_bytes()).unwrap();
        assert!(!row.sealed_secret.windows(plain.len()).any(|part| part == plain), "sealed");
        let world = shop.world.with_settings(|settings: &mut Settings| {
            settings.secrets.master_key = Some(BASE64.encode(&[8; 32]));
            settings.secrets.previous_master_keys = vec![BASE64.encode(&[7; 32])];
        }).await;
        yigate::auth::reseal::reseal(world.app()).await.expect("signing keys");
        let done = yigate::webhooks::service::reseal(world.app()).await.expect("sealed again");
        assert_eq!((done.seen, done.resealed, done.unreadable), (2, 2, 0));
        let world = world.with_settings(|settings| settings.secrets.previous_master_keys.clear()).await;
        let merchant = shop.merchant.on(&world.gateway);
        let shop = Shop { world, merchant, desk: shop.desk };
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        assert_eq!(receiver.heard()[0].signed_with(&endpoint.secret), 1);
    }
}
