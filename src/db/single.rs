//! Single statements of one merchant, outside of any other transaction.

use std::sync::Arc;

use entity::MerchantId;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::Values;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, Statement,
};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres};
use tracing::Instrument;

use super::fence::entering;

/// Where one merchant's single statements go: see [`super::Db::reads`] and [`super::Db::writes`]. Behind the
/// fence each is a transaction of its own, which costs one message more.
#[derive(Clone, Debug)]
pub struct Single {
    pool: DatabaseConnection,
    merchant_id: MerchantId,
    fenced: Option<Way>,
}

/// What a fenced statement may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Reads,
    Writes,
}

impl Single {
    /// `fenced` is none where there is no fence.
    pub(super) fn new(
        pool: &DatabaseConnection,
        merchant_id: MerchantId,
        fenced: Option<Way>,
    ) -> Self {
        Self {
            pool: pool.clone(),
            merchant_id,
            fenced,
        }
    }

    /// Does `work` in a transaction of its own, in a task of its own: a begin that is broken off would leave its
    /// connection inside the transaction. The server works at a statement to its end, whoever has gone.
    async fn alone<T, W>(&self, way: Way, work: W) -> Result<T, DbErr>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>
            + Send
            + 'static,
    {
        let pool = self.pool.get_postgres_connection_pool().clone();
        let mode = match way {
            Way::Reads => "BEGIN READ ONLY",
            Way::Writes => "BEGIN",
        };
        let begin = format!("{mode}; {}", entering(self.merchant_id));
        let done = tokio::spawn(fenced(pool, begin, way, work).in_current_span()).await;
        done.map_err(|error| DbErr::Custom(format!("a statement: {error}")))?
    }
}

/// A connection, which is closed unless its transaction has begun: it may be inside one that failed, which nobody
/// would end.
struct Held {
    connection: PoolConnection<Postgres>,
    begun: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.begun {
            self.connection.close_on_drop();
        }
    }
}

async fn fenced<T, W>(pool: PgPool, begin: String, way: Way, work: W) -> Result<T, DbErr>
where
    W: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>,
{
    let mut held = Held {
        connection: pool.acquire().await.map_err(not_acquired)?,
        begun: false,
    };
    let mut txn = held
        .connection
        .begin_with(AssertSqlSafe(begin))
        .await
        .map_err(failed)?;
    held.begun = true;
    let done = work(&mut txn).await.map_err(failed)?;
    if way == Way::Writes {
        txn.commit().await.map_err(failed)?;
    }
    // What only read is rolled back while its connection goes back to the pool, after the answer; what failed, too.
    Ok(done)
}

fn not_acquired(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        other => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(other))),
    }
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// A statement as the driver takes it: the same text is prepared once on each connection.
fn query(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

#[async_trait::async_trait]
impl ConnectionTrait for Single {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let Some(way) = self.fenced else {
            return self.pool.execute_raw(statement).await;
        };
        self.alone(way, move |connection| {
            Box::pin(async move { Ok(query(statement).execute(connection).await?.into()) })
        })
        .await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let Some(way) = self.fenced else {
            return self.pool.execute_unprepared(sql).await;
        };
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        self.alone(way, move |connection| {
            Box::pin(async move { Ok(sql.execute(connection).await?.into()) })
        })
        .await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let Some(way) = self.fenced else {
            return self.pool.query_one_raw(statement).await;
        };
        self.alone(way, move |connection| {
            Box::pin(async move {
                let row = query(statement).fetch_optional(connection).await?;
                Ok(row.map(QueryResult::from))
            })
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Some(way) = self.fenced else {
            return self.pool.query_all_raw(statement).await;
        };
        self.alone(way, move |connection| {
            Box::pin(async move {
                let rows = query(statement).fetch_all(connection).await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            })
        })
        .await
    }
}
