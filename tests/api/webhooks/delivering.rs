//! What is sent, to whom, and how it is signed.

use serde_json::{Value, json};
use url::Url;

use super::receiver::{Receiver, Saying};
use super::{Shop, asked, code, counted, made};
use crate::everywhere;

everywhere! {
    async fn an_event_is_sent_signed_with_what_it_is_about(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        let buyer = json!({ "buyer": { "name": "张伟", "phone": "13812345678" } });
        let order = shop.merchant.order_with("36.00", buyer).await;
        order.pay().await;
        shop.works().await;

        let heard = receiver.heard();
        assert_eq!(heard.len(), 1, "one type is wanted");
        let told = heard[0].json();
        assert_eq!(heard[0].method, "POST");
        assert_eq!(heard[0].header("content-type"), "application/json");
        assert_eq!(heard[0].signed_with(&endpoint.secret), 1);
        let now = shop.world.clock.now();
        assert_eq!(heard[0].header("webhook-timestamp"), now.timestamp().to_string());
        assert_eq!(told["type"], "order.paid");
        assert_eq!(told["timestamp"], "2026-11-23T04:00:00.000Z");
        let subject = &told["data"]["subject"];
        assert_eq!(subject["type"], "order");
        assert_eq!(subject["id"], order.id.to_string());
        assert_eq!(subject["paymentState"], "PAID");
        assert_eq!(subject["paid"], json!({ "amount": "36.00", "currency": "CNY" }));
        assert!(!heard[0].body.contains("张伟") && !heard[0].body.contains("138"), "nothing personal");

        let deliveries = shop.deliveries(Value::Null).await;
        assert_eq!(deliveries.len(), 1);
        let delivery = &deliveries[0];
        assert_eq!(delivery["state"], "DELIVERED");
        assert_eq!(delivery["kind"], "EVENT");
        assert_eq!(delivery["eventType"], "ORDER_PAID");
        assert_eq!(delivery["webhookId"], heard[0].header("webhook-id"));
        assert_eq!(delivery["eventCursor"], told["data"]["cursor"]);
        assert_eq!(delivery["endpoint"]["id"], endpoint.id);
        assert_eq!(delivery["attempts"][0]["status"], 200);
        assert_eq!(delivery["attempts"][0]["body"], "thanks");
        assert_eq!(shop.shown(&endpoint).await["lastError"], Value::Null);
        shop.works().await;
        assert_eq!(receiver.heard().len(), 1, "once");
    }

    async fn each_endpoint_is_sent_what_it_wants_and_what_happens_since_it_was_made(world: World) {
        let (shop, all, some) = (Shop::open(world).await, Receiver::start().await, Receiver::start().await);
        let before = shop.merchant.order("1.00").await;
        shop.merchant.numbered().await;
        shop.world.clock.advance(chrono::TimeDelta::seconds(1));
        shop.endpoint(&all, &[]).await;
        shop.endpoint(&some, &["ORDER_PAID", "REFUND_REQUESTED"]).await;
        before.pay().await;
        let order = shop.merchant.paid_order("2.00").await;
        order.refund(json!({})).await;
        shop.works().await;

        let mut types = all.types();
        types.sort();
        // In no order that is promised; and never about webhooks.
        assert_eq!(types, [
            "order.created", "order.paid", "order.paid", "order.payment_requested", "refund.requested",
        ]);
        let mut types = some.types();
        types.sort();
        assert_eq!(types, ["order.paid", "order.paid", "refund.requested"]);
        let refund = all.heard().into_iter().find(|one| one.json()["type"] == "refund.requested");
        let refund = refund.expect("a refund").json();
        assert_eq!(refund["data"]["subject"]["orderId"], order.id.to_string());
        assert_eq!(refund["data"]["subject"]["amount"], json!({ "amount": "2.00", "currency": "CNY" }));
    }

    async fn while_secrets_are_exchanged_both_sign(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let before = shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        let owner = shop.merchant.owner().await;
        let input = json!({ "id": before.id, "overlapHours": 2 });
        let rotated = asked(&owner, "webhookSecretRotate", "secret", input).await;
        let after = rotated["secret"].as_str().expect("a secret").to_owned();
        assert_ne!(after, before.secret);
        for (hours, both) in [(0, true), (1, true), (2, false)] {
            shop.world.clock.set(crate::support::noon() + chrono::TimeDelta::hours(hours));
            shop.merchant.paid_order("1.00").await;
            shop.works().await;
            let heard = receiver.heard().pop().expect("something");
            let signatures = heard.header("webhook-signature").split(' ').count();
            assert_eq!(heard.signed_with(&after), 1, "{hours} hours");
            assert_eq!(heard.signed_with(&before.secret), usize::from(both), "{hours} hours");
            assert_eq!(signatures, 1 + usize::from(both), "{hours} hours");
        }
        for hours in [-1, 169] {
            let input = json!({ "id": before.id, "overlapHours": hours });
            let refused = asked(&owner, "webhookSecretRotate", "secret", input).await;
            assert_eq!(code(&refused), "OVERLAP_OUT_OF_RANGE");
        }
    }

    async fn a_ping_tells_at_once_what_came_back(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &[]).await;
        let owner = shop.merchant.owner().await;
        let fields = "test { webhookId delivered status error body }";
        for (saying, told) in [
            (Saying::Status(204, String::new()), json!([true, 204, null, null])),
            (Saying::Status(500, "oh\u{0} no".to_owned()), json!([false, 500, "WRONG_STATUS", "oh no"])),
            (Saying::Redirect, json!([false, 302, "REDIRECTED", null])),
            (Saying::Hang, json!([false, null, "TIMED_OUT", null])),
        ] {
            receiver.says(saying.clone());
            let payload = asked(&owner, "webhookTest", fields, json!({ "id": endpoint.id })).await;
            let test = &payload["test"];
            let seen = json!([test["delivered"], test["status"], test["error"], test["body"]]);
            assert_eq!(seen, told, "{saying:?}");
            let heard = receiver.heard().pop().expect("a ping");
            assert_eq!(heard.json()["type"], "test.ping");
            assert_eq!(heard.signed_with(&endpoint.secret), 1);
            assert_eq!(test["webhookId"], heard.header("webhook-id"));
        }
        assert_eq!(receiver.heard().len(), 4, "nobody follows a redirect");
        assert_eq!(counted(&shop.world, shop.merchant.id).await, 0, "it is no event");
    }

    async fn of_an_answer_only_the_beginning_is_kept(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        receiver.says(Saying::Status(200, "x".repeat(1 << 20)));
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        let deliveries = shop.deliveries(Value::Null).await;
        let body = deliveries[0]["attempts"][0]["body"].as_str().expect("a body");
        assert_eq!(body.len(), 1_024);
        assert_eq!(deliveries[0]["state"], "DELIVERED");
    }

    async fn nothing_goes_into_our_own_network(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        let port = Url::parse(&receiver.url()).expect("an address").port().expect("a port");
        let world = shop.world.with_settings(|settings| settings.webhooks.allow_private = false).await;
        let merchant = shop.merchant.on(&world.gateway);
        let shop = Shop { world, merchant, desk: shop.desk };
        // It was entered while it was allowed.
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        assert_eq!(receiver.heard().len(), 0);
        assert_eq!(shop.shown(&endpoint).await["lastError"], "NOT_ALLOWED");
        // A name that leads here is seen where it is called.
        let owner = shop.merchant.owner().await;
        let named = made(&owner, json!({ "url": format!("https://localhost:{port}/") })).await;
        let told = asked(&owner, "webhookTest", "test { error }", json!({ "id": named.id })).await;
        assert_eq!(told["test"]["error"], "PRIVATE_ADDRESS");
        for url in [
            "http://shop.example.com/", "https://127.0.0.1/", "https://10.0.0.1/", "https://[::1]/",
            "https://[::ffff:192.168.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
            "https://169.254.169.254/", "https://100.64.0.1/", "https://2130706433/",
            "https://u:p@shop.example.com/", "https://shop.example.com:25/", "nowhere",
        ] {
            let refused = asked(&owner, "webhookEndpointCreate", "secret", json!({ "url": url })).await;
            assert_eq!(code(&refused), "INVALID", "{url}");
            assert_eq!(refused["userErrors"][0]["field"], "url", "{url}");
        }
    }
}
