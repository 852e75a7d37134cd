//! Writes which of a member's orders was paid first.

use entity::member::{Column, Entity};
use entity::{Instant, MemberId, MerchantId, OrderId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter};

/// An order of a member is paid: the first is written, once and for good, in the transaction that makes it PAID.
/// Returns whether it was the first. Of two at once, the second waits for the first.
pub async fn mark_paid(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
    order_id: OrderId,
    paid_at: Instant,
) -> Result<bool, DbErr> {
    let updated = Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .filter(Column::FirstOrderId.is_null())
        .col_expr(Column::FirstOrderId, Expr::value(order_id))
        .col_expr(Column::FirstPaidAt, Expr::value(paid_at))
        .exec(txn)
        .await?;
    Ok(updated.rows_affected > 0)
}
