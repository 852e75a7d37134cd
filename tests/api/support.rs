//! What tests are told with: a world with a clock that is set, merchants, and clients that ask.

pub mod epay_stub;
pub mod homes;
pub mod instances;
pub mod postgres;
pub mod private;
pub mod process;
pub mod programs;
pub mod redis;

use std::net::IpAddr;
use std::path::PathBuf;

use async_graphql::futures_util::{Stream, StreamExt};
use async_graphql::{Executor, Request, Variables};
use chrono::{DateTime, Utc};
use data_encoding::BASE64;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::membership::Role;
use entity::{ChannelId, Instant, MerchantId, OrderId, StaffId, channel};
use sea_orm::{ActiveValue, EntityTrait};
use serde_json::{Value, json};
use yigate::app::App;
use yigate::auth::NewMerchant;
use yigate::auth::model::Actor;
use yigate::channels::providers::epay::Reach;
use yigate::channels::providers::sandbox::Sandbox;
use yigate::clock::{Clock, Ids};
use yigate::config::Settings;
use yigate::graphql::RequestInfo;
use yigate::graphql::gateway::{Caller, Gateway};
use yigate::locale::Locale;
use yigate::orders::service::{Notice, notify};
use yigate::server;

use self::postgres::{Postgres, TestDatabase};

/// Where every world's clock stands at first: Monday 2026-11-23, 12:00 in Shanghai.
pub fn noon() -> DateTime<Utc> {
    "2026-11-23T04:00:00Z".parse().expect("an instant")
}

/// Declares tests that run on SQLite and on PostgreSQL.
///
/// `everywhere! { async fn a_sentence(world: World) { … } }` becomes `a_sentence::on_sqlite` and
/// `a_sentence::on_postgres`; the latter says loudly where there is no PostgreSQL.
#[macro_export]
macro_rules! everywhere {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn told($world: $crate::support::World) $body

            #[tokio::test]
            async fn on_sqlite() {
                told($crate::support::World::on_sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(world) = $crate::support::World::on_postgres().await {
                    told(world).await;
                }
            }
        }
    )*};
}

/// A gateway on a fresh database, with a clock that is set.
pub struct World {
    /// What answers.
    pub gateway: Gateway,
    /// The time; it moves only when it is told to.
    pub clock: Clock,
    _database: Option<TestDatabase>,
    _directory: Directory,
}

/// A temporary directory that goes with its test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!("yigate-test-{:032x}", rand::random::<u128>());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Settings for tests: nothing slow, nothing shared.
pub fn settings(url: &str) -> Settings {
    let mut settings = Settings::default();
    settings.database.url = url.to_owned();
    settings.database.max_connections = 8;
    settings.secrets.master_key = Some(BASE64.encode(&[7; 32]));
    settings.auth.argon2_memory_kib = 64;
    settings.auth.argon2_rounds = 1;
    settings.http.public_url = "https://pay.example".to_owned();
    settings
}

impl World {
    /// On a SQLite file of its own.
    pub async fn on_sqlite() -> Self {
        let directory = Directory::new();
        let url = format!("sqlite:{}", directory.0.join("test.db").display());
        let world = Self::with(settings(&url), None, directory).await;
        world.app().db.migrate().await.expect("migrations apply");
        world
    }

    /// On a PostgreSQL database of its own; none where there is no PostgreSQL.
    pub async fn on_postgres() -> Option<Self> {
        let database = postgres_database().await?;
        let settings = settings(&database.url);
        Some(Self::with(settings, Some(database), Directory::new()).await)
    }

    async fn with(
        settings: Settings,
        database: Option<TestDatabase>,
        directory: Directory,
    ) -> Self {
        let clock = Clock::set_at(noon());
        let gateway = start(settings, clock.clone()).await;
        Self {
            gateway,
            clock,
            _database: database,
            _directory: directory,
        }
    }

    pub fn app(&self) -> &App {
        &self.gateway.app
    }

