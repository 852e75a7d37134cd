//! Writes which of a member's orders was paid first.

use entity::member::{Column, Entity};
use entity::{Instant, order};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter};

/// An order is paid: where it names a member, and none of theirs was paid before, it is written as their first, once and
/// for good, in the transaction that makes it PAID. Returns whether it was. Of two at once, the second waits for the first.
pub async fn mark_paid(
    txn: &DatabaseTransaction,
    order: &order::Model,
    paid_at: Instant,
) -> Result<bool, DbErr> {
    let Some(id) = order.member_id else {
        return Ok(false);
    };
    let updated = Entity::update_of(order.merchant_id)
        .filter(Column::Id.eq(id))
        .filter(Column::FirstOrderId.is_null())
        .col_expr(Column::FirstOrderId, Expr::value(order.id))
        .col_expr(Column::FirstPaidAt, Expr::value(paid_at))
        .col_expr(Column::FirstChannelId, Expr::value(order.channel_id))
        .col_expr(Column::FirstMethod, Expr::value(order.method))
        .col_expr(Column::FirstCountry, Expr::value(order.country.clone()))
        .col_expr(Column::FirstTierId, Expr::value(order.tier_id))
        .exec(txn)
        .await?;
    Ok(updated.rows_affected > 0)
}
