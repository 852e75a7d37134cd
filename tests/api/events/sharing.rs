//! Subscribers who ask for the same and may see the same share one execution; nobody else does.

use async_graphql::futures_util::future::join_all;
use entity::membership::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{follow, next_event};
use crate::everywhere;
use crate::support::{Client, World, next};

/// How many answers were executed so far.
fn renderings(world: &World) -> u64 {
    world.app().metrics.renderings.get()
}

/// A subscription that stands: it has been told of one event.
async fn standing(
    client: &Client,
    document: &str,
    variables: Value,
) -> impl async_graphql::futures_util::Stream<Item = Value> + Unpin + use<> {
    let mut stream = client.subscribe(document, variables);
    next(&mut stream).await;
    stream
}

#[tokio::test]
async fn an_event_for_many_who_ask_for_the_same_is_executed_once() {
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    merchant.order("36.00").await;
    merchant.numbered().await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let owner = merchant.owner().await;
        let mut stream = follow(&owner, Some("e0"));
        for seq in 1..=2 {
            assert_eq!(next_event(&mut stream).await.0, format!("e{seq:x}"));
        }
        streams.push(stream);
    }
    assert_eq!(world.app().metrics.subscriptions.get(), 20);
    let (before, told) = (renderings(&world), world.app().metrics.deliveries.get());
    for _ in 0..5 {
        merchant.order("36.00").await;
    }
    for stream in &mut streams {
        for seq in 3..=12 {
            assert_eq!(next_event(stream).await.0, format!("e{seq:x}"));
        }
    }
    assert_eq!(renderings(&world) - before, 10, "once each");
    assert_eq!(world.app().metrics.deliveries.get() - told, 200);
    drop(streams);
    assert_eq!(world.app().metrics.subscriptions.get(), 0);
}

#[tokio::test]
async fn who_may_see_more_or_reads_another_language_is_told_apart() {
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    let document = "subscription { orderCreated(after: \"e0\") { order { buyer { name masked } \
        fee { amount { amount } } } } }";
    let buyer = || json!({ "buyer": { "name": "张伟" } });
    merchant.order_with("36.00", buyer()).await;
    let owner = merchant.owner().await;
    let callers = [
        owner.clone(),
        Client::bearer(world.gateway.clone(), &merchant.api_key().await).await,
        merchant.client(Role::Viewer).await,
        owner.in_chinese(),
    ];
    let mut streams = Vec::new();
    for client in &callers {
        streams.push(standing(client, document, json!({})).await);
    }
    let before = renderings(&world);
    merchant.order_with("7.00", buyer()).await;
    let mut told = Vec::new();
    for stream in &mut streams {
        told.push(next(stream).await);
    }
    assert_eq!(renderings(&world) - before, 4);
    let name = |answer: &Value| answer["data"]["orderCreated"]["order"]["buyer"].clone();
    assert_eq!(name(&told[0]), json!({ "name": "张伟", "masked": false }));
    assert_eq!(name(&told[2]), json!({ "name": "张**", "masked": true }));
    assert_eq!(told[0]["data"], told[3]["data"]);
    assert!(
        told[1].get("errors").is_some(),
        "a shop sees no fees: {:#}",
        told[1]
    );
}

#[tokio::test]
async fn another_merchant_and_other_variables_are_told_apart() {
    let world = World::on_sqlite().await;
    let (merchant, other) = (
        world.merchant("汇贤饭店").await,
        world.merchant("云裳时装").await,
    );
    let document = "subscription($types: [EventType!]) { events(types: $types, after: \"e0\") { \
        type subject { id } } }";
    let (here, there) = (merchant.owner().await, other.owner().await);
    let (made, paid) = (
        json!({ "types": ["ORDER_CREATED"] }),
        json!({ "types": ["ORDER_PAID"] }),
    );
    let (ours, theirs) = (
        merchant.paid_order("1.00").await,
        other.paid_order("1.00").await,
    );
    let mut streams = [
        here.subscribe(document, made.clone()),
        here.subscribe(document, paid),
        there.subscribe(document, made),
    ];
    for (stream, (kind, order)) in streams.iter_mut().zip([
        ("ORDER_CREATED", &ours),
        ("ORDER_PAID", &ours),
        ("ORDER_CREATED", &theirs),
    ]) {
        let event = next(stream).await["data"]["events"].clone();
        let expected = json!({ "type": kind, "subject": { "id": order.id.to_string() } });
        assert_eq!(event, expected);
    }
    let before = renderings(&world);
    merchant.paid_order("2.00").await;
    merchant.numbered().await;
    next(&mut streams[0]).await;
    next(&mut streams[1]).await;
    assert_eq!(
        renderings(&world) - before,
        2,
        "the other merchant hears nothing"
    );
}

