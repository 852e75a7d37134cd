//! Buckets in Redis, shared by all instances; and what holds while Redis is slow or away.

use std::net::{IpAddr, TcpListener};
use std::time::{Duration, Instant};

use entity::membership::Role;
use yigate::config::Settings;
use yigate::error::Error;
use yigate::graphql::RequestInfo;
use yigate::graphql::gateway::{Caller, Gateway};
use yigate::graphql::request::Params;

use super::caller;
use crate::support::redis::{PrivateRedis, Redis};
use crate::support::{World, eventually};

/// So much that none of it comes back while a test runs: a unit a second does.
const PRICE: u64 = 1_000_000;

/// Where the bucket of [`nobody`] stands in Redis.
const BUCKET: &str = "yigate:throttle:address:203.0.113.7";

/// A world with a Redis, which may be as slow as this machine is.
async fn world(url: String) -> World {
    let change = |settings: &mut Settings| {
        settings.redis.url = Some(url);
        let throttle = &mut settings.throttle;
        throttle.enabled = true;
        throttle.redis_timeout_ms = 20_000;
        (throttle.address_burst, throttle.address_per_s) = (10 * PRICE, 1);
        (throttle.user_burst, throttle.user_per_s) = (2 * PRICE, 1);
        (throttle.merchant_burst, throttle.merchant_per_s) = (5 * PRICE, 1);
    };
    World::on_sqlite().await.with_settings(change).await
}

/// Somebody who has not signed in.
fn nobody() -> Caller {
    Caller {
        actor: None,
        info: RequestInfo {
            id: "req_test".to_owned(),
            locale: yigate::locale::Locale::En,
            ip: Some(IpAddr::from([203, 0, 113, 7])),
            user_agent: None,
        },
    }
}

/// Whether somebody may spend [`PRICE`] once more.
async fn spends(gateway: &Gateway, caller: &Caller) -> bool {
    match gateway.charge(caller, PRICE).await {
        Ok(()) => true,
        Err(Error::RateLimited { .. }) => false,
        Err(error) => panic!("{error:?}"),
    }
}

/// How often nobody may spend it, on instances by turns.
async fn let_in(instances: &[&Gateway]) -> usize {
    let mut passed = 0;
    for turn in 0..20 {
        let gateway = instances[turn % instances.len()];
        passed += usize::from(spends(gateway, &nobody()).await);
    }
    passed
}

/// What Redis answers to a command about the bucket.
fn ask<T: redis::FromRedisValue>(url: &str, command: &str) -> T {
    let client = redis::Client::open(url).expect("an address");
    let mut connection = client.get_connection().expect("Redis answers");
    let answer = redis::cmd(command).arg(BUCKET).query(&mut connection);
    answer.expect("Redis answers")
}

#[tokio::test]
async fn instances_share_their_buckets() {
    let Some(redis) = Redis::maybe_start() else {
        return;
    };
    let url = redis.database();
    let world = world(url.clone()).await;
    let second = world.another_instance().await;
    assert_eq!(let_in(&[&world.gateway, &second]).await, 10);
    // A bucket that would be full again is forgotten.
    let seconds: u64 = ask(&url, "TTL");
    assert!((1..=10 * PRICE + 1).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_user_and_their_merchant_pay_both_or_neither() {
    let Some(redis) = Redis::maybe_start() else {
        return;
    };
    let world = world(redis.database()).await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut spent = Vec::new();
    for role in [Role::Owner, Role::Finance, Role::Viewer] {
        let caller = caller(&world, &merchant, role).await;
        for _ in 0..3 {
            spent.push(spends(&world.gateway, &caller).await);
        }
    }
    // Two of each user's; a third costs the merchant nothing, whose fifth is the last.
    let wanted = [true, true, false, true, true, false, true, false, false];
    assert_eq!(spent, wanted);
}

#[tokio::test]
async fn a_request_asks_redis_once_whether_it_can_be_meant_or_not() {
    let Some(mut redis) = PrivateRedis::maybe_start() else {
        return;
    };
    let url = redis.url();
    let world = world(url.clone()).await;
    let asked = || -> u64 {
        let client = redis::Client::open(url.clone()).expect("an address");
        let mut connection = client.get_connection().expect("Redis answers");
        let told: String = redis::cmd("INFO")
            .arg("commandstats")
            .query(&mut connection)
            .expect("Redis answers");
        let calls = told.split("cmdstat_evalsha:calls=").nth(1);
        let calls = calls.and_then(|rest| rest.split(',').next());
        calls.map_or(0, |digits| digits.parse().expect("a number"))
    };
    // The script is sent with the first request.
    for (document, is_meant) in [
        ("{ __typename }", true),
        ("{", false),
        ("{ __typename }", true),
    ] {
        let before = asked();
        let prepared = world
            .gateway
            .prepare(Params::of_query(document), &nobody())
            .await;
        assert_eq!(prepared.is_ok(), is_meant);
        if let Ok(prepared) = prepared {
            let answer = world.gateway.answer(prepared, nobody()).await;
            assert!(answer.is_ok(), "{:?}", answer.errors);
        }
        let more = asked() - before;
        assert!(more == 1 || before == 0, "{document}: {more}");
    }
    let level: u64 = {
        let client = redis::Client::open(url.clone()).expect("an address");
        let mut connection = client.get_connection().expect("Redis answers");
        let mut command = redis::cmd("HGET");
        let command = command.arg(BUCKET).arg("level");
        command.query(&mut connection).expect("Redis answers")
    };
    let taken = 10 * PRICE - level / 1_000;
    // Three times 10, less what has come back meanwhile.
    assert!((1..=30).contains(&taken), "{taken}");
    redis.stop();
}

#[tokio::test]
async fn while_redis_is_away_everybody_is_limited_and_nobody_refused_for_it() {
    let Some(mut redis) = PrivateRedis::maybe_start() else {
        return;
    };
    let url = redis.url();
    let world = world(url.clone()).await;
    assert_eq!(let_in(&[&world.gateway]).await, 10, "with Redis");
    redis.kill9();
    assert_eq!(
        let_in(&[&world.gateway]).await,
        10,
        "each instance by itself"
    );
    redis.start();
    let _: u64 = ask(&url, "DEL");
    eventually("Redis is asked again", || async {
        spends(&world.gateway, &nobody()).await;
        ask::<u64>(&url, "EXISTS") == 1
    })
    .await;
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_not_waited_for_each_time() {
    // The system takes connections; nobody ever reads what comes.
    let deaf = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("redis://{}", deaf.local_addr().expect("an address"));
    let world = world(url).await;
    let world = world
        .with_settings(|settings| settings.throttle.redis_timeout_ms = 2_000)
        .await;
    let began = Instant::now();
    assert_eq!(let_in(&[&world.gateway]).await, 10);
    // Twenty times two seconds, if it were.
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}
