//! Calls in 易支付's style to the shops of paid orders.

use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::receiver::{Heard, Receiver, Saying};
use super::{Shop, asked, code};
use crate::everywhere;
use crate::support::CREATE;

/// V1's signature, written a second time: everything but `sign` and `sign_type`, sorted, the key behind it.
fn sign(heard: &Heard, key: &str) -> String {
    let mut pairs: Vec<&(String, String)> = heard
        .query
        .iter()
        .filter(|(name, value)| name != "sign" && name != "sign_type" && !value.is_empty())
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let digest: [u8; 16] = Md5::digest(format!("{}{key}", pairs.join("&"))).into();
    HEXLOWER.encode(&digest)
}

async fn key(shop: &Shop, replace: bool) -> (String, String) {
    let owner = shop.merchant.owner().await;
    let fields = "notifyKey { pid setBy } key";
    let payload = asked(
        &owner,
        "notifyKeySet",
        fields,
        json!({ "replace": replace }),
    )
    .await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&payload["notifyKey"]["pid"]), text(&payload["key"]))
}

#[test]
fn the_vectors_of_the_protocol_are_reproduced() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../data/epay_test_vectors.json")).expect("JSON");
    let mut seen = 0;
    for vector in vectors.as_array().expect("vectors") {
        let (Some(key), Some(params)) = (vector["key"].as_str(), vector["params"].as_object())
        else {
            continue;
        };
        let pairs = params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
        let told = yigate::channels::providers::epay::md5_of(pairs, key);
        assert_eq!(HEXLOWER.encode(&told), vector["sign"], "{}", vector["case"]);
        seen += 1;
    }
    assert!(seen >= 3, "vectors are found");
}

everywhere! {
    async fn a_paid_orders_shop_is_called_with_a_signature_that_holds(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let (pid, key) = key(&shop, false).await;
        receiver.says(Saying::Status(200, "success".to_owned()));
        let url = json!({ "notifyUrl": format!("{}?shop=7", receiver.url()), "title": "a&b c 会员" });
        let order = shop.merchant.order_with("36.00", url).await;
        shop.works().await;
        assert_eq!(receiver.heard().len(), 0, "not before it is paid");
        order.pay().await;
        shop.works().await;
        let heard = receiver.heard();
        assert_eq!(heard.len(), 1);
        let mut heard = heard[0].clone();
        assert_eq!(heard.method, "GET");
        // The shop's own parameter stands beside, and is not signed.
        assert_eq!(heard.query.remove(0), ("shop".to_owned(), "7".to_owned()));
        assert_eq!(heard.parameter("sign"), sign(&heard, &key));
        let number = order.read("merchantOrderNo").await["merchantOrderNo"].clone();
        for (name, value) in [
            ("pid", pid.as_str()),
            ("trade_no", order.order_no.as_str()),
            ("out_trade_no", number.as_str().expect("a number")),
            ("type", "wxpay"),
            ("name", "a&b c 会员"),
            ("money", "36.00"),
            ("trade_status", "TRADE_SUCCESS"),
            ("sign_type", "MD5"),
        ] {
            assert_eq!(heard.parameter(name), value, "{name}");
        }
        let delivery = shop.deliveries(json!({ "orderId": order.id.to_string() })).await.remove(0);
        assert_eq!(delivery["kind"], "NOTIFY_URL");
        assert_eq!(delivery["state"], "DELIVERED");
        assert_eq!(delivery["endpoint"], Value::Null);
        assert_eq!(delivery["orderId"], order.id.to_string());
        assert_eq!(delivery["attempts"][0]["body"], "success");
    }

    async fn a_shop_that_does_not_say_success_is_called_at_the_protocols_minutes(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let (_, before) = key(&shop, false).await;
        receiver.says(Saying::Status(200, "ok".to_owned()));
        let url = json!({ "notifyUrl": receiver.url() });
        shop.merchant.order_with("9.90", url).await.pay().await;
        shop.works().await;
        // Another key is asked for on purpose.
        let owner = shop.merchant.owner().await;
        let again = asked(&owner, "notifyKeySet", "key", json!({})).await;
        assert_eq!((code(&again), &again["key"]), ("ALREADY_SET", &Value::Null));
        let (_, after) = key(&shop, true).await;
        assert_ne!(before, after);
        for (again, minutes) in [1, 2, 16, 36, 60].into_iter().enumerate() {
            shop.works_after(TimeDelta::minutes(minutes) - TimeDelta::seconds(1)).await;
            assert_eq!(receiver.heard().len(), again + 1);
            shop.works_after(TimeDelta::seconds(1)).await;
            assert_eq!(receiver.heard().len(), again + 2);
        }
        shop.works_after(TimeDelta::days(1)).await;
        let heard = receiver.heard();
        assert_eq!(heard.len(), 6);
        assert_eq!(heard[0].parameter("sign"), sign(&heard[0], &before));
        assert_eq!(heard[5].parameter("sign"), sign(&heard[5], &after), "the new key signs at once");
        let delivery = shop.deliveries(Value::Null).await.remove(0);
        assert_eq!((&delivery["state"], &delivery["lastError"]), (&json!("FAILED"), &json!("NO_SUCCESS")));
        // By hand it goes on.
        receiver.says(Saying::Status(500, "<p>SUCCESS</p>".to_owned()));
        let input = json!({ "id": delivery["id"] });
        asked(&owner, "webhookDeliveryReplay", "webhookDelivery { id }", input).await;
        shop.works().await;
        assert_eq!(shop.deliveries(Value::Null).await[0]["state"], "DELIVERED");
    }

    async fn an_address_needs_a_key_and_may_be_called(world: World) {
        let shop = Shop::open(world).await;
        let client = shop.merchant.shop();
        let create = async |url: &str| {
            let mut input = shop.merchant.order_input("1.00");
            input["notifyUrl"] = json!(url);
            let answer = client.data(CREATE, json!({ "input": input })).await;
            let error = &answer["orderCreate"]["userErrors"][0];
            format!("{} {}", error["code"], error["message"])
        };
        let told = create("https://shop.example.com/notify").await;
        assert!(told.contains("INVALID") && told.contains("notifyKeySet"), "{told}");
        key(&shop, false).await;
        for url in ["nowhere", "ftp://shop.example.com/", "https://u:p@shop.example.com/"] {
            let told = create(url).await;
            assert!(told.contains("INVALID") && told.contains("`notifyUrl`"), "{url}: {told}");
        }
        assert_eq!(create("https://shop.example.com/notify").await, "null null");
    }
}
