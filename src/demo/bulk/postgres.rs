//! PostgreSQL: binary COPY; where the tables were empty, their keys and indexes are made afterwards.

use futures_util::{StreamExt, TryStreamExt, stream};
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, Error, Executor};
use tokio::sync::{Mutex, mpsc};

use super::chunk::{self, Rows, Target};
use super::copy::Copy;
use super::row::Row;
use super::{Load, TABLES, chunks, empty, table_names};

/// A transaction of one connection where the tables are in use.
const ORDERS_A_TRANSACTION: u64 = 5_000;
/// A COPY a table where they are empty: large ones, since each waits for the server twice.
const ORDERS_A_COPY: u64 = 40_000;
/// How many connections load at the same time where the tables are in use.
const CONNECTIONS: u32 = 3;

/// Counted rows of an empty table balance without it; it would look through the whole ledger each time.
const BALANCED: &str = "TRIGGER ledger_entries_balanced";

/// Complete orders, as COPY reads them.
type Copies = chunk::Chunk<Postgres>;

/// PostgreSQL takes rows by COPY.
struct Postgres;

impl Target for Postgres {
    type Connection = PgConnection;
    type Rows<R: Row> = Copy<R>;
}

/// What takes each key and index of the big tables away, and what makes it again; foreign keys first,
/// those of other tables that refer to them included, since they rest on the others. Of foreign keys
/// whose rows are loaded here only the future is promised: what they hold is proved after the commit,
/// for all tables at once.
const DEFINITIONS: &str = "
    WITH loaded AS (
        SELECT ARRAY[{tables}]::regclass[] AS tables
    ), definitions AS (
        SELECT CASE contype WHEN 'f' THEN 1 ELSE 2 END AS rank,
            format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS take,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                pg_get_constraintdef(oid))
            || CASE WHEN contype = 'f' AND convalidated AND conrelid = ANY (tables)
                THEN ' NOT VALID' ELSE '' END AS make
        FROM pg_constraint, loaded
        WHERE conparentid = 0
            AND (contype IN ('p', 'u', 'f') AND conrelid = ANY (tables)
                OR contype = 'f' AND confrelid = ANY (tables))
        UNION ALL
        SELECT 3, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
        FROM pg_index, loaded
        WHERE indrelid = ANY (tables)
            AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
    )
    SELECT take, make FROM definitions ORDER BY rank, take";

/// Loads everything; see [`super::load`].
pub async fn load(pool: &PgPool, load: Load) -> Result<u64, Error> {
    let mut txn = pool.begin().await?;
    txn.execute("SET LOCAL statement_timeout = 0").await?;
    // One COPY a table: each waits for the server twice.
    copy(&mut txn, load.stores.iter().map(|store| &store.merchant)).await?;
    let stores = &load.stores;
    copy(&mut txn, stores.iter().flat_map(|store| &store.channels)).await?;
    copy(&mut txn, stores.iter().flat_map(|store| &store.products)).await?;
    copy(&mut txn, stores.iter().flat_map(|store| &store.rules)).await?;
    let accounts = stores.iter().flat_map(|store| &store.bank_accounts);
    copy(&mut txn, accounts).await?;
    let promotions: Vec<_> = stores.iter().map(|store| &store.promotions).collect();
    let campaigns: Vec<_> = promotions.iter().flat_map(|it| it.campaigns()).collect();
    copy(&mut txn, &campaigns).await?;
    let versions: Vec<_> = promotions.iter().flat_map(|it| it.versions()).collect();
    copy(&mut txn, &versions).await?;
    let templates: Vec<_> = promotions.iter().flat_map(|it| it.templates()).collect();
    copy(&mut txn, &templates).await?;
    let clubs: Vec<_> = stores
        .iter()
        .filter_map(|store| store.club.as_ref())
        .collect();
    copy(&mut txn, clubs.iter().map(|club| &club.program)).await?;
    copy(&mut txn, clubs.iter().flat_map(|club| &club.tiers)).await?;
    copy(&mut txn, clubs.iter().flat_map(|club| &club.gifts)).await?;
    copy(&mut txn, &load.staff).await?;
    copy(&mut txn, &load.memberships).await?;
    copy(&mut txn, &load.second_factors).await?;
    let orders = if lock_if_empty(&mut txn).await? {
        let orders = fill_empty(&mut txn, chunks(load.histories, ORDERS_A_COPY)).await?;
        txn.commit().await?;
        orders
    } else {
        txn.commit().await?;
        fill_in_use(pool, chunks(load.histories, ORDERS_A_TRANSACTION)).await?
    };
    let settling = TABLES.map(|table| settle(pool.clone(), table));
    stream::iter(settling)
        .buffer_unordered(connections(pool))
        .try_collect::<Vec<()>>()
        .await?;
    pool.execute(
        "ANALYZE merchants, staff, memberships, channels, products, fee_rules, refunds, refund_lines, \
         settlements, ledger_checkpoints, ledger_balances, reconciliation_runs, reconciliation_items, \
         channel_traffic, channel_latencies, channel_health, channel_health_changes, incidents, \
         campaigns, campaign_versions, coupon_templates, coupons, redemptions, offer_counters, \
         member_days, tiers, tier_changes, points_programs, point_lots, point_entries, order_points, \
         rewards, reward_redemptions, grant_rules",
    )
    .await?;
    Ok(orders)
}

