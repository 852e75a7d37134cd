//! Automatic persisted queries, as Apollo's clients speak of them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{get, post, sha256};
use crate::support::redis::{PrivateRedis, Redis};
use crate::support::{World, eventually};

const NAME: &str = "query Name { __typename }";

fn hashed(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("none")
}

/// Asks by a hash alone.
async fn ask(world: &World, document: &str) -> Value {
    post(world, &json!({ "extensions": hashed(&sha256(document)) })).await
}

/// Sends a document with its hash.
async fn keep(world: &World, document: &str) -> Value {
    let extensions = hashed(&sha256(document));
    post(
        world,
        &json!({ "query": document, "extensions": extensions }),
    )
    .await
}

#[tokio::test]
async fn a_hash_runs_the_document_that_was_sent_with_it() {
    let world = World::on_sqlite().await.listening().await;
    let unknown = ask(&world, NAME).await;
    assert_eq!(code(&unknown), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(keep(&world, NAME).await["data"]["__typename"], "Query");
    assert_eq!(ask(&world, NAME).await["data"]["__typename"], "Query");
    let upper = hashed(&sha256(NAME).to_uppercase());
    let answer = post(&world, &json!({ "extensions": upper })).await;
    assert_eq!(answer["data"]["__typename"], "Query");
    let extensions = hashed(&sha256(NAME)).to_string();
    let by_get = get(&world, &[("extensions", &extensions)]).await;
    assert_eq!(by_get["data"]["__typename"], "Query");
}

#[tokio::test]
async fn what_does_not_fit_its_hash_or_the_guard_is_not_kept() {
    let world = World::on_sqlite().await.listening().await;
    let hash = sha256(NAME);
    let asked = json!({ "query": "{ a: __typename }", "extensions": hashed(&hash) });
    assert_eq!(code(&post(&world, &asked).await), "BAD_USER_INPUT");
    assert_eq!(code(&ask(&world, NAME).await), "PERSISTED_QUERY_NOT_FOUND");
    for (refused, expected) in [
        ("{ nothing }", "BAD_USER_INPUT"),
        (
            &format!("{{ a(b: {}{}) }}", "[".repeat(99), "]".repeat(99)),
            "LIMIT_EXCEEDED",
        ),
    ] {
        assert_eq!(code(&keep(&world, refused).await), expected);
        assert_eq!(
            code(&ask(&world, refused).await),
            "PERSISTED_QUERY_NOT_FOUND"
        );
    }
    for persisted in [
        json!({ "version": 2, "sha256Hash": hash }),
        json!({ "sha256Hash": hash }),
        json!({ "version": 1 }),
        json!({ "version": 1, "sha256Hash": "abc" }),
        json!({ "version": 1, "sha256Hash": 1 }),
        json!("x"),
        json!([]),
    ] {
        let asked = json!({ "extensions": { "persistedQuery": persisted } });
        assert_eq!(
            code(&post(&world, &asked).await),
            "BAD_USER_INPUT",
            "{asked}"
        );
    }
}

#[tokio::test]
async fn they_can_be_switched_off() {
    let world = World::on_sqlite().await;
    let world = world.with_settings(|settings| settings.documents.persisted = false);
    let world = world.await.listening().await;
    assert_eq!(keep(&world, NAME).await["data"]["__typename"], "Query");
    let answer = ask(&world, NAME).await;
    assert_eq!(code(&answer), "PERSISTED_QUERY_NOT_SUPPORTED");
    assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotSupported");
}

#[tokio::test]
async fn what_one_instance_was_sent_another_one_knows() {
    let Some(redis) = Redis::maybe_start() else {
        return;
    };
    let url = redis.database();
    let one = World::on_sqlite().await;
    let one = one.with_settings(|settings| settings.redis.url = Some(url.clone()));
    let one = one.await.listening().await;
    let other = World::on_sqlite().await;
    let other = other.with_settings(|settings| settings.redis.url = Some(url.clone()));
    let other = other.await.listening().await;
    assert_eq!(code(&ask(&other, NAME).await), "PERSISTED_QUERY_NOT_FOUND");
    keep(&one, NAME).await;
    eventually("the other instance knows it", || async {
        ask(&other, NAME).await["data"]["__typename"] == "Query"
    })
    .await;
    // Whoever can write to Redis cannot make a hash stand for something else.
    let client = redis::Client::open(url).expect("an address");
    let mut connection = client.get_connection().expect("a connection");
    redis::cmd("HSET")
        .arg("yigate:apq:texts")
        .arg(sha256("{ b: __typename }"))
        .arg("{ a: __typename }")
        .exec(&mut connection)
        .expect("written");
    assert_eq!(
        code(&ask(&one, "{ b: __typename }").await),
        "PERSISTED_QUERY_NOT_FOUND"
    );
    for key in ["yigate:apq:texts", "yigate:apq:asked"] {
        let left: i64 = redis::cmd("TTL")
            .arg(key)
            .query(&mut connection)
            .expect("read");
        assert!((1..=86_400).contains(&left), "{key}: {left}");
    }
}

#[tokio::test]
async fn redis_keeps_ten_thousand_of_them_and_forgets_what_nobody_asked_for_the_longest() {
    let Some(redis) = Redis::maybe_start() else {
        return;
    };
    let url = redis.database();
    let world = World::on_sqlite().await;
    let world = world.with_settings(|settings| settings.redis.url = Some(url.clone()));
    let world = world.await.listening().await;
    let client = redis::Client::open(url).expect("an address");
    let mut connection = client.get_connection().expect("a connection");
    // Asked for a moment ago, one after the other; the first one is a document.
    let fill = r"
        local now = tonumber(redis.call('TIME')[1]) * 1000
        for number = 0, 9999 do
          local hash = number == 0 and ARGV[1] or 'hash ' .. number
          redis.call('HSET', KEYS[1], hash, ARGV[2])
          redis.call('ZADD', KEYS[2], now - 20000 + number, hash)
        end";
    let fill = redis::Script::new(fill);
    let mut fill = fill.prepare_invoke();
    fill.key("yigate:apq:texts").key("yigate:apq:asked");
    fill.arg(sha256(NAME)).arg(NAME);
    fill.invoke::<()>(&mut connection).expect("written");
    let is_kept = |hash: String| -> bool {
        let mut connection = client.get_connection().expect("a connection");
        let found = redis::cmd("HEXISTS")
            .arg("yigate:apq:texts")
            .arg(hash)
            .query(&mut connection);
        found.expect("read")
    };
    // Asked for, it is not the oldest any more.
    eventually("Redis gives it", || async {
        ask(&world, NAME).await["data"]["__typename"] == "Query"
    })
    .await;
    assert!(is_kept("hash 1".to_owned()), "there is room for all");
    keep(&world, "{ a: __typename }").await;
    eventually("it is kept", async || is_kept(sha256("{ a: __typename }"))).await;
    assert!(!is_kept("hash 1".to_owned()), "the oldest has gone");
    assert!(is_kept("hash 2".to_owned()) && is_kept(sha256(NAME)));
}

#[tokio::test]
async fn without_redis_an_instance_knows_what_it_was_sent() {
    let Some(mut redis) = PrivateRedis::maybe_start() else {
        return;
    };
    let url = redis.url();
    let world = World::on_sqlite().await;
    let world = world.with_settings(|settings| settings.redis.url = Some(url));
    let world = world.await.listening().await;
    redis.kill9();
    let began = Instant::now();
    assert_eq!(code(&ask(&world, NAME).await), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(keep(&world, NAME).await["data"]["__typename"], "Query");
    assert_eq!(ask(&world, NAME).await["data"]["__typename"], "Query");
    // Nobody waits for a connection that does not come.
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}
