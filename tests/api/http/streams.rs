//! Server-sent events: graphql-sse in its distinct connections mode, read by hand.

use chrono::TimeDelta;
use entity::membership::Role;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::{Answer, get, token};
use crate::everywhere;
use crate::support::World;
use crate::support::instances::browser;

/// `POST /graphql/stream`.
fn post(world: &World, document: &str) -> RequestBuilder {
    browser()
        .post(world.url("/graphql/stream"))
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(json!({ "query": document }).to_string())
}

/// `GET /graphql/stream?query=…`.
fn ask(world: &World, document: &str) -> RequestBuilder {
    let query: String = url::form_urlencoded::byte_serialize(document.as_bytes()).collect();
    get(world, &format!("/graphql/stream?query={query}"))
}

/// A stream, and what came of it that was not looked at yet.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            response.headers()["content-type"],
            "text/event-stream; charset=utf-8"
        );
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let text = String::new();
        Self { response, text }
    }

    /// The next block, a comment too; none at the stream's end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let bytes = self.response.chunk().await.expect("the stream is whole")?;
            self.text
                .push_str(std::str::from_utf8(&bytes).expect("text"));
        }
    }

    /// The next event: its name, and its data.
    async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                let mut lines = block.lines();
                lines
                    .find_map(|line| line.strip_prefix(name))
                    .map(str::trim)
            };
            if let Some(name) = field("event:") {
                let data = field("data:").unwrap_or_default();
                let data = serde_json::from_str(data).unwrap_or_default();
                return Some((name.to_owned(), data));
            }
        }
    }

    async fn next(&mut self) -> Value {
        let (name, data) = self.event().await.expect("an event");
        assert_eq!(name, "next", "{data}");
        data
    }

    async fn completes(&mut self) {
        assert_eq!(
            self.event().await,
            Some(("complete".to_owned(), Value::Null))
        );
        assert_eq!(self.event().await, None);
    }
}

everywhere! {
    async fn queries_mutations_and_subscriptions_are_answered_on_a_stream(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let token = token(&world, &merchant, Role::Owner).await;
        for request in [post(&world, "{ viewer { role } }"), ask(&world, "{ viewer { role } }")] {
            let mut stream = Stream::of(request.bearer_auth(&token)).await;
            assert_eq!(stream.next().await, json!({ "data": { "viewer": { "role": "OWNER" } } }));
            stream.completes().await;
        }
        let sign_out = "mutation { signOut(input: { refreshToken: \"x\" }) { userErrors { code } } }";
        let mut stream = Stream::of(post(&world, sign_out)).await;
        assert_eq!(stream.next().await["data"]["signOut"]["userErrors"][0]["code"], "INVALID_TOKEN");
        stream.completes().await;
        let document = "subscription { orderUpdated(after: \"e0\") { type order { title } } }";
        for request in [post(&world, document), ask(&world, document)] {
            let mut stream = Stream::of(request.bearer_auth(&token)).await;
            merchant.paid_order("36.00").await;
            let told = |kind: &str| json!({ "data": { "orderUpdated": {
                "type": kind, "order": { "title": "宫保鸡丁" } } } });
            assert_eq!(stream.next().await, told("ORDER_PAYMENT_REQUESTED"));
            assert_eq!(stream.next().await, told("ORDER_PAID"));
        }
    }
}

#[tokio::test]
async fn what_cannot_be_executed_is_told_on_the_stream_and_what_is_no_request_by_a_status() {
    let world = World::on_sqlite().await.listening().await;
    for (document, code) in [
        ("{ viewer", "BAD_USER_INPUT"),
        ("{ everything }", "BAD_USER_INPUT"),
        ("{ viewer { role } }", "UNAUTHENTICATED"),
        (
            "subscription { orderCreated { cursor } }",
            "UNAUTHENTICATED",
        ),
    ] {
        for request in [post(&world, document), ask(&world, document)] {
            let mut stream = Stream::of(request).await;
            let told = stream.next().await;
            assert_eq!(
                told["errors"][0]["extensions"]["code"], code,
                "{document}: {told}"
            );
            stream.completes().await;
        }
    }
    let document = "{ __typename }";
    let sign_out = "mutation { signOut(input: { refreshToken: \"x\" }) { signedOut } }";
    let json = "application/json";
    let bare = || {
        browser()
            .post(world.url("/graphql/stream"))
            .body(json!({ "query": document }).to_string())
    };
    for (case, request, status) in [
        ("text", bare().header("content-type", "text/plain"), 415),
        ("no type", bare(), 415),
        (
            "JSON wanted",
            bare().header("content-type", json).header("accept", json),
            406,
        ),
        ("no JSON", post(&world, document).body("{"), 400),
        ("a list", post(&world, document).body("[]"), 400),
        ("no document", post(&world, document).body("{}"), 400),
        (
            "variables",
            get(&world, "/graphql/stream?query=%7Ba%7D&variables=x"),
            400,
        ),
        ("a mutation by GET", ask(&world, sign_out), 405),
        (
            "a token that proves nothing",
            post(&world, document).bearer_auth("x"),
            401,
        ),
        (
            "no token",
            post(&world, document).header("authorization", "x"),
            401,
        ),
        (
            "too long",
            post(&world, document).body("x".repeat(200_000)),
            413,
        ),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!(answer.status.as_u16(), status, "{case}");
        assert_eq!(answer.header("allow") == "POST", status == 405, "{case}");
        let scheme = answer.header("www-authenticate");
        assert_eq!(scheme == "Bearer", status == 401, "{case}");
        let code = match status {
            401 => "UNAUTHENTICATED",
            413 => "LIMIT_EXCEEDED",
            _ => "BAD_USER_INPUT",
        };
        assert_eq!(answer.code(), code, "{case}");
    }
    for accept in ["*/*", "text/*", "application/json, text/event-stream;q=0.5"] {
        let accepting = bare().header("content-type", json).header("accept", accept);
        Stream::of(accepting)
            .await
            .completes_after_one(accept)
            .await;
    }
}

