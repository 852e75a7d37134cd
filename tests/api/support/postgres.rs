//! PostgreSQL for tests: one server for a whole run, a database for each test, and private servers
//! that can crash.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::OnceLock;
use std::time::Duration;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions,
};

use super::homes::{Home, random};
use super::private::Private;
use super::programs::maybe_find_programs;

/// Held on a server's `postgres` database while a template is made or copied.
const TEMPLATES_LOCK: i64 = 0x0079_6967_6174_6500;

/// Nothing of a shared server outlives the run, so it never waits for the disk.
const CARELESS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

/// What every server is told.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "max_connections=300",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=128MB",
    "dynamic_shared_memory_type=mmap",
    "jit=off",
];

/// The run's shared server.
pub struct Postgres {
    home: Home,
}

impl Postgres {
    /// The server of this run, started if need be; `None`, said on stderr, where PostgreSQL is not
    /// installed.
    pub fn maybe_start() -> Option<&'static Postgres> {
        static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
        let start = || {
            let programs = maybe_find_postgres()?;
            let home = Home::shared("postgres", |home| drop(launch(home, &programs, CARELESS)));
            Some(Postgres { home })
        };
        SERVER.get_or_init(start).as_ref()
    }

    /// A database of its own, copied from the template that `migrate` made for `template_key` once
    /// in this run. `migrate` takes the URL of an empty database; another key means another
    /// template.
    pub async fn database<F: Future<Output = ()>>(
        &self,
        template_key: &str,
        migrate: impl FnOnce(String) -> F,
    ) -> TestDatabase {
        create_database(&self.home, template_key, migrate).await
    }
}

/// A durable server of one test: it may be stopped, killed and started again.
pub struct PrivatePostgres {
    programs: PathBuf,
    server: Private,
}

impl PrivatePostgres {
    /// A new, running server; `None`, said on stderr, where PostgreSQL is not installed.
    pub fn maybe_start() -> Option<PrivatePostgres> {
        let programs = maybe_find_postgres()?;
        let server = Private::new(Home::private("postgres"));
        let mut server = PrivatePostgres { programs, server };
        server.start();
        Some(server)
    }

    /// Starts it again, with what it had committed.
    pub fn start(&mut self) {
        self.server.start(|home| launch(home, &self.programs, &[]));
    }

    /// Stops it in good order: connections are cut, commits are kept.
    pub fn stop(&mut self) {
        self.server.stop();
    }

    /// Crashes it.
    pub fn kill9(&mut self) {
        self.server.kill9();
    }

    /// As [`Postgres::database`].
    pub async fn database<F: Future<Output = ()>>(
        &self,
        template_key: &str,
        migrate: impl FnOnce(String) -> F,
    ) -> TestDatabase {
        create_database(&self.server.home, template_key, migrate).await
    }
}

/// A database that goes with its test, whoever is still connected.
pub struct TestDatabase {
    /// For sqlx and SeaORM.
    pub url: String,
    name: String,
    administration: PgConnectOptions,
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let administration = self.administration.clone();
        let name = self.name.clone();
        // A thread, since the test's own runtime may be the one that is dropping this. A stopped
        // server needs no drop.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .expect("build a runtime")
                .block_on(drop_database(administration, name))
        });
        let _ = dropping.join();
    }
}

fn maybe_find_postgres() -> Option<PathBuf> {
    maybe_find_programs(
        "PostgreSQL",
        "initdb",
        "PG_BIN",
        &["/usr/lib/postgresql/*/bin"],
        "postgresql",
    )
}

/// Makes the data directory where there is none, and returns when the server takes connections.
fn launch(home: &Home, programs: &Path, settings: &[&str]) -> Child {
    let data = home.data();
    if !data.join("PG_VERSION").exists() {
        let mut initdb = home.command(&programs.join("initdb"));
        initdb.arg("--pgdata").arg(&data);
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        let made = initdb.status().expect("spawn initdb");
        assert!(made.success(), "initdb: {}", home.log());
    }
    let mut postgres = home.command(&programs.join("postgres"));
    postgres.arg("-D").arg(&data).arg("-k").arg(&home.path);
    for setting in SETTINGS.iter().chain(settings) {
        postgres.args(["-c", setting]);
    }
    let mut child = postgres.spawn().expect("spawn postgres");
    let id = child.id().to_string();
    // The file's first line is the server's process, its eighth the state that pg_ctl waits for.
    home.wait_until(&mut child, || {
        let state = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        state.lines().next() == Some(&id)
            && state
                .lines()
                .nth(7)
                .is_some_and(|state| state.trim() == "ready")
    });
    child
}

fn url(home: &Home, database: &str) -> String {
    format!(
        "postgres://postgres@localhost/{database}?host={}&sslmode=disable",
        home.path.display()
    )
}

