//! Logs and traces of a real process: what they tell, and what they never tell.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use entity::membership::Role;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use yigate::config::Settings;

use super::sockets;
use super::{Answer, ask, get, post, token};
use crate::support::process::{Process, free_port};
use crate::support::{Merchant, World, eventually};

/// A collector of traces that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<u8>>>);

impl Collector {
    /// Its address.
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::clone(&self.0);
        let router = Router::new().fallback(move |body: Bytes| async move {
            kept.lock().unwrap().extend_from_slice(&body);
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/v1/traces")
    }

    /// Whether a word came. Texts stand in protobuf as they are.
    fn has(&self, word: &str) -> bool {
        contains(&self.0.lock().unwrap(), word)
    }
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|part| part == word.as_bytes())
}

/// A process of a world, and its settings.
async fn serve(world: &World, change: impl FnOnce(&mut Settings)) -> Process {
    let mut settings = world.app().settings.clone();
    settings.events.poll_interval_ms = 500;
    change(&mut settings);
    // Whatever proxy this machine has does not stand before a collector on it.
    let variables = [("NO_PROXY", "127.0.0.1")];
    Process::start_with(&settings, world.directory(), &variables).await
}

async fn prepared() -> (World, Merchant) {
    let world = World::on_sqlite().await.served_elsewhere().await;
    let merchant = world.merchant("汇贤饭店").await;
    (world, merchant)
}

#[tokio::test]
async fn spans_reach_the_collector_and_tell_no_argument() {
    let (world, merchant) = prepared().await;
    let collector = Collector::default();
    let endpoint = collector.start().await;
    let mut process = serve(&world, |settings| {
        settings.telemetry.otlp_endpoint = Some(endpoint);
        settings.telemetry.sampled_per_mille = 1_000;
    })
    .await;
    let token = token(&world, &merchant, Role::Owner).await;
    let document =
        "query FindByTitle { hidden: orders(filter: { search: \"unheard-of\" }) { totalCount } }";
    let asked = post(&world, document)
        .bearer_auth(&token)
        .header("x-request-id", "named-by-the-proxy");
    let answer = Answer::of(asked).await;
    assert_eq!(
        answer.json()["data"]["hidden"]["totalCount"],
        0,
        "{}",
        answer.text()
    );
    // What waits to be sent is sent before it stops.
    process.terminate();
    process.dies().await;
    for word in [
        "yigate",
        "operation",
        "FindByTitle",
        "query",
        "named-by-the-proxy",
        &merchant.id.to_string(),
        "outcome",
        "field",
        "parent_type",
        "totalCount",
    ] {
        assert!(collector.has(word), "no {word}");
    }
    for word in ["unheard-of", "hidden", &token, "Bearer"] {
        assert!(!collector.has(word), "{word} was told");
    }
}

#[tokio::test]
async fn fields_are_traced_of_sampled_requests_alone() {
    let (world, merchant) = prepared().await;
    let collector = Collector::default();
    let endpoint = collector.start().await;
    let _process = serve(&world, |settings| {
        settings.telemetry.otlp_endpoint = Some(endpoint);
    })
    .await;
    let token = token(&world, &merchant, Role::Owner).await;
    let asked = post(&world, "query Sums { orders { totalCount } }").bearer_auth(&token);
    assert_eq!(Answer::of(asked).await.code(), "none");
    eventually("the span arrives", async || collector.has("Sums")).await;
    assert!(!collector.has("parent_type"));
}

#[tokio::test]
async fn a_collector_that_is_away_disturbs_nobody() {
    let (world, _) = prepared().await;
    let endpoint = format!("http://127.0.0.1:{}/v1/traces", free_port());
    let mut process = serve(&world, |settings| {
        settings.telemetry.otlp_endpoint = Some(endpoint);
        settings.telemetry.sampled_per_mille = 1_000;
    })
    .await;
    for _ in 0..50 {
        let answer = Answer::of(post(&world, "{ __typename }")).await;
        assert_eq!(answer.json()["data"]["__typename"], "Query");
    }
    let began = Instant::now();
    process.terminate();
    process.dies().await;
    assert!(began.elapsed() < Duration::from_secs(10));
}

fn key_input(name: &str) -> Value {
    json!({ "name": name, "scopes": ["ORDERS_CREATE", "ORDERS_READ"] })
}

