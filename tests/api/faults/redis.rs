//! Redis is stopped under load: nobody notices.

use std::time::Duration;

use super::Shops;
use crate::support::World;
use crate::support::redis::PrivateRedis;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_may_stop_and_crash_and_no_request_notices() {
    let Some(mut redis) = PrivateRedis::maybe_start() else {
        return;
    };
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let url = redis.url();
    let world = world
        .with_settings(|settings| settings.redis.url = Some(url))
        .await;
    let world = world.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let shops = Shops::open(&merchant, 4).await;
    shops.go_on(10).await;
    redis.stop();
    shops.go_on(20).await;
    redis.start();
    shops.go_on(20).await;
    redis.kill9();
    shops.go_on(20).await;
    let answers = shops.close().await;
    for answer in &answers {
        assert!(answer.order_no.is_ok(), "{answer:?}");
        assert!(answer.took < Duration::from_secs(2), "{answer:?}");
    }
    assert_eq!(merchant.events().await.len(), answers.len() * 2);
}
