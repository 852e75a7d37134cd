//! `/metrics`: what was asked, refused and delivered can be read where figures are collected.

use std::sync::Arc;

use entity::membership::Role;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;
use tokio::sync::Notify;
use yigate::error::Error;

use super::sockets::signed_in;
use super::{Answer, ask, get, post, token};
use crate::everywhere;
use crate::support::instances::browser;
use crate::support::{CREATE, World, eventually};

/// The value of a line of figures; 0 where there is none.
async fn figure(world: &World, line: &str) -> u64 {
    let answer = Answer::of(get(world, "/metrics")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let mut lines = answer.text().lines();
    let value = lines.find_map(|told| told.strip_prefix(line)?.strip_prefix(' '));
    let value = value.unwrap_or("0");
    let whole = value.split('.').next().unwrap_or_default();
    whole.parse().unwrap_or_else(|_| panic!("{line} {value}"))
}

/// A request whose operation has a name.
fn named(world: &World, document: &str, name: &str) -> RequestBuilder {
    post(world, "").body(json!({ "query": document, "operationName": name }).to_string())
}

everywhere! {
    async fn figures_tell_what_was_asked_and_what_became_of_it(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let token = token(&world, &merchant, Role::Viewer).await;
        let role = "query Role { viewer { role } }";
        for _ in 0..3 {
            Answer::of(named(&world, role, "Role").bearer_auth(&token)).await;
        }
        // The name is told, too, where the client leaves the choice to us.
        Answer::of(post(&world, role).bearer_auth(&token)).await;
        Answer::of(named(&world, role, "Role")).await;
        Answer::of(post(&world, "{ everything }")).await;
        Answer::of(get(&world, "/nothing")).await;
        for (line, count) in [
            (r#"yigate_requests_total{operation="Role",kind="query",outcome="ok"}"#, 4),
            (r#"yigate_requests_total{operation="Role",kind="query",outcome="UNAUTHENTICATED"}"#, 1),
            (r#"yigate_http_responses_total{route="other",status="404"}"#, 1),
            (r#"yigate_refusals_total{reason="NOT_FOUND"}"#, 1),
            (r#"yigate_panics_total"#, 0),
        ] {
            assert_eq!(figure(&world, line).await, count, "{line}");
        }
        for line in [
            r#"yigate_request_seconds_count{kind="query"}"#,
            r#"yigate_request_cost_count{kind="query"}"#,
        ] {
            assert!(figure(&world, line).await >= 5, "{line}");
        }
        assert!(figure(&world, r#"yigate_http_responses_total{route="/graphql",status="200"}"#).await >= 5);
        let hits = figure(&world, "yigate_document_hits_total").await;
        assert!(hits >= 3, "{hits}");
        assert!(figure(&world, "yigate_document_misses_total").await >= 2);
        let scraped = Answer::of(get(&world, "/metrics")).await;
        assert_eq!(scraped.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
        assert!(scraped.text().ends_with("# EOF\n"));
        assert!(scraped.text().contains("yigate_database_connections{pool="), "{}", scraped.text());
        let pool = if world.app().settings.database.url.starts_with("sqlite:") { "reads" } else { "all" };
        let most = format!(r#"yigate_database_connections{{pool="{pool}",state="most"}}"#);
        assert_eq!(figure(&world, &most).await, 8);
    }
}

#[tokio::test]
async fn what_is_no_request_is_counted_by_its_code() {
    let world = World::on_sqlite().await.listening().await;
    let reason = async |code: &str| {
        let line = format!(r#"yigate_refusals_total{{reason="{code}"}}"#);
        figure(&world, &line).await
    };
    let long = "x".repeat(200_000);
    let by_get = ask(&world, &[("query", "mutation { __typename }")]);
    let unreadable = post(&world, "{ __typename }").header("accept", "text/csv");
    for (request, status, code) in [
        (post(&world, "").body("no JSON"), 400, "BAD_USER_INPUT"),
        (by_get, 405, "BAD_USER_INPUT"),
        (unreadable, 406, "BAD_USER_INPUT"),
        (post(&world, "").body(long), 413, "LIMIT_EXCEEDED"),
        (
            post(&world, "subscription { orderCreated { cursor } }"),
            400,
            "BAD_USER_INPUT",
        ),
    ] {
        let before = reason(code).await;
        let answer = Answer::of(request).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert_eq!(reason(code).await, before + 1, "{status} {code}");
    }
}

#[tokio::test]
async fn names_that_strangers_make_up_are_not_counted_apart() {
    let world = World::on_sqlite().await.listening().await;
    for number in 0..300 {
        let name = format!("MadeUp{number}");
        let document = format!("query {name} {{ __typename }}");
        Answer::of(named(&world, &document, &name)).await;
    }
    let scraped = Answer::of(get(&world, "/metrics")).await;
    assert!(!scraped.text().contains("MadeUp"));
    let others = r#"yigate_requests_total{operation="other",kind="query",outcome="ok"}"#;
    assert_eq!(figure(&world, others).await, 300);
}

#[tokio::test]
async fn a_connection_is_counted_while_it_stands() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let token = token(&world, &merchant, Role::Viewer).await;
    assert_eq!(figure(&world, "yigate_sockets").await, 0);
    let sockets = [
        signed_in(&world, &token).await,
        signed_in(&world, &token).await,
    ];
    assert_eq!(figure(&world, "yigate_sockets").await, 2);
    drop(sockets);
    eventually("nobody is connected", async || {
        figure(&world, "yigate_sockets").await == 0
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_counted_while_it_stands_and_what_is_executed_for_it() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let token = token(&world, &merchant, Role::Owner).await;
    merchant.paid_order("36.00").await;
    merchant.numbered().await;
    assert_eq!(figure(&world, "yigate_streams").await, 0);
    let document = "subscription { orderCreated(after: \"e0\") { cursor } }";
    let request = browser()
        .post(world.url("/graphql/stream"))
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .bearer_auth(&token)
        .body(json!({ "query": document }).to_string());
    let mut stream = request.send().await.unwrap();
    let mut told = String::new();
    while !told.contains("orderCreated") {
        let bytes = stream.chunk().await.unwrap().expect("an event");
        told += std::str::from_utf8(&bytes).unwrap();
    }
    assert_eq!(figure(&world, "yigate_streams").await, 1);
    for (line, count) in [
        ("yigate_renderings_total", 1),
        ("yigate_rendering_seconds_count", 1),
        ("yigate_rendering_failures_total", 0),
    ] {
        assert_eq!(figure(&world, line).await, count, "{line}");
    }
    drop(stream);
    eventually("nobody listens", async || {
        figure(&world, "yigate_streams").await == 0
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_we_close_is_counted_by_its_code() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let token = token(&world, &merchant, Role::Viewer).await;
    let mut socket = signed_in(&world, &token).await;
    socket.say(json!({ "type": "connection_init" })).await;
    let (code, _) = socket.closing().await.expect("it is closed");
    assert_eq!(code, 4429);
    let line = r#"yigate_socket_closings_total{code="4429"}"#;
    assert_eq!(figure(&world, line).await, 1);
}

#[tokio::test]
async fn it_is_told_how_late_events_are_numbered() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    merchant.paid_order("36.00").await;
    merchant.numbered().await;
    eventually("numbered events are counted", async || {
        figure(&world, "yigate_event_lag_seconds_count").await >= 2
    })
    .await;
}

#[tokio::test]
async fn what_takes_too_long_is_counted_as_abandoned() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| settings.http.request_timeout_ms = 300)
        .await
        .listening()
        .await;
    let merchant = world.merchant("汇贤饭店").await;
    let key = merchant.api_key().await;
    // Somebody holds the one connection that writes.
    let (held, free) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (app, holds, frees) = (world.app().clone(), Arc::clone(&held), Arc::clone(&free));
    let holding = tokio::spawn(async move {
        let work = |_| {
            let (holds, frees) = (Arc::clone(&holds), Arc::clone(&frees));
            async move {
                holds.notify_one();
                frees.notified().await;
                Ok::<(), Error>(())
            }
        };
        app.db.transaction_across(work).await
    });
    held.notified().await;
    let variables = json!({ "input": merchant.order_input("36.00") });
    let body = json!({ "query": CREATE, "variables": variables }).to_string();
    let answer = Answer::of(post(&world, "").body(body).bearer_auth(&key)).await;
    free.notify_one();
    assert!(holding.await.unwrap().is_ok());
    assert_eq!(answer.code(), "UNAVAILABLE", "{}", answer.text());
    let scraped = Answer::of(get(&world, "/metrics")).await;
    let line = r#"kind="mutation",outcome="ABANDONED"} 1"#;
    assert!(scraped.text().contains(line), "{}", scraped.text());
}

#[tokio::test]
async fn figures_can_be_switched_off() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| settings.telemetry.metrics = false)
        .await
        .listening()
        .await;
    let answer = Answer::of(get(&world, "/metrics")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
