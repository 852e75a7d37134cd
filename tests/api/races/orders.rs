//! Many shops' servers make orders at once.

use entity::product;
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait, TransactionTrait};
use serde_json::json;

use super::{Two, at_once, count};
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_sent_many_times_makes_one_order() {
    let Some(two) = Two::start().await else {
        return;
    };
    let input = two.here.order_input("36.00");
    let payloads = at_once((0..64).map(|turn| {
        let (merchant, input) = (two.by_turns(turn), input.clone());
        async move { merchant.asked_for(input).await }
    }))
    .await;
    let order = two.here.order_of(&payloads[0]);
    for payload in &payloads {
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(payload["order"]["orderNo"], order.order_no);
        assert_eq!(payload["order"]["paymentCode"]["kind"], "URL");
    }
    assert_eq!(two.here.order_count().await, 1);
    // One change of state, one entry, one event, however many asked the platform.
    assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
    let events = ["ORDER_CREATED", "ORDER_PAYMENT_REQUESTED"];
    assert_eq!(two.here.events().await, events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_number_under_many_keys_makes_one_order() {
    let Some(two) = Two::start().await else {
        return;
    };
    let payloads = at_once((0..64).map(|turn| {
        let merchant = two.by_turns(turn);
        let mut input = merchant.order_input("36.00");
        input["merchantOrderNo"] = json!("S-1");
        async move { merchant.asked_for(input).await }
    }))
    .await;
    assert_eq!(count(&payloads, ""), 1);
    assert_eq!(count(&payloads, "DUPLICATE_ORDER_NO"), 63);
    assert_eq!(two.here.order_count().await, 1);
    let events = ["ORDER_CREATED", "ORDER_PAYMENT_REQUESTED"];
    assert_eq!(two.here.events().await, events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_under_many_inputs_makes_one_order() {
    let Some(two) = Two::start().await else {
        return;
    };
    let payloads = at_once((0..32).map(|turn| {
        let merchant = two.by_turns(turn);
        let mut input = merchant.order_input("36.00");
        input["idempotencyKey"] = json!("the same key");
        async move { merchant.asked_for(input).await }
    }))
    .await;
    assert_eq!(count(&payloads, ""), 1);
    assert_eq!(count(&payloads, "KEY_REUSED"), 31);
    assert_eq!(two.here.order_count().await, 1);
}

/// An open transaction that is selling a title for the first time.
#[allow(
    clippy::disallowed_methods,
    reason = "a transaction that stays open while others wait for it"
)]
async fn selling(two: &Two, title: &str) -> DatabaseTransaction {
    let app = two.here.app();
    let txn = app.db.writer().begin().await.expect("a transaction");
    product::Entity::insert(product::ActiveModel {
        merchant_id: ActiveValue::Set(two.here.id),
        id: ActiveValue::Set(app.ids.next()),
        title: ActiveValue::Set(title.to_owned()),
        category: ActiveValue::Set(String::new()),
    })
    .exec_without_returning(&txn)
    .await
    .expect("the database answers");
    txn
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_sales_of_the_same_titles_wait_for_each_other_in_no_circle() {
    let Some(two) = Two::start().await else {
        return;
    };
    let price = json!({ "amount": "1.00", "currency": "CNY" });
    let titles: Vec<String> = (10..50).map(|dish| format!("菜{dish}")).collect();
    let held = selling(&two, "菜30").await;
    // Each order has the same dishes: from both ends they come to the one that is being sold.
    let made = (0..12).map(|turn| {
        let merchant = two.by_turns(turn);
        let lines = titles
            .iter()
            .map(|title| json!({ "title": title, "quantity": 1, "unitPrice": price }));
        let mut lines: Vec<_> = lines.collect();
        if turn % 2 == 0 {
            lines.reverse();
        }
        let mut input = merchant.order_input("0.00");
        input["lines"] = json!(lines);
        tokio::spawn(async move { merchant.asked_for(input).await })
    });
    let made: Vec<_> = made.collect();
    let waiting = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually("they all wait", async || two.count(waiting).await >= 8).await;
    held.rollback().await.expect("the database answers");
    for made in made {
        let payload = made.await.expect("nobody panics");
        assert_eq!(payload["userErrors"], json!([]));
    }
    assert_eq!(two.here.products().await, titles, "one row each");
    // A deadlock would have been tried again, unseen.
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_that_one_request_got_is_what_all_get() {
    let Some(two) = Two::start().await else {
        return;
    };
    let mut input = two.here.order_input("36.00");
    // The first that asks each instance's sandbox gets no answer; the others do.
    input["title"] = json!("sandbox:unavailable-once");
    let payloads = at_once((0..32).map(|turn| {
        let (merchant, input) = (two.by_turns(turn), input.clone());
        async move { merchant.asked_for(input).await }
    }))
    .await;
    for payload in &payloads {
        let refused = payload["userErrors"] != json!([]);
        assert_eq!(
            refused,
            payload["order"]["paymentCode"].is_null(),
            "{payload}"
        );
    }
    let order = two.here.order_of(&payloads[0]);
    assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
}
