//! Many at once, on two instances: on PostgreSQL, where writers really meet.

mod bank_accounts;
mod channels;
mod claims;
mod coupons;
mod deliveries;
mod leases;
mod ledger;
mod members;
mod orders;
mod payments;
mod payouts;
mod refunds;
mod second_factors;
mod sign_ins;
mod staff;

use futures_util::future::join_all;
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use yigate::graphql::gateway::Gateway;

use crate::support::{Merchant, World, eventually};

/// A world, its second instance, and a merchant as each of the two sees it.
struct Two {
    world: World,
    second: Gateway,
    here: Merchant,
    there: Merchant,
}

impl Two {
    /// None where there is no PostgreSQL.
    async fn start() -> Option<Self> {
        let world = World::on_postgres().await?;
        let second = world.another_instance().await;
        let here = world.merchant("汇贤饭店").await;
        let there = here.on(&second);
        Some(Self {
            world,
            second,
            here,
            there,
        })
    }

    /// What PostgreSQL counts.
    async fn count(&self, statement: &'static str) -> i64 {
        let url = &self.here.app().settings.database.url;
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        let count = sqlx::query_scalar(statement).fetch_one(&mut connection);
        count.await.expect("the database answers")
    }

    /// Somebody holds the merchant's row until the connection is dropped: who makes a payout waits.
    async fn held(&self) -> PgConnection {
        let url = &self.here.app().settings.database.url;
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        let statement = "SELECT id FROM merchants WHERE id = $1 FOR NO KEY UPDATE";
        sqlx::query("BEGIN")
            .execute(&mut connection)
            .await
            .expect("a transaction");
        sqlx::query(statement)
            .bind(self.here.id.0)
            .execute(&mut connection)
            .await
            .expect("the row");
        connection
    }

    /// So many wait for a lock.
    async fn wait(&self, waiting: i64) {
        let statement = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("they wait", async || self.count(statement).await == waiting).await;
    }

    /// How many deadlocks the database has broken. Its processes tell when they end, so both instances
    /// let go of their connections first.
    async fn deadlocks(self) -> i64 {
        for instance in [&self.world.gateway, &self.second] {
            instance.app.stop().await;
            let pool = instance.app.db.writer().clone();
            pool.close().await.expect("connections close");
        }
        let others = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        eventually("their processes end", async || {
            self.count(others).await == 0
        })
        .await;
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        self.count(deadlocks).await
    }

    /// The merchant on one of the instances, by turns.
    fn by_turns(&self, turn: usize) -> Merchant {
        if turn.is_multiple_of(2) {
            self.here.clone()
        } else {
            self.there.clone()
        }
    }
}

/// Works of many, each in a task of its own, so that they really meet.
async fn at_once<F>(works: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let tasks: Vec<_> = works.into_iter().map(tokio::spawn).collect();
    let done = join_all(tasks).await.into_iter();
    done.map(|done| done.expect("nobody panics")).collect()
}

/// How often a refusal's code stands in payloads; the empty code is no refusal.
fn count(payloads: &[Value], code: &str) -> usize {
    let of = |payload: &Value| payload["userErrors"][0]["code"].as_str().unwrap_or("") == code;
    payloads.iter().filter(|payload| of(payload)).count()
}
