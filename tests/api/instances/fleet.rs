//! Processes that serve one merchant, and dashboards that follow its alerts.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::membership::Role;
use entity::{Instant, channel_probe, lease};
use futures_util::{SinkExt, StreamExt};
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use yigate::clock::Clock;
use yigate::config::Settings;

use crate::support::instances::browser;
use crate::support::process::{Process, free_port};
use crate::support::{Merchant, World, eventually};

const ALERTS: &str = "subscription($after: String) { channelAlert(after: $after) { cursor occurredAt type \
    incident { id } } }";

/// An alert that a dashboard was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Where to go on.
    pub cursor: String,
    /// What happened.
    pub kind: String,
    /// How long after it happened it was heard of.
    pub late: Duration,
}

/// A gateway of the fleet.
struct Ship {
    url: String,
    process: Process,
}

/// Gateways on one database and one Redis, and a merchant whose alerts are followed.
pub struct Fleet {
    world: World,
    merchant: Merchant,
    token: String,
    ships: Vec<Ship>,
    redis: String,
}

impl Fleet {
    /// So many gateways; none where there is no PostgreSQL.
    pub async fn start(count: usize, redis: &str) -> Option<Self> {
        let world = World::on_postgres().await?.served_elsewhere().await;
        let merchant = world.merchant("汇贤饭店").await;
        let minted = world
            .gateway
            .auth
            .mint(merchant.staff(Role::Owner), merchant.id)
            .await;
        let mut fleet = Self {
            token: minted.expect("a token").text,
            redis: redis.to_owned(),
            ships: Vec::new(),
            world,
            merchant,
        };
        for _ in 0..count {
            fleet.join().await;
        }
        Some(fleet)
    }

    /// One more gateway joins.
    pub async fn join(&mut self) {
        let settings = self.settings();
        let process = Process::start(&settings, &self.directory()).await;
        self.ships.push(Ship {
            url: settings.http.public_url,
            process,
        });
    }

    fn settings(&self) -> Settings {
        let mut settings = self.world.app().settings.clone();
        settings.redis.url = Some(self.redis.clone());
        settings.events.poll_interval_ms = 1_000;
        settings.health.probe_interval_ms = 1_000;
        settings.health.probe_jitter_ms = 100;
        settings.http.address = ([127, 0, 0, 1], free_port()).into();
        settings.http.public_url = format!("http://{}", settings.http.address);
        settings
    }

    fn directory(&self) -> PathBuf {
        let directory = self.world.directory().join(self.ships.len().to_string());
        std::fs::create_dir_all(&directory).expect("a directory");
        directory
    }

    /// A gateway is killed.
    pub fn kill9(&mut self, place: usize) {
        self.ships[place].process.kill9();
    }

    /// The merchant's channel.
    pub fn channel(&self) -> String {
        self.merchant.channel_id.to_string()
    }

