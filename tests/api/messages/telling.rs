//! What is sent is told: to the merchant's server as a webhook, to its subscribers live, with the text to who may see it.

use serde_json::{Value, json};

use super::{made, member, recipients, sent, works};
use crate::everywhere;
use crate::support::{Client, next};
use crate::webhooks::receiver::Receiver;
use crate::webhooks::{Shop, asked as endpoint_asked};

everywhere! {
    async fn the_shops_server_is_sent_the_text_to_hand_it_on(world: World) {
        let shop = Shop::open(world).await;
        let (named, all) = (Receiver::start().await, Receiver::start().await);
        shop.endpoint(&named, &["MESSAGE_DELIVERY_SENT", "MESSAGE_FINISHED"]).await;
        shop.endpoint(&all, &[]).await;
        member(&shop.merchant, "m1", json!({ "name": "王小明" })).await;
        member(&shop.merchant, "m2", json!({ "consent": false })).await;
        let message = made(&shop.merchant, json!({})).await;
        sent(&shop.merchant, &message, json!({})).await;
        works(&shop.world).await;
        shop.works().await;
        let heard: Vec<Value> = named.heard().iter().map(|one| one.json()).collect();
        assert_eq!(heard.len(), 2, "who did not agree is not told of");
        let of = |name: &str| heard.iter().find(|one| one["type"] == name).expect("told").clone();
        let subject = of("message_delivery.sent")["data"]["subject"].clone();
        assert_eq!(subject["type"], "message_delivery");
        assert_eq!(subject["messageId"], message["id"]);
        assert_eq!([&subject["memberNo"], &subject["locale"]], ["m1", "zh-CN"]);
        assert_eq!([&subject["title"], &subject["body"]], ["好久不见", "王小明，回来看看"]);
        let over = of("message.finished")["data"]["subject"].clone();
        assert_eq!([&over["type"], &over["id"], &over["state"]], [&json!("message"), &message["id"], &json!("SENT")]);
        // Who asked for everything did not ask for names.
        let heard = all.heard();
        let told = heard.iter().map(|one| one.json()).find(|one| one["type"] == "message_delivery.sent");
        let subject = told.expect("told")["data"]["subject"].clone();
        assert_eq!([&subject["memberNo"], &subject["title"]], [&json!("m1"), &Value::Null]);
        assert!(heard.iter().all(|one| !one.body.contains("王小明")));

        let fields = "outcome webhookDeliveries { state eventType }";
        let seen = recipients(&shop.merchant.owner().await, &message, fields).await;
        let delivered = json!({ "state": "DELIVERED", "eventType": "MESSAGE_DELIVERY_SENT" });
        assert_eq!(seen[0]["webhookDeliveries"], json!([delivered, delivered]));
        assert_eq!(seen[1]["webhookDeliveries"], json!([]));
    }

    async fn who_has_texts_sent_may_see_what_names_people(world: World) {
        let shop = Shop::open(world).await;
        let receiver = Receiver::start().await;
        // A key that may see everything but what names people.
        let key = "mutation { apiKeyCreate(input: { name: \"推送\", scopes: [WEBHOOKS_WRITE, MERCHANT_READ, ORDERS_READ, \
            REFUNDS_READ, PAYOUTS_READ, CHANNELS_READ, LEDGER_READ, STAFF_READ, RECONCILIATION_READ, BANK_ACCOUNTS_READ, \
            EXPORTS_WRITE, MEMBERS_READ, CAMPAIGNS_READ] }) { secret userErrors { code } } }";
        let key = shop.merchant.owner().await.data(key, Value::Null).await;
        let key = key["apiKeyCreate"]["secret"].as_str().expect("a key").to_owned();
        let key = Client::bearer(shop.world.gateway.clone(), &key).await;
        for (types, code) in [
            (json!(["MESSAGE_DELIVERY_SENT"]), "SCOPE_MISSING"),
            (json!(["MESSAGE_FINISHED"]), ""),
            (json!([]), ""),
        ] {
            let input = json!({ "url": receiver.url(), "eventTypes": types });
            let payload = endpoint_asked(&key, "webhookEndpointCreate", "secret", input).await;
            let told = payload["userErrors"][0]["code"].as_str().unwrap_or_default();
            assert_eq!(told, code, "{types}");
        }
    }

    async fn subscribers_are_told_of_each_member_and_resume_by_cursor(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let other = world.merchant("云裳时装").await;
        for (whose, no) in [(&merchant, "m1"), (&merchant, "m2"), (&merchant, "m3"), (&other, "m1")] {
            member(whose, no, json!({ "name": "王小明" })).await;
        }
        for whose in [&other, &merchant] {
            let message = made(whose, json!({})).await;
            sent(whose, &message, json!({})).await;
            works(&world).await;
        }
        let document = "subscription($no: String, $after: String) { memberMessageSent(memberNo: $no, after: $after) \
            { cursor occurredAt message { name state } recipient { member { memberNo } title body } } }";
        let owner = merchant.owner().await;
        let mut all = owner.subscribe(document, json!({ "after": "e0" }));
        let mut cursors = Vec::new();
        for no in ["m1", "m2", "m3"] {
            let event = next(&mut all).await["data"]["memberMessageSent"].clone();
            assert_eq!(event["recipient"]["member"]["memberNo"], no);
            assert_eq!(event["recipient"]["body"], "王小明，回来看看");
            assert_eq!(event["message"], json!({ "name": "回访", "state": "SENT" }));
            cursors.push(event["cursor"].clone());
        }
        let mut rest = owner.subscribe(document, json!({ "after": cursors[1] }));
        let event = next(&mut rest).await;
        assert_eq!(event["data"]["memberMessageSent"]["recipient"]["member"]["memberNo"], "m3");
        let mut one = owner.subscribe(document, json!({ "after": "e0", "no": "m2" }));
        let event = next(&mut one).await;
        assert_eq!(event["data"]["memberMessageSent"]["cursor"], cursors[1]);
        let viewer = merchant.client(entity::membership::Role::Viewer).await;
        let mut unnamed = viewer.subscribe(document, json!({ "after": "e0" }));
        let event = next(&mut unnamed).await;
        assert_eq!(event["data"]["memberMessageSent"]["recipient"]["title"], Value::Null);
        let mut wrong = owner.subscribe(document, json!({ "no": "王小明" }));
        assert_eq!(next(&mut wrong).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
