//! Reads members, and what their orders come to.

use std::collections::HashMap;

use entity::member::{Column, Entity, Model};
use entity::order::{self, PaymentState};
use entity::{MemberId, MerchantId};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr, SubQueryStatement};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::app::App;
use crate::db::{any_of, any_text_of, newest_first};
use crate::error::Error;
use crate::filters::begins_with;
use crate::members::model::MemberFilter;
use crate::paging::{Page, Paging};
use crate::sums::sum_of;

/// The members that a filter wants.
#[must_use]
pub fn wanted(merchant_id: MerchantId, filter: &MemberFilter) -> Select<Entity> {
    let mut select = Entity::of(merchant_id);
    if let Some(no) = &filter.member_no {
        select = select.filter(begins_with(Column::MemberNo, no));
    }
    if let Some(range) = &filter.created {
        let first = |at: chrono::DateTime<chrono::Utc>| MemberId::first_at(at.timestamp_millis());
        select = select
            .filter(Column::Id.gte(first(range.from)))
            .filter(Column::Id.lt(first(range.to)));
    }
    if let Some(range) = &filter.first_paid {
        select = select
            .filter(Column::FirstPaidAt.gte(range.from.timestamp_millis()))
            .filter(Column::FirstPaidAt.lt(range.to.timestamp_millis()));
    }
    match filter.has_paid {
        Some(true) => select.filter(Column::FirstPaidAt.is_not_null()),
        Some(false) => select.filter(Column::FirstPaidAt.is_null()),
        None => select,
    }
}

/// A page of a merchant's members, those first who were named last.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &MemberFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, MemberId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many members a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &MemberFilter,
) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

/// A member by id; none where there is no such.
pub async fn maybe_find(
    app: &App,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// A member by the shop's own number, or the one that they have become a part of; none where there is no such.
pub async fn find_by_no(
    app: &App,
    merchant_id: MerchantId,
    member_no: &str,
) -> Result<Option<Model>, Error> {
    let found = Entity::of(merchant_id)
        .filter(Column::MemberNo.eq(member_no))
        .one(&app.db.reads(merchant_id))
        .await?;
    match found.as_ref().and_then(|row| row.merged_into) {
        Some(into) => maybe_find(app, merchant_id, into).await,
        None => Ok(found),
    }
}

/// The id of the member of a number, or of the one that they have become a part of, inside a statement: one value, so
/// that an index is entered at it.
#[must_use]
pub fn id_of(merchant_id: MerchantId, member_no: &str) -> SimpleExpr {
    let id = Entity::of(merchant_id)
        .filter(Column::MemberNo.eq(member_no))
        .select_only()
        .expr_as(Expr::cust("COALESCE(merged_into, id)"), "survivor")
        .into_query();
    SimpleExpr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(id)))
}

/// Members by the shop's own numbers, in no order; those that there are, and those that they have become a part of.
pub async fn find_by_nos(
    app: &App,
    merchant_id: MerchantId,
    member_nos: &[String],
) -> Result<Vec<Model>, Error> {
    let mut found = Entity::of(merchant_id)
        .filter(any_text_of(&app.db, Column::MemberNo, member_nos))
        .all(&app.db.reads(merchant_id))
        .await?;
    let into: Vec<MemberId> = found.iter().filter_map(|row| row.merged_into).collect();
    if !into.is_empty() {
        found.retain(|row| row.merged_into.is_none());
        let more = find_many(app, merchant_id, &into).await?;
        found.extend(more.into_values());
        found.sort_by_key(|row| row.id.0);
        found.dedup_by_key(|row| row.id.0);
    }
    Ok(found)
}

/// Members by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What a member's orders come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Orders that were paid.
    pub paid_orders: i64,
    /// What was paid for them, less what refunds gave back, in minor units.
    pub spent_minor: i64,
}

/// What the orders of several members come to; those without a paid order are not among them.
pub async fn totals(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Totals>, Error> {
    let column = |column| Expr::col((order::Entity, column));
    let spent = column(order::Column::PaidMinor).sub(column(order::Column::RefundedMinor));
    let rows: Vec<(MemberId, i64, i64)> = order::Entity::of(merchant_id)
        .filter(any_of(&app.db, order::Column::MemberId, ids))
        .filter(order::Column::PaymentState.eq(PaymentState::Paid))
        .select_only()
        .column(order::Column::MemberId)
        .expr_as(column(order::Column::Id).count(), "paid_orders")
        .expr_as(sum_of(spent), "spent")
        .group_by(order::Column::MemberId)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let totals = rows.into_iter().map(|(id, paid_orders, spent_minor)| {
        let totals = Totals {
            paid_orders,
            spent_minor,
        };
        (id, totals)
    });
    Ok(totals.collect())
}
