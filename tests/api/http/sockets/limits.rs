//! What a connection may take: time, bytes, operations, seats, messages; slow and silent peers.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use yigate::config::Settings;

use super::{Role, Socket, connect, signed_in, token};
use crate::support::{World, eventually};

/// A world that listens, with other settings.
async fn world(change: impl FnOnce(&mut Settings)) -> World {
    let world = World::on_sqlite().await;
    world.with_settings(change).await.listening().await
}

/// A ping of so many bytes.
fn ping_of(bytes: usize) -> String {
    let empty = json!({ "type": "ping", "payload": { "x": "" } }).to_string();
    let filling = "x".repeat(bytes - empty.len());
    json!({ "type": "ping", "payload": { "x": filling } }).to_string()
}

/// Whether somebody gets a seat. It is theirs while the connection is held.
async fn seat(world: &World, bearer: Option<&str>) -> Result<Socket, (u16, String)> {
    let mut socket = connect(world).await;
    let payload = bearer.map(|bearer| json!({ "authorization": format!("Bearer {bearer}") }));
    socket
        .say(json!({ "type": "connection_init", "payload": payload }))
        .await;
    match socket.0.next().await {
        Some(Ok(Message::Text(text))) if text.contains("connection_ack") => Ok(socket),
        Some(Ok(Message::Close(Some(frame)))) => Err((frame.code.into(), frame.reason.to_string())),
        other => panic!("{other:?}"),
    }
}

async fn sockets_are_gone(world: &World) {
    eventually("no connection stands", || async {
        world.app().metrics.sockets.get() == 0
    })
    .await;
}

#[tokio::test]
async fn who_does_not_sign_in_in_time_is_sent_away() {
    let world = world(|settings| settings.sockets.init_timeout_ms = 2_000).await;
    let mut late = connect(&world).await;
    // A ping buys no time.
    late.is_quiet().await;
    let mut in_time = connect(&world).await;
    in_time.sign_in(json!({})).await;
    late.closes(4408, "Connection initialisation timeout", "late")
        .await;
    in_time.is_quiet().await;
}

#[tokio::test]
async fn a_message_may_be_as_long_as_the_limit_and_no_longer() {
    let world = world(|settings| settings.sockets.max_message_bytes = 2_000).await;
    let mut socket = connect(&world).await;
    socket.say_text(&ping_of(2_000)).await;
    assert_eq!(socket.hear().await.expect("an answer")["type"], "pong");
    socket.say_text(&ping_of(2_001)).await;
    socket.closes(1009, "Message too big", "2,001 bytes").await;
    // Nor in pieces, nor larger than anybody wants to read.
    let mut huge = connect(&world).await;
    huge.say_text(&ping_of(60_000)).await;
    huge.closes(1009, "Message too big", "60,000 bytes").await;
}

#[tokio::test]
async fn so_many_operations_run_on_one_connection_and_no_more() {
    let world = world(|settings| settings.sockets.max_operations = 2).await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut socket = signed_in(&world, &token(&world, &merchant, Role::Owner).await).await;
    let document = "subscription { orderCreated { cursor } }";
    for id in ["1", "2"] {
        socket.ask(id, document).await;
    }
    socket.is_quiet().await;
    socket.ask("3", document).await;
    let refused = socket.hear().await.expect("an answer");
    assert_eq!(
        (&refused["type"], &refused["id"]),
        (&json!("error"), &json!("3"))
    );
    assert_eq!(
        refused["payload"][0]["extensions"]["code"],
        "LIMIT_EXCEEDED"
    );
    socket.say(json!({ "type": "complete", "id": "1" })).await;
    socket.ask("3", document).await;
    socket.is_quiet().await;
}

