//! What people may spend: buckets, told by 429 and `Retry-After`; turns of one merchant.

mod sharing;

use chrono::TimeDelta;
use entity::membership::Role;
use reqwest::StatusCode;
use serde_json::json;
use yigate::config::Settings;
use yigate::graphql::RequestInfo;
use yigate::graphql::gateway::Caller;
use yigate::graphql::request::Params;

use super::sockets::signed_in;
use super::{Answer, post, token};
use crate::support::{Merchant, World};

/// What no document can be: looking at it costs 10, and nothing more.
const NONSENSE: &str = "{";
/// What looking at a request costs.
const BASE: u64 = 10;
const NEW: &str = "application/graphql-response+json";

/// A world that listens and limits; what is not changed is far away.
async fn world(change: impl FnOnce(&mut Settings)) -> World {
    let world = World::on_sqlite().await;
    let limited = |settings: &mut Settings| {
        settings.throttle.enabled = true;
        change(settings);
    };
    world.with_settings(limited).await.listening().await
}

/// Somebody who asks without HTTP.
async fn caller(world: &World, merchant: &Merchant, role: Role) -> Caller {
    let token = token(world, merchant, role).await;
    let actor = world.gateway.auth.authenticate(&token, None).await;
    Caller {
        actor: Some(actor.expect("a valid token")),
        info: RequestInfo {
            id: "req_test".to_owned(),
            locale: yigate::locale::Locale::En,
            ip: None,
            user_agent: None,
        },
    }
}

async fn is_refused(world: &World, bearer: &str, document: &str) -> bool {
    let answer = Answer::of(post(world, document).bearer_auth(bearer)).await;
    assert_eq!(
        answer.status == StatusCode::TOO_MANY_REQUESTS,
        answer.code() == "RATE_LIMITED",
        "{}",
        answer.text()
    );
    answer.status == StatusCode::TOO_MANY_REQUESTS
}

#[tokio::test]
async fn who_has_spent_everything_is_told_when_to_ask_again() {
    let world = world(|settings| {
        settings.throttle.address_burst = 3 * BASE;
        settings.throttle.address_per_s = 4;
    })
    .await;
    for _ in 0..3 {
        let answer = Answer::of(post(&world, NONSENSE)).await;
        assert_eq!(
            answer.code(),
            "BAD_USER_INPUT",
            "what cannot be meant is not free"
        );
    }
    for accept in ["application/json", NEW] {
        let answer = Answer::of(post(&world, NONSENSE).header("accept", accept)).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{accept}");
        assert_eq!(answer.code(), "RATE_LIMITED");
        assert_eq!(answer.header("retry-after"), "3", "10 at 4 a second");
        let extensions = &answer.json()["errors"][0]["extensions"];
        assert_eq!(extensions["retryAfterMs"], 2_500);
        assert!(extensions["requestId"].is_string());
    }
    let chinese = post(&world, NONSENSE).header("accept-language", "zh-CN");
    let told = Answer::of(chinese).await.json();
    assert_eq!(
        told["errors"][0]["message"],
        "请求过于频繁，请在 3 秒后重试。"
    );
    world.clock.advance(TimeDelta::milliseconds(2_499));
    assert_eq!(
        Answer::of(post(&world, NONSENSE)).await.code(),
        "RATE_LIMITED"
    );
    world.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(
        Answer::of(post(&world, NONSENSE)).await.code(),
        "BAD_USER_INPUT"
    );
    assert_eq!(
        Answer::of(post(&world, NONSENSE)).await.code(),
        "RATE_LIMITED"
    );
}

#[tokio::test]
async fn a_request_is_paid_in_what_it_costs() {
    const DOCUMENT: &str = "{ viewer { role } }";
    let free = World::on_sqlite().await;
    let merchant = free.merchant("汇贤饭店").await;
    let asks = caller(&free, &merchant, Role::Owner).await;
    let prepared = free
        .gateway
        .prepare(Params::of_query(DOCUMENT), &asks)
        .await;
    let price = BASE + prepared.expect("a document").cost();
    assert!(price > BASE);
    let world = world(|settings| {
        settings.throttle.user_burst = 2 * price;
        settings.throttle.user_per_s = 1;
    })
    .await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = token(&world, &merchant, Role::Owner).await;
    for _ in 0..2 {
        assert!(!is_refused(&world, &owner, DOCUMENT).await);
    }
    assert!(is_refused(&world, &owner, DOCUMENT).await);
}