    /// A merchant in Shanghai with a sandbox channel and a member of staff of each role.
    pub async fn merchant(&self, name: &str) -> Merchant {
        let auth = &self.gateway.auth;
        let row = auth
            .merchant_create(NewMerchant::named(name))
            .await
            .expect("a merchant");
        let mut staff = Vec::new();
        for role in [
            Role::Owner,
            Role::Finance,
            Role::Support,
            Role::Marketing,
            Role::Viewer,
        ] {
            let email = format!("{role:?}.{}@shop.example", row.id).to_lowercase();
            let person = auth
                .staff_create(&email, &format!("{role:?}"), "correct horse battery")
                .await
                .expect("an account");
            auth.membership_create(row.id, person.id, role)
                .await
                .expect("a membership");
            staff.push((role, person.id));
        }
        let merchant = Merchant {
            gateway: self.gateway.clone(),
            clock: self.clock.clone(),
            id: row.id,
            staff,
            channel_id: self.gateway.app.ids.next(),
        };
        merchant
            .insert_channel(
                merchant.channel_id,
                ChannelKind::Sandbox,
                PaymentMethod::WechatPay,
                None,
            )
            .await;
        merchant
    }
}

/// Waits, at most ten seconds of real time, until something in the background has happened.
pub async fn eventually<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    for _ in 0..1_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never happened: {what}");
}

/// A migrated PostgreSQL database, copied from a template; none where there is no PostgreSQL.
pub async fn postgres_database() -> Option<TestDatabase> {
    let server = Postgres::maybe_start()?;
    Some(server.database(&migration_key(), migrate).await)
}

/// Applies the migrations to an empty database.
async fn migrate(url: String) {
    let database = settings(&url).database;
    let db = yigate::db::Db::connect(&database)
        .await
        .expect("a connection");
    db.migrate().await.expect("migrations apply");
    db.writer()
        .clone()
        .close()
        .await
        .expect("connections close");
}

/// Changes with the migrations, so that no stale template is used.
fn migration_key() -> String {
    use sea_orm_migration::MigratorTrait;
    let names: Vec<String> = migration::Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    // Until the first release a migration may still be edited: its text counts, too.
    let texts = [
        include_str!("../../migration/src/dialect.rs"),
        include_str!("../../migration/src/m20261123_000001_identity.rs"),
        include_str!("../../migration/src/m20261123_000002_orders.rs"),
        include_str!("../../migration/src/m20261123_000003_events.rs"),
    ];
    format!("{names:?} {texts:?}")
}

/// A gateway with these settings, as one more instance.
pub async fn start(settings: Settings, clock: Clock) -> Gateway {
    let ids = Ids::new(clock.clone(), None);
    let app = App::start(settings, clock, ids)
        .await
        .expect("the app starts");
    if app.settings.database.url.starts_with("sqlite:") {
        app.db.migrate().await.expect("migrations apply");
    }
    server::gateway(&app, Reach::Anywhere)
        .await
        .expect("the gateway starts")
}

/// A merchant of a test.
#[derive(Clone)]
pub struct Merchant {
    gateway: Gateway,
    clock: Clock,
    /// Its id.
    pub id: MerchantId,
    staff: Vec<(Role, StaffId)>,
    /// Its sandbox channel.
    pub channel_id: ChannelId,
}

impl Merchant {
    /// A client signed in with a role.
    pub async fn client(&self, role: Role) -> Client {
        let (_, staff_id) = self
            .staff
            .iter()
            .find(|(known, _)| *known == role)
            .expect("each role has a member");
        let minted = self.gateway.auth.mint(*staff_id, self.id).await;
        let token = minted.expect("a token").text;
        Client::bearer(self.gateway.clone(), &token).await
    }

    /// A client signed in as the owner.
    pub async fn owner(&self) -> Client {
        self.client(Role::Owner).await
    }

