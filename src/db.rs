//! The database: how it is opened, and the one way to begin a transaction.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use migration::Migrator;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ColIdx, ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    DatabaseTransaction, DbBackend, DbErr, EntityTrait, IsolationLevel, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, RuntimeErr, Select, SqliteTransactionMode, TransactionOptions,
    TransactionTrait, TryGetError, TryGetable, sqlx,
};
use sea_orm_migration::MigratorTrait;

use crate::config;
use crate::error::{Error, Transient};
use crate::money::Currency;
use crate::paging::{Paging, bad_cursor};

/// How often a transaction is tried that the database asks to try again.
const ATTEMPTS: u32 = 5;

/// A number that migrations of all instances agree on, so that one migrates and the others wait.
const MIGRATION_LOCK: i64 = 0x7969_6761_7465;

/// A transaction under way, handed to the work that is done in it.
pub type Txn = Arc<DatabaseTransaction>;

/// The open database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl Db {
    /// Opens the database: a pool on PostgreSQL; on SQLite one connection that writes and a pool
    /// that reads.
    pub async fn connect(settings: &config::Database) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(&settings.url);
        options
            .max_connections(settings.max_connections)
            .acquire_timeout(Duration::from_millis(settings.acquire_timeout_ms))
            .connect_timeout(Duration::from_millis(settings.acquire_timeout_ms))
            .test_before_acquire_if_idle_for(Duration::from_secs(30))
            .sqlx_logging(false);
        if settings.url.starts_with("sqlite:") {
            return Self::open_sqlite(options).await;
        }
        let timeout = settings.statement_timeout_ms.to_string();
        options.map_sqlx_postgres_opts(move |postgres| {
            postgres
                .application_name("yigate")
                .statement_cache_capacity(500)
                .options([("statement_timeout", timeout.as_str())])
        });
        let pool = Database::connect(options).await?;
        Ok(Self {
            writer: pool.clone(),
            reader: pool,
        })
    }

    /// The writer is opened first: it makes the file and puts it into WAL mode.
    async fn open_sqlite(options: ConnectOptions) -> Result<Self, DbErr> {
        let mut writing = options.clone();
        writing.max_connections(1).map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .statement_cache_capacity(500)
        });
        let writer = Database::connect(writing).await?;
        let mut reading = options;
        reading.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .read_only(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("mmap_size", "268435456")
                .statement_cache_capacity(500)
        });
        let reader = Database::connect(reading).await?;
        Ok(Self { writer, reader })
    }

    /// Where reads go that belong to no transaction.
    #[must_use]
    pub fn reads(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connections that write, for the bulk loader.
    #[must_use]
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Applies the migrations that are missing; of several instances one does, the others wait.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        let txn = self.begin().await?;
        if self.backend() == DbBackend::Postgres {
            // Waiting for another instance, and building an index, may take longer than a request.
            txn.execute_unprepared("SET LOCAL statement_timeout = 0")
                .await?;
            txn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                .await?;
            Migrator::up(&txn, None).await?;
            return txn.commit().await;
        }
        txn.rollback().await?;
        Migrator::up(&self.writer, None).await
    }

    /// How many migrations are not applied yet.
    pub async fn pending_migrations(&self) -> Result<usize, DbErr> {
        let missing = Migrator::get_pending_migrations_read_only(&self.reader).await?;
        Ok(missing.len())
    }

    /// Begins a transaction in a task of its own: sqlx 0.9 leaves a connection inside a transaction
    /// when its `begin` is cancelled, and a client that disconnects cancels.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that begins a transaction"
    )]
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let writer = self.writer.clone();
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        tokio::spawn(async move { writer.begin_with_options(options).await })
            .await
            .map_err(|error| DbErr::Custom(format!("begin: {error}")))?
    }

    /// Runs `work` on one picture of everything, as it was when it read first: whatever is committed meanwhile
    /// is not in it. It holds a connection as long as it takes.
    #[allow(
        clippy::disallowed_methods,
        reason = "the other place that begins a transaction"
    )]
    pub async fn snapshot<T, E, F>(&self, work: impl FnOnce(Txn) -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let reader = self.reader.clone();
        let postgres = self.backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        };
        let begun = tokio::spawn(async move { reader.begin_with_options(options).await })
            .await
            .map_err(|error| Error::internal(format!("begin: {error}")))?;
        let txn = Arc::new(begun.map_err(Error::from)?);
        let result = work(Arc::clone(&txn)).await;
        if let Some(txn) = Arc::into_inner(txn) {
            // It has only read.
            let _ = txn.rollback().await;
        }
        result
    }

    /// Runs `work` in one transaction and commits it; an error rolls it back. What the database asks
    /// to be tried again is tried again, so `work` may run more than once.
    pub async fn transaction<T, E, F>(&self, work: impl Fn(Txn) -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Error> + Transient,
    {
        let mut attempt = 1;
        loop {
            let result = self.attempt(&work).await;
            match result {
                Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(5 * u64::from(attempt))).await;
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    async fn attempt<T, E, F>(&self, work: &impl Fn(Txn) -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let txn = Arc::new(self.begin().await.map_err(Error::from)?);
        let result = work(Arc::clone(&txn)).await;
        let Some(txn) = Arc::into_inner(txn) else {
            return Err(Error::internal("a transaction outlives its work").into());
        };
        match result {
            Ok(value) => {
                txn.commit().await.map_err(Error::from)?;
                Ok(value)
            }
            Err(error) => {
                // A connection that is gone has rolled back already.
                let _ = txn.rollback().await;
                Err(error)
            }
        }
    }
}

/// The driver's own error inside SeaORM's.
fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// Whether the database asks for the same to be tried again: serialization, deadlock, lock timeout,
/// SQLite's busy states, and two ids that met.
pub(crate) fn is_transient(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = driver_error(error) else {
        return false;
    };
    let code = error.code().unwrap_or_default();
    matches!(
        code.as_ref(),
        "40001" | "40P01" | "55P03" | "5" | "261" | "517"
    ) || (error.is_unique_violation() && is_primary_key_of_ours(error.as_ref()))
}

/// Whether a row's lock was waited for as long as it may be.
pub(crate) fn waited_in_vain(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = driver_error(error) else {
        return false;
    };
    error.code().is_some_and(|code| code == "55P03")
}

/// Whether PostgreSQL gave a statement up that took too long.
pub(crate) fn is_timeout(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = driver_error(error) else {
        return false;
    };
    error.code().is_some_and(|code| code == "57014")
}

/// Tables that are written often and whose ids are made here.
const GENERATED: [&str; 8] = [
    "orders",
    "events",
    "order_timeline",
    "refunds",
    "ledger_transactions",
    "ledger_entries",
    "settlements",
    "webhook_deliveries",
];

/// Whether a row was refused because its generated id was taken.
fn is_primary_key_of_ours(error: &dyn sqlx::error::DatabaseError) -> bool {
    match error.constraint() {
        Some(name) => GENERATED
            .iter()
            .any(|table| name.strip_suffix("_pkey") == Some(table)),
        None => GENERATED
            .iter()
            .any(|table| error.message().ends_with(&format!("{table}.id"))),
    }
}

/// Whether the database could not be reached, or broke off.
pub(crate) fn is_connection_error(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
        return true;
    }
    match driver_error(error) {
        Some(sqlx::Error::Database(error)) => error
            .code()
            // Class 08: connection exceptions; class 57: shutdown; 53300: too many connections.
            .is_some_and(|code| {
                code.starts_with("08") || code.starts_with("57P") || code == "53300"
            }),
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed,
        ) => true,
        _ => false,
    }
}

