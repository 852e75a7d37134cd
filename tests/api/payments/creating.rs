//! Making orders: what the payer is shown, what is refused, and what a repeated request does.

use entity::channel;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::merchant::MerchantStatus;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::{refusal, set_channel};
use crate::everywhere;
use crate::support::CREATE;

fn with(mut input: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        input[name] = value.clone();
    }
    input
}

fn money(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

fn line(title: &str, quantity: i32, unit_price: &str) -> Value {
    json!({ "title": title, "quantity": quantity, "unitPrice": money(unit_price) })
}

everywhere! {
    async fn an_order_comes_with_what_the_payer_is_shown(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let payload = merchant.asked_for(merchant.order_input("36.00")).await;
        let order = merchant.order_of(&payload);
        let link = format!(
            "https://pay.example/sandbox/pay/{}.{}/{}",
            merchant.id, merchant.channel_id, order.order_no
        );
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(payload["order"]["paymentState"], "PENDING");
        assert_eq!(payload["order"]["paymentCode"], json!({ "kind": "URL", "content": link }));
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
    }

    async fn the_same_request_again_returns_the_same_order(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let input = merchant.order_input("36.00");
        let first = merchant.asked_for(input.clone()).await;
        world.clock.advance(chrono::TimeDelta::days(2));
        let again = merchant.asked_for(input.clone()).await;
        assert_eq!(again, first);
        let order = merchant.order_of(&first);
        assert_eq!(merchant.order_count().await, 1);
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
        order.pay().await;
        let paid = merchant.asked_for(input.clone()).await;
        assert_eq!(paid["order"]["paymentState"], "PAID");
        // What has changed since does not matter: the order was made.
        set_channel(&merchant, channel::Column::Enabled, Expr::value(false)).await;
        let replayed = merchant.asked_for(input).await;
        assert_eq!(replayed, paid);
    }

    async fn a_key_is_of_one_request_and_one_merchant(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let input = merchant.order_input("36.00");
        merchant.asked_for(input.clone()).await;
        for changes in [
            json!({ "merchantOrderNo": "another" }),
            json!({ "lines": [line("宫保鸡丁", 2, "36.00")] }),
            json!({ "discount": money("1.00") }),
            json!({ "country": "US" }),
            json!({ "buyer": { "name": "王小明" } }),
            json!({ "fulfillmentRequired": false }),
            json!({ "expiresInSeconds": 60 }),
        ] {
            let payload = merchant.asked_for(with(input.clone(), &changes)).await;
            assert_eq!(refusal(&payload), ("KEY_REUSED", "idempotencyKey"), "{changes}");
            assert_eq!(payload["order"], Value::Null);
        }
        let theirs = with(input, &json!({ "channelId": other.channel_id.to_string() }));
        let payload = other.asked_for(theirs).await;
        assert_eq!(payload["userErrors"], json!([]), "keys and numbers are each merchant's own");
        assert_eq!(merchant.order_count().await, 1);
    }

    async fn a_shops_number_is_taken_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let first = merchant.order_input("36.00");
        merchant.asked_for(first.clone()).await;
        let mut second = merchant.order_input("36.00");
        let own_number = second["merchantOrderNo"].clone();
        second["merchantOrderNo"] = first["merchantOrderNo"].clone();
        let payload = merchant.asked_for(second.clone()).await;
        assert_eq!(refusal(&payload), ("DUPLICATE_ORDER_NO", "merchantOrderNo"));
        assert_eq!(merchant.order_count().await, 1);
        // A refused request has not used up its key.
        second["merchantOrderNo"] = own_number;
        assert_eq!(merchant.asked_for(second).await["userErrors"], json!([]));
    }

    async fn what_cannot_be_meant_is_refused_by_its_field(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let negative = line("宫保鸡丁", 1, "-1.00");
        for (field, changes) in [
            ("idempotencyKey", json!({ "idempotencyKey": "short" })),
            ("idempotencyKey", json!({ "idempotencyKey": "a key\nwith a break" })),
            ("idempotencyKey", json!({ "idempotencyKey": "k".repeat(129) })),
            ("merchantOrderNo", json!({ "merchantOrderNo": "" })),
            ("merchantOrderNo", json!({ "merchantOrderNo": "订单1" })),
            ("merchantOrderNo", json!({ "merchantOrderNo": "n".repeat(65) })),
            ("title", json!({ "title": " " })),
            ("title", json!({ "title": "题".repeat(201) })),
            ("lines", json!({ "lines": [] })),
            ("lines", json!({ "lines": vec![line("宫保鸡丁", 1, "1.00"); 201] })),
            ("lines", json!({ "lines": [line("赠品", 1, "0.00")] })),
            ("lines.0.title", json!({ "lines": [line("", 1, "1.00")] })),
            ("lines.1.quantity", json!({ "lines": [line("汤", 1, "1.00"), line("饭", 0, "1.00")] })),
            ("lines.0.unitPrice", json!({ "lines": [negative] })),
            ("lines.0.unitPrice", json!({ "lines": [line("汤", 1, "1.001")] })),
            ("discount", json!({ "discount": money("36.00") })),
            ("discount", json!({ "discount": money("-0.01") })),
            ("discount.currency", json!({ "discount": { "amount": "1.00", "currency": "USD" } })),
            ("channelId", json!({ "channelId": "not an id" })),
            ("expiresInSeconds", json!({ "expiresInSeconds": 59 })),
            ("expiresInSeconds", json!({ "expiresInSeconds": 604_801 })),
            ("clientIp", json!({ "clientIp": "localhost" })),
            ("returnUrl", json!({ "returnUrl": "javascript:alert(1)" })),
            ("buyer.name", json!({ "buyer": { "name": "" } })),
        ] {
            let input = with(merchant.order_input("36.00"), &changes);
            let payload = merchant.asked_for(input).await;
            assert_eq!(refusal(&payload), ("INVALID", field), "{payload}");
        }
        assert_eq!(merchant.order_count().await, 0);
        assert_eq!(merchant.events().await, [""; 0]);
    }

    async fn a_channel_must_be_ones_own_open_and_take_the_amount(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let foreign = json!({ "channelId": other.channel_id.to_string() });
        let payload = merchant.asked_for(with(merchant.order_input("36.00"), &foreign)).await;
        assert_eq!(refusal(&payload), ("CHANNEL_NOT_FOUND", "channelId"));

        set_channel(&merchant, channel::Column::MinMinor, Expr::value(1_000_i64)).await;
        set_channel(&merchant, channel::Column::MaxMinor, Expr::value(2_000_i64)).await;
        for (amount, discount, fits) in [
            ("9.99", "0.00", false),
            ("10.00", "0.00", true),
            ("10.00", "0.01", false),
            ("20.01", "0.00", false),
            ("20.01", "0.01", true),
        ] {
            let input = with(merchant.order_input(amount), &json!({ "discount": money(discount) }));
            let payload = merchant.asked_for(input).await;
            if fits {
                assert_eq!(payload["userErrors"], json!([]), "{amount} - {discount}");
            } else {
                assert_eq!(refusal(&payload), ("AMOUNT_OUT_OF_RANGE", "lines"));
                assert_eq!(
                    payload["userErrors"][0]["message"],
                    "The channel takes from 10.00 to 20.00."
                );
            }
        }

        set_channel(&merchant, channel::Column::Enabled, Expr::value(false)).await;
        let payload = merchant.asked_for(merchant.order_input("15.00")).await;
        assert_eq!(refusal(&payload), ("CHANNEL_DISABLED", "channelId"));
        assert_eq!(merchant.order_count().await, 2);
    }

    async fn a_refusal_is_told_in_the_readers_language(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut input = merchant.order_input("36.00");
        input["merchantOrderNo"] = json!("订单1");
        for (shop, message) in [
            (merchant.shop(), "`merchantOrderNo` must be 1 to 64 letters, digits, dots, underscores, \
                bars or hyphens."),
            (merchant.shop().in_chinese(), "`merchantOrderNo` 须为 1 至 64 位字母、数字或 . _ | -。"),
        ] {
            let answer = shop.data(CREATE, json!({ "input": input })).await;
            let payload = &answer["orderCreate"];
            assert_eq!(refusal(payload), ("INVALID", "merchantOrderNo"));
            assert_eq!(payload["userErrors"][0]["message"], message);
        }
    }

    async fn a_suspended_merchant_takes_no_orders(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.becomes(MerchantStatus::Suspended).await;
        let payload = merchant.asked_for(merchant.order_input("36.00")).await;
        assert_eq!(refusal(&payload), ("MERCHANT_SUSPENDED", ""));
        merchant.becomes(MerchantStatus::Active).await;
        merchant.order("36.00").await;
    }

    async fn a_platform_that_does_not_answer_leaves_the_order_and_is_asked_again(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let once = json!({ "title": "sandbox:unavailable-once" });
        let input = with(merchant.order_input("36.00"), &once);
        let payload = merchant.asked_for(input.clone()).await;
        assert_eq!(refusal(&payload), ("PROVIDER_UNAVAILABLE", ""));
        assert_eq!(payload["order"]["paymentState"], "PENDING");
        assert_eq!(payload["order"]["paymentCode"], Value::Null);
        let again = merchant.asked_for(input).await;
        assert_eq!(again["userErrors"], json!([]));
        assert_eq!(again["order"]["id"], payload["order"]["id"]);
        assert_eq!(again["order"]["paymentCode"]["kind"], "URL");
        let order = merchant.order_of(&again);
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
    }

    async fn an_answer_that_cannot_be_read_is_none(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let unreadable = json!({ "title": "sandbox:unreadable" });
        let payload = merchant.asked_for(with(merchant.order_input("36.00"), &unreadable)).await;
        assert_eq!(refusal(&payload), ("PROVIDER_UNAVAILABLE", ""));
        let order = merchant.order_of(&payload);
        assert_eq!(order.timeline().await, ["CREATED"]);
    }

    async fn a_platform_that_refuses_makes_the_order_failed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let refuse = json!({ "title": "sandbox:refuse" });
        let payload = merchant.asked_for(with(merchant.order_input("36.00"), &refuse)).await;
        assert_eq!(refusal(&payload), ("PROVIDER_REFUSED", ""));
        assert_eq!(payload["order"]["paymentState"], "FAILED");
        let order = merchant.order_of(&payload);
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_FAILED"]);
        assert_eq!(merchant.events().await, ["ORDER_CREATED", "ORDER_PAYMENT_FAILED"]);
    }

    async fn a_channel_without_usable_credentials_leaves_the_order_unpaid(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let bare = merchant.channel(ChannelKind::EpayV1, PaymentMethod::Alipay, None).await;
        let through = json!({ "channelId": bare.to_string() });
        let payload = merchant.asked_for(with(merchant.order_input("36.00"), &through)).await;
        assert_eq!(refusal(&payload), ("PROVIDER_UNAVAILABLE", ""));
        assert_eq!(payload["order"]["paymentState"], "PENDING");
    }

    async fn a_discount_is_shared_over_the_lines_by_largest_remainder(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for (lines, discount, shares, payable) in [
            (json!([line("甲", 1, "1.00"), line("乙", 1, "1.00"), line("丙", 1, "1.00")]),
                "1.00", vec!["0.34", "0.33", "0.33"], "2.00"),
            (json!([line("甲", 3, "10.00"), line("乙", 1, "10.00"), line("赠品", 1, "0.00")]),
                "0.01", vec!["0.01", "0.00", "0.00"], "39.99"),
            (json!([line("甲", 1, "0.01"), line("乙", 2, "50.00")]),
                "33.33", vec!["0.00", "33.33"], "66.68"),
        ] {
            let order = merchant
                .order_with("0.00", json!({ "lines": lines, "discount": money(discount) }))
                .await;
            order.pay().await;
            let seen = order
                .read("discount { amount } payable { amount } paid { amount } lines { discount { amount } }")
                .await;
            let shared: Vec<_> = seen["lines"].as_array().expect("lines").iter()
                .map(|line| line["discount"]["amount"].as_str().expect("an amount"))
                .collect();
            assert_eq!(shared, shares);
            assert_eq!(seen["discount"]["amount"], discount);
            assert_eq!(seen["payable"]["amount"], payable);
            assert_eq!(seen["paid"]["amount"], payable, "paid = amount - discount");
        }
    }
}
