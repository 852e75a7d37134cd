//! The WebSocket, its protocol spoken by hand: graphql-transport-ws.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test tells a story"
)]

use std::time::Duration;

use entity::membership::Role;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::token;
use crate::everywhere;
use crate::support::World;

/// A connection, after the handshake.
struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Shakes hands as a page of an origin, or as a program.
async fn knock(world: &World, origin: Option<&str>) -> Result<Socket, Error> {
    let url = world.url("/graphql/ws").replacen("http", "ws", 1);
    let mut request = url.into_client_request().expect("a request");
    let headers = request.headers_mut();
    headers.insert(
        "sec-websocket-protocol",
        "graphql-transport-ws".parse().unwrap(),
    );
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().unwrap());
    }
    let (socket, response) = connect_async(request).await?;
    assert_eq!(
        response.headers()["sec-websocket-protocol"],
        "graphql-transport-ws"
    );
    Ok(Socket(socket))
}

impl Socket {
    async fn say(&mut self, message: Value) {
        let text = Message::text(message.to_string());
        self.0.send(text).await.expect("the connection stands");
    }

    /// The next message of the protocol; none where the other side has closed.
    async fn hear(&mut self) -> Option<Value> {
        loop {
            let heard = tokio::time::timeout(Duration::from_secs(10), self.0.next()).await;
            match heard.expect("something comes within ten seconds")? {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The code and reason of the close that comes.
    async fn closing(&mut self) -> Option<(u16, String)> {
        loop {
            let heard = tokio::time::timeout(Duration::from_secs(10), self.0.next()).await;
            match heard.expect("something comes within ten seconds")? {
                Ok(Message::Close(frame)) => {
                    return frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
                }
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    async fn sign_in(&mut self, payload: Value) {
        self.say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(self.hear().await, Some(json!({ "type": "connection_ack" })));
    }

    async fn ask(&mut self, id: &str, document: &str) {
        let payload = json!({ "query": document });
        self.say(json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }
}

everywhere! {
    async fn queries_mutations_and_subscriptions_share_one_connection(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let bearer = format!("Bearer {}", token(&world, &merchant, Role::Owner).await);
        let mut socket = knock(&world, None).await.expect("a connection");
        socket.sign_in(json!({ "authorization": bearer })).await;
        socket.ask("q", "{ viewer { role } }").await;
        assert_eq!(socket.hear().await, Some(json!({ "type": "next", "id": "q",
            "payload": { "data": { "viewer": { "role": "OWNER" } } } })));
        assert_eq!(socket.hear().await, Some(json!({ "type": "complete", "id": "q" })));

        // From a cursor on, so that nothing depends on when the subscription began.
        socket.ask("s", "subscription { orderUpdated(after: \"e0\") { type order { title paid { amount } } } }").await;
        let order = merchant.paid_order("36.00").await;
        let payment = |kind: &str| json!({ "type": "next", "id": "s", "payload": { "data": { "orderUpdated": {
            "type": kind, "order": { "title": "宫保鸡丁", "paid": { "amount": "36.00" } } } } } });
        // An order is told as it is when it is told, so the first may be before the payment.
        let first = socket.hear().await.expect("an event");
        assert_eq!(first["payload"]["data"]["orderUpdated"]["type"], "ORDER_PAYMENT_REQUESTED");
        assert_eq!(socket.hear().await, Some(payment("ORDER_PAID")));

        let document = format!(
            "mutation {{ orderFulfill(input: {{ orderId: \"{}\" }}) {{ order {{ fulfillmentState }} }} }}",
            order.id
        );
        socket.ask("m", &document).await;
        let mut heard = Vec::new();
        while heard.len() < 3 {
            let message = socket.hear().await.expect("a message");
            heard.push(format!("{} {}", message["type"].as_str().unwrap(), message["id"].as_str().unwrap()));
        }
        heard.sort();
        assert_eq!(heard, ["complete m", "next m", "next s"]);

        // What is completed says nothing any more; the connection goes on.
        socket.say(json!({ "id": "s", "type": "complete" })).await;
        merchant.paid_order("1.00").await;
        socket.say(json!({ "type": "ping" })).await;
        let heard = socket.hear().await.expect("a message");
        let heard = if heard["type"] == "complete" { socket.hear().await.expect("a pong") } else { heard };
        assert_eq!(heard["type"], "pong");
    }

    async fn errors_of_a_subscription_have_codes_in_the_readers_language(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let bearer = format!("Bearer {}", token(&world, &merchant, Role::Owner).await);
        let mut socket = knock(&world, None).await.expect("a connection");
        socket.sign_in(json!({ "authorization": bearer, "acceptLanguage": "zh-CN" })).await;
        for (document, code, message) in [
            ("subscription { orderCreated(after: \"nonsense\") { cursor } }", "BAD_USER_INPUT",
                "`after`：不是有效的游标，请使用事件或查询返回的游标。"),
            ("{ order(by: { orderNo: \"1\" }) { id } }", "NOT_FOUND", "未找到。"),
            ("{ everything }", "BAD_USER_INPUT", ""),
        ] {
            socket.ask("a", document).await;
            let told = socket.hear().await.expect("an answer");
            let errors = if told["type"] == "error" { &told["payload"] } else { &told["payload"]["errors"] };
            assert_eq!(errors[0]["extensions"]["code"], code, "{told}");
            assert!(message.is_empty() || errors[0]["message"] == message, "{told}");
            if told["type"] == "next" {
                assert_eq!(socket.hear().await, Some(json!({ "type": "complete", "id": "a" })));
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_nobody_sees_nothing() {
    let world = World::on_sqlite().await.listening().await;
    for authorization in ["Bearer nonsense", "nonsense", ""] {
        let mut socket = knock(&world, None).await.expect("a connection");
        let payload = json!({ "authorization": authorization });
        socket
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        let (code, reason) = socket.closing().await.expect("a reason");
        assert_eq!(code, 1002, "{authorization}: {reason}");
        assert_eq!(reason, "Sign in, or send a valid API key.");
    }
    // Nobody may connect, to sign in; and sees nothing.
    let mut nobody = knock(&world, None).await.expect("a connection");
    nobody.sign_in(json!({})).await;
    for document in [
        "{ viewer { role } }",
        "subscription { orderCreated { cursor } }",
    ] {
        nobody.ask("n", document).await;
        let told = nobody.hear().await.expect("an answer").to_string();
        assert!(told.contains("UNAUTHENTICATED"), "{told}");
        assert_eq!(nobody.hear().await.expect("an end")["type"], "complete");
    }
}

#[tokio::test]
async fn a_page_from_elsewhere_may_not_connect() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| {
            settings.http.allowed_origins = vec!["https://shop.example".to_owned()];
        })
        .await
        .listening()
        .await;
    let own = world.app().settings.http.public_url.clone();
    for (origin, allowed) in [
        (Some("https://evil.example"), false),
        (Some("null"), false),
        (Some("https://shop.example.evil.example"), false),
        (Some("https://shop.example"), true),
        (Some(own.as_str()), true),
        (None, true),
    ] {
        match knock(&world, origin).await {
            Ok(_) => assert!(allowed, "{origin:?} may connect"),
            Err(Error::Http(response)) => {
                assert!(
                    !allowed && response.status() == 403,
                    "{origin:?}: {response:?}"
                );
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_or_out_of_turn_ends_the_connection() {
    let world = World::on_sqlite().await.listening().await;
    let mut early = knock(&world, None).await.expect("a connection");
    early.ask("a", "{ viewer { role } }").await;
    assert!(
        early.closing().await.is_some(),
        "nothing before connection_init"
    );
    let mut twice = knock(&world, None).await.expect("a connection");
    twice.sign_in(json!({})).await;
    twice.say(json!({ "type": "connection_init" })).await;
    assert_eq!(twice.closing().await.map(|(code, _)| code), Some(4429));
    let mut long = knock(&world, None).await.expect("a connection");
    long.sign_in(json!({})).await;
    long.ask(
        "a",
        &format!("{{ viewer {{ role }} }} # {}", "x".repeat(200_000)),
    )
    .await;
    assert_eq!(long.hear().await, None);
    let mut broken = knock(&world, None).await.expect("a connection");
    broken
        .0
        .send(Message::text("{"))
        .await
        .expect("the connection stands");
    assert_eq!(broken.closing().await.map(|(code, _)| code), Some(1002));
}

#[tokio::test]
async fn a_shutdown_ends_connections() {
    let world = World::on_sqlite().await.listening().await;
    let mut socket = knock(&world, None).await.expect("a connection");
    socket.sign_in(json!({})).await;
    world.app().shutdown.cancel();
    assert_eq!(socket.hear().await, None);
}