async fn send(world: &World, bearer: Option<&str>, document: &str, variables: Value) -> Value {
    let body = json!({ "query": document, "variables": variables });
    let mut request = post(world, "").body(body.to_string());
    if let Some(bearer) = bearer {
        request = request.bearer_auth(bearer);
    }
    Answer::of(request).await.json()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// Everything secret that passes through while people sign in and shops use their keys.
async fn secrets(world: &World, merchant: &Merchant) -> Vec<String> {
    let password = "correct horse battery".to_owned();
    let email = format!("owner.{}@shop.example", merchant.id).to_lowercase();
    let sign_in = "mutation In($email: String!, $password: String!) { \
        signIn(input: { email: $email, password: $password }) { accessToken refreshToken } }";
    let wrong = json!({ "email": email, "password": "wrong-password-of-mine" });
    send(world, None, sign_in, wrong).await;
    let right = json!({ "email": email, "password": password });
    let signed_in = send(world, None, sign_in, right).await;
    let signed_in = &signed_in["data"]["signIn"];
    let (access, refresh) = (
        text(&signed_in["accessToken"]),
        text(&signed_in["refreshToken"]),
    );
    let again = "mutation($token: String!) { tokenRefresh(input: { refreshToken: $token }) \
        { accessToken refreshToken } }";
    let renewed = send(world, None, again, json!({ "token": refresh })).await;
    let renewed = text(&renewed["data"]["tokenRefresh"]["refreshToken"]);
    // Used twice: told as a warning, if at all.
    send(world, None, again, json!({ "token": refresh })).await;
    let make =
        "mutation Key($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret } }";
    let made = send(
        world,
        Some(&access),
        make,
        json!({ "input": key_input("a-key-of-mine") }),
    )
    .await;
    let key = text(&made["data"]["apiKeyCreate"]["secret"]);
    let order = json!({ "input": merchant.order_input("36.00") });
    send(world, Some(&key), crate::support::CREATE, order).await;
    let mut socket = sockets::signed_in(world, &access).await;
    socket
        .ask(
            "s",
            "{ orders(filter: { search: \"over-a-websocket\" }) { totalCount } }",
        )
        .await;
    assert!(socket.hear().await.is_some());
    drop(socket);
    let forged = "Bearer-that-proves-nothing";
    send(world, Some(forged), "{ viewer { role } }", Value::Null).await;
    let in_address = "{ orders(filter: { search: \"in-the-address\" }) { totalCount } }";
    Answer::of(ask(world, &[("query", in_address)]).bearer_auth(&access)).await;
    Answer::of(get(world, "/nothing?token=in-a-lost-address")).await;
    // It may stand in a page, and yet in no log.
    let public = crate::channels::publishable::key(merchant).await;
    let in_address = [
        ("query", "{ __typename }"),
        ("publishableKey", public.as_str()),
    ];
    assert_eq!(
        Answer::of(ask(world, &in_address))
            .await
            .header("access-control-allow-origin"),
        "*"
    );
    let others = [
        "wrong-password-of-mine",
        forged,
        "in-the-address",
        "over-a-websocket",
        "in-a-lost-address",
    ];
    let mut secrets = vec![password, access, refresh, renewed, key, public, email];
    secrets.extend(others.map(str::to_owned));
    secrets
}

#[tokio::test]
async fn no_secret_ever_stands_in_the_log() {
    let (world, merchant) = prepared().await;
    let _process = serve(&world, |settings| {
        settings.log.filter = "trace,tungstenite::protocol=trace".to_owned();
        settings.log.json = true;
        // Every operation is told of, as slow ones are.
        settings.telemetry.slow_ms = 0;
    })
    .await;
    let secrets = secrets(&world, &merchant).await;
    let asked = post(&world, "query Last { __typename }").header("x-request-id", "the-last-one");
    Answer::of(asked).await;
    let path = world.directory().join("log");
    let read = || std::fs::read_to_string(&path).unwrap();
    eventually("the last request is in the log", async || {
        let log = read();
        log.contains("a slow operation") && log.matches("the-last-one").count() >= 2
    })
    .await;
    let log = read();
    for line in log.lines() {
        let told: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        if told["fields"]["message"] == "answered" {
            assert!(told["fields"]["request_id"].is_string(), "{line}");
        }
    }
    let operations = log.matches("a slow operation").count();
    assert!(operations >= 8, "{operations} operations are told of");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} stands in the log");
    }
}
