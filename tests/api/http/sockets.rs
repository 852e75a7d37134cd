//! The WebSocket, its protocol spoken by hand: graphql-transport-ws.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test tells a story"
)]

mod endings;
mod limits;
mod protocol;

use std::time::Duration;

use entity::membership::Role;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::token;
use crate::everywhere;
use crate::support::World;
use reqwest::header::HeaderValue;

/// Shakes hands as a program.
async fn connect(world: &World) -> Socket {
    knock(world, None).await.expect("a connection")
}

/// A connection of somebody with a token or an API key.
pub async fn signed_in(world: &World, bearer: &str) -> Socket {
    let mut socket = connect(world).await;
    let authorization = format!("Bearer {bearer}");
    socket
        .sign_in(json!({ "authorization": authorization }))
        .await;
    socket
}

/// A connection whose handshake has a name of its own, of nobody in particular.
pub async fn named(world: &World, request_id: &str) -> Socket {
    let mut request = handshake(world);
    let name = request_id.parse().unwrap();
    request.headers_mut().insert("x-request-id", name);
    let mut socket = shake(request).await.expect("a connection");
    socket.sign_in(json!({})).await;
    socket
}

/// A connection, after the handshake.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Shakes hands as a page of an origin, or as a program.
async fn knock(world: &World, origin: Option<&[u8]>) -> Result<Socket, Error> {
    knock_as(world, None, origin).await
}

/// Connects to a world by another name.
async fn knock_as(
    world: &World,
    host: Option<&'static str>,
    origin: Option<&[u8]>,
) -> Result<Socket, Error> {
    let mut request = handshake(world);
    let headers = request.headers_mut();
    if let Some(host) = host {
        headers.insert("host", HeaderValue::from_static(host));
    }
    if let Some(origin) = origin {
        headers.insert("origin", HeaderValue::from_bytes(origin).unwrap());
    }
    shake(request).await
}

fn handshake(world: &World) -> Request<()> {
    let url = world.url("/graphql/ws").replacen("http", "ws", 1);
    let mut request = url.into_client_request().expect("a request");
    request.headers_mut().insert(
        "sec-websocket-protocol",
        "graphql-transport-ws".parse().unwrap(),
    );
    request
}

async fn shake(request: Request<()>) -> Result<Socket, Error> {
    let (socket, response) = connect_async(request).await?;
    assert_eq!(
        response.headers()["sec-websocket-protocol"],
        "graphql-transport-ws"
    );
    Ok(Socket(socket))
}

impl Socket {
    /// Says a message.
    pub async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    async fn say_text(&mut self, text: &str) {
        let text = Message::text(text.to_owned());
        self.0.send(text).await.expect("the connection stands");
    }

    /// Everything that was said before is obeyed once the answer has come; nothing else comes before it.
    pub async fn is_quiet(&mut self) {
        self.say(json!({ "type": "ping" })).await;
        assert_eq!(self.hear().await, Some(json!({ "type": "pong" })));
    }

    /// The close that comes, whatever comes before it.
    pub async fn closes(&mut self, code: u16, reason: &str, case: &str) {
        let closing = self.closing().await;
        assert_eq!(closing, Some((code, reason.to_owned())), "{case}");
    }

    /// The next message of the protocol; none where the other side has closed.
    pub async fn hear(&mut self) -> Option<Value> {
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
    pub async fn closing(&mut self) -> Option<(u16, String)> {
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

    pub async fn ask(&mut self, id: &str, document: &str) {
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
async fn a_publishable_key_opens_no_socket() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let key = crate::channels::publishable::key(&merchant).await;
    let mut socket = connect(&world).await;
    let payload = json!({ "authorization": format!("Bearer {key}") });
    socket
        .say(json!({ "type": "connection_init", "payload": payload }))
        .await;
    socket
        .closes(4403, "Forbidden", "a key that everybody reads")
        .await;
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
        socket.closes(4403, "Forbidden", authorization).await;
    }
    let mut socket = connect(&world).await;
    let payload = json!({ "authorization": 1 });
    socket
        .say(json!({ "type": "connection_init", "payload": payload }))
        .await;
    socket.closes(4403, "Forbidden", "no string").await;
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
        // An `error` is the end itself.
        if told.contains("\"next\"") {
            assert_eq!(nobody.hear().await.expect("an end")["type"], "complete");
        }
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
        (Some(""), false),
        (Some("https://商户.example"), false),
        (Some("https://shop.example.evil.example"), false),
        (Some("https://shop.example:8443"), false),
        (Some("http://shop.example"), false),
        (Some("https://shop.example"), true),
        (Some(own.as_str()), true),
        (None, true),
    ] {
        match knock(&world, origin.map(str::as_bytes)).await {
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
    // A name that somebody made to lead here is not ours, though the browser calls us by it.
    let rebound = knock_as(&world, Some("evil.example"), Some(b"http://evil.example"));
    let refused = rebound.await.err();
    let is_refused = matches!(&refused, Some(Error::Http(told)) if told.status() == 403);
    assert!(is_refused, "{refused:?}");
}
