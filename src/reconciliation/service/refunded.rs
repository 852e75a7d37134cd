//! Settles an item whose money has gone back.

use entity::event::EventKind;
use entity::reconciliation_item::{Column, Entity, Resolution};
use entity::{MerchantId, ReconciliationItemId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter};

use crate::app::App;
use crate::error::Error;
use crate::events;

/// Settles an item as refunded, in the transaction of the refund's success; nothing where it is settled.
pub async fn refunded(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: ReconciliationItemId,
    actor: &str,
) -> Result<(), Error> {
    let now = app.clock.instant();
    let settled = Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .filter(Column::ResolvedAt.is_null())
        .col_expr(Column::ResolvedAt, Expr::value(now))
        .col_expr(Column::ResolvedBy, Expr::value(actor))
        .col_expr(Column::Resolution, Expr::value(Resolution::Refunded))
        .exec(txn)
        .await?;
    if settled.rows_affected == 0 {
        return Ok(());
    }
    let kind = EventKind::ReconciliationItemResolved;
    Ok(events::record(txn, &app.ids, now, merchant_id, kind, id).await?)
}
