//! Outages of the sandbox: what each does to orders, to whom, and for how long.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, PaymentMethod};
use serde_json::{Value, json};
use yigate::channels::providers::sandbox::Paying;

use super::scene::{outage, try_outage};
use crate::everywhere;
use crate::support::{CREATE, Merchant, Order};

/// How the sandbox takes an order's payer.
async fn pays(order: &Order, merchant: &Merchant) -> &'static str {
    let now = merchant.app().clock.now();
    match merchant.sandbox().try_pay(&order.order_no, now).await {
        Paying::Unknown => "unknown",
        Paying::Unpayable => "unpayable",
        Paying::Lost => "lost",
        Paying::Notified(callback) => {
            order.notified(&callback).await;
            "paid"
        }
    }
}

/// Makes so many orders; how many of them have a payment code.
async fn with_codes(merchant: &Merchant, orders: usize) -> usize {
    let mut codes = 0;
    for _ in 0..orders {
        let input = merchant.order_input("10.00");
        let answer = merchant
            .shop()
            .data(CREATE, json!({ "input": input }))
            .await;
        codes += usize::from(!answer["orderCreate"]["order"]["paymentCode"].is_null());
    }
    codes
}

everywhere! {
    async fn orders_meet_the_outage_that_was_asked_for_until_it_is_over(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        for kind in ["UNAVAILABLE", "UNREADABLE"] {
            outage(&owner, channel, Some(kind), "1").await;
            assert_eq!(with_codes(&merchant, 2).await, 0, "{kind}");
        }
        world.clock.advance(TimeDelta::minutes(10));
        assert_eq!(with_codes(&merchant, 2).await, 2, "its time is over");
        outage(&owner, channel, Some("UNAVAILABLE"), "1").await;
        outage(&owner, channel, None, "1").await;
        assert_eq!(with_codes(&merchant, 2).await, 2, "it was ended");
        outage(&owner, channel, Some("UNAVAILABLE"), "0.5").await;
        let codes = with_codes(&merchant, 40).await;
        assert!((5..=35).contains(&codes), "about half of 40: {codes}");
    }

    async fn payers_meet_outages_that_a_platform_does_not_notice(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        outage(&owner, channel, Some("UNPAYABLE"), "1").await;
        let order = merchant.order("10.00").await;
        assert_eq!(pays(&order, &merchant).await, "unpayable");
        outage(&owner, channel, Some("LOST_CALLBACKS"), "1").await;
        assert_eq!(pays(&order, &merchant).await, "lost");
        assert_eq!(order.read("paymentState").await["paymentState"], "PENDING");
        // The platform knows of the payment: asked about, it is found.
        world.clock.advance(TimeDelta::minutes(2));
        yigate::orders::worker::work(world.app(), &world.gateway.providers).await;
        assert_eq!(order.read("paymentState").await["paymentState"], "PAID");
        outage(&owner, channel, None, "1").await;
        let order = merchant.order("10.00").await;
        assert_eq!(pays(&order, &merchant).await, "paid");
    }

    async fn an_outage_is_of_a_sandbox_channel_and_within_limits(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, sandbox) = (merchant.owner().await, merchant.channel_id);
        let real = merchant.channel(ChannelKind::EpayV1, PaymentMethod::Alipay, None).await;
        for (channel, share, minutes, code) in [
            (real, "1", 10, "NOT_SANDBOX"),
            (sandbox, "0", 10, "SHARE_OUT_OF_RANGE"),
            (sandbox, "1.000001", 10, "SHARE_OUT_OF_RANGE"),
            (sandbox, "0.1234567", 10, "SHARE_OUT_OF_RANGE"),
            (sandbox, "1", 0, "MINUTES_OUT_OF_RANGE"),
            (sandbox, "1", 1_441, "MINUTES_OUT_OF_RANGE"),
        ] {
            let payload = try_outage(&owner, channel, "UNAVAILABLE", share, minutes).await;
            assert_eq!(payload["outage"], Value::Null);
            assert_eq!(payload["userErrors"][0]["code"], code, "{share} {minutes}");
        }
        let payload = try_outage(&owner, sandbox, "UNPAYABLE", "0.25", 5).await;
        assert_eq!(payload["outage"], json!({
            "kind": "UNPAYABLE", "share": "0.25", "until": "2026-11-23T04:05:00.000Z" }));
    }
}
