//! Workers of two instances share the due orders.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use yigate::orders::service::claim_due;
use yigate::orders::worker::work;

use super::{Two, at_once};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_order_is_claimed_by_two() {
    let Some(two) = Two::start().await else {
        return;
    };
    for _ in 0..60 {
        two.here.order("36.00").await;
    }
    two.world.clock.advance(TimeDelta::minutes(1));
    let claims = at_once((0..8).map(|turn| {
        let app = two.by_turns(turn).app().clone();
        async move {
            let mut claimed = Vec::new();
            loop {
                let due = claim_due(&app, 4).await.expect("the database answers");
                if due.is_empty() {
                    return claimed;
                }
                claimed.extend(due.into_iter().map(|order| order.id));
            }
        }
    }))
    .await;
    let all: Vec<_> = claims.into_iter().flatten().collect();
    let distinct: BTreeSet<_> = all.iter().copied().collect();
    assert_eq!(all.len(), distinct.len(), "an order was claimed twice");
    // What one was just claiming, another passed over; after the lease nothing is forgotten.
    two.world.clock.advance(TimeDelta::minutes(2));
    let again = claim_due(two.here.app(), 1_000)
        .await
        .expect("the database answers");
    assert_eq!(again.len(), 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_close_each_order_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    for _ in 0..60 {
        two.here.order("36.00").await;
    }
    two.world.clock.advance(TimeDelta::days(1));
    at_once((0..4).map(|turn| {
        let app = two.by_turns(turn).app().clone();
        let providers = if turn % 2 == 0 {
            &two.world.gateway
        } else {
            &two.second
        };
        let providers = providers.providers.clone();
        async move { while work(&app, &providers).await > 0 {} }
    }))
    .await;
    while work(two.here.app(), &two.world.gateway.providers).await > 0 {}
    let events = two.here.events().await;
    assert_eq!(
        events.iter().filter(|kind| *kind == "ORDER_CLOSED").count(),
        60
    );
}
