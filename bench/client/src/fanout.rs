//! Subscribers who look at the clock whenever they are told of an order, or of an alert.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

const ORDERS: &str = "subscription { orderCreated { cursor occurredAt type order { id orderNo title amount { \
    amount currency } paymentState method createdAt channel { name } lines { title quantity } } } }";
const ALERTS: &str = "subscription { channelAlert { cursor occurredAt type incident { id state severity openedAt \
    channel { name method } impact { failed expectedPaid atRisk { amount } } fallback { channel { name } } } } }";
const CREATE: &str = "mutation($input: OrderCreateInput!) { orderCreate(input: $input) { order { id } userErrors { \
    code message } } }";
const OVERRIDE: &str = "mutation($input: ChannelHealthOverrideInput!) { channelHealthOverride(input: $input) { \
    channel { id } userErrors { code message } } }";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What subscribers are told of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// New orders.
    Orders,
    /// Alerts: a channel goes down, by hand, and comes back.
    Alerts,
}

/// What is asked of the gateway.
pub struct Load {
    pub what: What,
    pub url: String,
    pub subscribers: usize,
    pub per_s: u32,
    pub seconds: u32,
}

/// A merchant that sells.
struct Shop {
    token: String,
    channel: String,
}

/// What subscribers have in common.
struct Board {
    measuring: AtomicBool,
    lost: AtomicU64,
}

/// Opens the subscribers, says so, has orders made, and prints one line of JSON.
pub async fn run(load: Load) {
    let shops: Vec<Arc<Shop>> = std::io::stdin()
        .lock()
        .lines()
        .map_while(Result::ok)
        .map(shop)
        .collect();
    let board = Arc::new(Board {
        measuring: AtomicBool::new(false),
        lost: AtomicU64::new(0),
    });
    let (sender, mut receiver) = mpsc::unbounded_channel();
    // A few hundred at a time: the gateway has a queue of handshakes, not an endless one.
    for first in (0..load.subscribers).step_by(200) {
        let mut opening = JoinSet::new();
        for place in first..load.subscribers.min(first + 200) {
            let shop = Arc::clone(&shops[place % shops.len()]);
            let url = load.url.replace("http", "ws") + "/graphql/ws";
            let what = load.what;
            opening.spawn(async move { open(&url, &shop.token, what).await });
        }
        while let Some(socket) = opening.join_next().await {
            let (board, sender) = (Arc::clone(&board), sender.clone());
            tokio::spawn(listen(socket.expect("it opens"), board, sender));
        }
    }
    println!("open");
    // Until the one who measures has looked at the gateway, and the last subscription stands.
    tokio::time::sleep(Duration::from_secs(3)).await;
    // Whole pairs of each shop: what is down comes up again.
    let pairs = 2 * shops.len() as u32;
    act(&load, &shops, (2 * load.per_s).next_multiple_of(pairs)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    board.measuring.store(true, Ordering::SeqCst);
    println!("begin");
    let made = act(&load, &shops, load.seconds * load.per_s).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    println!("end");
    board.measuring.store(false, Ordering::SeqCst);
    receiver.close();
    let mut waits: Vec<f64> = Vec::new();
    while let Some(wait) = receiver.recv().await {
        waits.push(wait);
    }
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    let expected = made * load.subscribers / shops.len();
    println!(
        "{}",
        json!({ "made": made, "deliveries": waits.len(), "expected": expected, "lost": board.lost.load(Ordering::SeqCst),
            "per_s": waits.len() as f64 / f64::from(load.seconds),
            "p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99), "max_ms": at(1.0) })
    );
}

fn shop(line: String) -> Arc<Shop> {
    let (token, channel) = line.split_once(' ').expect("a token and a channel");
    Arc::new(Shop {
        token: token.to_owned(),
        channel: channel.to_owned(),
    })
}

/// Signs in and subscribes.
async fn open(url: &str, token: &str, what: What) -> Socket {
    let mut request = url.into_client_request().expect("a URL");
    let protocol = "graphql-transport-ws".parse().expect("a header");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let config = WebSocketConfig::default()
        .read_buffer_size(4_096)
        .write_buffer_size(0);
    let (mut socket, _) = connect_async_with_config(request, Some(config), true)
        .await
        .expect("it connects");
    let init = json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } });
    socket
        .send(Message::text(init.to_string()))
        .await
        .expect("it listens");
    let ack = socket.next().await.expect("an answer").expect("no fault");
    assert!(
        ack.to_text()
            .is_ok_and(|text| text.contains("connection_ack")),
        "{ack:?}"
    );
    let document = match what {
        What::Orders => ORDERS,
        What::Alerts => ALERTS,
    };
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": document } });
    socket
        .send(Message::text(subscribe.to_string()))
        .await
        .expect("it listens");
    socket
}

/// Notes how long after its instant each answer arrives.
async fn listen(mut socket: Socket, board: Arc<Board>, sender: mpsc::UnboundedSender<f64>) {
    const FIELD: &str = "\"occurredAt\":\"";
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let Some(at) = text.find(FIELD) else {
            assert!(text.contains("complete") || text.contains("ping"), "{text}");
            continue;
        };
        let now = Utc::now();
        let at = &text[at + FIELD.len()..at + FIELD.len() + 24];
        let at: DateTime<Utc> = at.parse().expect("an instant");
        if board.measuring.load(Ordering::Relaxed) {
            let _ = sender.send((now - at).num_microseconds().unwrap_or(i64::MAX) as f64 / 1_000.0);
        }
    }
    board.lost.fetch_add(1, Ordering::SeqCst);
}

/// Has one thing happen at one merchant after another, evenly; how many.
async fn act(load: &Load, shops: &[Arc<Shop>], count: u32) -> usize {
    let client = reqwest::Client::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / load.per_s);
    let mut acting = JoinSet::new();
    for place in 0..count as usize {
        ticks.tick().await;
        let shop = Arc::clone(&shops[place % shops.len()]);
        let (document, thing, input) = match load.what {
            What::Orders => (CREATE, "/data/orderCreate/order/id", order(&shop)),
            What::Alerts => {
                let down = (place / shops.len()).is_multiple_of(2);
                let input = json!({ "channelId": shop.channel, "minutes": 60,
                    "state": if down { "DOWN" } else { "HEALTHY" } });
                (OVERRIDE, "/data/channelHealthOverride/channel/id", input)
            }
        };
        let body = json!({ "query": document, "variables": { "input": input } });
        let request = client
            .post(format!("{}/graphql", load.url))
            .bearer_auth(&shop.token)
            .json(&body);
        acting.spawn(async move {
            let answer = request.send().await.expect("it answers");
            let answer: Value = answer.json().await.expect("JSON");
            assert!(
                answer.pointer(thing).is_some_and(Value::is_string),
                "{answer}"
            );
        });
    }
    while let Some(done) = acting.join_next().await {
        done.expect("it happens");
    }
    count as usize
}

fn order(shop: &Shop) -> Value {
    let no = format!(
        "F{:x}",
        Utc::now().timestamp_nanos_opt().unwrap_or_default()
    );
    json!({ "idempotencyKey": format!("key-{no}"), "merchantOrderNo": no, "channelId": shop.channel,
        "lines": [{ "title": "宫保鸡丁", "quantity": 1, "unitPrice": { "amount": "36.00", "currency": "CNY" } }] })
}
