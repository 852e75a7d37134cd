//! SQLite: statements that insert many rows, prepared once, on the writer connection.

use std::sync::Arc;

use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqlitePool};
use sqlx::{Arguments, AssertSqlSafe, Connection, Error, Executor};
use tokio::sync::mpsc;

use super::chunk::{self, Rows, Target};
use super::row::{Cells, Row};
use super::{Load, chunks, empty, table_names};

/// How many rows one statement inserts.
const ROWS: usize = 50;
const ORDERS_A_CHUNK: u64 = 1_000;
/// How many chunks one transaction holds where the tables are in use.
const CHUNKS_A_TRANSACTION: usize = 20;

/// The secondary indexes of the big tables, and the triggers that look at each row of the ledger, by what
/// made them.
const DEFINITIONS: &str = "SELECT type, name, sql FROM sqlite_master \
     WHERE sql IS NOT NULL AND (type = 'index' AND tbl_name IN ({tables}) \
     OR name IN ('ledger_entries_sealed', 'ledger_transactions_balanced')) ORDER BY name";

/// Complete orders, their values bound.
type Inserts = chunk::Chunk<Sqlite>;

/// SQLite takes rows by statements that insert many.
struct Sqlite;

impl Target for Sqlite {
    type Connection = SqliteConnection;
    type Rows<R: Row> = Batches<R>;
}

/// Loads everything; see [`super::load`].
pub async fn load(pool: &SqlitePool, load: Load, disposable: bool) -> Result<u64, Error> {
    let mut connection = pool.acquire().await?;
    if disposable {
        connection.execute("PRAGMA synchronous = OFF").await?;
    }
    connection.execute("PRAGMA cache_size = -262144").await?;
    let loaded = fill(&mut connection, load).await;
    connection.execute("PRAGMA cache_size = -2000").await?;
    connection.execute("PRAGMA synchronous = FULL").await?;
    if loaded.is_ok() {
        connection.execute("PRAGMA analysis_limit = 1000").await?;
        connection.execute("ANALYZE").await?;
        connection
            .execute("PRAGMA wal_checkpoint(TRUNCATE)")
            .await?;
    }
    loaded
}

async fn fill(connection: &mut SqliteConnection, load: Load) -> Result<u64, Error> {
    let mut txn = connection.begin_with("BEGIN IMMEDIATE").await?;
    for store in &load.stores {
        insert(&mut txn, std::slice::from_ref(&store.merchant)).await?;
        insert(&mut txn, &store.channels).await?;
        insert(&mut txn, &store.products).await?;
        insert(&mut txn, &store.rules).await?;
        insert(&mut txn, &store.bank_accounts).await?;
        let promotions = &store.promotions;
        insert(&mut txn, &promotions.campaigns()).await?;
        insert(&mut txn, &promotions.versions()).await?;
        insert(&mut txn, &promotions.templates()).await?;
        if let Some(club) = &store.club {
            insert(&mut txn, std::slice::from_ref(&club.program)).await?;
            insert(&mut txn, &club.tiers).await?;
            insert(&mut txn, &club.gifts).await?;
        }
    }
    insert(&mut txn, &load.staff).await?;
    insert(&mut txn, &load.memberships).await?;
    insert(&mut txn, &load.second_factors).await?;
    let empty: bool = sqlx::query_scalar(AssertSqlSafe(empty()))
        .fetch_one(&mut *txn)
        .await?;
    let mut chunks = chunks::<Sqlite>(load.histories, ORDERS_A_CHUNK);
    if !empty {
        txn.commit().await?;
        return fill_in_use(connection, &mut chunks).await;
    }
    let definitions = DEFINITIONS.replace("{tables}", &table_names());
    let definitions: Vec<(String, String, String)> = sqlx::query_as(AssertSqlSafe(definitions))
        .fetch_all(&mut *txn)
        .await?;
    for (kind, name, _) in &definitions {
        txn.execute(AssertSqlSafe(format!("DROP {kind} {name}")))
            .await?;
    }
    let mut orders = 0;
    while let Some(chunk) = chunks.recv().await {
        orders += chunk.orders();
        chunk.run(&mut txn).await?;
    }
    for (_, _, definition) in definitions {
        txn.execute(AssertSqlSafe(definition)).await?;
    }
    txn.commit().await?;
    Ok(orders)
}

