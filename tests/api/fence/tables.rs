//! Around which tables the fence stands, by the catalogue: a new one without it is found.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use yigate::config::Settings;
use yigate::db::Db;

use super::two_merchants;
use crate::support::{World, postgres_database, settings};

/// Texts of a statement's rows.
async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let asked = Statement::from_string(DbBackend::Postgres, sql);
    let rows = db.reads_across().query_all_raw(asked).await.expect("rows");
    rows.iter()
        .map(|row| row.try_get_by_index(0).expect("a text"))
        .collect()
}

/// What may be done without the fence: whatever is not named here stands behind it.
const OUTSIDE: [&str; 4] = [
    "leases",
    "seaql_migrations",
    "sign_in_delays",
    "signing_keys",
];

#[tokio::test]
async fn every_table_stands_behind_it() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let db = &world.app().db;
    let outside = texts(
        db,
        "SELECT relname::text FROM pg_class AS t WHERE relkind IN ('r', 'p')
            AND relnamespace = 'public'::regnamespace
            AND NOT (relrowsecurity
                AND EXISTS (SELECT FROM pg_policies AS p WHERE p.tablename = t.relname
                    AND p.permissive = 'RESTRICTIVE' AND p.cmd = 'ALL'
                    AND p.roles = '{yigate_tenant}' AND p.qual LIKE '%yigate.merchant%'
                    AND p.with_check = p.qual)
                AND EXISTS (SELECT FROM pg_policies AS p WHERE p.tablename = t.relname
                    AND p.permissive = 'PERMISSIVE' AND p.cmd = 'ALL'
                    AND p.roles = '{public}' AND p.qual = 'true'))
            ORDER BY 1",
    );
    assert_eq!(outside.await, OUTSIDE);
    let merchants = texts(
        db,
        "SELECT p.tablename::text FROM pg_policies AS p JOIN pg_attribute AS a
            ON a.attrelid = p.tablename::regclass AND a.attname = 'merchant_id'
            WHERE p.policyname = 'yigate_tenant' AND p.qual NOT LIKE '(merchant_id = %'",
    );
    assert_eq!(merchants.await, Vec::<String>::new());
}

#[tokio::test]
async fn nobody_signs_in_as_its_role_and_it_bypasses_nothing() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let mighty = texts(
        &world.app().db,
        "SELECT rolname::text FROM pg_roles WHERE rolname = 'yigate_tenant'
            AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)",
    );
    assert_eq!(mighty.await, Vec::<String>::new());
}

#[tokio::test]
async fn it_is_raised_once_and_whoever_does_not_ask_for_it_loses_nothing() {
    let Some((world, _ours, _)) = two_merchants().await else {
        return;
    };
    let db = &world.app().db;
    let known = "SELECT oid::text FROM pg_policy ORDER BY oid";
    let before = texts(db, known).await;
    assert!(before.len() > 100);
    db.migrate().await.expect("again");
    assert_eq!(texts(db, known).await, before);
    db.check_fence().await.expect("it stands");

    let world = world
        .with_settings(|settings| settings.database.row_security = false)
        .await;
    let db = &world.app().db;
    db.check_fence().await.expect("nobody asks for it");
    assert_eq!(texts(db, "SELECT id::text FROM orders").await.len(), 2);
}

#[tokio::test]
async fn a_gateway_that_is_to_have_it_and_has_it_not_does_not_start() {
    let Some(database) = postgres_database().await else {
        return;
    };
    let Settings { database, .. } = settings(&database.url);
    let db = Db::connect(&database).await.expect("a connection");
    for (undo, said) in [
        (
            "ALTER TABLE orders DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE orders ENABLE",
        ),
        (
            "DROP POLICY yigate_tenant ON payouts",
            "CREATE POLICY yigate_tenant ON payouts",
        ),
        (
            "DROP POLICY yigate_everybody ON refunds",
            "CREATE POLICY yigate_everybody ON refunds",
        ),
        (
            "REVOKE DELETE ON events FROM yigate_tenant",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON events",
        ),
        (
            "CREATE TABLE later (merchant_id BIGINT, id BIGINT)",
            "CREATE POLICY yigate_tenant ON later",
        ),
    ] {
        db.writer().execute_unprepared(undo).await.expect(undo);
        let error = db.check_fence().await.expect_err(undo).to_string();
        assert!(error.contains("`database.row_security`"), "{error}");
        assert!(error.contains(said), "{error}");
        db.migrate().await.expect("it is raised again");
        db.check_fence().await.expect("it stands again");
    }
}
