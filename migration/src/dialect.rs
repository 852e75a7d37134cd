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
