//! Notifications, closings and workers meet at one order.

use chrono::TimeDelta;
use entity::merchant::LatePaymentPolicy;
use yigate::orders::service::Notice;
use yigate::orders::worker::work;

use super::{Two, at_once};
use crate::payments::close;

const MADE: [&str; 2] = ["CREATED", "PAYMENT_REQUESTED"];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_copies_of_one_callback_pay_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    let order = two.here.order("36.00").await;
    let callback = two
        .here
        .sandbox()
        .pay(&order.order_no, two.world.clock.now());
    let callback = callback.expect("known there");
    let notices = at_once((0..64).map(|turn| {
        let order = order.by(&two.by_turns(turn));
        let callback = callback.clone();
        async move { order.notified(&callback).await }
    }))
    .await;
    assert!(notices.iter().all(|notice| *notice == Notice::Accepted));
    assert_eq!(order.timeline().await, [MADE[0], MADE[1], "PAID"]);
    let events = ["ORDER_CREATED", "ORDER_PAYMENT_REQUESTED", "ORDER_PAID"];
    assert_eq!(two.here.events().await, events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_payments_one_pays_and_the_other_is_listed() {
    let Some(two) = Two::start().await else {
        return;
    };
    for round in 0..16 {
        let order = two.here.order("36.00").await;
        let notices = at_once((0..8).map(|turn| {
            let merchant = two.by_turns(turn);
            let order = order.by(&merchant);
            let trade_no = format!("R{round}T{}", turn / 4);
            let amount = "36.00".parse().expect("a decimal");
            let callback = merchant
                .sandbox()
                .notification(&order.order_no, &trade_no, amount);
            async move { order.notified(&callback).await }
        }))
        .await;
        assert!(notices.iter().all(|notice| *notice == Notice::Accepted));
        assert_eq!(
            order.timeline().await,
            [MADE[0], MADE[1], "PAID", "SECOND_PAYMENT"]
        );
        assert_eq!(two.here.reconciliation_items().await.len(), round + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_order_is_paid_or_closed_first_and_its_timeline_says_which() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here
        .decides_late_payments(LatePaymentPolicy::AutoRefund)
        .await;
    let owner = two.there.owner().await;
    let (mut in_time, mut late) = (0, 0);
    for round in 0..48 {
        let order = two.here.order("36.00").await;
        let callback = two
            .here
            .sandbox()
            .pay(&order.order_no, two.world.clock.now());
        let callback = callback.expect("known there");
        let (paying, closing) = (order.clone(), (owner.clone(), order.by(&two.there)));
        // A different head start in each round, so that both come first at times.
        let head_start = std::time::Duration::from_micros(200 * (round % 12));
        let (notice, closed) = tokio::join!(
            tokio::spawn(async move {
                tokio::time::sleep(head_start).await;
                paying.notified(&callback).await
            }),
            tokio::spawn(async move { close(&closing.0, &closing.1).await }),
        );
        assert_eq!(notice.expect("nobody panics"), Notice::Accepted);
        let closed = closed.expect("nobody panics");
        let seen = order.read("paymentState late").await;
        assert_eq!(
            seen["paymentState"], "PAID",
            "money that came is never lost"
        );
        if closed["userErrors"][0]["code"] == "ALREADY_PAID" {
            in_time += 1;
            assert_eq!(seen["late"], false);
            assert_eq!(order.timeline().await, [MADE[0], MADE[1], "PAID"]);
        } else {
            late += 1;
            assert_eq!(seen["late"], true);
            assert_eq!(
                order.timeline().await,
                [MADE[0], MADE[1], "CLOSED", "PAID_LATE"]
            );
        }
        assert_eq!(two.here.reconciliation_items().await.len(), late);
    }
    assert_eq!(in_time + late, 48);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_and_callbacks_pay_each_order_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    let mut orders = Vec::new();
    for _ in 0..24 {
        let order = two.here.order("36.00").await;
        let callback = two
            .here
            .sandbox()
            .pay(&order.order_no, two.world.clock.now());
        orders.push((order, callback.expect("known there")));
    }
    // At expiry: the workers would close what they do not find paid.
    two.world.clock.advance(TimeDelta::minutes(30));
    let (app, providers) = (two.world.app().clone(), two.world.gateway.providers.clone());
    let working = tokio::spawn(async move { while work(&app, &providers).await > 0 {} });
    let notified = at_once(orders.iter().map(|(order, callback)| {
        let (order, callback) = (order.by(&two.there), callback.clone());
        async move { order.notified(&callback).await }
    }));
    let (notices, worked) = tokio::join!(notified, working);
    worked.expect("nobody panics");
    assert!(notices.iter().all(|notice| *notice == Notice::Accepted));
    for (order, _) in &orders {
        assert_eq!(order.timeline().await, [MADE[0], MADE[1], "PAID"]);
    }
    let events = two.here.events().await;
    assert_eq!(
        events.iter().filter(|kind| *kind == "ORDER_PAID").count(),
        24
    );
}
