//! A merchant's server over real HTTP, which checks signatures by itself; it shares no code with ours.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde_json::Value;
use url::form_urlencoded;

/// How it answers from now on.
#[derive(Clone, Debug)]
pub enum Saying {
    /// With this status and body.
    Status(u16, String),
    /// With a redirect to itself.
    Redirect,
    /// Never.
    Hang,
    /// After so long, with 200.
    Late(Duration),
}

/// One request that it was sent.
#[derive(Clone, Debug)]
pub struct Heard {
    pub method: String,
    pub headers: BTreeMap<String, String>,
    pub query: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// How many of its signatures are made with a secret.
    pub fn signed_with(&self, secret: &str) -> usize {
        let secret = secret.strip_prefix("whsec_").expect("a secret");
        let secret = BASE64.decode(secret.as_bytes()).expect("base64");
        let signed = format!(
            "{}.{}.{}",
            self.header("webhook-id"),
            self.header("webhook-timestamp"),
            self.body
        );
        let right = format!("v1,{}", BASE64.encode(&hmac(&secret, signed.as_bytes())));
        let all = self.header("webhook-signature").split(' ');
        all.filter(|one| *one == right).count()
    }

    pub fn parameter(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// HMAC-SHA256 as RFC 2104 writes it, by hand.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let part = |pad: u8, rest: &[u8]| {
        let mut all: Vec<u8> = block.iter().map(|byte| byte ^ pad).collect();
        all.extend_from_slice(rest);
        digest(&SHA256, &all).as_ref().to_vec()
    };
    let inner = part(0x36, message);
    part(0x5c, &inner)
}

struct Inner {
    base: String,
    saying: Saying,
    heard: Vec<Heard>,
    under_way: usize,
    most_under_way: usize,
}

/// The server; it stops when the test's runtime ends.
#[derive(Clone)]
pub struct Receiver(Arc<Mutex<Inner>>);

impl Receiver {
    /// Listens on a port of its own.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let base = format!(
            "http://{}/hooks",
            listener.local_addr().expect("an address")
        );
        let receiver = Self(Arc::new(Mutex::new(Inner {
            base,
            saying: Saying::Status(200, "thanks".to_owned()),
            heard: Vec::new(),
            under_way: 0,
            most_under_way: 0,
        })));
        let router = Router::new().fallback(answer).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("a lock")
    }

    pub fn url(&self) -> String {
        self.inner().base.clone()
    }

    pub fn says(&self, saying: Saying) {
        self.inner().saying = saying;
    }

    pub fn says_status(&self, status: u16) {
        self.says(Saying::Status(status, String::new()));
    }

    /// What it was sent so far, oldest first.
    pub fn heard(&self) -> Vec<Heard> {
        self.inner().heard.clone()
    }

    /// The types of events that it was sent.
    pub fn types(&self) -> Vec<String> {
        let heard = self.heard();
        let of = |one: &Heard| one.json()["type"].as_str().expect("a type").to_owned();
        heard.iter().map(of).collect()
    }

    /// How many requests it had at the same time at the most.
    pub fn most_under_way(&self) -> usize {
        self.inner().most_under_way
    }
}

struct UnderWay(Receiver);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.inner().under_way -= 1;
    }
}

async fn answer(
    State(receiver): State<Receiver>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let heard = Heard {
        method: method.to_string(),
        headers: headers
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    value.to_str().unwrap_or_default().to_owned(),
                )
            })
            .collect(),
        query: form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        body: String::from_utf8(body.to_vec()).expect("text"),
    };
    let saying = {
        let mut inner = receiver.inner();
        inner.heard.push(heard);
        inner.under_way += 1;
        inner.most_under_way = inner.most_under_way.max(inner.under_way);
        inner.saying.clone()
    };
    let _under_way = UnderWay(receiver);
    match saying {
        Saying::Status(status, body) => {
            (StatusCode::from_u16(status).expect("a status"), body).into_response()
        }
        Saying::Redirect => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        Saying::Hang => std::future::pending().await,
        Saying::Late(time) => {
            tokio::time::sleep(time).await;
            StatusCode::OK.into_response()
        }
    }
}