impl Stream {
    async fn completes_after_one(mut self, case: &str) {
        assert_eq!(
            self.next().await,
            json!({ "data": { "__typename": "Query" } }),
            "{case}"
        );
        self.completes().await;
    }
}

#[tokio::test]
async fn a_stream_resumes_behind_its_last_event_id_whatever_after_says() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = token(&world, &merchant, Role::Owner).await;
    merchant.paid_order("36.00").await;
    let document = "subscription { events(after: \"e0\") { cursor } }";
    let mut stream = Stream::of(post(&world, document).bearer_auth(&owner)).await;
    let mut cursors = Vec::new();
    while cursors.len() < 3 {
        let block = stream.block().await.expect("a block");
        if let Some(id) = block.lines().find_map(|line| line.strip_prefix("id: ")) {
            let told = format!("{{\"data\":{{\"events\":{{\"cursor\":\"{id}\"}}}}}}");
            assert!(block.contains(&told), "the id is the cursor: {block}");
            cursors.push(id.to_owned());
        } else {
            assert_eq!(block, ":", "each event has an id");
        }
    }
    for request in [post(&world, document), ask(&world, document)] {
        let resumed = request
            .bearer_auth(&owner)
            .header("last-event-id", &cursors[1]);
        let next = Stream::of(resumed).await.next().await;
        assert_eq!(next["data"]["events"]["cursor"], cursors[2]);
    }
}

#[tokio::test]
async fn a_quiet_stream_is_kept_alive_by_comments() {
    let world = World::on_sqlite().await;
    let quick = world.with_settings(|settings| settings.sockets.comment_interval_ms = 20);
    let world = quick.await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let token = token(&world, &merchant, Role::Owner).await;
    let asked = post(&world, "subscription { orderCreated { cursor } }").bearer_auth(token);
    let mut stream = Stream::of(asked).await;
    for _ in 0..5 {
        assert_eq!(stream.block().await.as_deref(), Some(":"));
    }
}

#[tokio::test]
async fn a_stream_whose_token_ends_or_whose_instance_stops_ends_without_complete() {
    let world = World::on_sqlite().await;
    let watchful = world.with_settings(|settings| settings.sockets.recheck_interval_ms = 20);
    let world = watchful.await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let document = "subscription { orderCreated { cursor } }";
    let owner = token(&world, &merchant, Role::Owner).await;
    let mut of_token = Stream::of(post(&world, document).bearer_auth(owner)).await;
    let key = merchant.api_key().await;
    let mut of_key = Stream::of(post(&world, document).bearer_auth(key)).await;
    let life = world.app().settings.auth.access_token_s;
    world.clock.advance(TimeDelta::seconds(life));
    assert_eq!(of_token.event().await, None);
    merchant.paid_order("36.00").await;
    assert!(of_key.next().await["data"]["orderCreated"]["cursor"].is_string());
    world.app().shutdown.cancel();
    assert_eq!(of_key.event().await, None);
}

#[tokio::test]
async fn streams_and_sockets_share_their_seats() {
    let world = World::on_sqlite().await;
    let narrow = world.with_settings(|settings| settings.sockets.max_per_user = 2);
    let world = narrow.await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = token(&world, &merchant, Role::Owner).await;
    let document = "subscription { orderCreated { cursor } }";
    let _socket = super::sockets::signed_in(&world, &owner).await;
    let _stream = Stream::of(post(&world, document).bearer_auth(&owner)).await;
    let refused = Answer::of(post(&world, document).bearer_auth(&owner)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        (refused.code().as_str(), refused.header("retry-after")),
        ("RATE_LIMITED", "5")
    );
    let viewer = token(&world, &merchant, Role::Viewer).await;
    Stream::of(post(&world, document).bearer_auth(viewer)).await;
}
