//! Takes the export whose turn it is, for a while: a lease.

use chrono::TimeDelta;
use entity::Instant;
use entity::event::EventKind;
use entity::export::{Column, Entity, ExportFailure, ExportState, Model};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbBackend, QueryFilter, QuerySelect};

use super::file::remove;
use crate::app::App;
use crate::db::violates_unique;
use crate::error::Error;
use crate::events;

/// How often an export is begun before it is given up: it may be what kills the instances that write it.
const MOST_ATTEMPTS: i32 = 5;

/// Until when an export belongs to who writes it now.
pub(super) fn held_until(app: &App) -> Instant {
    let lease = i64::try_from(app.settings.exports.lease_ms).unwrap_or(30_000);
    Instant(app.clock.now() + TimeDelta::milliseconds(lease))
}

/// Takes the export that is due the longest; none where none is. A claim counts up the lease, and removes what an
/// instance that is gone has written: it is begun anew.
pub async fn claim(app: &App) -> Result<Option<Model>, Error> {
    // Asked first where nobody waits: on SQLite a transaction that writes keeps everybody else from it.
    let due = Entity::due(app.clock.instant()).limit(1);
    if due.one(app.db.reads_across()).await?.is_none() {
        return Ok(None);
    }
    let claimed = app
        .db
        .transaction_across(|txn| async move {
            let mut due = Entity::due(app.clock.instant()).limit(1);
            if app.db.backend() == DbBackend::Postgres {
                due = due.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
            }
            let Some(row) = due.one(&*txn).await? else {
                return Ok(None);
            };
            remove(&txn, row.merchant_id, row.id).await?;
            if row.attempts >= MOST_ATTEMPTS {
                give_up(app, &txn, &row, ExportFailure::GaveUp).await?;
                return Ok(Some((row, false)));
            }
            let row = begin(app, &txn, row).await?;
            Ok::<_, Error>(Some((row, true)))
        })
        .await;
    match claimed {
        // Another instance has just taken another one of the same merchant.
        Err(Error::Database(error)) if violates_unique(&error, "exports") => Ok(None),
        Err(error) => Err(error),
        Ok(None) => Ok(None),
        Ok(Some((row, is_ours))) => {
            app.events.committed(row.merchant_id);
            Ok(is_ours.then_some(row))
        }
    }
}

async fn begin(app: &App, txn: &DatabaseTransaction, row: Model) -> Result<Model, Error> {
    let now = app.clock.instant();
    let next_at = Some(held_until(app));
    let row = Model {
        state: ExportState::Running,
        lease: row.lease + 1,
        attempts: row.attempts + 1,
        next_at,
        started_at: Some(now),
        updated_at: now,
        rows_total: None,
        rows_done: 0,
        bytes: 0,
        stored_bytes: 0,
        pieces: 0,
        masked: None,
        ..row
    };
    Entity::update_of(row.merchant_id)
        .filter(Column::Id.eq(row.id))
        .col_expr(Column::State, Expr::value(row.state))
        .col_expr(Column::Lease, Expr::col(Column::Lease).add(1))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::NextAt, Expr::value(next_at))
        .col_expr(Column::StartedAt, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .col_expr(Column::RowsTotal, Expr::value(None::<i64>))
        .col_expr(Column::RowsDone, Expr::value(0_i64))
        .col_expr(Column::Bytes, Expr::value(0_i64))
        .col_expr(Column::StoredBytes, Expr::value(0_i64))
        .col_expr(Column::Pieces, Expr::value(0_i32))
        .col_expr(Column::Masked, Expr::value(None::<bool>))
        .exec(txn)
        .await?;
    let kind = EventKind::ExportProgressed;
    events::record(txn, &app.ids, now, row.merchant_id, kind, row.id).await?;
    Ok(row)
}

/// Writes that an export has failed, under its lease, with its event; what was written of it is removed. False
/// where somebody else has it by now, or it was called off.
pub(super) async fn give_up(
    app: &App,
    txn: &DatabaseTransaction,
    row: &Model,
    why: ExportFailure,
) -> Result<bool, Error> {
    let now = app.clock.instant();
    let failed = Entity::update_of(row.merchant_id)
        .filter(Column::Id.eq(row.id))
        .filter(Column::Lease.eq(row.lease))
        .filter(Column::NextAt.is_not_null())
        .col_expr(Column::State, Expr::value(ExportState::Failed))
        .col_expr(Column::Failure, Expr::value(Some(why)))
        .col_expr(Column::NextAt, Expr::value(None::<Instant>))
        .col_expr(Column::FinishedAt, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(txn)
        .await?;
    if failed.rows_affected == 0 {
        return Ok(false);
    }
    remove(txn, row.merchant_id, row.id).await?;
    let kind = EventKind::ExportFailed;
    events::record(txn, &app.ids, now, row.merchant_id, kind, row.id).await?;
    Ok(true)
}
