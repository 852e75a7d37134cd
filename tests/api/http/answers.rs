//! Media types and statuses: what each kind of answer is told by, and what a refusal looks like.

use entity::membership::Role;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::{Answer, ask, get, post, token};
use crate::support::World;
use crate::support::instances::browser;

const JSON: &str = "application/json; charset=utf-8";
const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";
/// The same, as a client accepts it.
const NEWER: &str = "application/graphql-response+json";

#[tokio::test]
async fn each_outcome_has_its_status_in_each_media_type() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = token(&world, &merchant, Role::Owner).await;
    let staff = merchant.owner().await;
    let document =
        "mutation { apiKeyCreate(input: { name: \"x\", scopes: [ORDERS_READ] }) { secret } }";
    let made = staff.data(document, Value::Null).await;
    let key = made["apiKeyCreate"]["secret"].as_str().expect("a secret");
    let nowhere = "{ order(by: { orderNo: \"1\" }) { id } }";
    for (case, document, bearer, newer, older) in [
        (
            "an answer",
            "{ viewer { role } }",
            Some(owner.as_str()),
            200,
            200,
        ),
        ("nothing there", nowhere, Some(&owner), 200, 200),
        ("no document", "{", None, 400, 200),
        ("nothing at all", "", None, 400, 200),
        ("no such field", "{ everything }", None, 400, 200),
        ("nobody", "{ viewer { role } }", None, 401, 200),
        (
            "a stranger",
            "{ viewer { role } }",
            Some("nonsense"),
            401,
            401,
        ),
        (
            "a scope is missing",
            "{ apiKeys { id } }",
            Some(key),
            403,
            200,
        ),
    ] {
        for (accept, kind, status) in [(NEWER, GRAPHQL, newer), ("application/json", JSON, older)] {
            let mut asked = post(&world, document).header("accept", accept);
            if let Some(bearer) = bearer {
                asked = asked.bearer_auth(bearer);
            }
            let answer = Answer::of(asked).await;
            assert_eq!(answer.status.as_u16(), status, "{case}: {}", answer.text());
            assert_eq!(answer.header("content-type"), kind, "{case}");
            let is_faulty = answer.json()["errors"].is_array();
            assert_eq!(is_faulty, case != "an answer", "{case}");
            let is_refused = [400, 401].contains(&newer) && document != "{ viewer { role } }";
            if is_refused {
                assert_eq!(
                    answer.json().get("data"),
                    None,
                    "{case}: nothing was executed"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_media_type_that_is_wanted_is_answered() {
    let world = World::on_sqlite().await.listening().await;
    for (accept, kind) in [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json, */*;q=0.1", JSON),
        (
            "application/graphql-response+json;q=0.8, application/json;q=0.9",
            JSON,
        ),
        (NEWER, GRAPHQL),
        (
            "application/json, application/graphql-response+json",
            GRAPHQL,
        ),
        ("application/json;q=0, */*;q=0.1", GRAPHQL),
    ] {
        for request in [
            post(&world, "{ __typename }"),
            ask(&world, &[("query", "{ __typename }")]),
        ] {
            let answer = Answer::of(request.header("accept", accept)).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (StatusCode::OK, kind),
                "{accept}"
            );
            let vary = answer.vary();
            for name in ["accept", "accept-language", "origin"] {
                assert!(vary.contains(&name.to_owned()), "{vary:?}");
            }
        }
    }
}

/// A request that is none, and how it is told so.
struct Bad {
    case: &'static str,
    request: RequestBuilder,
    status: u16,
    code: &'static str,
    /// What the message names.
    names: &'static str,
}

fn bad(
    case: &'static str,
    request: RequestBuilder,
    status: u16,
    code: &'static str,
    names: &'static str,
) -> Bad {
    Bad {
        case,
        request,
        status,
        code,
        names,
    }
}

fn bad_requests(world: &World) -> Vec<Bad> {
    let input = "BAD_USER_INPUT";
    let typename = || post(world, "{ __typename }");
    let typed = |kind: &'static str| {
        let body = json!({ "query": "{ __typename }" }).to_string();
        let request = browser().post(world.url("/graphql")).body(body);
        request.header("content-type", kind)
    };
    let sign_out = "mutation { signOut(input: { refreshToken: \"x\" }) { signedOut } }";
    let several = "query A { __typename } mutation B { signOut(input: { refreshToken: \"x\" }) { signedOut } }";
    let held = "{ memberData(by: { memberNo: \"A\" }) { json } }";
    let spread =
        "query { ...F } fragment F on Query { memberData(by: { memberNo: \"A\" }) { json } }";
    let live = "subscription { orderCreated { cursor } }";
    let by_get = |parts: &[(&str, &str)]| ask(world, parts);
    vec![
        bad(
            "HTML wanted",
            typename().header("accept", "text/html"),
            406,
            input,
            "Accept",
        ),
        bad(
            "JSON not wanted",
            typename().header("accept", "application/json;q=0"),
            406,
            input,
            "Accept",
        ),
        bad(
            "HTML wanted by GET",
            get(world, "/graphql?query=%7B__typename%7D").header("accept", "text/html"),
            406,
            input,
            "Accept",
        ),
        bad("text", typed("text/plain"), 415, input, "Content-Type"),
        bad(
            "a form",
            typed("application/x-www-form-urlencoded"),
            415,
            input,
            "Content-Type",
        ),
        bad(
            "UTF-16",
            typed("application/json; charset=utf-16"),
            415,
            input,
            "Content-Type",
        ),
        bad(
            "too long",
            typename().body(" ".repeat(131_073)),
            413,
            "LIMIT_EXCEEDED",
            "131072",
        ),
        bad(
            "a mutation by GET",
            by_get(&[("query", sign_out)]),
            405,
            input,
            "POST",
        ),
        bad(
            "one of several by GET",
            by_get(&[("query", several), ("operationName", "B")]),
            405,
            input,
            "POST",
        ),
        bad(
            "personal data by GET",
            by_get(&[("query", held)]),
            405,
            input,
            "POST",
        ),
        bad(
            "personal data in a fragment by GET",
            by_get(&[("query", spread)]),
            405,
            input,
            "POST",
        ),
        bad(
            "a subscription",
            post(world, live),
            400,
            input,
            "/graphql/ws",
        ),
        bad(
            "a subscription by GET",
            by_get(&[("query", live)]),
            400,
            input,
            "/graphql/stream",
        ),
        bad("no JSON", typename().body("{"), 400, input, "body"),
        bad("a list", typename().body("[]"), 400, input, "body"),
        bad(
            "no query",
            typename().body("{\"variables\":{}}"),
            400,
            input,
            "query",
        ),
        bad(
            "a null query",
            typename().body("{\"query\":null}"),
            400,
            input,
            "query",
        ),
        bad(
            "no query by GET",
            get(world, "/graphql"),
            400,
            input,
            "query",
        ),
        bad(
            "variables are a text",
            by_get(&[("query", "{ a }"), ("variables", "x")]),
            400,
            input,
            "variables",
        ),
        bad(
            "extensions are a list",
            by_get(&[("query", "{ a }"), ("extensions", "[]")]),
            400,
            input,
            "extensions",
        ),
    ]
}

#[tokio::test]
async fn a_refusal_is_json_with_code_and_request_id_in_the_readers_language() {
    let world = World::on_sqlite().await.listening().await;
    let mut seen = 0;
    for media in [None, Some(NEWER)] {
        for Bad {
            case,
            request,
            status,
            code,
            names,
        } in bad_requests(&world)
        {
            let mut english = request;
            if let Some(media) = media
                && status != 406
            {
                english = english.header("accept", media);
            }
            let chinese = english.try_clone().expect("no stream");
            let chinese = Answer::of(chinese.header("accept-language", "zh-CN")).await;
            let answer = Answer::of(english).await;
            assert_eq!(answer.status.as_u16(), status, "{case}: {}", answer.text());
            let kind = if status == 406 || media.is_none() {
                JSON
            } else {
                GRAPHQL
            };
            assert_eq!(answer.header("content-type"), kind, "{case}");
            assert_eq!(answer.header("cache-control"), "no-store", "{case}");
            assert_eq!(
                answer.header("allow"),
                if status == 405 { "POST" } else { "" },
                "{case}"
            );
            let json = answer.json();
            let error = &json["errors"][0];
            assert_eq!(error["extensions"]["code"], code, "{case}");
            assert_eq!(
                error["extensions"]["requestId"],
                answer.header("x-request-id"),
                "{case}"
            );
            let message = error["message"].as_str().expect("a message");
            assert!(
                message.contains(names) && message.is_ascii(),
                "{case}: {message}"
            );
            let in_chinese = chinese.json()["errors"][0]["message"].to_string();
            assert!(
                !in_chinese.is_ascii() && in_chinese.contains(names),
                "{case}: {in_chinese}"
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 40);
}

#[tokio::test]
async fn what_fills_the_limit_is_read_and_a_byte_more_is_not() {
    let world = World::on_sqlite().await;
    let world = world.with_settings(|settings| settings.http.max_body_bytes = 1_000);
    let world = world.await.listening().await;
    let body = |length: usize| {
        let text = json!({ "query": "{ __typename }" }).to_string();
        text.clone() + &" ".repeat(length - text.len())
    };
    for path in ["/graphql", "/graphql/stream"] {
        for (length, status) in [(1_000, 200), (1_001, 413)] {
            let asked = browser().post(world.url(path)).body(body(length));
            let answer = Answer::of(asked.header("content-type", "application/json")).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {length}");
        }
    }
}

#[tokio::test]
async fn what_takes_too_long_is_unavailable_in_each_media_type() {
    let world = World::on_sqlite().await;
    let hurried = world.with_settings(|settings| {
        settings.http.request_timeout_ms = 1;
        // To look at a password takes much longer.
        settings.auth.argon2_memory_kib = 65_536;
        settings.auth.argon2_rounds = 3;
    });
    let world = hurried.await.listening().await;
    let sign_in = "mutation { signIn(input: { email: \"x@shop.example\", password: \"correct horse\" }) \
         { accessToken } }";
    for accept in ["application/json", NEWER] {
        let answer = Answer::of(post(&world, sign_in).header("accept", accept)).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{accept}");
        assert_eq!(answer.code(), "UNAVAILABLE", "{accept}");
    }
}

#[tokio::test]
async fn a_method_that_nobody_asked_for_is_not_allowed() {
    let world = World::on_sqlite().await.listening().await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        for path in ["/graphql", "/graphql/stream"] {
            let asked = browser().request(method.clone(), world.url(path));
            let answer = Answer::of(asked).await;
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
            let allowed = answer.header("allow");
            assert!(
                allowed.contains("GET") && allowed.contains("POST"),
                "{allowed}"
            );
        }
    }
}
