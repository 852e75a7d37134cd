//! What an error of the database means: try again, wait no longer, it is away, or a row is there already.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// The driver's own error inside SeaORM's.
fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// Whether the database asks for the same to be tried again: serialization, deadlock, lock timeout,
/// SQLite's busy states, and two ids that met.
pub(crate) fn is_transient(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = driver_error(error) else {
        return false;
    };
    let code = error.code().unwrap_or_default();
    matches!(
        code.as_ref(),
        "40001" | "40P01" | "55P03" | "5" | "261" | "517"
    ) || (error.is_unique_violation() && is_primary_key_of_ours(error.as_ref()))
}

/// Whether a row's lock was waited for as long as it may be.
pub(crate) fn waited_in_vain(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = driver_error(error) else {
        return false;
    };
    error.code().is_some_and(|code| code == "55P03")
}

/// Whether PostgreSQL gave a statement up that took too long.
pub(crate) fn is_timeout(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = driver_error(error) else {
        return false;
    };
    error.code().is_some_and(|code| code == "57014")
}

/// Tables that are written often and whose ids are made here.
const GENERATED: [&str; 17] = [
    "orders",
    "events",
    "audit_entries",
    "order_timeline",
    "refunds",
    "ledger_transactions",
    "ledger_entries",
    "settlements",
    "webhook_deliveries",
    "coupons",
    "point_lots",
    "point_entries",
    "tier_changes",
    "redemptions",
    "reward_redemptions",
    "member_changes",
    "message_recipients",
];

/// Whether a row was refused because its generated id, or a coupon's generated code, was taken.
fn is_primary_key_of_ours(error: &dyn sqlx::error::DatabaseError) -> bool {
    match error.constraint() {
        Some("coupons_code") => true,
        Some(name) => GENERATED
            .iter()
            .any(|table| name.strip_suffix("_pkey") == Some(table)),
        None if error.message().ends_with(" coupons.code") => true,
        None => GENERATED
            .iter()
            .any(|table| error.message().ends_with(&format!("{table}.id"))),
    }
}

/// Whether the database could not be reached, or broke off.
pub(crate) fn is_connection_error(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
        return true;
    }
    match driver_error(error) {
        Some(sqlx::Error::Database(error)) => error
            .code()
            // Class 08: connection exceptions; class 57: shutdown; 53300: too many connections.
            .is_some_and(|code| {
                code.starts_with("08") || code.starts_with("57P") || code == "53300"
            }),
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed,
        ) => true,
        _ => false,
    }
}

/// Whether a unique index or primary key whose name or columns contain `name` refused a row.
#[must_use]
pub fn violates_unique(error: &DbErr, name: &str) -> bool {
    let Some(sqlx::Error::Database(error)) = driver_error(error) else {
        return false;
    };
    error.is_unique_violation()
        && (error.constraint().is_some_and(|found| found.contains(name))
            || error.message().contains(name))
}
