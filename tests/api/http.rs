//! Over HTTP as a browser or a shop's server sees it: methods, media types, statuses, headers.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test tells a story"
)]

mod answers;
mod compression;
mod drain;
mod headers;
mod introspection;
mod metrics;
mod pages;
mod panics;
mod peers;
mod public;
mod sockets;
mod spending;
mod streams;
mod telemetry;

use entity::membership::Role;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::instances::browser;
use crate::support::{Merchant, World};

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await.expect("a body").to_vec(),
        }
    }

    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    /// What the answer depends on.
    fn vary(&self) -> Vec<String> {
        let values = self.headers.get_all("vary").iter();
        let names = values.flat_map(|value| value.to_str().expect("text").split(','));
        names.map(|name| name.trim().to_ascii_lowercase()).collect()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    fn code(&self) -> String {
        let code = &self.json()["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or("none").to_owned()
    }
}

/// A token of somebody with a role.
pub async fn token(world: &World, merchant: &Merchant, role: Role) -> String {
    let minted = world.gateway.auth.mint(merchant.staff(role), merchant.id);
    minted.await.expect("a token").text
}

fn post(world: &World, document: &str) -> RequestBuilder {
    let body = json!({ "query": document }).to_string();
    browser()
        .post(world.url("/graphql"))
        .header("content-type", "application/json")
        .body(body)
}

fn get(world: &World, path: &str) -> RequestBuilder {
    browser().get(world.url(path))
}

/// `GET /graphql?…`.
fn ask(world: &World, parts: &[(&str, &str)]) -> RequestBuilder {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    get(
        world,
        &format!("/graphql?{}", query.extend_pairs(parts).finish()),
    )
}

everywhere! {
    async fn a_query_is_answered_by_post_and_by_get(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let token = token(&world, &merchant, Role::Owner).await;
        let order = merchant.paid_order("36.00").await;
        let document = "query Find($id: ID!) { order(by: { id: $id }) { paid { amount } } }";
        let variables = json!({ "id": order.id.to_string() });
        let by_post = post(&world, "")
            .body(json!({ "query": document, "variables": variables, "operationName": "Find" }).to_string());
        let by_get = ask(&world, &[
            ("query", document),
            ("variables", &variables.to_string()),
            ("operationName", "Find"),
        ]);
        for request in [by_post, by_get] {
            let answer = Answer::of(request.bearer_auth(&token)).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.json(), json!({ "data": { "order": { "paid": { "amount": "36.00" } } } }));
            assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert!(answer.header("x-request-id").starts_with("req_"));
        }
    }
}

#[tokio::test]
async fn a_mutation_does_not_come_by_get() {
    let world = World::on_sqlite().await.listening().await;
    let document = "mutation { signOut(input: { refreshToken: \"x\" }) { signedOut } }";
    for query in [
        vec![("query", document)],
        vec![
            (
                "query",
                "query A { viewer { role } } mutation B { signOut(input: { refreshToken: \"x\" }) { signedOut } }",
            ),
            ("operationName", "B"),
        ],
    ] {
        let answer = Answer::of(ask(&world, &query)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{query:?}");
        assert_eq!(answer.header("allow"), "POST");
    }
    let answer = Answer::of(browser().request(Method::DELETE, world.url("/graphql"))).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_body_that_cannot_be_meant_is_refused_by_its_fault() {
    let world = World::on_sqlite().await.listening().await;
    let send = |kind: Option<&str>, body: String| {
        let request = browser().post(world.url("/graphql")).body(body);
        match kind {
            Some(kind) => request.header("content-type", kind),
            None => request,
        }
    };
    let good = json!({ "query": "{ __typename }" }).to_string();
    // What a page elsewhere could send without being asked is not taken.
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
    ] {
        let answer = Answer::of(send(kind, good.clone())).await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{kind:?}"
        );
    }
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        let answer = Answer::of(send(Some(kind), good.clone())).await;
        assert_eq!(
            answer.json(),
            json!({ "data": { "__typename": "Query" } }),
            "{kind}"
        );
    }
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"text\"",
        "{\"query\": 1}",
        "{\"variables\": {}}",
    ] {
        for accept in ["application/json", "application/graphql-response+json"] {
            let asked = send(Some("application/json"), body.to_owned()).header("accept", accept);
            let answer = Answer::of(asked).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
                "{body}"
            );
        }
    }
    let long = json!({ "query": "{ __typename }", "variables": { "x": "x".repeat(140_000) } });
    let answer = Answer::of(send(Some("application/json"), long.to_string())).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    for path in [
        "/graphql",
        "/graphql?query=",
        "/graphql?query=%7B__typename%7D&variables=x",
    ] {
        let answer = Answer::of(get(&world, path)).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{path}");
    }
}