#[tokio::test]
async fn a_user_and_a_merchant_spend_their_own_and_nobody_elses() {
    let world = world(|settings| {
        settings.throttle.user_burst = 2 * BASE;
        settings.throttle.user_per_s = 1;
        settings.throttle.merchant_burst = 5 * BASE;
        settings.throttle.merchant_per_s = 1;
        settings.throttle.address_burst = BASE;
    })
    .await;
    let merchant = world.merchant("汇贤饭店").await;
    let other = world.merchant("云裳时装").await;
    let mut refused = Vec::new();
    for role in [Role::Owner, Role::Finance, Role::Viewer] {
        let token = token(&world, &merchant, role).await;
        for _ in 0..3 {
            refused.push(is_refused(&world, &token, NONSENSE).await);
        }
    }
    // Two of each user's, and the fifth is the merchant's last.
    let wanted = [false, false, true, false, false, true, false, true, true];
    assert_eq!(refused, wanted);
    let neighbour = token(&world, &other, Role::Owner).await;
    assert!(!is_refused(&world, &neighbour, NONSENSE).await);
    // Who is known pays nothing from the bucket of their address; who is not, nothing from anybody's.
    assert!(!is_refused(&world, "nonsense", NONSENSE).await);
    assert!(is_refused(&world, "nonsense", NONSENSE).await);
    assert!(!is_refused(&world, &neighbour, NONSENSE).await);
}

#[tokio::test]
async fn logging_in_is_paid_by_the_address_whoever_asks() {
    let world = world(|settings| {
        settings.throttle.address_burst = 150;
        settings.throttle.address_per_s = 1;
    })
    .await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = token(&world, &merchant, Role::Owner).await;
    let sign_in = |name: u8| {
        format!(
            "mutation {{ signIn(input: {{ email: \"{name}@shop.example\", password: \"x\" }}) \
            {{ userErrors {{ code }} }} }}"
        )
    };
    assert!(!is_refused(&world, &owner, &sign_in(1)).await);
    assert!(is_refused(&world, &owner, &sign_in(2)).await);
    let anew = "mutation { tokenRefresh(input: { refreshToken: \"x\" }) { userErrors { code } } }";
    let mut refused = false;
    for _ in 0..10 {
        refused |= is_refused(&world, &owner, anew).await;
    }
    assert!(refused);
    // What the owner may spend is hardly touched.
    assert!(!is_refused(&world, &owner, "{ viewer { role } }").await);
}

#[tokio::test]
async fn live_connections_are_told_in_their_own_protocol() {
    let world = world(|settings| {
        settings.throttle.user_burst = BASE;
        settings.throttle.user_per_s = 1;
    })
    .await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = token(&world, &merchant, Role::Owner).await;
    let mut socket = signed_in(&world, &owner).await;
    socket.ask("1", NONSENSE).await;
    let told = socket.hear().await.expect("an answer");
    assert_eq!(told["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
    for (id, document) in [
        ("2", "{ viewer { role } }"),
        ("3", "subscription { orderCreated { cursor } }"),
    ] {
        socket.ask(id, document).await;
        let told = socket.hear().await.expect("an answer");
        assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!(id)));
        let extensions = &told["payload"][0]["extensions"];
        assert_eq!(extensions["code"], "RATE_LIMITED");
        assert_eq!(extensions["retryAfterMs"], 10_000);
    }
    let stream = crate::support::instances::browser()
        .post(world.url("/graphql/stream"))
        .header("content-type", "application/json")
        .bearer_auth(&owner)
        .body(json!({ "query": "{ viewer { role } }" }).to_string());
    let told = Answer::of(stream).await;
    assert!(told.text().contains("RATE_LIMITED"), "{}", told.text());
}

#[tokio::test]
async fn one_merchant_has_so_many_turns_and_another_has_its_own() {
    let world = world(|settings| {
        settings.throttle.merchant_concurrency = Some(2);
        settings.throttle.queue_timeout_ms = 100;
    })
    .await;
    let merchant = world.merchant("汇贤饭店").await;
    let other = world.merchant("云裳时装").await;
    let document = "{ viewer { role } }";
    let owner = token(&world, &merchant, Role::Owner).await;
    let asks = caller(&world, &merchant, Role::Finance).await;
    let params = Params::of_query(document);
    let asked = world
        .gateway
        .prepare(params, &asks)
        .await
        .expect("a document");
    let _first = world.gateway.admit(&asks, &asked).await.expect("a turn");
    assert!(!is_refused(&world, &owner, document).await);
    let second = world.gateway.admit(&asks, &asked).await.expect("a turn");
    assert!(is_refused(&world, &owner, document).await);
    let neighbour = token(&world, &other, Role::Owner).await;
    assert!(!is_refused(&world, &neighbour, document).await);
    drop(second);
    assert!(!is_refused(&world, &owner, document).await);
}

#[tokio::test]
async fn a_delay_between_sign_ins_is_told_by_429() {
    let world = World::on_sqlite().await.listening().await;
    let sign_in = "mutation { signIn(input: { email: \"nobody@shop.example\", password: \"x\" }) \
        { userErrors { code } } }";
    for _ in 0..4 {
        let answer = Answer::of(post(&world, sign_in)).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    for accept in ["application/json", NEW] {
        let answer = Answer::of(post(&world, sign_in).header("accept", accept)).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.code(), "RATE_LIMITED");
        assert_eq!(answer.header("retry-after"), "1");
    }
}
