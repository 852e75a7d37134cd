//! Redis wakes other instances; without it they look by themselves.

use std::time::Duration;

use async_graphql::futures_util::Stream;
use serde_json::Value;

use super::{follow, next_event};
use crate::support::redis::{PrivateRedis, Redis};
use crate::support::{Merchant, World};

/// No instance hears of another's event later than this.
const POLLED_WITHIN: Duration = Duration::from_millis(1_500);
/// With Redis, far sooner than the next poll.
const WOKEN_WITHIN: Duration = Duration::from_secs(1);
/// Longer than a test.
const NEVER_MS: u64 = 60_000;

/// A merchant on one instance, and its events on a second one.
struct Heard {
    _world: World,
    merchant: Merchant,
    events: Box<dyn Stream<Item = Value> + Send + Unpin>,
    told: u64,
    heard: u64,
}

impl Heard {
    async fn start(redis: Option<String>, poll_interval_ms: u64) -> Option<Self> {
        let world = World::on_postgres().await?;
        let world = world
            .with_settings(|settings| {
                settings.redis.url = redis;
                settings.events.poll_interval_ms = poll_interval_ms;
            })
            .await;
        let second = world.another_instance().await;
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.on(&second).owner().await;
        Some(Self {
            _world: world,
            merchant,
            events: Box::new(follow(&owner, Some("e0"))),
            told: 0,
            heard: 0,
        })
    }

    /// The first instance makes an order.
    async fn order(&mut self) {
        self.merchant.order("36.00").await;
        self.merchant.numbered().await;
        self.told += 2;
    }

    /// Whether the second instance hears of everything so far within a time.
    async fn hears(&mut self, within: Duration) -> bool {
        let hearing = async {
            while self.heard < self.told {
                let (cursor, _) = next_event(&mut self.events).await;
                self.heard += 1;
                assert_eq!(cursor, format!("e{:x}", self.heard));
            }
        };
        tokio::time::timeout(within, hearing).await.is_ok()
    }

    /// Makes orders until the second instance hears of them, as soon as it listens.
    async fn connects(&mut self) {
        for _ in 0..40 {
            self.order().await;
            if self.hears(Duration::from_millis(250)).await {
                return;
            }
        }
        panic!("Redis wakes nobody");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_wakes_the_other_instance() {
    let Some(redis) = Redis::maybe_start() else {
        return;
    };
    let Some(mut second) = Heard::start(Some(redis.database()), NEVER_MS).await else {
        return;
    };
    second.connects().await;
    for _ in 0..5 {
        second.order().await;
        assert!(second.hears(WOKEN_WITHIN).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_redis_the_other_instance_looks_by_itself() {
    let Some(mut second) = Heard::start(None, 1_000).await else {
        return;
    };
    for _ in 0..3 {
        second.order().await;
        assert!(second.hears(POLLED_WITHIN).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_redis_stopped_the_other_instance_looks_by_itself() {
    let Some(mut redis) = PrivateRedis::maybe_start() else {
        return;
    };
    let Some(mut second) = Heard::start(Some(redis.url()), 1_000).await else {
        return;
    };
    second.connects().await;
    redis.stop();
    for _ in 0..3 {
        second.order().await;
        assert!(second.hears(POLLED_WITHIN).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_wakes_again_when_it_is_back() {
    let Some(mut redis) = PrivateRedis::maybe_start() else {
        return;
    };
    let Some(mut second) = Heard::start(Some(redis.url()), NEVER_MS).await else {
        return;
    };
    second.connects().await;
    redis.kill9();
    second.order().await;
    let unheard = !second.hears(Duration::from_millis(300)).await;
    assert!(unheard, "nobody polls in this test");
    redis.start();
    // What nobody was woken for comes first.
    second.connects().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gateway_starts_and_works_while_redis_is_away() {
    let Some(mut redis) = PrivateRedis::maybe_start() else {
        return;
    };
    redis.stop();
    let Some(mut second) = Heard::start(Some(redis.url()), 1_000).await else {
        return;
    };
    second.order().await;
    assert!(second.hears(POLLED_WITHIN).await);
    redis.start();
    second.connects().await;
}
