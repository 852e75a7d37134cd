//! What differs between SQLite and PostgreSQL in a table's text: four words, and triggers.

use sea_orm_migration::prelude::{DbErr, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Runs statements written once for both databases.
///
/// `TEXT!` is text compared byte by byte, `BYTES` is raw bytes, and `CLUSTERED` after a table keeps
/// its rows in the order of the primary key where the database can.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    let (text, bytes, clustered) = if postgres {
        ("TEXT COLLATE \"C\"", "BYTEA", "")
    } else {
        ("TEXT", "BLOB", "WITHOUT ROWID")
    };
    for statement in statements {
        let statement = statement
            .replace("TEXT!", text)
            .replace("BYTES", bytes)
            .replace("CLUSTERED", clustered);
        manager
            .get_connection()
            .execute_unprepared(&statement)
            .await?;
    }
    Ok(())
}

/// Makes the database itself refuse a change of rows: `events` is `UPDATE`, `DELETE` or both.
pub async fn refuse(
    manager: &SchemaManager<'_>,
    table: &str,
    events: &[&str],
) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        connection
            .execute_unprepared(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            )
            .await?;
    }
    for event in events {
        let name = format!("{table}_refuse_{}", event.to_lowercase());
        let body = if manager.get_database_backend() == DbBackend::Postgres {
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()".to_owned()
        } else {
            format!("BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")
        };
        connection
            .execute_unprepared(&format!(
                "CREATE TRIGGER {name} BEFORE {event} ON {table} {body}"
            ))
            .await?;
    }
    Ok(())
}

/// Makes the database itself refuse ledger entries that do not balance, and entries that come after
/// their transaction. Entries are written first, in one statement, then their transaction.
///
/// PostgreSQL looks at the statement's rows together; SQLite, which knows no such trigger, when the
/// transaction seals them.
pub async fn balanced(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statements: &[&str] = if manager.get_database_backend() == DbBackend::Postgres {
        &[
            "CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF EXISTS (SELECT 1 FROM fresh GROUP BY merchant_id, transaction_id HAVING
                    SUM(CASE direction WHEN 'DEBIT' THEN amount_minor ELSE -amount_minor END) <> 0)
                THEN RAISE EXCEPTION 'ledger entries do not balance'; END IF;
                IF EXISTS (SELECT 1 FROM fresh JOIN ledger_transactions t
                    ON t.merchant_id = fresh.merchant_id AND t.id = fresh.transaction_id)
                THEN RAISE EXCEPTION 'a ledger transaction is sealed'; END IF;
                RETURN NULL; END $$",
            "CREATE TRIGGER ledger_entries_balanced AFTER INSERT ON ledger_entries
                REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_balanced()",
        ]
    } else {
        &[
            "CREATE TRIGGER ledger_entries_sealed BEFORE INSERT ON ledger_entries BEGIN
                SELECT RAISE(ABORT, 'a ledger transaction is sealed') WHERE EXISTS (
                    SELECT 1 FROM ledger_transactions
                    WHERE merchant_id = NEW.merchant_id AND id = NEW.transaction_id); END",
            "CREATE TRIGGER ledger_transactions_balanced BEFORE INSERT ON ledger_transactions BEGIN
                SELECT RAISE(ABORT, 'ledger entries do not balance') WHERE (
                    SELECT COALESCE(SUM(CASE direction WHEN 'DEBIT' THEN amount_minor
                        ELSE -amount_minor END), 1) FROM ledger_entries
                    WHERE merchant_id = NEW.merchant_id AND transaction_id = NEW.id) <> 0; END",
        ]
    };
    run(manager, statements).await
}

/// Makes PostgreSQL look by index whether new entries belong to a transaction that is sealed. It planned the
/// join of [`balanced`] once a session, and read the whole table for as long as it had been empty then; a
/// subquery in the condition cannot become a join.
pub async fn sealed_by_index(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let statement = "CREATE OR REPLACE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT 1 FROM fresh GROUP BY merchant_id, transaction_id HAVING
                SUM(CASE direction WHEN 'DEBIT' THEN amount_minor ELSE -amount_minor END) <> 0)
            THEN RAISE EXCEPTION 'ledger entries do not balance'; END IF;
            IF EXISTS (SELECT 1 FROM fresh WHERE (SELECT t.id FROM ledger_transactions t
                WHERE t.merchant_id = fresh.merchant_id AND t.id = fresh.transaction_id) IS NOT NULL)
            THEN RAISE EXCEPTION 'a ledger transaction is sealed'; END IF;
            RETURN NULL; END $$";
    run(manager, &[statement]).await
}
