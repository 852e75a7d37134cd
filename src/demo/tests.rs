//! The bulk loader and the demo on both databases: whole, or as if nothing had happened.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use chrono::{DateTime, TimeDelta, Utc};
use entity::ledger_entry::LedgerAccount;
use entity::{MerchantId, StaffId, membership, order, staff};
use sea_orm::{ConnectionTrait, PaginatorTrait, Statement};

use super::bulk::{self, Load};
use super::history::History;
use super::shop::HUIXIAN;
use super::store::{Crew, Store};
use super::*;
use crate::clock::{Clock, Ids};
use crate::config::Settings;

fn now() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

/// An app on an own SQLite file, removed afterwards.
struct Home {
    app: App,
    folder: PathBuf,
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn app_on(url: String) -> App {
    let mut settings = Settings::default();
    settings.database.url = url;
    settings.secrets.master_key = Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned());
    settings.auth.argon2_memory_kib = 64;
    let clock = Clock::set_at(now());
    let ids = Ids::new(clock.clone(), Some(1));
    let app = App::start(settings, clock, ids).await.ok().unwrap();
    app.db.migrate().await.unwrap();
    app
}

async fn sqlite() -> Home {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("yigate-demo-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let app = app_on(format!("sqlite:{}", folder.join("test.db").display())).await;
    Home { app, folder }
}

async fn texts(app: &App, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(app.db.backend(), sql);
    let rows = app.db.writer().query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Every index, constraint and trigger, by what makes it.
async fn definitions(app: &App) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' \
        ORDER BY 1";
    texts(app, sql).await
}

async fn count(app: &App, sql: &str) -> i64 {
    let sql = format!("SELECT CAST(({sql}) AS BIGINT) AS number");
    let statement = Statement::from_string(app.db.backend(), sql);
    let row = app
        .db
        .writer()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap();
    row.try_get("", "number").unwrap()
}

async fn loads_into_empty_tables_and_into_full_ones(app: &App) {
    let made = definitions(app).await;
    let first = seed(app, 2_000, 3, 1, now()).await.ok().unwrap();
    assert_eq!(first.orders, 2_000);
    assert_eq!(definitions(app).await, made);
    let second = seed(app, 1_000, 2, 1, now()).await.ok().unwrap();
    assert_eq!(definitions(app).await, made);

    let sums = "SELECT count(*) FROM orders AS o WHERE amount_minor <> (\
        SELECT sum(quantity * unit_price_minor) FROM order_lines AS l \
        WHERE l.merchant_id = o.merchant_id AND l.order_id = o.id)";
    assert_eq!(count(app, "SELECT count(*) FROM orders").await, 3_000);
    assert_eq!(count(app, sums).await, 0);
    assert_eq!(count(app, "SELECT count(*) FROM merchants").await, 5);
    for merchant in first.merchants.iter().chain(&second.merchants) {
        let orders = order::Entity::of(merchant.id)
            .count(app.db.reads_across())
            .await
            .unwrap();
        assert_eq!(orders, merchant.orders);
        let login = staff::Entity::of_email(&merchant.email)
            .one(app.db.reads_across())
            .await
            .unwrap();
        assert!(login.is_some());
    }
    // What was loaded reads back as rows of the entities.
    let biggest = order::Entity::of(first.merchants[0].id)
        .all(app.db.reads_across())
        .await
        .unwrap();
    assert!(biggest.iter().any(|order| order.discount_minor > 0));
}

#[tokio::test]
async fn a_seed_on_sqlite_is_whole() {
    let home = sqlite().await;
    loads_into_empty_tables_and_into_full_ones(&home.app).await;
    let broken = "SELECT count(*) FROM pragma_foreign_key_check";
    assert_eq!(count(&home.app, broken).await, 0);
    assert_eq!(
        count(&home.app, "SELECT synchronous FROM pragma_synchronous").await,
        2
    );
}

/// Two histories of the same store: their orders meet.
async fn a_load_that_fails_leaves_everything_as_it_was(app: &App) {
    let made = definitions(app).await;
    let from = now() - TimeDelta::days(10);
    let id = MerchantId(1);
    let crew = Crew::alone(StaffId(1));
    let store = Store::open(&HUIXIAN, id, "x".to_owned(), from, now(), crew, Vec::new());
    let store = Arc::new(store);
    let calendar = &app.calendar;
    let history = || History::new(Arc::clone(&store), calendar, from, now(), 500, 1, 0);
    let load = Load {
        stores: vec![Arc::clone(&store)],
        histories: vec![history(), history()],
        ..Load::default()
    };
    assert!(bulk::load(&app.db, load, false).await.is_err());
    assert_eq!(definitions(app).await, made);
    assert_eq!(count(app, "SELECT count(*) FROM orders").await, 0);
    assert_eq!(count(app, "SELECT count(*) FROM merchants").await, 0);
}

#[tokio::test]
async fn a_load_that_fails_on_sqlite_leaves_everything_as_it_was() {
    let home = sqlite().await;
    a_load_that_fails_leaves_everything_as_it_was(&home.app).await;
    assert_eq!(
        count(&home.app, "SELECT synchronous FROM pragma_synchronous").await,
        2
    );
}

#[tokio::test]
async fn the_demo_opens_for_its_people() {
    let home = sqlite().await;
    let app = &home.app;
    assert!(maybe_find(app).await.ok().unwrap().is_none());
    let demo = fill::fill_days(app, 1, now(), TimeDelta::days(3))
        .await
        .ok()
        .unwrap();
    assert_eq!(demo.orders, 3 * 235);
    let roles = membership::Entity::of(demo.restaurant)
        .count(app.db.reads_across())
        .await
        .unwrap();
    assert_eq!(roles, 5);
    for (email, _) in &demo.logins {
        let login = staff::Entity::of_email(email)
            .one(app.db.reads_across())
            .await
            .unwrap()
            .unwrap();
        let hash = PasswordHash::new(&login.password_hash).unwrap();
        Argon2::default()
            .verify_password(PASSWORD.as_bytes(), &hash)
            .unwrap();
    }
    let order = order::Entity::of(demo.fashion)
        .one(app.db.reads_across())
        .await
        .unwrap()
        .unwrap();
    let bound_to = demo.fashion.to_string();
    let buyer = app
        .key
        .open(&order.sealed_buyer.unwrap(), &bound_to)
        .ok()
        .unwrap();
    let buyer: serde_json::Value = serde_json::from_slice(&buyer).unwrap();
    assert!(buyer["name"].is_string() && buyer["phone"].is_string());
    // Once is enough: the second is refused and changes nothing.
    let again = fill::fill_days(app, 1, now(), TimeDelta::days(3)).await;
    assert!(again.is_err());
    let orders = order::Entity::of(demo.restaurant)
        .count(app.db.reads_across())
        .await
        .unwrap();
    assert_eq!(orders, 225);
}

#[tokio::test]
async fn payouts_leave_each_week_and_overdraw_nothing() {
    let home = sqlite().await;
    let app = &home.app;
    let demo = fill::fill_days(app, 1, now(), TimeDelta::days(190)).await;
    let demo = demo.ok().unwrap();
    for merchant in [demo.restaurant, demo.fashion] {
        let trial = crate::ledger::service::prove(app, merchant, None).await;
        let trial = trial.ok().unwrap();
        assert!(trial.balances() && trial.proves(), "{trial:?}");
        let balances = crate::ledger::service::balance(app, merchant).await;
        let available = balances.ok().unwrap().get(LedgerAccount::Available);
        assert!(available >= 0, "{available}");
        let of = |state: &str| {
            format!(
                "SELECT count(*) FROM payouts WHERE merchant_id = {} AND state = '{state}'",
                merchant.0
            )
        };
        assert!(count(app, &of("PAID")).await >= 15);
        assert_eq!(count(app, &of("RETURNED")).await, 1);
    }
    assert!(ask_for_payout(app, &demo).await.ok().unwrap());
    let waiting = "SELECT count(*) FROM payouts WHERE state = 'AWAITING_APPROVAL'";
    assert_eq!(count(app, waiting).await, 1);
    let schedules = "SELECT count(*) FROM payout_schedules WHERE next_at IS NOT NULL";
    assert_eq!(count(app, schedules).await, 3);
    let overdrawn = "SELECT count(*) FROM ledger_checkpoints WHERE available_minor < 0";
    assert_eq!(count(app, overdrawn).await, 0);
}