#[tokio::test]
async fn a_header_that_proves_nothing_is_told_so_and_stands_in_nobodys_way() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let good = token(&world, &merchant, Role::Viewer).await;
    for bad in [
        "Bearer nonsense",
        "Bearer ",
        "Basic YTpi",
        "nonsense",
        "Bearer a b",
    ] {
        let asked = post(&world, "{ viewer { role } }").header("authorization", bad);
        let answer = Answer::of(asked).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{bad}");
        assert_eq!(answer.code(), "UNAUTHENTICATED", "{bad}");
        let id = answer.json()["errors"][0]["extensions"]["requestId"].clone();
        assert_eq!(answer.header("x-request-id"), id.as_str().expect("an id"));
        // Who needs nobody to be signed in, such as a refresh, goes on.
        let sign_out =
            "mutation { signOut(input: { refreshToken: \"x\" }) { userErrors { code } } }";
        let answer = Answer::of(post(&world, sign_out).header("authorization", bad)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            answer.json()["data"]["signOut"]["userErrors"][0]["code"],
            "INVALID_TOKEN"
        );
    }
    let nobody = Answer::of(post(&world, "{ viewer { role } }")).await;
    assert_eq!(
        (nobody.status, nobody.code().as_str()),
        (StatusCode::OK, "UNAUTHENTICATED")
    );
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let asked =
            post(&world, "{ viewer { role } }").header("authorization", format!("{scheme} {good}"));
        assert_eq!(
            Answer::of(asked).await.json()["data"]["viewer"]["role"],
            "VIEWER",
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn messages_come_in_the_readers_language() {
    let world = World::on_sqlite().await.listening().await;
    for (language, message) in [
        (
            "zh-CN,zh;q=0.9,en;q=0.8",
            "请先登录，或提供有效的接口密钥。",
        ),
        ("zh-TW", "请先登录，或提供有效的接口密钥。"),
        ("en-GB", "Sign in, or send a valid API key."),
        ("fr", "Sign in, or send a valid API key."),
        ("", "Sign in, or send a valid API key."),
    ] {
        let asked = post(&world, "{ viewer { role } }").header("accept-language", language);
        assert_eq!(
            Answer::of(asked).await.json()["errors"][0]["message"],
            message,
            "{language}"
        );
    }
}

#[tokio::test]
async fn every_request_has_an_id_of_its_own() {
    let world = World::on_sqlite().await.listening().await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..10 {
        ids.insert(
            Answer::of(post(&world, "{ __typename }"))
                .await
                .header("x-request-id")
                .to_owned(),
        );
    }
    assert_eq!(ids.len(), 10);
}

#[tokio::test]
async fn only_pages_of_listed_origins_may_call_from_a_browser() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| {
            settings.http.allowed_origins = vec!["https://shop.example".to_owned()];
        })
        .await
        .listening()
        .await;
    for (origin, allowed) in [
        ("https://shop.example", true),
        ("https://shop.example.evil.example", false),
        ("http://shop.example", false),
        ("https://shop.example:8443", false),
        ("null", false),
    ] {
        let preflight = browser()
            .request(Method::OPTIONS, world.url("/graphql"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            );
        let preflight = Answer::of(preflight).await;
        let asked = Answer::of(post(&world, "{ __typename }").header("origin", origin)).await;
        let wanted = if allowed { origin } else { "" };
        for answer in [&preflight, &asked] {
            assert_eq!(
                answer.header("access-control-allow-origin"),
                wanted,
                "{origin}"
            );
            assert_eq!(
                answer.header("access-control-allow-credentials"),
                "",
                "no cookies"
            );
        }
        if allowed {
            let headers = preflight.header("access-control-allow-headers");
            for header in ["authorization", "content-type", "accept-language"] {
                assert!(headers.contains(header), "{headers}");
            }
            assert_eq!(
                asked.header("access-control-expose-headers"),
                "x-request-id,retry-after"
            );
        }
    }
}

#[tokio::test]
async fn a_trusted_proxys_word_tells_where_a_key_comes_from() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| settings.http.client_ip_header = Some("x-real-ip".to_owned()))
        .await
        .listening()
        .await;
    let merchant = world.merchant("汇贤饭店").await;
    let made = merchant
        .owner()
        .await
        .data(
            "mutation { apiKeyCreate(input: { name: \"x\", scopes: [ORDERS_READ], \
                allowedIps: [\"203.0.113.0/24\"] }) { secret } }",
            Value::Null,
        )
        .await;
    let secret = made["apiKeyCreate"]["secret"].as_str().expect("a secret");
    for (told, status) in [
        (Some("203.0.113.7"), StatusCode::OK),
        (Some("198.51.100.1, 203.0.113.7"), StatusCode::OK),
        (Some("203.0.113.7, 198.51.100.1"), StatusCode::UNAUTHORIZED),
        (Some("nonsense"), StatusCode::UNAUTHORIZED),
        (None, StatusCode::UNAUTHORIZED),
    ] {
        let mut asked = post(&world, "{ orders { totalCount } }").bearer_auth(secret);
        if let Some(told) = told {
            asked = asked.header("x-real-ip", told);
        }
        assert_eq!(Answer::of(asked).await.status, status, "{told:?}");
    }
}
