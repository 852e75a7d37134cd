//! The database: how it is opened, and the one way to begin a transaction.

mod errors;
mod fence;
mod raise;
mod rows;
mod single;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use entity::MerchantId;
use migration::Migrator;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::config;
use crate::error::{Error, Transient};

pub use self::errors::violates_unique;
pub(crate) use self::errors::{is_connection_error, is_timeout, is_transient, waited_in_vain};
pub use self::rows::{any_of, any_text_of, in_any_page, newest_first};
pub use self::single::Single;
use self::single::Way;
pub use self::turns::{have_alone, share};

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
    /// Whether the database itself keeps merchants apart: see [`fence`].
    fenced: bool,
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
            fenced: settings.row_security,
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
                // Of what is mapped nothing need be copied: 512 KB a connection are enough for the rest.
                .pragma("cache_size", "-512")
                .statement_cache_capacity(500)
        });
        let reader = Database::connect(reading).await?;
        Ok(Self {
            writer,
            reader,
            fenced: false,
        })
    }

    /// Where one merchant's reads go that belong to no transaction.
    #[must_use]
    pub fn reads(&self, merchant_id: MerchantId) -> Single {
        Single::new(&self.reader, merchant_id, self.fenced.then_some(Way::Reads))
    }

    /// Where one merchant's single statements go that write, or have to see what was written last.
    #[must_use]
    pub fn writes(&self, merchant_id: MerchantId) -> Single {
        Single::new(
            &self.writer,
            merchant_id,
            self.fenced.then_some(Way::Writes),
        )
    }

    /// Where the named reads go that are of several merchants, or of none: what is due, who signs in, whose
    /// something is. A test lists the files that may ask for it.
    #[must_use]
    pub fn reads_across(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connections that write, for the bulk loader and for the named statements that are of several
    /// merchants, or of none. A test lists the files that may ask for it.
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
        let txn = self.begin(None).await?;
        if self.backend() == DbBackend::Postgres {
            // Waiting for another instance, and building an index, may take longer than a request.
            txn.execute_unprepared("SET LOCAL statement_timeout = 0")
                .await?;
            txn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                .await?;
            Migrator::up(&txn, None).await?;
            if self.fenced {
                raise::raise(&txn).await?;
            }
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

    /// Refuses where the fence is asked for and does not stand, in words for whoever starts the gateway.
    pub async fn check_fence(&self) -> Result<(), DbErr> {
        if !self.fenced {
            return Ok(());
        }
        let txn = self.begin(None).await?;
        raise::check(&txn).await?;
        txn.rollback().await
    }

    /// Begins a transaction in a task of its own: sqlx 0.9 leaves a connection inside a transaction
    /// when its `begin` is cancelled, and a client that disconnects cancels.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that begins a transaction"
    )]
    async fn begin(&self, whose: Option<MerchantId>) -> Result<DatabaseTransaction, DbErr> {
        let writer = self.writer.clone();
        let entering = self.entering(whose);
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        tokio::spawn(async move {
            let txn = writer.begin_with_options(options).await?;
            enter(txn, entering).await
        })
        .await
        .map_err(|error| DbErr::Custom(format!("begin: {error}")))?
    }

    fn entering(&self, whose: Option<MerchantId>) -> Option<String> {
        whose.filter(|_| self.fenced).map(fence::entering)
    }

    /// Runs `work` on one picture of everything of a merchant, as it was when it read first: whatever is
    /// committed meanwhile is not in it. It holds a connection as long as it takes.
    #[allow(
        clippy::disallowed_methods,
        reason = "the other place that begins a transaction"
    )]
    pub async fn snapshot_of<T, E, F>(
        &self,
        merchant_id: MerchantId,
        work: impl FnOnce(Txn) -> F,
    ) -> Result<T, E>
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
        let entering = self.entering(Some(merchant_id));
        let begun = tokio::spawn(async move {
            let txn = reader.begin_with_options(options).await?;
            enter(txn, entering).await
        });
        let begun = begun
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

    /// Runs `work` in one transaction of a merchant and commits it; an error rolls it back. What the database
    /// asks to be tried again is tried again, so `work` may run more than once.
    pub async fn transaction_of<T, E, F>(
        &self,
        merchant_id: MerchantId,
        work: impl Fn(Txn) -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Error> + Transient,
    {
        self.tried(Some(merchant_id), work).await
    }

    /// As [`Self::transaction_of`], for what is of several merchants, or of none. A test lists the files that
    /// may ask for it.
    pub async fn transaction_across<T, E, F>(&self, work: impl Fn(Txn) -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Error> + Transient,
    {
        self.tried(None, work).await
    }

    async fn tried<T, E, F>(
        &self,
        whose: Option<MerchantId>,
        work: impl Fn(Txn) -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Error> + Transient,
    {
        let mut attempt = 1;
        loop {
            let result = self.attempt(whose, &work).await;
            match result {
                Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(5 * u64::from(attempt))).await;
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    async fn attempt<T, E, F>(
        &self,
        whose: Option<MerchantId>,
        work: &impl Fn(Txn) -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let txn = Arc::new(self.begin(whose).await.map_err(Error::from)?);
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

/// Puts a transaction behind the fence, where it has words for it.
async fn enter(
    txn: DatabaseTransaction,
    entering: Option<String>,
) -> Result<DatabaseTransaction, DbErr> {
    if let Some(words) = entering {
        txn.execute_unprepared(&words).await?;
    }
    Ok(txn)
}
