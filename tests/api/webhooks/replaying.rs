//! Sending again by hand, and the log.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{Shop, asked, code};
use crate::everywhere;

everywhere! {
    async fn a_delivery_is_sent_again_under_its_id(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        let order = shop.merchant.paid_order("1.00").await;
        shop.works().await;
        order.refund(json!({})).await;
        let delivery = shop.deliveries(Value::Null).await.remove(0);
        let owner = shop.merchant.owner().await;
        let fields = "webhookDelivery { id state attemptCount }";
        let input = json!({ "id": delivery["id"] });
        let payload = asked(&owner, "webhookDeliveryReplay", fields, input.clone()).await;
        assert_eq!(payload["webhookDelivery"]["state"], "PENDING");
        shop.works().await;
        let heard = receiver.heard();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
        let told = heard[1].json();
        assert_eq!(told["type"], "order.paid");
        assert_eq!(told["timestamp"], heard[0].json()["timestamp"], "when it happened");
        let refunding = &told["data"]["subject"]["refunding"]["amount"];
        assert_eq!(refunding, "1.00", "what it is about, as that is now");
        assert_eq!(shop.deliveries(Value::Null).await[0]["attemptCount"], 2);
        asked(&owner, "webhookEndpointDisable", "webhookEndpoint { id }", json!({ "id": endpoint.id })).await;
        let refused = asked(&owner, "webhookDeliveryReplay", fields, input).await;
        assert_eq!(code(&refused), "ENDPOINT_DISABLED");
    }

    async fn what_an_endpoint_missed_is_sent_again_by_its_span(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        receiver.says_status(410);
        for _ in 0..3 {
            shop.merchant.paid_order("1.00").await;
            shop.merchant.numbered().await;
        }
        yigate::webhooks::service::follow(shop.world.app()).await.expect("followed");
        shop.works().await;
        let failed = shop.deliveries(json!({ "state": ["FAILED"] })).await;
        assert_eq!(failed.len(), 3);
        let owner = shop.merchant.owner().await;
        let fields = "replayed more";
        let today = json!({ "preset": "TODAY" });
        let wish = |range: Value, states: Value| {
            json!({ "endpointId": endpoint.id, "range": range, "states": states })
        };
        let all = wish(today.clone(), json!(["FAILED"]));
        assert_eq!(code(&asked(&owner, "webhookReplay", fields, all.clone()).await), "ENDPOINT_DISABLED");
        asked(&owner, "webhookEndpointEnable", "webhookEndpoint { id }", json!({ "id": endpoint.id })).await;
        let refused = asked(&owner, "webhookReplay", fields, wish(today, json!(["PENDING"]))).await;
        assert_eq!(code(&refused), "PENDING_NOT_REPLAYED");
        let yesterday = wish(json!({ "preset": "YESTERDAY" }), json!(["FAILED"]));
        let none = asked(&owner, "webhookReplay", fields, yesterday).await;
        assert_eq!(none, json!({ "replayed": 0, "more": false, "userErrors": [] }));
        let heard = receiver.heard().len();
        receiver.says_status(200);
        let done = asked(&owner, "webhookReplay", fields, all).await;
        assert_eq!(done, json!({ "replayed": 3, "more": false, "userErrors": [] }));
        shop.works().await;
        assert_eq!(receiver.heard().len(), heard + 3);
        let delivered = shop.deliveries(json!({ "state": ["DELIVERED"] })).await;
        assert_eq!(delivered.len(), 3);
        // From where a request ended, whatever state that is in by now.
        let mut rest = wish(json!({ "preset": "TODAY" }), json!(["DELIVERED"]));
        rest["after"] = delivered[0]["id"].clone();
        let done = asked(&owner, "webhookReplay", "replayed resumeAfter", rest.clone()).await;
        let last = delivered[2]["id"].clone();
        assert_eq!(done, json!({ "replayed": 2, "resumeAfter": last, "userErrors": [] }));
        shop.works().await;
        rest["after"] = last;
        let done = asked(&owner, "webhookReplay", "replayed resumeAfter", rest).await;
        assert_eq!(done, json!({ "replayed": 0, "resumeAfter": null, "userErrors": [] }));
    }

    async fn the_log_is_read_by_endpoint_state_type_and_span(world: World) {
        let (shop, first, second) = (Shop::open(world).await, Receiver::start().await, Receiver::start().await);
        let a = shop.endpoint(&first, &[]).await;
        let b = shop.endpoint(&second, &["ORDER_PAID"]).await;
        second.says_status(500);
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        shop.world.clock.advance(TimeDelta::days(1));
        shop.merchant.paid_order("1.00").await;
        shop.merchant.numbered().await;
        yigate::webhooks::service::follow(shop.world.app()).await.expect("followed");
        for (filter, count) in [
            (Value::Null, 8),
            (json!({ "endpointId": a.id }), 6),
            (json!({ "endpointId": b.id }), 2),
            (json!({ "state": ["DELIVERED"] }), 3),
            (json!({ "endpointId": b.id, "state": ["PENDING"] }), 2),
            (json!({ "eventType": ["ORDER_CREATED"] }), 2),
            (json!({ "range": { "preset": "TODAY" } }), 4),
            (json!({ "range": { "preset": "YESTERDAY" }, "eventType": ["ORDER_PAID"] }), 2),
        ] {
            assert_eq!(shop.deliveries(filter.clone()).await.len(), count, "{filter}");
        }
        let paged = "query($after: String) { webhookDeliveries(first: 5, after: $after) { \
            edges { node { id } } pageInfo { hasNextPage endCursor } } }";
        let owner = shop.merchant.owner().await;
        let one = owner.data(paged, json!({})).await["webhookDeliveries"].clone();
        assert_eq!(one["pageInfo"]["hasNextPage"], true);
        let two = owner.data(paged, json!({ "after": one["pageInfo"]["endCursor"] })).await;
        assert_eq!(two["webhookDeliveries"]["edges"].as_array().expect("edges").len(), 3);
    }
}
