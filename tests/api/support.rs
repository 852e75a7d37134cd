//! What tests are told with: a world with a clock that is set, merchants, and clients that ask.

pub mod bank_accounts;
pub mod books;
pub mod client;
pub mod coupons;
pub mod epay_stub;
pub mod health;
pub mod homes;
pub mod instances;
pub mod merchant;
pub mod money;
pub mod payout_rows;
pub mod payouts;
pub mod postgres;
pub mod private;
pub mod process;
pub mod programs;
pub mod redis;
pub mod second_factor;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use data_encoding::BASE64;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::membership::Role;
use yigate::app::App;
use yigate::auth::NewMerchant;
use yigate::channels::providers::epay::Reach;
use yigate::clock::{Clock, Ids};
use yigate::config::{Introspection, Settings};
use yigate::graphql::gateway::Gateway;
use yigate::server;

pub use self::client::{Client, next};
pub use self::merchant::{CREATE, Merchant, Order};
pub use self::money::Refund;
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
    settings.database.row_security = true;
    settings.secrets.master_key = Some(BASE64.encode(&[7; 32]));
    settings.auth.argon2_memory_kib = 64;
    settings.auth.argon2_rounds = 1;
    settings.http.public_url = "https://pay.example".to_owned();
    settings.http.graphiql = true;
    settings.http.introspection = Introspection::Everyone;
    settings.sockets.drain_jitter_ms = 0;
    // The clock stands: nothing that was spent would come back.
    settings.throttle.enabled = false;
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
        include_str!("../../src/db/fence.rs"),
        include_str!("../../src/db/raise.rs"),
        include_str!("../../migration/src/dialect.rs"),
        include_str!("../../migration/src/m20261123_000001_identity.rs"),
        include_str!("../../migration/src/m20261123_000002_orders.rs"),
        include_str!("../../migration/src/m20261123_000003_events.rs"),
        include_str!("../../migration/src/m20261124_000004_money.rs"),
        include_str!("../../migration/src/m20261128_000006_sign_in_delays.rs"),
        include_str!("../../migration/src/m20261129_000007_channels.rs"),
        include_str!("../../migration/src/m20261129_000008_statistics.rs"),
        include_str!("../../migration/src/m20261129_000009_payouts.rs"),
        include_str!("../../migration/src/m20261129_000010_statistics_products.rs"),
        include_str!("../../migration/src/m20261129_000012_webhooks.rs"),
        include_str!("../../migration/src/m20261129_000011_exports.rs"),
        include_str!("../../migration/src/m20261129_000020_members.rs"),
        include_str!("../../migration/src/m20261129_000021_campaigns.rs"),
        include_str!("../../migration/src/m20261129_000024_loyalty.rs"),
        include_str!("../../migration/src/m20261129_000025_statistics_tiers.rs"),
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