/// Whether a unique index or primary key whose name or columns contain `name` refused a row.
#[must_use]
pub fn violates_unique(error: &DbErr, name: &str) -> bool {
    let Some(sqlx::Error::Database(error)) = driver_error(error) else {
        return false;
    };
    error.is_unique_violation()
        && (error.constraint().is_some_and(|found| found.contains(name))
            || error.message().contains(name))
}

/// A page of rows by id, the newest first, one row more than wanted: what [`crate::paging::Page::of`]
/// takes. Cursors are the ids' texts.
pub fn newest_first<E, C, I>(
    select: Select<E>,
    column: C,
    paging: &Paging,
) -> Result<Select<E>, Error>
where
    E: EntityTrait,
    C: ColumnTrait,
    I: FromStr + Into<i64>,
{
    let place = |text: &str, backward| -> Result<i64, Error> {
        let id: I = text.parse().map_err(|_| bad_cursor(backward))?;
        Ok(id.into())
    };
    let mut select = select.limit(paging.limit + 1);
    if let Some(text) = &paging.beyond {
        let id = place(text, paging.backward)?;
        select = select.filter(if paging.backward {
            column.gt(id)
        } else {
            column.lt(id)
        });
    }
    if let Some(text) = &paging.until {
        let id = place(text, !paging.backward)?;
        select = select.filter(if paging.backward {
            column.lt(id)
        } else {
            column.gt(id)
        });
    }
    Ok(if paging.backward {
        select.order_by_asc(column)
    } else {
        select.order_by_desc(column)
    })
}

/// A column that holds any of these: one statement text for any number of them on PostgreSQL.
#[must_use]
pub fn any_of<C, V>(db: &Db, column: C, values: &[V]) -> sea_orm::sea_query::SimpleExpr
where
    C: sea_orm::ColumnTrait,
    V: Copy + Into<i64>,
{
    let values = values.iter().map(|value| (*value).into());
    match db.backend() {
        DbBackend::Postgres => column.eq_any(values),
        _ => column.is_in(values),
    }
}

/// A column that holds any of these texts: one statement text for any number of them on PostgreSQL.
#[must_use]
pub fn any_text_of<C>(db: &Db, column: C, values: &[String]) -> sea_orm::sea_query::SimpleExpr
where
    C: sea_orm::ColumnTrait,
{
    let values = values.iter().cloned();
    match db.backend() {
        DbBackend::Postgres => column.eq_any(values),
        _ => column.is_in(values),
    }
}

/// A currency is stored as its code.
impl TryGetable for Currency {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let code = String::try_get_by(row, index)?;
        Self::of_code(&code).ok_or_else(|| DbErr::Type(format!("unknown currency {code}")).into())
    }
}
