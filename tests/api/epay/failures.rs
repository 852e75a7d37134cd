//! Orders while 易支付 fails: no answer, no sense, a refusal, and its return.

use std::time::Instant;

use serde_json::json;

use super::orders::Stage;
use super::*;
use crate::everywhere;

fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

everywhere! {
    async fn a_platform_that_gives_no_sense_leaves_the_order_and_gives_its_code_later(world: World) {
        let stage = Stage::set(world).await;
        for (generation, channel) in stage.channels {
            for broken in [
                Answering::Html,
                Answering::Status(500),
                Answering::Status(404),
                Answering::Redirect,
                Answering::Raw("{}".to_owned()),
                // What is behind the platform is away; it does not take the signature.
                Answering::Refuse(-2, "通道维护中"),
                Answering::Refuse(-3, "签名校验失败"),
            ] {
                let input = stage.input("36.00", channel);
                stage.stub.answer(broken.clone());
                let payload = stage.merchant.asked_for(input.clone()).await;
                assert_eq!(code(&payload), "PROVIDER_UNAVAILABLE", "{generation} {broken:?}");
                assert_eq!(payload["order"]["paymentState"], "PENDING");
                stage.stub.answer(Answering::Honestly);
                let again = stage.merchant.asked_for(input).await;
                assert_eq!(again["userErrors"], json!([]));
                assert_eq!(again["order"]["id"], payload["order"]["id"]);
                assert_eq!(again["order"]["paymentCode"]["kind"], "QR_CODE");
            }
        }
    }

    async fn a_platform_that_hangs_is_given_up_in_time(world: World) {
        let world = world.with_settings(|settings| settings.orders.provider_timeout_ms = 500).await;
        let stage = Stage::set(world).await;
        stage.stub.answer(Answering::Hang);
        for (_, channel) in stage.channels {
            let began = Instant::now();
            let payload = stage.merchant.asked_for(stage.input("36.00", channel)).await;
            assert_eq!(code(&payload), "PROVIDER_UNAVAILABLE");
            assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        }
    }

    async fn a_platform_that_is_not_there_is_unavailable(world: World) {
        let stage = Stage::set(world).await;
        let mut gone = stage.stub.v1_credentials();
        gone["base_url"] = json!("http://127.0.0.1:1/");
        let kind = entity::channel::ChannelKind::EpayV1;
        let channel = stage.merchant.channel(kind, PaymentMethod::WechatPay, Some(gone)).await;
        let payload = stage.merchant.asked_for(stage.input("36.00", channel)).await;
        assert_eq!(code(&payload), "PROVIDER_UNAVAILABLE");
        assert!(!payload.to_string().contains(KEY), "{payload}");
    }

    async fn a_refused_order_is_failed_and_pending_again_with_a_new_attempt(world: World) {
        let stage = Stage::set(world).await;
        for (generation, channel) in stage.channels {
            let input = stage.input("36.00", channel);
            stage.stub.answer(Answering::Refuse(-1, "超出单笔限额"));
            let payload = stage.merchant.asked_for(input.clone()).await;
            assert_eq!(code(&payload), "PROVIDER_REFUSED", "{generation}");
            let message = payload["userErrors"][0]["message"].as_str().unwrap();
            assert!(message.contains("超出单笔限额"), "{message}");
            assert_eq!(payload["order"]["paymentState"], "FAILED");
            stage.stub.answer(Answering::Honestly);
            let again = stage.merchant.asked_for(input).await;
            assert_eq!(again["userErrors"], json!([]));
            assert_eq!(again["order"]["paymentState"], "PENDING");
            assert_eq!(again["order"]["paymentCode"]["kind"], "QR_CODE");
            let order = stage.merchant.order_of(&again);
            let timeline = ["CREATED", "PAYMENT_FAILED", "PAYMENT_REQUESTED"];
            assert_eq!(order.timeline().await, timeline);
            let seen = order.read("timeline { note }").await;
            assert_eq!(seen["timeline"][1]["note"], "超出单笔限额");
        }
    }

    async fn a_platform_that_is_down_loses_no_payment(world: World) {
        let stage = Stage::set(world).await;
        for (generation, channel) in stage.channels {
            let order = stage.order("36.00", channel).await;
            stage.pays(&order);
            for broken in [Answering::Status(503), Answering::Html] {
                stage.stub.answer(broken);
                // After 1 minute, and after 3.
                assert_eq!(stage.minutes_later(2).await, 1, "{generation}");
                assert_eq!(order.payment_state().await, "PENDING");
            }
            stage.stub.answer(Answering::Honestly);
            assert_eq!(stage.minutes_later(6).await, 1);
            assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "PAID"]);
        }
    }

    async fn a_platform_that_is_down_at_expiry_tells_the_payment_afterwards(world: World) {
        let stage = Stage::set(world).await;
        for (generation, channel) in stage.channels {
            let order = stage.order("36.00", channel).await;
            stage.pays(&order);
            stage.stub.answer(Answering::Status(503));
            for minutes in [1, 2, 7, 20] {
                assert_eq!(stage.minutes_later(minutes).await, 1, "{generation}");
            }
            // Nobody said that it was not paid: it stays open half an hour beyond its expiry.
            assert_eq!(order.payment_state().await, "PENDING");
            assert_eq!(stage.minutes_later(31).await, 1);
            assert_eq!(order.payment_state().await, "CLOSED");
            // Two days later the platform is back.
            assert_eq!(stage.minutes_later(2 * 24 * 60).await, 1);
            stage.stub.answer(Answering::Honestly);
            assert_eq!(stage.minutes_later(61).await, 1);
            let timeline = ["CREATED", "PAYMENT_REQUESTED", "CLOSED", "PAID_LATE"];
            assert_eq!(order.timeline().await, timeline);
        }
    }

    async fn a_wrong_amount_found_by_asking_is_listed_and_the_order_still_closes(world: World) {
        let stage = Stage::set(world).await;
        for (generation, channel) in stage.channels {
            let order = stage.order("36.00", channel).await;
            stage.pays(&order);
            stage.stub.set_money(&order.order_no, "35.00");
            for minutes in [1, 2, 7] {
                assert_eq!(stage.minutes_later(minutes).await, 1, "{generation}");
                assert_eq!(order.payment_state().await, "PENDING");
            }
            assert_eq!(stage.minutes_later(20).await, 1);
            let timeline = ["CREATED", "PAYMENT_REQUESTED", "AMOUNT_MISMATCH", "CLOSED"];
            assert_eq!(order.timeline().await, timeline, "listed once, closed in time");
            while stage.minutes_later(120).await > 0 {}
            assert_eq!(order.timeline().await, timeline);
        }
        assert_eq!(stage.merchant.reconciliation_items().await.len(), 2);
    }
}
