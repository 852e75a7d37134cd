//! Logins that may not raise the fence themselves: they are told what an administrator does.

use sea_orm::ConnectionTrait;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use yigate::db::Db;

use super::number;
use crate::support::homes::random;
use crate::support::postgres::{Postgres, TestDatabase};
use crate::support::{postgres_database, settings};

/// A login that may nothing, and the administrator of its database.
struct Plain {
    administrator: PgConnection,
    name: String,
    url: String,
    _database: TestDatabase,
}

impl Plain {
    async fn on(database: TestDatabase) -> Self {
        let administrator = PgConnection::connect(&database.url).await;
        let mut administrator = administrator.expect("a connection");
        let name = format!("plain_{:016x}", random());
        let sql = format!("CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEROLE");
        administrator
            .execute(AssertSqlSafe(sql))
            .await
            .expect("a login");
        Self {
            administrator,
            url: database
                .url
                .replacen("postgres://postgres@", &format!("postgres://{name}@"), 1),
            name,
            _database: database,
        }
    }

    /// The administrator does something about it.
    async fn told(&mut self, sql: &str) {
        let sql = sql.replace("PLAIN", &self.name);
        self.administrator
            .execute(AssertSqlSafe(sql.clone()))
            .await
            .expect(&sql);
    }

    async fn db(&self) -> Db {
        let database = settings(&self.url).database;
        Db::connect(&database).await.expect("a connection")
    }
}

#[tokio::test]
async fn who_may_not_make_roles_is_told_what_an_administrator_runs() {
    let Some(server) = Postgres::maybe_start() else {
        return;
    };
    let mut plain = Plain::on(server.database("empty", async |_| {}).await).await;
    plain.told("GRANT ALL ON SCHEMA public TO PLAIN").await;
    let db = plain.db().await;
    let error = db.migrate().await.expect_err("it may not").to_string();
    let granted = format!("GRANT yigate_tenant TO \"{}\"", plain.name);
    assert!(error.contains("an administrator runs:"), "{error}");
    assert!(error.contains(&granted), "{error}");
    assert!(error.contains("or it is set to false"), "{error}");

    // Another database's test may not have made the role yet.
    plain
        .told("DO $$ BEGIN CREATE ROLE yigate_tenant NOLOGIN NOINHERIT; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        .await;
    plain.told("GRANT yigate_tenant TO PLAIN").await;
    db.migrate().await.expect("its own tables it may guard");
    db.check_fence().await.expect("it stands");
    let merchants = "SELECT count(*) FROM merchants";
    let reads = db.reads(entity::MerchantId(1));
    assert_eq!(number(&reads, merchants).await.expect("none"), 0);
    let add = "INSERT INTO staff VALUES (1, 'a@b.example', 'A', '', 0)";
    db.writer().execute_unprepared(add).await.expect("somebody");
    let people = number(db.reads_across(), "SELECT count(*) FROM staff").await;
    assert_eq!(people.expect("who owns the tables sees all"), 1);
}

#[tokio::test]
async fn who_does_not_own_the_tables_sees_all_unless_it_inherits_the_fence() {
    let Some(database) = postgres_database().await else {
        return;
    };
    let mut plain = Plain::on(database).await;
    plain
        .told("INSERT INTO staff VALUES (1, 'a@b.example', 'A', '', 0)")
        .await;
    plain
        .told("GRANT ALL ON ALL TABLES IN SCHEMA public TO PLAIN")
        .await;
    let db = plain.db().await;
    let everybody = "SELECT count(*) FROM staff";
    assert_eq!(number(db.reads_across(), everybody).await.expect("all"), 1);
    let error = db.check_fence().await.expect_err("no member").to_string();
    assert!(error.contains("GRANT yigate_tenant TO"), "{error}");

    plain.told("GRANT yigate_tenant TO PLAIN").await;
    let error = db.check_fence().await.expect_err("it inherits").to_string();
    assert!(
        error.contains("inherits what binds yigate_tenant"),
        "{error}"
    );
    // Before 16 it is the login that inherits, since then each membership.
    plain.told("ALTER ROLE PLAIN NOINHERIT").await;
    plain
        .told(
            "DO $$ BEGIN IF current_setting('server_version_num')::int >= 160000 THEN
            EXECUTE 'GRANT yigate_tenant TO PLAIN WITH INHERIT FALSE'; END IF; END $$",
        )
        .await;
    db.check_fence().await.expect("it stands");
    assert_eq!(number(db.reads_across(), everybody).await.expect("all"), 1);
    let reads = db.reads(entity::MerchantId(1));
    assert_eq!(number(&reads, everybody).await.expect("none"), 0);
}