async fn create_database<F: Future<Output = ()>>(
    home: &Home,
    template_key: &str,
    migrate: impl FnOnce(String) -> F,
) -> TestDatabase {
    let mut key = DefaultHasher::new();
    template_key.hash(&mut key);
    let template = format!("template_{:016x}", key.finish());
    let name = format!("test_{:016x}", random());
    let administration: PgConnectOptions =
        url(home, "postgres").parse().expect("parse our own URL");
    let mut connection = administration
        .connect()
        .await
        .expect("connect to the test server");

    // Ends with the connection. A template can be copied only while nobody is connected to it.
    let lock = format!("SELECT pg_advisory_lock({TEMPLATES_LOCK})");
    run(&mut connection, lock).await;
    create_template(&mut connection, &template, url(home, &template), migrate).await;
    // Three times as fast as 15's default; before 15 it is the only way, and the word is unknown.
    let version = "SELECT current_setting('server_version_num')::int";
    let version: i32 = sqlx::query_scalar(version)
        .fetch_one(&mut connection)
        .await
        .expect("ask for the version");
    let strategy = if version >= 150_000 {
        "STRATEGY file_copy"
    } else {
        ""
    };
    let copy = format!("CREATE DATABASE {name} TEMPLATE {template} {strategy}");
    run(&mut connection, copy).await;
    connection.close().await.expect("close a connection");
    TestDatabase {
        url: url(home, &name),
        name,
        administration,
    }
}

/// A template is complete once it refuses connections; one that a killed process left half made is
/// made anew.
async fn create_template<F: Future<Output = ()>>(
    connection: &mut PgConnection,
    template: &str,
    url: String,
    migrate: impl FnOnce(String) -> F,
) {
    let complete =
        "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND NOT datallowconn)";
    let complete: bool = sqlx::query_scalar(complete)
        .bind(template)
        .fetch_one(&mut *connection)
        .await
        .expect("look for the template");
    if complete {
        return;
    }
    run(
        connection,
        format!("DROP DATABASE IF EXISTS {template} WITH (FORCE)"),
    )
    .await;
    run(connection, format!("CREATE DATABASE {template}")).await;
    migrate(url).await;
    // The migration's pool may still be closing.
    run(connection, disconnect(template)).await;
    run(
        connection,
        format!("ALTER DATABASE {template} ALLOW_CONNECTIONS false"),
    )
    .await;
}

async fn drop_database(administration: PgConnectOptions, name: String) -> Result<(), sqlx::Error> {
    let mut connection = administration.connect().await?;
    // FORCE alone would do, but sleeps for 100 ms when it finds a connection still closing.
    connection.execute(AssertSqlSafe(disconnect(&name))).await?;
    tokio::time::sleep(Duration::from_millis(5)).await;
    connection
        .execute(AssertSqlSafe(format!(
            "DROP DATABASE IF EXISTS {name} WITH (FORCE)"
        )))
        .await?;
    connection.close().await
}

fn disconnect(database: &str) -> String {
    format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
}

async fn run(connection: &mut PgConnection, statement: String) {
    let failure = format!("run {statement}");
    connection
        .execute(AssertSqlSafe(statement))
        .await
        .expect(&failure);
}

mod tests {
    use super::*;

    async fn one_table(url: String) {
        let mut connection = PgConnection::connect(&url).await.expect("connect");
        connection
            .execute("CREATE TABLE paid (id BIGINT PRIMARY KEY)")
            .await
            .expect("create a table");
    }

    async fn insert(url: &str) -> Result<i64, sqlx::Error> {
        let mut connection = PgConnection::connect(url).await?;
        connection
            .execute("INSERT INTO paid SELECT count(*) FROM paid")
            .await?;
        sqlx::query_scalar("SELECT count(*) FROM paid")
            .fetch_one(&mut connection)
            .await
    }

    #[tokio::test]
    async fn a_private_server_keeps_commits_over_a_stop_and_a_crash() {
        let Some(mut server) = PrivatePostgres::maybe_start() else {
            return;
        };
        let database = server.database("one table", one_table).await;
        assert_eq!(insert(&database.url).await.expect("insert"), 1);
        server.kill9();
        assert!(insert(&database.url).await.is_err());
        server.start();
        assert_eq!(insert(&database.url).await.expect("insert"), 2);
        server.stop();
        server.start();
        assert_eq!(insert(&database.url).await.expect("insert"), 3);
    }

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own() {
        let Some(server) = Postgres::maybe_start() else {
            return;
        };
        let ours = server.database("one table", one_table).await;
        let theirs = server.database("one table", one_table).await;
        assert_eq!(insert(&ours.url).await.expect("insert"), 1);
        assert_eq!(insert(&theirs.url).await.expect("insert"), 1);
        let gone = ours.url.clone();
        drop(ours);
        assert!(insert(&gone).await.is_err());
    }
}