    /// Does something at a gateway; what its payload holds.
    pub async fn does(&self, place: usize, mutation: &str, input: Value) -> Value {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let document = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code message }} }} }}"
        );
        let answer = self.ask(place, &document, json!({ "input": input })).await;
        assert_eq!(answer[mutation]["userErrors"], json!([]), "{answer:#}");
        answer[mutation].clone()
    }

    async fn ask(&self, place: usize, document: &str, variables: Value) -> Value {
        let url = format!("{}/graphql", self.ships[place].url);
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = browser().post(url).bearer_auth(&self.token);
        let request = request.header("content-type", "application/json");
        let answer = request.body(body).send().await.expect("it answers");
        let bytes = answer.bytes().await.expect("a body");
        let answer: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].clone()
    }

    /// An incident is opened, acknowledged and resolved, at a gateway.
    pub async fn round(&self, place: usize) {
        let state =
            |state: &str| json!({ "channelId": self.channel(), "state": state, "minutes": 60 });
        self.does(place, "channelHealthOverride", state("DOWN"))
            .await;
        let open = "{ incidents(first: 1) { edges { node { id } } } }";
        let open = self.ask(place, open, json!({})).await;
        let id = open["incidents"]["edges"][0]["node"]["id"].clone();
        self.does(place, "incidentAcknowledge", json!({ "incidentId": id }))
            .await;
        self.does(place, "channelHealthOverride", state("HEALTHY"))
            .await;
    }

    /// Who judges now.
    pub async fn judge(&self) -> Option<String> {
        let lease = lease::Entity::of("health.judge");
        let lease = lease.one(self.world.app().db.reads_across()).await;
        lease
            .expect("the database answers")
            .map(|lease| lease.holder)
    }

    /// When the merchant's channel was last probed, in milliseconds; 0 where it was not.
    pub async fn probes(&self) -> i64 {
        let probe = channel_probe::Entity::of(self.merchant.id);
        let probe = probe.one(self.world.app().db.reads_across()).await;
        let probed = probe
            .expect("the database answers")
            .and_then(|probe| probe.probed_at);
        probed.map_or(0, |at| at.0.timestamp_millis())
    }

    /// A gateway that is gone had just begun to ask about the merchant's channel; when that was last probed.
    pub async fn claimed_by_the_dead(&self) -> i64 {
        let app = self.world.app();
        let lasts = app.settings.health.probe_timeout_ms + 1_000;
        let until = Clock::system().now() + Duration::from_millis(lasts);
        channel_probe::Entity::update_of(self.merchant.id)
            .col_expr(channel_probe::Column::NextAt, Expr::value(Instant(until)))
            .col_expr(channel_probe::Column::LeasedBy, Expr::value("dead"))
            .exec(app.db.writer())
            .await
            .expect("a probe");
        self.probes().await
    }

    /// A dashboard that follows alerts at a gateway, from the beginning or from a cursor on.
    pub fn follow(&self, place: usize, after: Option<String>) -> Dashboard {
        let url = self.ships[place].url.replacen("http", "ws", 1) + "/graphql/ws";
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (token, after) = (self.token.clone(), after.unwrap_or_else(|| "e0".to_owned()));
        Dashboard {
            task: tokio::spawn(listen(url, token, after, Arc::clone(&heard))),
            heard,
        }
    }
}

/// Somebody who follows alerts.
pub struct Dashboard {
    heard: Arc<Mutex<Vec<Alert>>>,
    task: JoinHandle<()>,
}

impl Dashboard {
    /// What it was told of so far.
    pub fn heard(&self) -> Vec<Alert> {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The cursors of that.
    pub fn cursors(&self) -> Vec<String> {
        self.heard().into_iter().map(|alert| alert.cursor).collect()
    }

    /// Waits until it was told of so many.
    pub async fn has(&self, count: usize) {
        eventually("it is told", async || self.heard().len() >= count).await;
    }

    /// Waits until its connection is gone.
    pub async fn is_cut_off(&self) {
        eventually("it is cut off", async || self.task.is_finished()).await;
    }
}

/// Follows alerts until the connection is gone.
async fn listen(url: String, token: String, after: String, heard: Arc<Mutex<Vec<Alert>>>) {
    let mut request = url.into_client_request().expect("a request");
    let protocol = "graphql-transport-ws".parse().expect("a header");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.expect("it connects");
    let authorization = format!("Bearer {token}");
    for message in [
        json!({ "type": "connection_init", "payload": { "authorization": authorization } }),
        json!({ "type": "subscribe", "id": "1",
            "payload": { "query": ALERTS, "variables": { "after": after } } }),
    ] {
        let message = Message::text(message.to_string());
        socket.send(message).await.expect("it listens");
    }
    while let Some(Ok(message)) = socket.next().await {
        let Ok(text) = message.into_text() else {
            continue;
        };
        let Ok(message) = serde_json::from_str::<Value>(&text) else {
            continue;
        };
        match message["type"].as_str() {
            Some("connection_ack" | "ping" | "pong") => continue,
            Some("next") => {}
            _ => panic!("{message:#}"),
        }
        let told = &message["payload"]["data"]["channelAlert"];
        let text = |field: &str| told[field].as_str().expect("text").to_owned();
        let at: DateTime<Utc> = text("occurredAt").parse().expect("an instant");
        let alert = Alert {
            cursor: text("cursor"),
            kind: text("type"),
            late: (Clock::system().now() - at).to_std().unwrap_or_default(),
        };
        heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(alert);
    }
}