#[tokio::test]
async fn users_and_merchants_have_so_many_connections_and_no_more() {
    let world = world(|settings| {
        settings.sockets.max_per_user = 2;
        settings.sockets.max_per_merchant = 4;
    })
    .await;
    let merchant = world.merchant("汇贤饭店").await;
    let full = Err((1013, "Too many connections".to_owned()));
    let owner = token(&world, &merchant, Role::Owner).await;
    let key = merchant.api_key().await;
    let mut held = Vec::new();
    for bearer in [&owner, &key] {
        for _ in 0..2 {
            held.push(seat(&world, Some(bearer)).await.expect("a seat"));
        }
        let refused = seat(&world, Some(bearer)).await;
        assert_eq!(refused.map(drop), full, "a third of one user");
    }
    let viewer = token(&world, &merchant, Role::Viewer).await;
    let refused = seat(&world, Some(&viewer)).await;
    assert_eq!(refused.map(drop), full, "a fifth of one merchant");
    let other = world.merchant("云裳时装").await;
    let other = token(&world, &other, Role::Owner).await;
    let _other = seat(&world, Some(&other))
        .await
        .expect("a seat of another merchant");
    held.pop();
    eventually("a seat is free", || async {
        seat(&world, Some(&viewer)).await.is_ok()
    })
    .await;
    // Who has not signed in is told apart by address.
    let _nobody = [
        seat(&world, None).await.unwrap(),
        seat(&world, None).await.unwrap(),
    ];
    assert_eq!(
        seat(&world, None).await.map(drop),
        full,
        "a third of one address"
    );
}

#[tokio::test]
async fn so_many_messages_come_in_a_second_and_no_more() {
    let world = world(|settings| settings.sockets.max_messages_per_s = 5).await;
    let mut socket = connect(&world).await;
    for _ in 0..5 {
        socket.is_quiet().await;
    }
    world.clock.advance(TimeDelta::seconds(1));
    for _ in 0..5 {
        socket.is_quiet().await;
    }
    socket.say(json!({ "type": "ping" })).await;
    socket.closes(1008, "Too many messages", "the sixth").await;
    // Pings of WebSocket itself count, too.
    let mut pinging = connect(&world).await;
    for _ in 0..6 {
        let ping = Message::Ping(Vec::new().into());
        let _ = futures_util::SinkExt::send(&mut pinging.0, ping).await;
    }
    pinging.closes(1008, "Too many messages", "pings").await;
}

/// Asks for far more than lies between the two sides, and reads nothing.
async fn asks_without_reading(world: &World, bearer: &str) -> Socket {
    let mut socket = signed_in(world, bearer).await;
    let introspection = include_str!("../../documents/introspection.graphql");
    for id in 0..45 {
        socket.ask(&id.to_string(), introspection).await;
    }
    socket
}

#[tokio::test]
async fn who_reads_too_slowly_is_sent_away() {
    let world = world(|settings| {
        settings.sockets.write_timeout_ms = 2_000;
        settings.sockets.max_per_user = 1;
    })
    .await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = token(&world, &merchant, Role::Owner).await;
    let mut slow = asks_without_reading(&world, &owner).await;
    // Its seat is free before the goodbye, which it may still read.
    eventually("the slow one's seat is free", || async {
        seat(&world, Some(&owner)).await.is_ok()
    })
    .await;
    slow.closes(1013, "Slow consumer", "slow").await;
}

#[tokio::test]
async fn who_never_reads_is_dropped() {
    let world = world(|settings| settings.sockets.write_timeout_ms = 200).await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = token(&world, &merchant, Role::Owner).await;
    let _deaf = asks_without_reading(&world, &owner).await;
    sockets_are_gone(&world).await;
}

#[tokio::test]
async fn who_answers_no_ping_is_gone_and_who_answers_stays() {
    let world = world(|settings| settings.sockets.ping_interval_ms = 50).await;
    let mut dead = connect(&world).await;
    dead.sign_in(json!({})).await;
    // Its library answers pings when it reads: it does not.
    sockets_are_gone(&world).await;
    assert_eq!(
        dead.closing().await,
        None,
        "nobody says goodbye to the dead"
    );
    let mut alive = connect(&world).await;
    alive.sign_in(json!({})).await;
    let mut pings = 0;
    while pings < 6 {
        let heard = tokio::time::timeout(Duration::from_secs(10), alive.0.next()).await;
        if matches!(heard, Ok(Some(Ok(Message::Ping(_))))) {
            pings += 1;
        } else {
            panic!("no ping but {heard:?}");
        }
    }
    alive.ask("a", "{ __typename }").await;
    assert_eq!(
        alive.hear().await.map(|told| told["type"].clone()),
        Some(Value::from("next"))
    );
}
