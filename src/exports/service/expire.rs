//! Removes files whose time is over.

use entity::event::EventKind;
use entity::export::{Column, Entity, ExportState, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use super::file::remove;
use crate::app::App;
use crate::error::Error;
use crate::events;

/// How many are removed at once.
const MANY: u64 = 100;

/// Removes files whose time is over, of all merchants; returns how many. Two instances that do so at once remove
/// each of them once.
pub async fn expire(app: &App) -> Result<usize, Error> {
    let due = Entity::expiring(app.clock.instant())
        .limit(MANY)
        .all(app.db.reads_across())
        .await?;
    for row in &due {
        expire_one(app, row).await?;
    }
    Ok(due.len())
}

async fn expire_one(app: &App, row: &Model) -> Result<(), Error> {
    let (merchant_id, id) = (row.merchant_id, row.id);
    app.write(merchant_id, |txn| async move {
        let now = app.clock.instant();
        let expired = Entity::update_of(merchant_id)
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(ExportState::Done))
            .col_expr(Column::State, Expr::value(ExportState::Expired))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .exec(&*txn)
            .await?;
        if expired.rows_affected == 0 {
            return Ok(());
        }
        remove(&txn, merchant_id, id).await?;
        let kind = EventKind::ExportExpired;
        events::record(&txn, &app.ids, now, merchant_id, kind, id).await?;
        Ok::<_, Error>(())
    })
    .await
}
