//! Postings, folding, taking and releasing meet at one merchant's balance.

use chrono::TimeDelta;
use entity::ledger_entry::LedgerAccount;
use entity::{ledger_unfolded, payment};
use sea_orm::PaginatorTrait;
use serde_json::json;
use yigate::app::App;
use yigate::error::Failure;
use yigate::ledger::model::{AdjustRefusal, Adjustment};
use yigate::ledger::service::{adjust, balance, prove};
use yigate::ledger::worker::fold_all;
use yigate::settlements::worker::work;

use super::{Two, at_once};

/// Folds again and again until it is told to stop, or fails.
fn folding(app: &App, stop: &tokio_util::sync::CancellationToken) -> tokio::task::JoinHandle<u32> {
    let (app, stop) = (app.clone(), stop.clone());
    tokio::spawn(async move {
        let mut rounds = 0;
        while !stop.is_cancelled() {
            fold_all(&app).await;
            rounds += 1;
            tokio::task::yield_now().await;
        }
        rounds
    })
}

/// A correction of what is available; whether it was made.
async fn corrects(app: App, merchant_id: entity::MerchantId, minor: i64) -> bool {
    let adjustment = Adjustment {
        account: LedgerAccount::Available,
        minor,
        reason: "调账".to_owned(),
    };
    match adjust(&app, merchant_id, &adjustment).await {
        Ok(_) => true,
        Err(Failure::Refused(AdjustRefusal::Insufficient(_))) => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_fold_while_payments_come_and_lose_none() {
    let Some(two) = Two::start().await else {
        return;
    };
    let mut orders = Vec::new();
    for _ in 0..60 {
        let order = two.here.order("36.00").await;
        let now = two.world.clock.now();
        let callback = two.here.sandbox().pay(&order.order_no, now).expect("known");
        orders.push((order, callback));
    }
    let stop = tokio_util::sync::CancellationToken::new();
    let folders = [
        folding(two.world.app(), &stop),
        folding(&two.second.app, &stop),
    ];
    let proving = {
        let (app, id, stop) = (two.second.app.clone(), two.here.id, stop.clone());
        tokio::spawn(async move {
            while !stop.is_cancelled() {
                let trial = prove(&app, id, None).await.expect("the database answers");
                assert!(
                    trial.balances() && trial.proves(),
                    "at every moment: {trial:?}"
                );
            }
        })
    };
    at_once(
        orders
            .into_iter()
            .enumerate()
            .map(|(turn, (order, callback))| {
                let order = order.by(&two.by_turns(turn));
                async move { order.notified(&callback).await }
            }),
    )
    .await;
    stop.cancel();
    for folder in folders {
        assert!(folder.await.expect("nobody panics") > 0);
    }
    proving.await.expect("it proves");
    fold_all(two.world.app()).await;
    let app = two.world.app();
    let left = ledger_unfolded::Entity::of(two.here.id).count(app.db.reads_across());
    assert_eq!(left.await.expect("the database answers"), 0);
    let balances = balance(app, two.here.id).await.expect("balances");
    assert_eq!(balances.get(LedgerAccount::Pending), 60 * 3_600);
    two.here.books_are_right().await;
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_is_taken_than_is_available() {
    let Some(two) = Two::start().await else {
        return;
    };
    let (app, id) = (two.world.app().clone(), two.here.id);
    let stop = tokio_util::sync::CancellationToken::new();
    let folders = [folding(&app, &stop), folding(&two.second.app, &stop)];
    for round in 1..=4 {
        // Ten pieces come in while thirty are taken.
        let works = (0..40).map(|turn| {
            let app = two.by_turns(turn).app().clone();
            let minor = if turn % 4 == 0 { 100 } else { -100 };
            async move { (minor, corrects(app, id, minor).await) }
        });
        let done = at_once(works).await;
        let sum: i64 = done
            .iter()
            .filter(|(_, made)| *made)
            .map(|(minor, _)| minor)
            .sum();
        let available = balance(&app, id).await.expect("balances");
        let available = available.get(LedgerAccount::Available);
        assert!(available >= 0);
        assert_eq!(available, sum, "round {round}");
        // Whatever is left can be taken, and not one piece more.
        let mut left = available;
        while corrects(app.clone(), id, -100).await {
            left -= 100;
        }
        assert_eq!(left, 0, "round {round}");
    }
    stop.cancel();
    for folder in folders {
        folder.await.expect("nobody panics");
    }
    assert!(prove(&app, id, None).await.expect("a trial").proves());
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_release_each_payment_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    for _ in 0..40 {
        two.here.paid_order("36.00").await;
    }
    two.world.clock.advance(TimeDelta::days(1));
    let apps = [two.world.app().clone(), two.second.app.clone()];
    at_once((0..8).map(|turn| {
        let app = apps[turn % 2].clone();
        async move { work(&app).await }
    }))
    .await;
    let unsettled = payment::Entity::unsettled_of(two.here.id).count(apps[0].db.reads_across());
    assert_eq!(unsettled.await.expect("the database answers"), 0);
    let balances = balance(&apps[0], two.here.id).await.expect("balances");
    assert_eq!(balances.get(LedgerAccount::Pending), 0);
    assert_eq!(balances.get(LedgerAccount::Available), 40 * 3_600);
    let document = "{ settlements(first: 100) { edges { node { payments } } } }";
    let seen = two.here.owner().await.data(document, json!({})).await;
    let edges = seen["settlements"]["edges"]
        .as_array()
        .expect("edges")
        .iter();
    let payments = edges.map(|edge| edge["node"]["payments"].as_i64().expect("a number"));
    assert_eq!(payments.sum::<i64>(), 40);
    two.here.books_are_right().await;
    assert_eq!(two.deadlocks().await, 0);
}
