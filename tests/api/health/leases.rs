//! Of all instances one judges; two that do at once do no harm, and another goes on where one is gone.

use std::time::Duration;

use chrono::TimeDelta;
use entity::channel_traffic::Grain;
use yigate::health::service::{Judge, flush};

use crate::everywhere;
use crate::support::process::Process;
use crate::support::{World, eventually};

everywhere! {
    async fn the_lease_moves_when_its_holder_is_gone_and_at_once_when_it_retires(world: World) {
        let app = world.app();
        let (mut first, mut second) = (Judge::named("first"), Judge::named("second"));
        assert!(first.work(app).await.unwrap());
        assert!(!second.work(app).await.unwrap());
        world.clock.advance(TimeDelta::seconds(5));
        assert!(first.work(app).await.unwrap(), "it is renewed");
        world.clock.advance(TimeDelta::seconds(5));
        assert!(!second.work(app).await.unwrap());
        world.clock.advance(TimeDelta::seconds(2));
        assert!(second.work(app).await.unwrap(), "seven seconds without a word");
        assert!(!first.work(app).await.unwrap());
        second.retire(app).await.unwrap();
        assert!(first.work(app).await.unwrap());
    }

    async fn a_judge_that_takes_over_knows_what_the_one_before_knew(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(5, "sandbox:unavailable").await;
        flush(world.app()).await.unwrap();
        world.clock.advance(TimeDelta::minutes(1));
        Judge::named("first").work(world.app()).await.unwrap();
        assert_eq!(merchant.state().await.0, "DOWN");
        merchant.tries(6, "宫保鸡丁").await;
        world.clock.advance(TimeDelta::minutes(1));
        // The second begins the wait, the third ends it.
        for holder in ["second", "third"] {
            merchant.tries(6, "宫保鸡丁").await;
            flush(world.app()).await.unwrap();
            world.clock.advance(TimeDelta::seconds(65));
            assert!(Judge::named(holder).work(world.app()).await.unwrap());
        }
        assert_eq!(merchant.state().await.0, "HEALTHY");
        assert_eq!(merchant.health_changes().await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_that_judge_at_once_make_one_change_and_one_event_of_it() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let second = world.another_instance().await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut judges = [Judge::named("first"), Judge::named("second")];
    let mut expected = 0;
    for round in 0..6 {
        world.clock.advance(TimeDelta::minutes(3));
        let title = ["宫保鸡丁", "sandbox:unavailable"][round % 2];
        merchant.tries(6, title).await;
        flush(world.app()).await.unwrap();
        for _ in 0..8 {
            world.clock.advance(TimeDelta::seconds(10));
            let [one, other] = &mut judges;
            let (one, other) = tokio::join!(one.round(world.app()), other.round(&second.app));
            one.unwrap();
            other.unwrap();
        }
        expected += 1;
        assert_eq!(
            merchant.health_changes().await.len(),
            expected,
            "in round {round}"
        );
    }
    let events = merchant.events().await;
    let told = events
        .iter()
        .filter(|kind| *kind == "CHANNEL_HEALTH_CHANGED");
    assert_eq!(told.count(), expected);
}

/// A process counts and judges; another goes on when it is killed; what is counted is written when one is asked to
/// stop.
async fn told(world: World) {
    let world = world.served_elsewhere().await;
    let merchant = world.merchant("汇贤饭店").await;
    let key = merchant.api_key().await;
    let mut settings = world.app().settings.clone();
    settings.events.poll_interval_ms = 500;
    let directory = world.directory().to_owned();
    let ask = async |title: &str| {
        let mut input = merchant.order_input("10.00");
        input["lines"][0]["title"] = title.into();
        let body =
            serde_json::json!({ "query": crate::support::CREATE, "variables": { "input": input } });
        let answer = crate::support::instances::browser()
            .post(world.url("/graphql"))
            .bearer_auth(&key)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await;
        assert!(answer.unwrap().status().is_success());
    };
    let mut process = Process::start(&settings, &directory).await;
    // The sandbox answers probes: more errors have to speak against it.
    for _ in 0..12 {
        ask("sandbox:unavailable").await;
    }
    eventually("it is judged", async || merchant.state().await.0 == "DOWN").await;
    process.kill9();

    settings.health.flush_interval_ms = 10_000;
    let mut process = Process::start(&settings, &directory).await;
    // The first flush comes at once; the next is far away.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..3 {
        ask("宫保鸡丁").await;
    }
    let count = async || -> i64 {
        let hours = merchant.traffic(Grain::Hour).await;
        hours.iter().map(|row| row.attempts).sum()
    };
    assert_eq!(count().await, 12);
    process.terminate();
    assert_eq!(process.exit_code().await, Some(0));
    assert_eq!(count().await, 15, "the last of it is written at the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_process_loses_nothing_that_was_written_and_a_stopped_one_nothing() {
    told(World::on_sqlite().await).await;
    if let Some(world) = World::on_postgres().await {
        told(world).await;
    }
}