/// Fills tables that hold rows: other writers get their turn between the transactions.
async fn fill_in_use(
    connection: &mut SqliteConnection,
    chunks: &mut mpsc::Receiver<Inserts>,
) -> Result<u64, Error> {
    let mut orders = 0;
    loop {
        let mut txn = connection.begin_with("BEGIN IMMEDIATE").await?;
        for _ in 0..CHUNKS_A_TRANSACTION {
            let Some(chunk) = chunks.recv().await else {
                txn.commit().await?;
                return Ok(orders);
            };
            orders += chunk.orders();
            chunk.run(&mut txn).await?;
        }
        txn.commit().await?;
    }
}

/// Inserts a few rows.
async fn insert<R: Row>(connection: &mut SqliteConnection, rows: &[R]) -> Result<(), Error> {
    let mut batches = Batches::<R>::default();
    for row in rows {
        batches.push(row);
    }
    batches.run(connection).await
}

/// The rows of one table, in batches of which each is a statement.
struct Batches<R> {
    full: Vec<SqliteArguments>,
    open: Values,
    rows: usize,
    table: std::marker::PhantomData<fn(R)>,
}

impl<R> Default for Batches<R> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            open: Values::default(),
            rows: 0,
            table: std::marker::PhantomData,
        }
    }
}

impl<R: Row> Rows<R> for Batches<R> {
    type Connection = SqliteConnection;

    fn push(&mut self, row: &R) {
        row.write(&mut self.open);
        self.rows += 1;
        if self.rows == ROWS {
            self.full.push(std::mem::take(&mut self.open).0);
            self.rows = 0;
        }
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), Error> {
        let statement: Arc<str> = insertion::<R>(ROWS).into();
        for values in self.full {
            let statement = AssertSqlSafe(Arc::clone(&statement));
            connection
                .execute(sqlx::query_with(statement, values))
                .await?;
        }
        if self.rows > 0 {
            let rest = sqlx::query_with(AssertSqlSafe(insertion::<R>(self.rows)), self.open.0);
            connection.execute(rest.persistent(false)).await?;
        }
        Ok(())
    }
}

/// `INSERT INTO table (columns) VALUES (?,…),(?,…)`.
fn insertion<R: Row>(rows: usize) -> String {
    let row = format!("({})", vec!["?"; R::COLUMNS.len()].join(","));
    format!(
        "INSERT INTO {} ({}) VALUES {}",
        R::TABLE,
        R::COLUMNS.join(","),
        vec![row.as_str(); rows].join(",")
    )
}

/// Values that wait to be bound.
#[derive(Default)]
struct Values(SqliteArguments);

impl Values {
    fn add<'t, T: sqlx::Encode<'t, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>>(&mut self, value: T) {
        // Integers, texts and bytes are never refused; a missing one would fail the statement.
        let taken = Arguments::add(&mut self.0, value);
        debug_assert!(taken.is_ok());
    }
}

impl Cells for Values {
    fn bigint(&mut self, value: i64) {
        self.add(value);
    }

    fn integer(&mut self, value: i32) {
        self.add(value);
    }

    fn smallint(&mut self, value: i16) {
        self.add(value);
    }

    fn boolean(&mut self, value: bool) {
        self.add(value);
    }

    fn text(&mut self, value: &str) {
        self.add(value.to_owned());
    }

    fn bytes(&mut self, value: &[u8]) {
        self.add(value.to_vec());
    }

    fn null(&mut self) {
        self.add(None::<i64>);
    }
}
