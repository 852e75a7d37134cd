//! Numbers of events: without gaps, however commits come about.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::event::{self, EventKind};
use futures_util::future::join_all;
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait, TransactionTrait};
use serde_json::json;
use yigate::events::record;

use super::{follow, next_event, refused};
use crate::everywhere;
use crate::support::{Merchant, Order, World, next};

/// Longer than this nobody waits for an event that nothing announced.
const POLLED_WITHIN: Duration = Duration::from_millis(1_500);

/// An open transaction that has written an event of an order.
#[allow(
    clippy::disallowed_methods,
    reason = "a transaction that stays open while others commit"
)]
async fn held_open(merchant: &Merchant, order: &Order) -> DatabaseTransaction {
    let app = merchant.app();
    let txn = app.db.writer().begin().await.expect("a transaction");
    let now = app.clock.instant();
    record(
        &txn,
        &app.ids,
        now,
        merchant.id,
        EventKind::OrderFulfilled,
        order.id,
    )
    .await
    .expect("the database answers");
    txn
}

everywhere! {
    async fn events_of_many_orders_at_once_are_numbered_without_gaps(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let made = (0..40).map(|_| {
            let merchant = merchant.clone();
            tokio::spawn(async move { merchant.paid_order("36.00").await })
        });
        join_all(made).await.into_iter().for_each(|made| drop(made.expect("nobody panics")));
        // Counts the cursors, too.
        let events = merchant.events().await;
        assert_eq!(events.len(), 120);
        let document = "subscription { events(after: \"e0\") { type subject { id } } }";
        let mut stream = merchant.owner().await.subscribe(document, json!({}));
        let mut stories: HashMap<String, Vec<String>> = HashMap::new();
        for _ in 0..120 {
            let answer = next(&mut stream).await;
            let event = &answer["data"]["events"];
            let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
            stories.entry(text(&event["subject"]["id"])).or_default().push(text(&event["type"]));
        }
        assert_eq!(stories.len(), 40);
        for story in stories.values() {
            assert_eq!(*story, ["ORDER_CREATED", "ORDER_PAYMENT_REQUESTED", "ORDER_PAID"]);
        }
    }

    async fn each_merchant_has_its_own_numbers_and_sees_no_others(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let mut ours = follow(&merchant.owner().await, Some("e0"));
        other.paid_order("36.00").await;
        merchant.order("36.00").await;
        assert_eq!(next_event(&mut ours).await, ("e1".to_owned(), "ORDER_CREATED".to_owned()));
        let second = ("e2".to_owned(), "ORDER_PAYMENT_REQUESTED".to_owned());
        assert_eq!(next_event(&mut ours).await, second);
        assert_eq!(merchant.events().await.len(), 2);
        assert_eq!(other.events().await.len(), 3);
    }

    async fn an_event_whose_instance_died_is_numbered_all_the_same(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        merchant.numbered().await;
        let mut stream = follow(&merchant.owner().await, Some("e2"));
        let app = world.app();
        event::Entity::insert(event::ActiveModel {
            merchant_id: ActiveValue::Set(merchant.id),
            id: ActiveValue::Set(app.ids.next()),
            seq: ActiveValue::Set(None),
            kind: ActiveValue::Set(EventKind::OrderPaid),
            subject_id: ActiveValue::Set(order.id.0),
            occurred_at: ActiveValue::Set(app.clock.instant()),
        })
        .exec_without_returning(app.db.writer())
        .await
        .expect("the database answers");
        let died = Instant::now();
        assert_eq!(next_event(&mut stream).await, ("e3".to_owned(), "ORDER_PAID".to_owned()));
        assert!(died.elapsed() < POLLED_WITHIN, "{:?}", died.elapsed());
    }

    async fn events_are_kept_as_long_as_said_and_older_cursors_have_expired(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.order("36.00").await;
        merchant.numbered().await;
        world.clock.advance(TimeDelta::days(31));
        merchant.order("36.00").await;
        merchant.numbered().await;
        let before = entity::Instant(world.clock.now() - TimeDelta::days(30));
        let removed = world.app().events.prune(merchant.id, before).await;
        assert_eq!(removed.expect("the database answers"), 2);
        let owner = merchant.owner().await;
        for gone in ["e0", "e1"] {
            assert_eq!(refused(follow(&owner, Some(gone))).await, "CURSOR_EXPIRED");
        }
        // Whoever has seen the last one that is gone has missed nothing.
        let mut stream = follow(&owner, Some("e2"));
        assert_eq!(next_event(&mut stream).await, ("e3".to_owned(), "ORDER_CREATED".to_owned()));
        let removed = world.app().events.prune(merchant.id, before).await;
        assert_eq!(removed.expect("the database answers"), 0);
        // Numbers go on even where nothing is left.
        world.clock.advance(TimeDelta::days(31));
        let before = entity::Instant(world.clock.now());
        let removed = world.app().events.prune(merchant.id, before).await;
        assert_eq!(removed.expect("the database answers"), 2);
        let mut stream = follow(&owner, Some("e4"));
        merchant.order("36.00").await;
        assert_eq!(next_event(&mut stream).await, ("e5".to_owned(), "ORDER_CREATED".to_owned()));
    }

    async fn what_is_no_cursor_of_the_merchant_is_refused(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        for _ in 0..3 {
            other.order("36.00").await;
        }
        merchant.order("36.00").await;
        merchant.numbered().await;
        other.numbered().await;
        let owner = merchant.owner().await;
        // The first three are of the future, or of somebody who has more events.
        for nonsense in ["e3", "e6", "e7fffffffffffffff", "", "e", "3", "e-1", "e+1", "eg", "E1",
            "e8000000000000000", "e1 ", "訂單"] {
            let code = refused(follow(&owner, Some(nonsense))).await;
            assert_eq!(code, "BAD_USER_INPUT", "{nonsense}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_late_commit_is_delivered_behind_those_that_overtook_it() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    let order = merchant.order("36.00").await;
    merchant.numbered().await;
    let mut stream = follow(&merchant.owner().await, Some("e2"));
    let held = held_open(&merchant, &order).await;
    merchant.order("36.00").await;
    for (cursor, kind) in [("e3", "ORDER_CREATED"), ("e4", "ORDER_PAYMENT_REQUESTED")] {
        let expected = (cursor.to_owned(), kind.to_owned());
        assert_eq!(next_event(&mut stream).await, expected);
    }
    held.commit().await.expect("the database answers");
    world.app().events.committed(merchant.id);
    let late = ("e5".to_owned(), "ORDER_FULFILLED".to_owned());
    assert_eq!(
        next_event(&mut stream).await,
        late,
        "written first, committed last"
    );
    assert_eq!(merchant.events().await.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commits_in_any_sequence_leave_no_gap_and_none_out() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let second = world.another_instance().await;
    let merchant = world.merchant("汇贤饭店").await;
    let there = merchant.on(&second);
    let order = merchant.order("36.00").await;
    merchant.numbered().await;
    let mut stream = follow(&there.owner().await, Some("e2"));
    let mut held = Vec::new();
    let (mut written, mut kept) = (2, 0);
    for round in 0..12_usize {
        held.push(held_open(&merchant, &order).await);
        if round % 3 == 1 {
            merchant.order("36.00").await;
            written += 2;
        }
        if round % 4 == 3 {
            // One commits, one is given up: neither leaves a hole.
            let committed = held.remove(held.len() / 2);
            committed.commit().await.expect("the database answers");
            let given_up = held.remove(0);
            given_up.rollback().await.expect("the database answers");
            second.app.events.committed(merchant.id);
            written += 1;
            kept += 1;
        }
    }
    for txn in held {
        txn.commit().await.expect("the database answers");
        world.app().events.committed(merchant.id);
        written += 1;
        kept += 1;
    }
    let mut fulfilled = 0;
    for seq in 3..=written {
        let (cursor, kind) = next_event(&mut stream).await;
        assert_eq!(cursor, format!("e{seq:x}"));
        fulfilled += i32::from(kind == "ORDER_FULFILLED");
    }
    assert_eq!(fulfilled, kept);
}
