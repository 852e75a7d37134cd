//! Worlds with other settings, more instances on one database, and instances that listen.

use std::path::Path;
use std::time::Duration;

use entity::merchant::{LatePaymentPolicy, MerchantStatus};
use entity::{ChannelId, OrderId, event, merchant, product};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use yigate::app::App;
use yigate::clock::Clock;
use yigate::config::Settings;
use yigate::graphql::gateway::Gateway;
use yigate::http;

use super::postgres::PrivatePostgres;
use super::process::free_port;
use super::{
    Directory, Merchant, Order, World, eventually, migrate, migration_key, settings, start,
};

impl World {
    /// The same world, its gateway started again with other settings.
    pub async fn with_settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.app().settings.clone();
        change(&mut settings);
        self.app().stop().await;
        self.gateway = start(settings, self.clock.clone()).await;
        self
    }

    /// The same world, reached over HTTP at its `public_url`.
    pub async fn listening(self) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let public_url = format!("http://{address}");
        let world = self
            .with_settings(|settings| settings.http.public_url = public_url)
            .await;
        tokio::spawn(http::serve(listener, world.gateway.clone()));
        world
    }

    /// The same world, prepared for a process of its own that serves its database at its `public_url`.
    /// What tests ask the world itself, another instance answers, which numbers nobody's events but its
    /// own; both go by the machine's clock.
    pub async fn served_elsewhere(mut self) -> Self {
        self.clock = Clock::system();
        self.with_settings(|settings| {
            settings.http.address = ([127, 0, 0, 1], free_port()).into();
            settings.http.public_url = format!("http://{}", settings.http.address);
            settings.log.filter = "warn".to_owned();
            settings.events.poll_interval_ms = 60_000;
        })
        .await
    }

    /// On a database of a server that can crash.
    pub async fn on_private_postgres(server: &PrivatePostgres) -> Self {
        let database = server.database(&migration_key(), migrate).await;
        let settings = settings(&database.url);
        Self::with(settings, Some(database), Directory::new()).await
    }

    /// Where its files are.
    pub fn directory(&self) -> &Path {
        &self._directory.0
    }

    /// One more instance on the same database.
    pub async fn another_instance(&self) -> Gateway {
        start(self.app().settings.clone(), self.clock.clone()).await
    }

    /// Where a path of a listening world is.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.app().settings.http.public_url)
    }
}

impl Merchant {
    /// The same merchant, as another instance sees it.
    pub fn on(&self, instance: &Gateway) -> Self {
        Self {
            gateway: instance.clone(),
            ..self.clone()
        }
    }

    /// The same merchant, whose orders go through another of its channels.
    pub fn through(&self, channel_id: ChannelId) -> Self {
        Self {
            channel_id,
            ..self.clone()
        }
    }

    /// What the merchant's requests share.
    pub fn app(&self) -> &App {
        &self.gateway.app
    }

    /// What answers the merchant's requests.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The platform changes whether the merchant may act.
    pub async fn becomes(&self, status: MerchantStatus) {
        self.update(merchant::Column::Status, Expr::value(status))
            .await;
    }

    /// The merchant decides what becomes of late payments.
    pub async fn decides_late_payments(&self, policy: LatePaymentPolicy) {
        self.update(merchant::Column::LatePaymentPolicy, Expr::value(policy))
            .await;
    }

    /// The merchant changes one of its settings.
    pub async fn changes(&self, column: merchant::Column, value: Expr) {
        self.update(column, value).await;
        self.app().merchants.invalidate(&self.id);
    }

    async fn update(&self, column: merchant::Column, value: Expr) {
        merchant::Entity::update_many()
            .filter(merchant::Column::Id.eq(self.id))
            .col_expr(column, value)
            .exec(self.gateway.app.db.writer())
            .await
            .expect("the database answers");
    }

    /// What the shop is told when it asks for an order.
    pub async fn asked_for(&self, input: Value) -> Value {
        let answer = self
            .shop()
            .data(super::CREATE, json!({ "input": input }))
            .await;
        answer["orderCreate"].clone()
    }

    /// An order that an answer of `orderCreate` holds.
    pub fn order_of(&self, payload: &Value) -> Order {
        let text = |field: &str| {
            let text = payload["order"][field].as_str();
            text.unwrap_or_else(|| panic!("no {field}: {payload}"))
                .to_owned()
        };
        Order {
            merchant: self.clone(),
            id: text("id").parse::<OrderId>().expect("an id"),
            order_no: text("orderNo"),
        }
    }

