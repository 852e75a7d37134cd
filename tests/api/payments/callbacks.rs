//! Notifications of payment platforms: which are believed, and what each other one does.

use chrono::TimeDelta;
use entity::channel::{self, ChannelKind, PaymentMethod};
use entity::merchant::{LatePaymentPolicy, MerchantStatus};
use rust_decimal::Decimal;
use sea_orm::sea_query::Expr;
use serde_json::json;
use yigate::channels::provider::Callback;
use yigate::orders::service::{Notice, notify};

use super::{close, set_channel};
use crate::everywhere;
use crate::support::{Merchant, Order};

fn yuan(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// A notification that the sandbox of the merchant's channel signed.
fn signed(merchant: &Merchant, order: &Order, trade_no: &str, amount: &str) -> Callback {
    merchant
        .sandbox()
        .notification(&order.order_no, trade_no, yuan(amount))
}

everywhere! {
    async fn a_notification_that_comes_twice_counts_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        world.clock.advance(TimeDelta::seconds(20));
        let callback = merchant.sandbox().pay(&order.order_no, world.clock.now()).expect("known");
        for _ in 0..3 {
            assert_eq!(order.notified(&callback).await, Notice::Accepted);
            world.clock.advance(TimeDelta::minutes(1));
        }
        let seen = order.read("paymentState late paidAt updatedAt paid { amount } providerTradeNo").await;
        assert_eq!(
            seen,
            json!({
                "paymentState": "PAID",
                "late": false,
                "paidAt": "2026-11-23T04:00:20.000Z",
                "updatedAt": "2026-11-23T04:00:20.000Z",
                "paid": { "amount": "36.00" },
                "providerTradeNo": format!("SB{}", order.order_no),
            })
        );
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "PAID"]);
        let events = ["ORDER_CREATED", "ORDER_PAYMENT_REQUESTED", "ORDER_PAID"];
        assert_eq!(merchant.events().await, events);
    }

    async fn a_payment_may_come_before_its_payment_code(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut input = merchant.order_input("36.00");
        input["title"] = json!("sandbox:unavailable-once");
        let order = merchant.order_of(&merchant.asked_for(input.clone()).await);
        order.pay().await;
        assert_eq!(order.timeline().await, ["CREATED", "PAID"]);
        // The shop, which has seen no code, asks again: the payer is not asked to pay twice.
        let again = merchant.asked_for(input).await;
        assert_eq!(again["userErrors"], json!([]));
        assert_eq!(again["order"]["paymentState"], "PAID");
        assert_eq!(again["order"]["paymentCode"], json!(null));
        assert_eq!(order.timeline().await, ["CREATED", "PAID"]);
    }

    async fn an_order_that_failed_is_paid_all_the_same(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut input = merchant.order_input("36.00");
        input["title"] = json!("sandbox:refuse");
        let order = merchant.order_of(&merchant.asked_for(input).await);
        order.pay().await;
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_FAILED", "PAID"]);
    }

    async fn a_late_payment_is_accepted_and_flagged(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        close(&merchant.owner().await, &order).await;
        order.pay().await;
        let seen = order.read("paymentState late paid { amount } closedAt").await;
        assert_eq!(
            seen,
            json!({
                "paymentState": "PAID",
                "late": true,
                "paid": { "amount": "36.00" },
                "closedAt": "2026-11-23T04:00:00.000Z",
            })
        );
        let timeline = ["CREATED", "PAYMENT_REQUESTED", "CLOSED", "PAID_LATE"];
        assert_eq!(order.timeline().await, timeline);
        assert_eq!(merchant.reconciliation_items().await, [[""; 4]; 0]);
    }

    async fn a_late_payment_is_listed_to_be_refunded_where_the_merchant_says_so(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.decides_late_payments(LatePaymentPolicy::AutoRefund).await;
        let order = merchant.order("36.00").await;
        close(&merchant.owner().await, &order).await;
        order.pay().await;
        order.pay().await;
        let seen = order.read("paymentState late").await;
        assert_eq!(seen, json!({ "paymentState": "PAID", "late": true }));
        let trade_no = format!("SB{}", order.order_no);
        let item = ["LATE_PAYMENT", &trade_no, "36.00", "36.00"];
        assert_eq!(merchant.reconciliation_items().await, [item]);
        assert_eq!(
            merchant.events().await,
            [
                "ORDER_CREATED",
                "ORDER_PAYMENT_REQUESTED",
                "ORDER_CLOSED",
                "ORDER_PAID",
                "RECONCILIATION_ITEM_OPENED",
            ]
        );
    }

    async fn another_amount_never_pays_and_is_listed_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        for amount in ["35.99", "36.01", "0.36", "3600"] {
            let callback = signed(&merchant, &order, &format!("T{amount}"), amount);
            for _ in 0..3 {
                assert_eq!(order.notified(&callback).await, Notice::Refused);
            }
        }
        assert_eq!(order.payment_state().await, "PENDING");
        assert_eq!(
            merchant.reconciliation_items().await,
            [
                ["AMOUNT_MISMATCH", "T3600", "36.00", "3600.00"],
                ["AMOUNT_MISMATCH", "T0.36", "36.00", "0.36"],
                ["AMOUNT_MISMATCH", "T36.01", "36.00", "36.01"],
                ["AMOUNT_MISMATCH", "T35.99", "36.00", "35.99"],
            ]
        );
        // The right payment is believed afterwards.
        order.pay().await;
        let mismatch = "AMOUNT_MISMATCH";
        assert_eq!(
            order.timeline().await,
            ["CREATED", "PAYMENT_REQUESTED", mismatch, mismatch, mismatch, mismatch, "PAID"]
        );
    }

    async fn no_amount_at_all_is_refused(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        for amount in ["36.001", "99999999999999999999"] {
            let callback = signed(&merchant, &order, "T1", amount);
            assert_eq!(order.notified(&callback).await, Notice::Refused, "{amount}");
        }
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
    }

    async fn the_discount_is_not_paid(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let off = json!({ "discount": { "amount": "6.00", "currency": "CNY" } });
        let order = merchant.order_with("36.00", off).await;
        let whole = signed(&merchant, &order, "T1", "36.00");
        assert_eq!(order.notified(&whole).await, Notice::Refused);
        let payable = signed(&merchant, &order, "T2", "30");
        assert_eq!(order.notified(&payable).await, Notice::Accepted);
        let seen = order.read("amount { amount } paid { amount }").await;
        assert_eq!(seen, json!({ "amount": { "amount": "36.00" }, "paid": { "amount": "30.00" } }));
    }

    async fn a_second_payment_is_listed_to_be_refunded(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let before = order.read("providerTradeNo paidAt updatedAt paid { amount }").await;
        world.clock.advance(TimeDelta::minutes(5));
        let second = signed(&merchant, &order, "T2", "36.00");
        for _ in 0..3 {
            assert_eq!(order.notified(&second).await, Notice::Accepted);
        }
        let after = order.read("providerTradeNo paidAt updatedAt paid { amount }").await;
        assert_eq!(after, before);
        let item = ["SECOND_PAYMENT", "T2", "36.00", "36.00"];
        assert_eq!(merchant.reconciliation_items().await, [item]);
        let timeline = ["CREATED", "PAYMENT_REQUESTED", "PAID", "SECOND_PAYMENT"];
        assert_eq!(order.timeline().await, timeline);
        let seen = order.read("timeline { actor note }").await;
        let expected = json!({ "actor": "provider", "note": "T2: 36.00" });
        assert_eq!(seen["timeline"][3], expected);
    }

    async fn a_forged_notification_changes_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        let honest = signed(&merchant, &order, "T1", "36.00").query;
        for forged in [
            honest.replace("36.00", "3.60"),
            honest.replace("T1", "T2"),
            format!("{honest}0"),
            honest.replace("sign=", "sign=0"),
            honest.split("&sign").next().expect("a part").to_owned(),
            String::new(),
        ] {
            let callback = Callback { query: forged, body: Vec::new() };
            assert_eq!(order.notified(&callback).await, Notice::Refused);
        }
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
        assert_eq!(merchant.reconciliation_items().await, [[""; 4]; 0]);
    }

    async fn a_notification_counts_in_its_own_channel_and_merchant_alone(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let order = merchant.order("36.00").await;
        let (app, providers) = (world.app(), &world.gateway.providers);
        let second = merchant.channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None).await;
        let theirs = signed(&other, &order, "T1", "36.00");
        let ours = signed(&merchant, &order, "T1", "36.00");
        let elsewhere = providers
            .sandbox(app, merchant.id, second)
            .notification(&order.order_no, "T1", yuan("36.00"));
        for (merchant_id, channel_id, callback, expected) in [
            // Another merchant's platform vouches for our order, on their address and on ours.
            (other.id, other.channel_id, &theirs, Notice::Unknown),
            (merchant.id, merchant.channel_id, &theirs, Notice::Refused),
            // Ours, sent to addresses of others.
            (other.id, other.channel_id, &ours, Notice::Refused),
            (merchant.id, second, &ours, Notice::Refused),
            (other.id, merchant.channel_id, &ours, Notice::Unknown),
            // Our own other channel, which the order is not paid through.
            (merchant.id, second, &elsewhere, Notice::Unknown),
        ] {
            let notice = notify(app, providers, merchant_id, channel_id, callback).await;
            assert_eq!(notice.expect("the database answers"), expected);
        }
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
        assert_eq!(merchant.reconciliation_items().await, [[""; 4]; 0]);
        assert_eq!(other.reconciliation_items().await, [[""; 4]; 0]);
    }

    async fn money_that_comes_is_credited_whatever_is_closed_to_new_orders(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        set_channel(&merchant, channel::Column::Enabled, Expr::value(false)).await;
        set_channel(&merchant, channel::Column::MaxMinor, Expr::value(1_i64)).await;
        merchant.becomes(MerchantStatus::Suspended).await;
        order.pay().await;
        assert_eq!(order.payment_state().await, "PAID");
    }

    async fn a_notification_of_no_order_is_unknown(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        let padded = format!("0{}", order.order_no);
        for no in ["1", "", "nonsense", "-1", padded.as_str(), "99999999999999999999999"] {
            let callback = merchant.sandbox().notification(no, "T1", yuan("36.00"));
            assert_eq!(order.notified(&callback).await, Notice::Unknown, "{no}");
        }
        assert_eq!(order.payment_state().await, "PENDING");
    }

    async fn one_payment_pays_one_order_and_its_number_under_another_is_listed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (first, second) = (merchant.order("36.00").await, merchant.order("36.00").await);
        let of_first = signed(&merchant, &first, "T1", "36.00");
        assert_eq!(first.notified(&of_first).await, Notice::Accepted);
        let of_second = signed(&merchant, &second, "T1", "36.00");
        for _ in 0..2 {
            assert_eq!(second.notified(&of_second).await, Notice::Refused);
        }
        assert_eq!(second.payment_state().await, "PENDING");
        assert_eq!(second.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
        let item = ["DUPLICATE_TRADE_NO", "T1", "36.00", "36.00"];
        assert_eq!(merchant.reconciliation_items().await, [item]);
        // The second order is paid by a payment of its own.
        second.pay().await;
        assert_eq!(second.payment_state().await, "PAID");
    }
}
