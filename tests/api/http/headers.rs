//! What every answer says to browsers, names of requests, and errors of HTTP itself.

use reqwest::{Method, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::net::TcpListener;
use yigate::http;

use super::{Answer, get, post};
use crate::support::instances::browser;
use crate::support::{World, eventually};

#[tokio::test]
async fn every_answer_tells_browsers_how_little_may_be_done_with_it() {
    let world = World::on_sqlite().await.listening().await;
    for request in [
        post(&world, "{ __typename }"),
        get(&world, "/healthz"),
        get(&world, "/metrics"),
        get(&world, "/nothing"),
        get(&world, "/graphiql"),
        browser().request(Method::DELETE, world.url("/graphql")),
    ] {
        let answer = Answer::of(request).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            // Nobody reaches this one by https.
            ("strict-transport-security", ""),
        ] {
            assert_eq!(answer.header(name), value, "{name}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!answer.header("x-request-id").is_empty());
    }
    let answer = Answer::of(post(&world, "{ __typename }")).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn browsers_keep_to_https_where_the_world_reaches_us_by_it() {
    // Behind a proxy that ends TLS.
    let world = World::on_sqlite().await;
    assert!(world.app().settings.http.public_url.starts_with("https://"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/healthz", listener.local_addr().unwrap());
    tokio::spawn(http::serve(listener, world.gateway.clone()));
    let answer = Answer::of(browser().get(url)).await;
    let told = answer.header("strict-transport-security");
    assert_eq!(told, "max-age=31536000");
}

#[tokio::test]
async fn a_request_keeps_the_name_that_it_came_with_where_it_is_a_harmless_word() {
    let world = World::on_sqlite().await.listening().await;
    for (name, kept) in [
        ("8f14e45f-ceea-4b3b-9c5d-2f9a", true),
        ("from_the_proxy_1", true),
        ("short", false),
        ("with spaces in it", false),
        ("{\"a\":\"b\"}xxxx", false),
        (&"a".repeat(65), false),
    ] {
        let asked = post(&world, "{ viewer { role } }").header("x-request-id", name);
        let answer = Answer::of(asked).await;
        let told = answer.header("x-request-id").to_owned();
        assert_eq!(told == name, kept, "{name}");
        assert!(kept || told.starts_with("req_"), "{told}");
        assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], told);
    }
}

#[tokio::test]
async fn what_http_itself_refuses_is_told_as_graphql_tells_errors() {
    let world = World::on_sqlite().await.listening().await;
    let long = json!({ "query": "{ __typename }", "variables": { "x": "x".repeat(140_000) } });
    let cases = || {
        [
            (get(&world, "/nothing"), 404, "NOT_FOUND"),
            (
                browser().request(Method::DELETE, world.url("/graphql")),
                405,
                "BAD_USER_INPUT",
            ),
            (
                post(&world, "").body(long.to_string()),
                413,
                "LIMIT_EXCEEDED",
            ),
            (
                browser().post(world.url("/graphql")).body("{}"),
                415,
                "BAD_USER_INPUT",
            ),
            (get(&world, "/graphiql/assets/nothing.js"), 404, "NOT_FOUND"),
        ]
    };
    for (request, status, code) in cases() {
        let answer = Answer::of(request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code)
        );
        let kind = answer.header("content-type");
        assert!(kind.contains("json"), "{status} {kind}");
        let error = &answer.json()["errors"][0];
        assert_eq!(
            error["extensions"]["requestId"],
            answer.header("x-request-id")
        );
        assert!(error["message"].as_str().unwrap().is_ascii());
    }
    for (request, status, _) in cases() {
        let answer = Answer::of(request.header("accept-language", "zh-CN")).await;
        let told = answer.json()["errors"][0]["message"]
            .as_str()
            .map(str::to_owned);
        assert!(told.is_some_and(|told| !told.is_ascii()), "{status}");
    }
    let answer = Answer::of(browser().request(Method::DELETE, world.url("/graphql"))).await;
    assert!(answer.header("allow").contains("POST"));
    // Payment platforms read a word.
    let answer = Answer::of(get(&world, "/callbacks/nothing")).await;
    assert_eq!(
        (answer.status, answer.text()),
        (StatusCode::NOT_FOUND, "fail")
    );
}

#[tokio::test]
async fn a_server_is_ready_when_its_tables_are_up_to_date() {
    let world = World::on_sqlite().await.listening().await;
    assert_eq!(
        Answer::of(get(&world, "/readyz")).await.status,
        StatusCode::OK
    );
    let forget = "DELETE FROM seaql_migrations WHERE version = \
        (SELECT max(version) FROM seaql_migrations)";
    let done = world.app().db.writer().execute_unprepared(forget).await;
    assert_eq!(done.unwrap().rows_affected(), 1);
    eventually("it notices that a migration is missing", || async {
        let answer = Answer::of(get(&world, "/readyz")).await;
        let told = (answer.status, answer.text());
        told == (StatusCode::SERVICE_UNAVAILABLE, "migrations are missing\n")
    })
    .await;
    assert_eq!(
        Answer::of(get(&world, "/healthz")).await.status,
        StatusCode::OK
    );
}
