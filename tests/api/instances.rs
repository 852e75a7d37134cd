//! Three gateways, each a process of its own, on one PostgreSQL and one Redis.

mod fleet;

use std::time::Duration;

use serde_json::json;

use self::fleet::{Alert, Fleet};
use crate::support::eventually;
use crate::support::redis::PrivateRedis;

/// Nobody hears of an alert later than this, with Redis or without.
const LATEST: Duration = Duration::from_millis(1_500);
/// With Redis, far sooner than anybody looks by themselves.
const WOKEN: Duration = Duration::from_millis(300);
/// A lease that nobody renews goes to another within this.
const MOVED: Duration = Duration::from_secs(10);

/// The kinds of what was told, which come in rounds.
fn in_rounds(alerts: &[Alert]) {
    let kinds = ["OPENED", "ACKNOWLEDGED", "RESOLVED"];
    for (place, alert) in alerts.iter().enumerate() {
        assert_eq!(alert.kind, kinds[place % 3], "{alerts:#?}");
    }
}

fn latest(alerts: &[Alert]) -> Duration {
    let late = alerts.iter().map(|alert| alert.late);
    late.max().unwrap_or_default()
}

fn median(alerts: &[Alert]) -> Duration {
    let mut late: Vec<Duration> = alerts.iter().map(|alert| alert.late).collect();
    late.sort();
    late[late.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_dashboard_on_every_gateway_is_told_of_every_alert_redis_or_not() {
    let Some(mut redis) = PrivateRedis::maybe_start() else {
        return;
    };
    let Some(fleet) = Fleet::start(3, &redis.url()).await else {
        return;
    };
    let dashboards = [
        fleet.follow(0, None),
        fleet.follow(1, None),
        fleet.follow(2, None),
    ];
    for round in 0..3 {
        fleet.round(round % 3).await;
        for dashboard in &dashboards {
            dashboard.has(3 * (round + 1)).await;
        }
    }
    let woken: Vec<Alert> = dashboards.iter().flat_map(|one| one.heard()).collect();
    assert!(
        latest(&woken) < LATEST && median(&woken) < WOKEN,
        "{woken:#?}"
    );

    redis.stop();
    for round in 3..6 {
        fleet.round(round % 3).await;
        for dashboard in &dashboards {
            dashboard.has(3 * (round + 1)).await;
        }
    }
    for dashboard in &dashboards {
        let alone = dashboard.heard().split_off(9);
        assert!(latest(&alone) < LATEST, "without Redis: {alone:#?}");
    }

    redis.start();
    eventually("Redis wakes again", async || {
        let heard = dashboards[0].heard().len();
        fleet.round(1).await;
        dashboards[0].has(heard + 3).await;
        latest(&dashboards[0].heard().split_off(heard)) < WOKEN
    })
    .await;
    let told = dashboards[0].heard().len();
    for dashboard in &dashboards {
        dashboard.has(told).await;
        in_rounds(&dashboard.heard());
        assert_eq!(
            dashboard.cursors(),
            dashboards[0].cursors(),
            "the same, in order, once"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_on_a_killed_gateway_goes_on_elsewhere_and_has_missed_nothing() {
    let Some(redis) = PrivateRedis::maybe_start() else {
        return;
    };
    let Some(mut fleet) = Fleet::start(3, &redis.url()).await else {
        return;
    };
    let (watcher, doomed) = (fleet.follow(1, None), fleet.follow(0, None));
    fleet.round(0).await;
    doomed.has(2).await;
    fleet.kill9(0);
    doomed.is_cut_off().await;
    let before = doomed.heard();
    // In the tunnel.
    fleet.round(1).await;
    fleet.round(2).await;
    let after = before.last().map(|alert| alert.cursor.clone());
    let resumed = fleet.follow(2, after);
    fleet.round(1).await;
    watcher.has(12).await;
    resumed.has(12 - before.len()).await;
    let whole: Vec<Alert> = before.into_iter().chain(resumed.heard()).collect();
    in_rounds(&whole);
    let cursors: Vec<String> = whole.into_iter().map(|alert| alert.cursor).collect();
    assert_eq!(cursors, watcher.cursors(), "everything, in order, once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_gateway_did_alone_another_does_within_ten_seconds() {
    let Some(redis) = PrivateRedis::maybe_start() else {
        return;
    };
    let Some(mut fleet) = Fleet::start(1, &redis.url()).await else {
        return;
    };
    eventually("the first judges", async || fleet.judge().await.is_some()).await;
    eventually("the first probes", async || fleet.probes().await > 0).await;
    let first = fleet.judge().await;
    fleet.join().await;
    fleet.kill9(0);
    let killed = tokio::time::Instant::now();
    // The moment before, it had begun to ask about the channel.
    let probes = fleet.claimed_by_the_dead().await;
    eventually("another judges", async || fleet.judge().await != first).await;
    assert!(killed.elapsed() < MOVED, "{:?}", killed.elapsed());

    eventually("another probes", async || fleet.probes().await > probes).await;
    assert!(killed.elapsed() < MOVED, "{:?}", killed.elapsed());

    let probes = fleet.probes().await;
    let dashboard = fleet.follow(1, None);
    let outage = json!({ "channelId": fleet.channel(), "kind": "UNAVAILABLE", "minutes": 5 });
    fleet.does(1, "sandboxOutageStart", outage).await;
    eventually(
        "the other probes, and judges by what it hears",
        async || fleet.probes().await > probes && !dashboard.heard().is_empty(),
    )
    .await;
    assert_eq!(dashboard.heard()[0].kind, "OPENED");
}
