//! Why money went back.

use entity::refund::{Column, Entity, RefundKind, RefundReason, RefundStatus};
use entity::{Instant, MerchantId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::{bounded, in_time};
use crate::app::App;
use crate::error::Error;
use crate::sums::sum_of;
use crate::time_range::TimeRange;

/// Refunds of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct ReasonRow {
    /// Why.
    pub reason: RefundReason,
    /// How many.
    pub refunds: i64,
    /// What they gave back, in minor units.
    pub amount_minor: i64,
}

/// The reasons of the refunds that succeeded in a time and were not returned by the bank, the one that cost
/// most first. What was paid without need is no refund of an order.
pub async fn reasons(
    app: &App,
    merchant_id: MerchantId,
    range: TimeRange,
) -> Result<Vec<ReasonRow>, Error> {
    let range = bounded(range)?;
    let amount = sum_of(Expr::col((Entity, Column::AmountMinor)));
    let rows = Entity::of(merchant_id)
        .select_only()
        .column(Column::Reason)
        .expr_as(Expr::col((Entity, Column::Id)).count(), "refunds")
        .expr_as(amount, "amount_minor")
        .filter(Column::SucceededAt.gte(Instant(range.from)))
        .filter(Column::SucceededAt.lt(Instant(range.to)))
        .filter(Column::State.eq(RefundStatus::Succeeded))
        .filter(Column::Kind.eq(RefundKind::Order))
        .group_by(Column::Reason);
    let reads = app.db.reads(merchant_id);
    let rows = rows.into_model::<ReasonRow>().all(&reads);
    let mut rows = in_time(rows.await)?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.amount_minor, row.refunds)));
    Ok(rows)
}
