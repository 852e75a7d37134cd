//! Loads whole stores with their histories, as fast as the database takes them.
//!
//! Where the order tables are empty, everything is one transaction that drops their indexes (and, on
//! PostgreSQL, their keys), loads, and makes them again from the database's own definitions: broken
//! off at any point, the database is as it was. Where they hold rows, all of these stay, and chunks of
//! complete orders are committed one by one: broken off, whole orders are missing, and of the merchants
//! that were not finished, settlements and balances.

mod chunk;
mod copy;
mod postgres;
mod row;
mod sqlite;

use std::sync::Arc;

use entity::{membership, second_factor, staff};
use sea_orm::{DbBackend, DbErr, RuntimeErr};
use tokio::sync::mpsc;

use self::chunk::{Chunk, Target};
use super::history::History;
use super::store::Store;
use crate::db::Db;
use crate::error::Error;

/// What is loaded.
#[derive(Debug, Default)]
pub struct Load {
    /// Merchants, with channels and products.
    pub stores: Vec<Arc<Store>>,
    /// Logins.
    pub staff: Vec<staff::Model>,
    /// What the logins may do.
    pub memberships: Vec<membership::Model>,
    /// The logins' second factors.
    pub second_factors: Vec<second_factor::Model>,
    /// The orders, a history a store.
    pub histories: Vec<History>,
}

/// Loads everything and returns how many orders that were. It runs in a task of its own, which goes on
/// where the caller does not: a connection is never left inside a transaction.
///
/// While empty tables are filled on PostgreSQL, others wait who read or write orders.
///
/// `disposable` is for a file that can simply be made again: SQLite then does not wait for the disk.
pub async fn load(db: &Db, load: Load, disposable: bool) -> Result<u64, Error> {
    let db = db.clone();
    let loading = tokio::spawn(async move {
        let writer = db.writer();
        match db.backend() {
            DbBackend::Postgres => {
                postgres::load(writer.get_postgres_connection_pool(), load).await
            }
            _ => sqlite::load(writer.get_sqlite_connection_pool(), load, disposable).await,
        }
    });
    let loaded = loading
        .await
        .map_err(|error| Error::internal(error.to_string()))?;
    loaded.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error))).into())
}

/// The big tables that a history fills.
const TABLES: [&str; 7] = [
    "orders",
    "order_lines",
    "order_timeline",
    "payments",
    "ledger_transactions",
    "ledger_entries",
    "members",
];

/// Asks whether the big tables hold nothing.
fn empty() -> String {
    let nothing = TABLES.map(|table| format!("NOT EXISTS (SELECT 1 FROM {table})"));
    format!("SELECT {}", nothing.join(" AND "))
}

/// The names of the big tables, between commas, each as a text.
fn table_names() -> String {
    TABLES.map(|table| format!("'{table}'")).join(", ")
}

/// Makes chunks in a thread of their own, so that the database never waits for them.
fn chunks<T: Target>(histories: Vec<History>, orders_a_chunk: u64) -> mpsc::Receiver<Chunk<T>> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        let mut chunk = Chunk::default();
        for mut history in histories {
            for plan in history.by_ref() {
                chunk.push(&plan);
                // The receiver is gone where the load failed: it tells why.
                if chunk.orders() >= orders_a_chunk
                    && sender.blocking_send(std::mem::take(&mut chunk)).is_err()
                {
                    return;
                }
            }
            chunk.end(&history.end());
        }
        let _ = sender.blocking_send(chunk);
    });
    receiver
}