    /// A member of staff's id.
    pub fn staff(&self, role: Role) -> StaffId {
        let found = self.staff.iter().find(|(known, _)| *known == role);
        found.expect("each role has a member").1
    }

    /// The shop's server, which makes orders.
    pub fn shop(&self) -> Client {
        Client::acting(self.gateway.clone(), Some(Actor::system(self.id)))
    }

    /// One more channel, with sealed credentials where it has any.
    pub async fn channel(
        &self,
        kind: ChannelKind,
        method: PaymentMethod,
        credentials: Option<Value>,
    ) -> ChannelId {
        let id = self.gateway.app.ids.next();
        self.insert_channel(id, kind, method, credentials).await;
        id
    }

    async fn insert_channel(
        &self,
        id: ChannelId,
        kind: ChannelKind,
        method: PaymentMethod,
        credentials: Option<Value>,
    ) {
        let app = &self.gateway.app;
        let sealed = credentials.map(|credentials| {
            let binding = yigate::channels::providers::binding(self.id, id);
            let plain = credentials.to_string();
            app.key.seal(plain.as_bytes(), &binding).expect("sealed")
        });
        let now: Instant = app.clock.instant();
        channel::Entity::insert(channel::ActiveModel {
            merchant_id: ActiveValue::Set(self.id),
            id: ActiveValue::Set(id),
            kind: ActiveValue::Set(kind),
            method: ActiveValue::Set(method),
            name: ActiveValue::Set(format!("{method:?}")),
            display_order: ActiveValue::Set(1),
            enabled: ActiveValue::Set(true),
            min_minor: ActiveValue::Set(None),
            max_minor: ActiveValue::Set(None),
            sealed_credentials: ActiveValue::Set(sealed),
            created_at: ActiveValue::Set(now),
            updated_at: ActiveValue::Set(now),
        })
        .exec_without_returning(app.db.writer())
        .await
        .expect("a channel");
    }

    /// The sandbox of its channel.
    pub fn sandbox(&self) -> Sandbox {
        let providers = &self.gateway.providers;
        providers.sandbox(&self.gateway.app, self.id, self.channel_id)
    }

    /// An order of one line, unpaid, made through `orderCreate`; what `input` names wins over defaults.
    pub async fn order_with(&self, amount: &str, input: Value) -> Order {
        let mut all = self.order_input(amount);
        merge(&mut all, input);
        let answer = self.shop().data(CREATE, json!({ "input": all })).await;
        let payload = &answer["orderCreate"];
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        Order {
            merchant: self.clone(),
            id: payload["order"]["id"]
                .as_str()
                .expect("an id")
                .parse()
                .expect("an id"),
            order_no: payload["order"]["orderNo"]
                .as_str()
                .expect("a number")
                .to_owned(),
        }
    }

    /// The input of an order of one line, with numbers of its own.
    pub fn order_input(&self, amount: &str) -> Value {
        let no: u64 = rand::random();
        json!({
            "idempotencyKey": format!("key-{no:016x}"),
            "merchantOrderNo": format!("S{no:016x}"),
            "channelId": self.channel_id.to_string(),
            "lines": [{
                "title": "宫保鸡丁",
                "category": "热菜",
                "quantity": 1,
                "unitPrice": { "amount": amount, "currency": "CNY" },
            }],
        })
    }

    /// An unpaid order.
    pub async fn order(&self, amount: &str) -> Order {
        self.order_with(amount, json!({})).await
    }

    /// A paid order.
    pub async fn paid_order(&self, amount: &str) -> Order {
        let order = self.order(amount).await;
        order.pay().await;
        order
    }
}

/// Makes an order.
pub const CREATE: &str = "mutation($input: OrderCreateInput!) { orderCreate(input: $input) { \
    order { id orderNo merchantOrderNo paymentState paymentCode { kind content } } \
    userErrors { code field message } } }";

/// An order of a test.
#[derive(Clone)]
pub struct Order {
    merchant: Merchant,
    /// Its id.
    pub id: OrderId,
    /// Our number.
    pub order_no: String,
}

