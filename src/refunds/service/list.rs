//! Reads refunds.

use std::collections::HashMap;

use entity::refund::{Column, Entity, Model, RefundStatus};
use entity::{MerchantId, OrderId, RefundId, refund_line};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::search::wanted;
use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};
use crate::refunds::model::RefundFilter;
use crate::sums::sum_of;

/// One refund.
pub async fn find(app: &App, merchant_id: MerchantId, id: RefundId) -> Result<Model, Error> {
    Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)
}

/// A page of a merchant's refunds, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &RefundFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, RefundId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many refunds a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &RefundFilter,
) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

/// The sums over the refunds that a filter wants, in minor units.
#[derive(Clone, Copy, Debug, Default, FromQueryResult)]
pub struct Totals {
    /// What payers get.
    pub amount_minor: Option<i64>,
    /// What came back of fees.
    pub fee_returned_minor: Option<i64>,
}

/// Sums up the refunds that a filter wants.
pub async fn totals(
    app: &App,
    merchant_id: MerchantId,
    filter: &RefundFilter,
) -> Result<Totals, Error> {
    let sum = |column: Column| sum_of(Expr::col((Entity, column)));
    let totals = wanted(merchant_id, filter)
        .select_only()
        .expr_as(sum(Column::AmountMinor), "amount_minor")
        .expr_as(sum(Column::FeeReturnedMinor), "fee_returned_minor")
        .into_model::<Totals>()
        .one(&app.db.reads(merchant_id))
        .await?;
    Ok(totals.unwrap_or_default())
}

/// How many refunds are in a state.
pub type StateCount = (RefundStatus, i64);

/// Counts the refunds that a filter wants by state.
pub async fn states(
    app: &App,
    merchant_id: MerchantId,
    filter: &RefundFilter,
) -> Result<Vec<StateCount>, Error> {
    Ok(wanted(merchant_id, filter)
        .select_only()
        .column(Column::State)
        .expr_as(Expr::col((Entity, Column::Id)).count(), "refunds")
        .group_by(Expr::col((Entity, Column::State)))
        .order_by_asc(Column::State)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?)
}

/// Refunds by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[RefundId],
) -> Result<HashMap<RefundId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The refunds of several orders, the oldest first; those of extra payments, too.
pub async fn find_of_orders(
    app: &App,
    merchant_id: MerchantId,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Vec<Model>>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::OrderId, orders))
        .order_by_asc(Column::Id)
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut refunds: HashMap<OrderId, Vec<Model>> = HashMap::new();
    for row in rows {
        refunds.entry(row.order_id).or_default().push(row);
    }
    Ok(refunds)
}

/// The lines of several refunds.
pub async fn find_lines(
    app: &App,
    merchant_id: MerchantId,
    refunds: &[RefundId],
) -> Result<HashMap<RefundId, Vec<refund_line::Model>>, Error> {
    let column = refund_line::Column::RefundId;
    let rows = refund_line::Entity::of(merchant_id)
        .filter(any_of(&app.db, column, refunds))
        .order_by_asc(column)
        .order_by_asc(refund_line::Column::LineNo)
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut lines: HashMap<RefundId, Vec<refund_line::Model>> = HashMap::new();
    for row in rows {
        lines.entry(row.refund_id).or_default().push(row);
    }
    Ok(lines)
}
