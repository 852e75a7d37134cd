//! How the connections to the database are used, read when somebody asks.

use sea_orm::DbBackend;
use sea_orm::sqlx::{Database, Pool};

use crate::db::Db;

/// One pool.
#[derive(Debug)]
pub struct Used {
    /// What it is for.
    pub name: &'static str,
    /// Connections that work.
    pub busy: i64,
    /// Connections that wait for work.
    pub idle: i64,
    /// So many there may be.
    pub most: i64,
}

/// The pools of a database: two of SQLite, one of PostgreSQL.
#[must_use]
pub fn read(db: &Db) -> Vec<Used> {
    match db.backend() {
        DbBackend::Postgres => vec![used(
            "all",
            db.reads_across().get_postgres_connection_pool(),
        )],
        _ => vec![
            used("reads", db.reads_across().get_sqlite_connection_pool()),
            used("writes", db.writer().get_sqlite_connection_pool()),
        ],
    }
}

fn used<D: Database>(name: &'static str, pool: &Pool<D>) -> Used {
    let idle = i64::try_from(pool.num_idle()).unwrap_or(i64::MAX);
    Used {
        name,
        busy: i64::from(pool.size()).saturating_sub(idle).max(0),
        idle,
        most: i64::from(pool.options().get_max_connections()),
    }
}