everywhere! {
    async fn whoever_comes_from_anywhere_joins_the_others_and_is_told_everything_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let making = tokio::spawn({
            let merchant = merchant.clone();
            async move {
                for _ in 0..150 {
                    merchant.order("36.00").await;
                }
            }
        });
        let listening = (0..12).map(|turn: u64| {
            let (merchant, owner) = (merchant.clone(), owner.clone());
            tokio::spawn(async move {
                merchant.eventually_has_orders(i64::try_from(turn * 12).expect("few")).await;
                let kept = merchant.app().events.kept(merchant.id).await.expect("the database answers");
                let from = if turn.is_multiple_of(2) { 0 } else { kept.head / 2 };
                let mut stream = follow(&owner, Some(&format!("e{from:x}")));
                for seq in from + 1..=300 {
                    assert_eq!(next_event(&mut stream).await.0, format!("e{seq:x}"), "from {from}");
                }
            })
        });
        for told in join_all(listening).await {
            told.expect("everything, in order, once");
        }
        making.await.expect("nobody panics");
    }

    async fn who_reads_slowly_is_told_everything_all_the_same(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let (mut slow, mut quick) = (follow(&owner, Some("e0")), follow(&owner, Some("e0")));
        merchant.order("36.00").await;
        next_event(&mut slow).await;
        for seq in 1..=2 {
            assert_eq!(next_event(&mut quick).await.0, format!("e{seq:x}"));
        }
        // Far more than is kept for one who does not read.
        for _ in 0..200 {
            merchant.order("36.00").await;
        }
        for seq in 3..=402 {
            assert_eq!(next_event(&mut quick).await.0, format!("e{seq:x}"));
        }
        for seq in 2..=402 {
            assert_eq!(next_event(&mut slow).await.0, format!("e{seq:x}"));
        }
        // It is with the others again.
        let before = renderings(&world);
        merchant.order("36.00").await;
        for stream in [&mut slow, &mut quick] {
            for seq in 403..=404 {
                assert_eq!(next_event(stream).await.0, format!("e{seq:x}"));
            }
        }
        assert_eq!(renderings(&world) - before, 2);
    }

    async fn what_a_filter_leaves_out_keeps_nobody_apart(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let document = "subscription($after: String) { \
            events(after: $after, types: [ORDER_PAID]) { cursor } }";
        let mut first = owner.subscribe(document, json!({ "after": "e0" }));
        merchant.paid_order("36.00").await;
        assert_eq!(next(&mut first).await["data"]["events"]["cursor"], "e3");
        for _ in 0..40 {
            merchant.order("36.00").await;
        }
        merchant.numbered().await;
        // Nothing that it wants lies behind it.
        let mut second = owner.subscribe(document, json!({ "after": "e10" }));
        let both = tokio::spawn(async move {
            let told = (next(&mut second).await, next(&mut first).await);
            assert_eq!(told.0, told.1);
            assert_eq!(told.0["data"]["events"]["cursor"], "e56");
        });
        crate::support::eventually("both listen", || async {
            world.app().metrics.subscriptions.get() == 2
        })
        .await;
        let before = renderings(&world);
        merchant.paid_order("36.00").await;
        both.await.expect("both are told");
        assert_eq!(renderings(&world) - before, 1);
    }
}

#[tokio::test]
async fn what_is_refused_is_refused_to_each_and_who_comes_later_is_served() {
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    let key = merchant.api_key().await;
    let shop = Client::bearer(world.gateway.clone(), &key).await;
    let document = "subscription { balanceChanged { cursor } }";
    for _ in 0..3 {
        assert_eq!(
            super::refused(shop.subscribe(document, json!({}))).await,
            "FORBIDDEN"
        );
    }
    let owner = merchant.owner().await;
    let wrong = "subscription($after: String) { events(after: $after) { cursor } }";
    let refused = super::refused(owner.subscribe(wrong, json!({ "after": 7 }))).await;
    assert_eq!(refused, "BAD_USER_INPUT");
    merchant.order("36.00").await;
    assert_eq!(next_event(&mut follow(&owner, Some("e0"))).await.0, "e1");
    assert_eq!(world.app().metrics.subscriptions.get(), 0);
}