impl Order {
    /// The payer pays, and the platform's notification arrives.
    pub async fn pay(&self) {
        let now = self.merchant.clock.now();
        let callback = self
            .merchant
            .sandbox()
            .pay(&self.order_no, now)
            .expect("known there");
        assert_eq!(self.notified(&callback).await, Notice::Accepted);
    }

    /// A notification of the sandbox arrives.
    pub async fn notified(&self, callback: &yigate::channels::provider::Callback) -> Notice {
        let gateway = &self.merchant.gateway;
        let (merchant_id, channel_id) = (self.merchant.id, self.merchant.channel_id);
        notify(
            &gateway.app,
            &gateway.providers,
            merchant_id,
            channel_id,
            callback,
        )
        .await
        .expect("the database answers")
    }

    /// What the owner sees of it.
    pub async fn read(&self, fields: &str) -> Value {
        let document = format!("query($id: ID!) {{ order(by: {{ id: $id }}) {{ {fields} }} }}");
        let owner = self.merchant.owner().await;
        let answer = owner
            .data(&document, json!({ "id": self.id.to_string() }))
            .await;
        answer["order"].clone()
    }
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Client {
    gateway: Gateway,
    actor: Option<Actor>,
    locale: Locale,
}

impl Client {
    /// Nobody: not signed in.
    pub fn anonymous(gateway: Gateway) -> Self {
        Self::acting(gateway, None)
    }

    /// Whoever a token or API key belongs to.
    pub async fn bearer(gateway: Gateway, token: &str) -> Self {
        let ip = IpAddr::from([127, 0, 0, 1]);
        let actor = gateway
            .auth
            .authenticate(token, Some(ip))
            .await
            .expect("a valid token");
        Self::acting(gateway, Some(actor))
    }

    /// An actor as such.
    pub fn acting(gateway: Gateway, actor: Option<Actor>) -> Self {
        Self {
            gateway,
            actor,
            locale: Locale::En,
        }
    }

    /// The same, reading Chinese.
    pub fn in_chinese(mut self) -> Self {
        self.locale = Locale::ZhCn;
        self
    }

    fn caller(&self) -> Caller {
        Caller {
            actor: self.actor.clone(),
            info: RequestInfo {
                id: "req_test".to_owned(),
                locale: self.locale,
                ip: Some(IpAddr::from([127, 0, 0, 1])),
            },
        }
    }

    /// The whole answer: `data` and `errors`.
    pub async fn ask(&self, document: &str, variables: Value) -> Value {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let answer = self.gateway.answer(request, self.caller()).await;
        serde_json::to_value(&answer).expect("JSON")
    }

    /// The data of an answer without errors.
    pub async fn data(&self, document: &str, variables: Value) -> Value {
        let mut answer = self.ask(document, variables).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// The first error of an answer: its code, and its message.
    pub async fn error(&self, document: &str, variables: Value) -> (String, String) {
        let answer = self.ask(document, variables).await;
        let error = &answer["errors"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&error["extensions"]["code"]), text(&error["message"]))
    }

    /// The answers of a subscription, as they come.
    pub fn subscribe(
        &self,
        document: &str,
        variables: Value,
    ) -> impl Stream<Item = Value> + Unpin + use<> {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let session = self.gateway.session(self.caller());
        let answers = self
            .gateway
            .execute_stream(request, Some(std::sync::Arc::new(session)));
        answers
            .map(|answer| serde_json::to_value(&answer).expect("JSON"))
            .boxed()
    }
}

/// The next item of a stream, at most five seconds of real time away.
pub async fn next<S: Stream<Item = Value> + Unpin>(stream: &mut S) -> Value {
    tokio::time::timeout(std::time::Duration::from_secs(5), stream.next())
        .await
        .expect("something comes within five seconds")
        .expect("the stream goes on")
}

fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}
