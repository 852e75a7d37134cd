//! Delivery: in order, filtered, resumed on any instance.

use std::time::Duration;

use serde_json::json;

use super::{follow, next_event};
use crate::everywhere;
use crate::support::{World, next};

everywhere! {
    async fn new_orders_come_as_they_are_made(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.order("1.00").await;
        merchant.numbered().await;
        let document = "subscription { orderCreated { cursor type occurredAt order { orderNo \
            paymentState amount { amount } channel { name } lines { title } } } }";
        let mut stream = merchant.owner().await.subscribe(document, json!({}));
        // The subscription begins with its first poll.
        let first = tokio::spawn(async move { (next(&mut stream).await, stream) });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let order = merchant.order("36.00").await;
        let (answer, mut stream) = first.await.expect("nobody panics");
        let event = &answer["data"]["orderCreated"];
        assert_eq!(event["type"], "ORDER_CREATED");
        assert_eq!(event["cursor"], "e3");
        assert_eq!(event["occurredAt"], "2026-11-23T04:00:00.000Z");
        assert_eq!(event["order"]["orderNo"], order.order_no);
        assert_eq!(event["order"]["amount"]["amount"], "36.00");
        assert_eq!(event["order"]["channel"]["name"], "WechatPay");
        assert_eq!(event["order"]["lines"], json!([{ "title": "宫保鸡丁" }]));
        let second = merchant.order("7.00").await;
        let answer = next(&mut stream).await;
        assert_eq!(answer["data"]["orderCreated"]["order"]["orderNo"], second.order_no);
    }

    async fn a_filter_lets_through_what_it_names(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let document = "subscription($filter: OrderFilterInput) { \
            orderCreated(filter: $filter, after: \"e0\") { order { orderNo } } }";
        let mut made = Vec::new();
        for amount in ["5.00", "50.00", "500.00"] {
            made.push(merchant.order(amount).await.order_no);
        }
        let money = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        for (filter, expected) in [
            (json!({ "amount": { "min": money("50.00") } }), &made[1..]),
            (json!({ "amount": { "max": money("5.00") } }), &made[..1]),
            (json!({ "not": { "amount": { "max": money("50.00") } } }), &made[2..]),
            (json!({ "search": "宫保" }), &made[..]),
        ] {
            let variables = json!({ "filter": filter });
            let mut stream = merchant.owner().await.subscribe(document, variables);
            for order_no in expected {
                let answer = next(&mut stream).await;
                assert_eq!(answer["data"]["orderCreated"]["order"]["orderNo"], *order_no, "{filter}");
            }
        }
        let bad = json!({ "filter": { "amount": { "min": money("2.00"), "max": money("1.00") } } });
        let mut stream = merchant.owner().await.subscribe(document, bad);
        let answer = next(&mut stream).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    async fn updates_tell_what_became_of_orders(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let document = "subscription { orderUpdated(after: \"e0\") { cursor type order { orderNo } } }";
        let mut stream = merchant.owner().await.subscribe(document, json!({}));
        let paid = merchant.paid_order("36.00").await;
        let closed = merchant.order("36.00").await;
        crate::payments::close(&merchant.owner().await, &closed).await;
        for (cursor, kind, order) in [
            ("e2", "ORDER_PAYMENT_REQUESTED", &paid),
            ("e3", "ORDER_PAID", &paid),
            ("e5", "ORDER_PAYMENT_REQUESTED", &closed),
            ("e6", "ORDER_CLOSED", &closed),
        ] {
            let answer = next(&mut stream).await;
            let event = &answer["data"]["orderUpdated"];
            assert_eq!(event["cursor"], cursor);
            assert_eq!(event["type"], kind);
            assert_eq!(event["order"]["orderNo"], order.order_no);
        }
    }

    async fn types_name_what_is_wanted(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let document = "subscription { events(after: \"e0\", types: [ORDER_PAID, ORDER_CLOSED]) { \
            cursor type subject { ... on Order { orderNo paymentState } } } }";
        let mut stream = merchant.owner().await.subscribe(document, json!({}));
        let paid = merchant.paid_order("36.00").await;
        let closed = merchant.order("36.00").await;
        crate::payments::close(&merchant.owner().await, &closed).await;
        for (cursor, kind, order, state) in [
            ("e3", "ORDER_PAID", &paid, "PAID"),
            ("e6", "ORDER_CLOSED", &closed, "CLOSED"),
        ] {
            let answer = next(&mut stream).await;
            let subject = json!({ "orderNo": order.order_no, "paymentState": state });
            let event = json!({ "cursor": cursor, "type": kind, "subject": subject });
            assert_eq!(answer["data"]["events"], event);
        }
    }

    async fn a_list_of_orders_continues_as_a_subscription_without_a_gap(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let empty = owner.data("{ orders { eventCursor } }", json!({})).await;
        assert_eq!(empty["orders"]["eventCursor"], "e0");
        let making = tokio::spawn({
            let merchant = merchant.clone();
            async move {
                for _ in 0..30 {
                    merchant.order("36.00").await;
                }
            }
        });
        merchant.eventually_has_orders(10).await;
        let document = "{ orders(first: 100) { eventCursor edges { node { orderNo } } } }";
        let list = owner.data(document, json!({})).await;
        let edges = list["orders"]["edges"].as_array().expect("edges").iter();
        let mut seen: Vec<_> = edges.map(|edge| edge["node"]["orderNo"].clone()).collect();
        let document = "subscription($after: String) { \
            orderCreated(after: $after) { order { orderNo } } }";
        let after = json!({ "after": list["orders"]["eventCursor"] });
        let mut stream = owner.subscribe(document, after);
        making.await.expect("nobody panics");
        while seen.len() < 30 {
            let order_no = next(&mut stream).await["data"]["orderCreated"]["order"]["orderNo"].clone();
            // At least once: what was being numbered while the list was read may come again.
            if !seen.contains(&order_no) {
                seen.push(order_no);
            }
        }
    }

    async fn a_subscriber_who_comes_back_continues_behind_its_cursor(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        for _ in 0..10 {
            merchant.order("36.00").await;
        }
        merchant.numbered().await;
        let mut after = "e0".to_owned();
        for seq in 1..=20 {
            let mut stream = follow(&owner, Some(&after));
            let (cursor, _) = next_event(&mut stream).await;
            assert_eq!(cursor, format!("e{seq:x}"));
            after = cursor;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscriber_that_moves_between_instances_misses_nothing() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let second = world.another_instance().await;
    let here = world.merchant("汇贤饭店").await;
    let there = here.on(&second);
    let making = [here.clone(), there.clone()].map(|merchant| {
        tokio::spawn(async move {
            for _ in 0..30 {
                merchant.order("36.00").await;
            }
        })
    });
    let owners = [here.owner().await, there.owner().await];
    let mut after = "e0".to_owned();
    let mut seq = 0;
    for turn in 0.. {
        let mut stream = follow(&owners[turn % 2], Some(&after));
        for _ in 0..7 {
            if seq == 120 {
                break;
            }
            seq += 1;
            let (cursor, _) = next_event(&mut stream).await;
            assert_eq!(cursor, format!("e{seq:x}"), "after {turn} moves");
            after = cursor;
        }
        if seq == 120 {
            break;
        }
    }
    for making in making {
        making.await.expect("nobody panics");
    }
    assert_eq!(here.events().await.len(), 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_subscribers_on_two_instances_all_see_everything() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let second = world.another_instance().await;
    let here = world.merchant("汇贤饭店").await;
    let there = here.on(&second);
    let owners = [here.owner().await, there.owner().await];
    let subscribers: Vec<_> = (0..20)
        .map(|turn| {
            let owner = owners[turn % 2].clone();
            tokio::spawn(async move {
                let mut stream = follow(&owner, Some("e0"));
                for seq in 1..=40 {
                    assert_eq!(next_event(&mut stream).await.0, format!("e{seq:x}"));
                }
            })
        })
        .collect();
    for turn in 0..20 {
        let merchant = if turn % 2 == 0 { &here } else { &there };
        merchant.order("36.00").await;
    }
    for subscriber in subscribers {
        subscriber.await.expect("everything comes, in order");
    }
}