/// How many connections may be taken at once without waiting for each other.
fn connections(pool: &PgPool) -> usize {
    let spare = pool.options().get_max_connections().saturating_sub(1);
    usize::try_from(spare.clamp(1, CONNECTIONS)).unwrap_or(1)
}

/// Whether nobody has orders yet; then nobody else makes or books one until the transaction ends.
async fn lock_if_empty(txn: &mut PgConnection) -> Result<bool, Error> {
    let empty = || sqlx::query_scalar(AssertSqlSafe(empty()));
    if !empty().fetch_one(&mut *txn).await? {
        return Ok(false);
    }
    run(txn, format!("LOCK TABLE {}", TABLES.join(", "))).await?;
    empty().fetch_one(&mut *txn).await
}

/// Fills empty tables in the transaction that it was given: without keys and indexes, which stand
/// again before it returns.
async fn fill_empty(
    txn: &mut PgConnection,
    mut chunks: mpsc::Receiver<Copies>,
) -> Result<u64, Error> {
    let definitions = DEFINITIONS.replace("{tables}", &table_names());
    let definitions: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(definitions))
        .fetch_all(&mut *txn)
        .await?;
    for (take, _) in &definitions {
        run(txn, take.clone()).await?;
    }
    run(
        txn,
        format!("ALTER TABLE ledger_entries DISABLE {BALANCED}"),
    )
    .await?;
    let mut orders = 0;
    while let Some(chunk) = chunks.recv().await {
        orders += chunk.orders();
        chunk.run(txn).await?;
    }
    run(txn, format!("ALTER TABLE ledger_entries ENABLE {BALANCED}")).await?;
    txn.execute("SET LOCAL maintenance_work_mem = '256MB'")
        .await?;
    for (_, make) in definitions.into_iter().rev() {
        run(txn, make).await?;
    }
    Ok(orders)
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<(), Error> {
    connection.execute(AssertSqlSafe(statement)).await?;
    Ok(())
}

/// Fills tables that hold rows: several connections, each with complete orders in its transactions.
async fn fill_in_use(pool: &PgPool, chunks: mpsc::Receiver<Copies>) -> Result<u64, Error> {
    let chunks = Mutex::new(chunks);
    let loaders = (0..connections(pool)).map(|_| async {
        let mut orders = 0;
        loop {
            let next = chunks.lock().await.recv().await;
            let Some(chunk) = next else {
                return Ok::<u64, Error>(orders);
            };
            let mut txn = pool.begin().await?;
            txn.execute("SET LOCAL statement_timeout = 0").await?;
            orders += chunk.orders();
            chunk.run(&mut txn).await?;
            txn.commit().await?;
        }
    });
    let loaded = futures_util::future::try_join_all(loaders).await?;
    Ok(loaded.into_iter().sum())
}

/// Proves the foreign keys of a table that are not proved yet, and counts for the planner.
async fn settle(pool: PgPool, table: &'static str) -> Result<(), Error> {
    let mut txn = pool.begin().await?;
    txn.execute("SET LOCAL statement_timeout = 0").await?;
    txn.execute("SET LOCAL maintenance_work_mem = '256MB'")
        .await?;
    let unproved: Vec<String> = sqlx::query_scalar(
        "SELECT quote_ident(conname) FROM pg_constraint \
         WHERE contype = 'f' AND NOT convalidated AND conrelid = $1::regclass",
    )
    .bind(table)
    .fetch_all(&mut *txn)
    .await?;
    for name in unproved {
        run(
            &mut txn,
            format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"),
        )
        .await?;
    }
    run(&mut txn, format!("ANALYZE {table}")).await?;
    txn.commit().await
}

async fn copy<'r, R: Row + 'r>(
    connection: &mut PgConnection,
    rows: impl IntoIterator<Item = &'r R>,
) -> Result<(), Error> {
    let mut copy = Copy::<R>::default();
    rows.into_iter().for_each(|row| Rows::push(&mut copy, row));
    Rows::run(copy, connection).await
}
