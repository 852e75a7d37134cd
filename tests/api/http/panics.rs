//! Panics: each is told as a fault of ours, and the gateway lives on.

use entity::membership::Role;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::sockets::named;
use super::{Answer, get, post, token};
use crate::support::World;
use crate::support::instances::browser;

/// The same request, during which something panics.
fn panicking(request: RequestBuilder, place: &str) -> RequestBuilder {
    request.header("x-request-id", format!("panic-in-{place}"))
}

async fn panics(world: &World) -> String {
    let scraped = Answer::of(get(world, "/metrics")).await;
    let line = scraped.text().lines();
    let mut counts = line.filter_map(|line| line.strip_prefix("yigate_panics_total "));
    counts.next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_panic_in_an_operation_is_told_as_a_fault_of_ours() {
    let world = World::on_sqlite().await.listening().await;
    for document in [
        "{ __typename }",
        "mutation { signOut(input: { refreshToken: \"x\" }) { signedOut } }",
    ] {
        let answer = Answer::of(panicking(post(&world, document), "operation")).await;
        assert_eq!(answer.code(), "INTERNAL", "{document}");
        let error = &answer.json()["errors"][0];
        assert_eq!(error["extensions"]["requestId"], "panic-in-operation");
        assert_eq!(answer.header("x-request-id"), "panic-in-operation");
        assert!(!answer.text().contains("a test asked"), "{}", answer.text());
    }
    let answer = Answer::of(post(&world, "{ __typename }")).await;
    assert_eq!(answer.json(), json!({ "data": { "__typename": "Query" } }));
    assert_eq!(panics(&world).await, "2");
    let counted = Answer::of(get(&world, "/metrics")).await;
    let line = r#"yigate_requests_total{operation="other",kind="query",outcome="INTERNAL"} 1"#;
    assert!(counted.text().contains(line), "{}", counted.text());
}

#[tokio::test]
async fn a_panic_before_an_operation_is_told_and_its_connection_stands() {
    let world = World::on_sqlite().await.listening().await;
    let mut socket = named(&world, "panic-in-preparing").await;
    for id in ["a", "b"] {
        socket.ask(id, "{ __typename }").await;
        let told = socket.hear().await.expect("an answer");
        assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!(id)));
        let extensions = &told["payload"][0]["extensions"];
        assert_eq!(extensions["code"], "INTERNAL", "{told}");
        assert_eq!(extensions["requestId"], "panic-in-preparing", "{told}");
    }
    socket.is_quiet().await;
    let answer = Answer::of(panicking(post(&world, "{ __typename }"), "preparing")).await;
    assert_eq!(answer.code(), "INTERNAL", "{}", answer.text());
    assert_eq!(panics(&world).await, "3");
}

#[tokio::test]
async fn a_subscription_that_panics_says_so_and_ends() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let token = token(&world, &merchant, Role::Owner).await;
    merchant.paid_order("36.00").await;
    merchant.numbered().await;
    let document = "subscription { orderUpdated(after: \"e0\") { type } }";
    let request = browser()
        .post(world.url("/graphql/stream"))
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .bearer_auth(&token)
        .body(json!({ "query": document }).to_string());
    let answer = Answer::of(panicking(request, "subscription")).await;
    let told = answer.text().split("data: ").nth(1).unwrap_or_default();
    let told: Value = serde_json::from_str(told.lines().next().unwrap_or_default()).unwrap();
    assert_eq!(told["errors"][0]["extensions"]["code"], "INTERNAL");
    assert_eq!(
        told["errors"][0]["extensions"]["requestId"],
        "panic-in-subscription"
    );
    assert!(
        answer.text().trim_end().ends_with("event: complete\ndata:"),
        "{}",
        answer.text()
    );
    assert_eq!(panics(&world).await, "1");
}

#[tokio::test]
async fn a_panic_anywhere_else_is_answered_all_the_same() {
    let world = World::on_sqlite().await.listening().await;
    let asked = get(&world, "/schema.graphql").header("accept-language", "zh-CN");
    let answer = Answer::of(panicking(asked, "page")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.code(), "INTERNAL");
    assert_eq!(
        answer.json()["errors"][0]["message"],
        "服务内部错误。咨询时请提供请求编号。"
    );
    assert_eq!(answer.header("x-request-id"), "panic-in-page");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let answer = Answer::of(get(&world, "/schema.graphql")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(panics(&world).await, "1");
}