    /// A secret of an API key of its shop.
    pub async fn api_key(&self) -> String {
        let document = "mutation { apiKeyCreate(input: { name: \"shop\", \
            scopes: [ORDERS_CREATE, ORDERS_READ] }) { secret userErrors { code } } }";
        let answer = self.owner().await.data(document, json!({})).await;
        let secret = answer["apiKeyCreate"]["secret"].as_str();
        secret
            .unwrap_or_else(|| panic!("no key: {answer}"))
            .to_owned()
    }

    /// How many orders it has.
    pub async fn order_count(&self) -> i64 {
        let answer = self
            .owner()
            .await
            .data("{ orders { totalCount } }", json!({}))
            .await;
        answer["orders"]["totalCount"].as_i64().expect("a number")
    }

    /// Waits until it has so many orders at least.
    pub async fn eventually_has_orders(&self, count: i64) {
        eventually("there are enough orders", || async {
            self.order_count().await >= count
        })
        .await;
    }

    /// The titles that it has sold, sorted.
    pub async fn products(&self) -> Vec<String> {
        let rows = product::Entity::of(self.id)
            .all(self.app().db.reads_across())
            .await;
        let rows = rows.expect("the database answers").into_iter();
        let mut titles: Vec<_> = rows.map(|product| product.title).collect();
        titles.sort();
        titles
    }

    /// What waits for a person, newest first: kind, provider's number, expected and received amount.
    pub async fn reconciliation_items(&self) -> Vec<[String; 4]> {
        let document = "{ reconciliationItems(filter: { open: true }, first: 100) { edges { node { kind \
            providerTradeNo expected { amount } received { amount } } } } }";
        let answer = self.owner().await.data(document, json!({})).await;
        let edges = answer["reconciliationItems"]["edges"].as_array();
        edges
            .expect("edges")
            .iter()
            .map(|edge| {
                let node = &edge["node"];
                [
                    &node["kind"],
                    &node["providerTradeNo"],
                    &node["expected"]["amount"],
                    &node["received"]["amount"],
                ]
                .map(|value| value.as_str().unwrap_or_default().to_owned())
            })
            .collect()
    }

    /// Waits until every event of the merchant has its number.
    pub async fn numbered(&self) {
        let without = event::Entity::of(self.id).filter(event::Column::Seq.is_null());
        eventually("every event has its number", || async {
            let left = without.clone().count(self.app().db.reads_across()).await;
            left.expect("the database answers") == 0
        })
        .await;
    }

    /// The types of the merchant's events so far, in order; their cursors count without gaps.
    pub async fn events(&self) -> Vec<String> {
        self.numbered().await;
        let head = self.gateway.app.events.head(self.id).await;
        let head = head.expect("the database answers").0;
        let mut stream = self.owner().await.subscribe(
            "subscription { events(after: \"e0\") { cursor type } }",
            json!({}),
        );
        let mut types = Vec::new();
        for seq in 1..=head {
            let answer = super::next(&mut stream).await;
            let event = &answer["data"]["events"];
            assert_eq!(event["cursor"], format!("e{seq:x}"), "{answer}");
            types.push(event["type"].as_str().expect("a type").to_owned());
        }
        types
    }
}

impl Order {
    /// Whose it is.
    pub fn merchant(&self) -> &Merchant {
        &self.merchant
    }

    /// What happened to it, oldest first.
    pub async fn timeline(&self) -> Vec<String> {
        let seen = self.read("timeline { kind }").await;
        let entries = seen["timeline"].as_array().expect("entries").iter();
        entries
            .map(|entry| entry["kind"].as_str().expect("a kind").to_owned())
            .collect()
    }

    /// Its payment state.
    pub async fn payment_state(&self) -> String {
        let seen = self.read("paymentState").await;
        seen["paymentState"].as_str().expect("a state").to_owned()
    }

    /// The same order, as its merchant on another instance sees it.
    pub fn by(&self, merchant: &Merchant) -> Self {
        Self {
            merchant: merchant.clone(),
            ..self.clone()
        }
    }
}

/// A client of HTTP that waits at most ten seconds.
pub fn browser() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
        .expect("a client")
}
