//! Refunds that meet: at one order, at one key, at the last of the money.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::channel::{self, SettlementCycle};
use entity::membership::Role;
use entity::merchant;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use yigate::{refunds, settlements};

use super::{Two, at_once, count};
use crate::support::money::decided;
use crate::support::{Merchant, Order, Refund};

/// So many clients ask for refunds of orders at once, on both instances by turns.
async fn asked(two: &Two, asked: impl IntoIterator<Item = (Order, Value)>) -> Vec<Value> {
    let clients = [two.here.owner().await, two.there.owner().await];
    at_once(asked.into_iter().enumerate().map(|(turn, (order, input))| {
        let (merchant, client) = (two.by_turns(turn), clients[turn % 2].clone());
        async move { merchant.asked_to_refund(&client, &order, input).await }
    }))
    .await
}

fn part(amount: &str) -> Value {
    json!({ "amount": { "amount": amount, "currency": "CNY" } })
}

/// From now on payments are available at once.
async fn settles_at_once(merchant: &Merchant) {
    let cycle = SettlementCycle::Instant;
    merchant
        .set_channel(channel::Column::SettlementCycle, cycle)
        .await;
    merchant
        .set_channel(channel::Column::SettlementDays, 0_i16)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parts_asked_for_at_once_never_exceed_what_was_paid() {
    let Some(two) = Two::start().await else {
        return;
    };
    let order = two.here.paid_order("36.00").await;
    let answers = asked(&two, (0..64).map(|_| (order.clone(), part("1.00")))).await;
    assert_eq!(count(&answers, ""), 36, "as many as fit");
    assert_eq!(count(&answers, "AMOUNT_TOO_LARGE"), 28);
    assert_eq!(two.here.balances().await, ["0.00", "0.00", "36.00"]);
    two.here.books_are_right().await;
    two.here.refunds_go_through().await;
    assert_eq!(order.read("refundState").await["refundState"], "FULL");
    two.here.books_are_right().await;
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_sent_many_times_makes_one_refund() {
    let Some(two) = Two::start().await else {
        return;
    };
    let order = two.here.paid_order("36.00").await;
    let mut input = part("1.00");
    input["idempotencyKey"] = json!("refund-0001");
    let mut answers = asked(&two, (0..64).map(|_| (order.clone(), input.clone()))).await;
    while count(&answers, "IN_PROGRESS") > 0 {
        answers.retain(|answer| answer["refund"].is_object());
        let missing = 64 - answers.len();
        answers.extend(asked(&two, (0..missing).map(|_| (order.clone(), input.clone()))).await);
    }
    let distinct: BTreeSet<String> = answers.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), 1, "{distinct:?}");
    let seen = order.read("refunds { id } refunding { amount }").await;
    assert_eq!(seen["refunds"].as_array().expect("refunds").len(), 1);
    assert_eq!(seen["refunding"]["amount"], "1.00");
    two.here.books_are_right().await;
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refunds_of_many_orders_never_overdraw_what_is_available() {
    let Some(two) = Two::start().await else {
        return;
    };
    settles_at_once(&two.here).await;
    let mut orders = Vec::new();
    for _ in 0..32 {
        orders.push(two.here.paid_order("1.00").await);
    }
    two.here.adjusts("-20.00").await;
    let answers = asked(&two, orders.into_iter().map(|order| (order, json!({})))).await;
    assert_eq!(count(&answers, ""), 12, "as many as there is money for");
    assert_eq!(count(&answers, "INSUFFICIENT_BALANCE"), 20);
    assert_eq!(two.there.balances().await, ["0.00", "0.00", "12.00"]);
    two.here.books_are_right().await;
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refund_is_approved_or_rejected_never_both() {
    let Some(two) = Two::start().await else {
        return;
    };
    let threshold = merchant::Column::RefundApprovalAboveMinor;
    two.here.changes(threshold, Expr::value(0_i64)).await;
    let clients = [
        two.here.client(Role::Finance).await,
        two.there.client(Role::Finance).await,
    ];
    for round in 0..12 {
        let order = two.here.paid_order("36.00").await;
        let refund = order.refund(json!({})).await;
        let answers = at_once((0..4).map(|turn: usize| {
            let verb = ["refundApprove", "refundReject"][(turn + round) % 2];
            let (client, id) = (clients[turn % 2].clone(), refund.id);
            let key = format!("decide-{round}-{turn}");
            async move { decided(&client, verb, id, &key, json!({ "note": "已核对" })).await }
        }))
        .await;
        assert_eq!(count(&answers, ""), 1);
        assert_eq!(count(&answers, "NOT_AWAITING_APPROVAL"), 3);
        let state = refund.state().await;
        let taken = answers.iter().find(|answer| answer["refund"].is_object());
        assert_eq!(
            taken.expect("one was taken")["refund"]["state"],
            state.as_str()
        );
    }
    two.here.books_are_right().await;
    two.here.refunds_go_through().await;
    two.here.books_are_right().await;
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refund_and_its_payments_settlement_take_the_same_money_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.takes_fees("0.01").await;
    let mut orders = Vec::new();
    for _ in 0..24 {
        orders.push(two.here.paid_order("10.00").await);
    }
    two.world.clock.advance(TimeDelta::days(3));
    let releasing = [two.world.app().clone(), two.second.app.clone()]
        .map(|app| tokio::spawn(async move { settlements::worker::work(&app).await }));
    let parts = orders
        .iter()
        .flat_map(|order| [part("4.00"), part("6.00")].map(|part| (order.clone(), part)));
    let answers = asked(&two, parts.collect::<Vec<_>>()).await;
    for released in releasing {
        released.await.expect("nobody panics");
    }
    assert_eq!(count(&answers, ""), 48, "{answers:?}");
    two.here.books_are_right().await;
    two.here.settlement_workers_work().await;
    two.here.refunds_go_through().await;
    assert_eq!(two.here.balances().await, ["0.00", "0.00", "0.00"]);
    two.here.books_are_right().await;
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failed_refund_is_retried_or_settled_by_a_person_never_both() {
    let Some(two) = Two::start().await else {
        return;
    };
    let clients = [two.here.owner().await, two.there.owner().await];
    for round in 0..12 {
        let order = two.here.paid_order("36.00").await;
        let refund = order.refund_that("sandbox:refund-refuse").await;
        two.here.refund_workers_work().await;
        let answers = at_once((0..2).map(|turn: usize| {
            let (client, id) = (clients[turn].clone(), refund.id);
            let key = format!("again-{round}-{turn}");
            async move {
                if (turn + round).is_multiple_of(2) {
                    decided(&client, "refundRetry", id, &key, json!({})).await
                } else {
                    let input = json!({ "outcome": "SUCCEEDED", "note": "账单已证实" });
                    decided(&client, "refundResolve", id, &key, input).await
                }
            }
        }))
        .await;
        assert_eq!(count(&answers, ""), 1, "{answers:?}");
        let seen = order.read("refunded { amount } refunding { amount }").await;
        let [succeeded, in_flight] =
            ["refunded", "refunding"].map(|field| seen[field]["amount"] == "36.00");
        assert!(succeeded ^ in_flight, "{seen}");
        two.here.books_are_right().await;
    }
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_of_two_instances_end_each_refund_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    let mut refunds: Vec<Refund> = Vec::new();
    for turn in 0..24 {
        let order = two.here.paid_order("36.00").await;
        let marker = [
            "sandbox:refund-at-once",
            "sandbox:refund-lost-answer",
            "sandbox:refund-refuse",
        ];
        refunds.push(order.refund_that(marker[turn % 3]).await);
    }
    for _ in 0..3 {
        at_once((0..4).map(|turn| {
            let app = two.by_turns(turn).app().clone();
            // One platform for both: the sandbox lives in its process.
            let providers = two.world.gateway.providers.clone();
            async move { while refunds::worker::work(&app, &providers).await > 0 {} }
        }))
        .await;
        two.world.clock.advance(TimeDelta::seconds(10));
    }
    for (turn, refund) in refunds.iter().enumerate() {
        let expected = ["SUCCEEDED", "SUCCEEDED", "FAILED"][turn % 3];
        assert_eq!(refund.state().await, expected);
    }
    let events = two.here.events().await;
    let told = |kind: &str| events.iter().filter(|known| *known == kind).count();
    assert_eq!((told("REFUND_SUCCEEDED"), told("REFUND_FAILED")), (16, 8));
    two.here.books_are_right().await;
    assert_eq!(two.deadlocks().await, 0);
}