#[tokio::test]
async fn a_subscription_is_told_whatever_fragments_its_field_stands_in() {
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    merchant.order("36.00").await;
    let owner = merchant.owner().await;
    for document in [
        "subscription { ...F } fragment F on Subscription { events(after: \"e0\") { cursor type } }",
        "subscription { ... on Subscription { ... { events(after: \"e0\") { cursor type } } } }",
    ] {
        let mut stream = owner.subscribe(document, json!({}));
        assert_eq!(next_event(&mut stream).await.0, "e1", "{document}");
    }
    let document = "subscription($x: Boolean! = false) { \
        ... @include(if: $x) { events { cursor } } }";
    let refused = super::refused(owner.subscribe(document, json!({}))).await;
    assert_eq!(refused, "BAD_USER_INPUT");
}

#[tokio::test]
async fn what_is_followed_is_paid_for_and_waits_where_that_is_spent() {
    let world = World::on_sqlite().await;
    let limited = world.with_settings(|settings| {
        settings.throttle.enabled = true;
        settings.throttle.merchant_burst = 30;
        settings.throttle.merchant_per_s = 100;
    });
    let world = limited.await;
    let merchant = world.merchant("汇贤饭店").await;
    merchant.order("36.00").await;
    merchant.numbered().await;
    let mut stream = follow(&merchant.owner().await, Some("e0"));
    let mut told = 0;
    let held = loop {
        let within = std::time::Duration::from_millis(300);
        match tokio::time::timeout(within, next_event(&mut stream)).await {
            Ok((cursor, _)) => {
                told += 1;
                assert_eq!(cursor, format!("e{told:x}"));
            }
            Err(_) if told == 400 => break false,
            Err(_) => {
                let kept = world.app().events.kept(merchant.id).await;
                if kept.expect("the database answers").head > told {
                    break true;
                }
                merchant.order("36.00").await;
                merchant.numbered().await;
            }
        }
    };
    assert!(held, "no time passes: the bucket is empty some day");
    let refused = merchant
        .owner()
        .await
        .error("{ __typename }", json!({}))
        .await;
    assert_eq!(refused.0, "RATE_LIMITED", "it is the same bucket");
    // Time brings it back, and nothing was skipped.
    world.clock.advance(chrono::TimeDelta::seconds(60));
    assert_eq!(next_event(&mut stream).await.0, format!("e{:x}", told + 1));
}

#[tokio::test]
async fn a_subscription_that_waits_for_the_database_keeps_no_request_waiting() {
    let world = World::on_sqlite().await;
    let limited = world.with_settings(|settings| {
        settings.throttle.enabled = true;
        settings.throttle.merchant_concurrency = Some(1);
        settings.throttle.queue_timeout_ms = 200;
    });
    let world = limited.await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = merchant.owner().await;
    let order = merchant.order("36.00").await;
    let document = "subscription { orderCreated(after: \"e0\") { order { orderNo } } }";
    let mut stream = standing(&owner, document, json!({})).await;
    let told = tokio::spawn(async move { next(&mut stream).await });
    let tell_again = format!(
        "ALTER TABLE orders RENAME TO away; INSERT INTO events (merchant_id, id, kind, subject_id, occurred_at) \
         VALUES ({}, 1, 'ORDER_CREATED', {}, 0)",
        merchant.id.0, order.id.0
    );
    let db = world.app().db.writer();
    db.execute_unprepared(&tell_again)
        .await
        .expect("it is gone");
    merchant.numbered().await;
    for _ in 0..20 {
        owner.data("{ channels { id } }", json!({})).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(!told.is_finished(), "the order cannot be read");
    let back = "ALTER TABLE away RENAME TO orders";
    db.execute_unprepared(back).await.expect("it is back");
    let told = told.await.expect("it is told");
    assert_eq!(
        told["data"]["orderCreated"]["order"]["orderNo"],
        order.order_no
    );
}
