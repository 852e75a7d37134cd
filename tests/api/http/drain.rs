//! SIGTERM: a process of its own finishes what is under way, sends everybody elsewhere, and loses nothing.

use std::time::Duration;

use entity::membership::Role;
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use yigate::config::Settings;

use super::sockets::signed_in;
use super::{Answer, get, token};
use crate::support::process::Process;
use crate::support::{CREATE, Merchant, World, eventually};

/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The settings of the process that serves a world.
fn served(world: &World) -> Settings {
    let mut settings = world.app().settings.clone();
    settings.events.poll_interval_ms = 500;
    settings
}

/// A world whose gateway is a process of its own.
async fn started(world: World, change: impl FnOnce(&mut Settings)) -> (World, Merchant, Process) {
    let world = world.served_elsewhere().await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut settings = served(&world);
    change(&mut settings);
    let process = Process::start(&settings, world.directory()).await;
    (world, merchant, process)
}

fn address(world: &World) -> String {
    world.url("").replacen("http://", "", 1)
}

/// A request that is under way: its head has come, and all of its body but the last byte.
struct UnderWay(TcpStream);

impl UnderWay {
    async fn begin(world: &World, merchant: &Merchant) -> Self {
        let input = merchant.order_input("36.00");
        let body = json!({ "query": CREATE, "variables": { "input": input } }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             authorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
            merchant.api_key().await,
            body.len()
        );
        let mut stream = TcpStream::connect(address(world))
            .await
            .expect("it listens");
        let most = format!("{head}{}", &body[..body.len() - 1]);
        stream.write_all(most.as_bytes()).await.expect("it listens");
        assert!(body.ends_with('}'));
        Self(stream)
    }

    async fn end(mut self) -> String {
        self.0.write_all(b"}").await.expect("it still listens");
        let mut answer = String::new();
        let read = timeout(PATIENCE, self.0.read_to_string(&mut answer)).await;
        read.expect("an end").expect("an answer");
        answer
    }
}

/// The process takes nobody any more.
async fn takes_nobody(world: &World) {
    eventually("nobody new is taken", || async {
        TcpStream::connect(address(world)).await.is_err()
    })
    .await;
}

async fn told(world: World) {
    let (world, merchant, mut process) = started(world, |_| {}).await;
    let request = UnderWay::begin(&world, &merchant).await;
    let mut live = signed_in(&world, &token(&world, &merchant, Role::Owner).await).await;
    live.ask("s", "subscription { orderCreated { cursor } }")
        .await;
    live.is_quiet().await;
    assert_eq!(
        Answer::of(get(&world, "/readyz")).await.status,
        StatusCode::OK
    );

    let began = Instant::now();
    process.terminate();
    takes_nobody(&world).await;
    live.closes(1012, "Service restart", "live").await;
    drop(live);
    let answer = request.end().await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("orderNo"),
        "{answer}"
    );
    assert_eq!(process.exit_code().await, Some(0));
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );

    let _again = Process::start(&served(&world), world.directory()).await;
    assert_eq!(
        merchant.order_count().await,
        1,
        "what was acknowledged is there"
    );
    let told = merchant.events().await;
    assert!(told.iter().any(|kind| kind == "ORDER_CREATED"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_under_way_is_answered_and_nothing_is_lost_on_sqlite() {
    told(World::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_under_way_is_answered_and_nothing_is_lost_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        told(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_end_is_cut_off_in_time() {
    let world = World::on_sqlite().await;
    let (world, merchant, mut process) = started(world, |settings| {
        settings.http.read_timeout_ms = 600_000;
        settings.http.drain_timeout_ms = 1_000;
    })
    .await;
    let _request = UnderWay::begin(&world, &merchant).await;
    assert_eq!(
        Answer::of(get(&world, "/readyz")).await.status,
        StatusCode::OK
    );
    process.terminate();
    takes_nobody(&world).await;
    assert_eq!(process.exit_code().await, Some(0));
}

/// What a new connection is told of whether the process is ready.
async fn says_ready(world: &World) -> Option<String> {
    let mut stream = TcpStream::connect(address(world)).await.ok()?;
    let request = "GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    read.expect("an end").ok()?;
    Some(answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_still_sent_is_taken_while_it_says_that_it_is_not_ready() {
    let world = World::on_sqlite().await;
    let (world, _, mut process) = started(world, |settings| {
        settings.http.drain_delay_ms = 4_000;
        settings.sockets.drain_jitter_ms = 0;
    })
    .await;
    let ready = says_ready(&world).await.expect("it listens");
    assert!(ready.starts_with("HTTP/1.1 200 "), "{ready}");
    process.terminate();
    eventually("it says that it is draining", async || {
        let said = says_ready(&world).await.unwrap_or_default();
        said.starts_with("HTTP/1.1 503 ") && said.contains("draining")
    })
    .await;
    takes_nobody(&world).await;
    assert_eq!(process.exit_code().await, Some(0));
}
