//! Locks that are had in the order in which they are asked for.
//!
//! A row that some share is shared by whoever comes next on PostgreSQL, past who waits to have it alone: under a rush
//! that one waits for ever. Advisory locks have a queue. On SQLite there is one writer at a time anyway.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

/// Shares what has these ids until the transaction ends: nobody has it alone meanwhile. Waits for who has it alone, and
/// for who waited before. In one order for everybody, so that nobody waits in a circle.
pub async fn share<I: Copy + Into<i64>>(txn: &DatabaseTransaction, ids: &[I]) -> Result<(), DbErr> {
    let mut ids: Vec<i64> = ids.iter().map(|id| (*id).into()).collect();
    ids.sort_unstable();
    ids.dedup();
    let calls = ids
        .iter()
        .map(|id| format!("pg_advisory_xact_lock_shared({id})"));
    ask(txn, calls.collect()).await
}

/// Has what has this id alone until the transaction ends: waits for those who share it, and whoever comes after waits.
pub async fn have_alone(txn: &DatabaseTransaction, id: impl Into<i64>) -> Result<(), DbErr> {
    let id: i64 = id.into();
    ask(txn, vec![format!("pg_advisory_xact_lock({id})")]).await
}

/// They are called one after the other, from left to right.
async fn ask(txn: &DatabaseTransaction, calls: Vec<String>) -> Result<(), DbErr> {
    if !calls.is_empty() && txn.get_database_backend() == DbBackend::Postgres {
        txn.execute_unprepared(&format!("SELECT {}", calls.join(", ")))
            .await?;
    }
    Ok(())
}
