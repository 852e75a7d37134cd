//! Reads members, and what they have bought.

use std::borrow::Cow;
use std::collections::HashMap;

use entity::member::{Column, Entity, Model};
use entity::{Day, MemberId, MerchantId, member_day};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr, SubQueryStatement};
use sea_orm::{
    ColumnTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::wanted::wanted;
use crate::app::App;
use crate::db::{any_of, any_text_of};
use crate::error::Error;
use crate::members::model::{MemberFilter, MemberSort, MemberSortField, Whose};
use crate::paging::{Page, Paging, bad_cursor};
use crate::sums::sum_of;

/// A page of a merchant's members, sorted.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &MemberFilter,
    sort: MemberSort,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let filter = with_survivor(app, merchant_id, filter).await?;
    let select = page_of(merchant_id, &filter, sort, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// The filter, where it names the number of somebody who has become a part of another one with that one: looked up
/// before, so that lists are read by the same indexes as without it.
async fn with_survivor<'a>(
    app: &App,
    merchant_id: MerchantId,
    filter: &'a MemberFilter,
) -> Result<Cow<'a, MemberFilter>, Error> {
    let Some(no) = &filter.member_no else {
        return Ok(Cow::Borrowed(filter));
    };
    let survivor: Option<MemberId> = Entity::of(merchant_id)
        .filter(Column::MemberNo.eq(no))
        .filter(Column::MergedInto.is_not_null())
        .select_only()
        .column(Column::MergedInto)
        .into_tuple()
        .one(&app.db.reads(merchant_id))
        .await?;
    Ok(Cow::Owned(MemberFilter {
        survivor,
        ..filter.clone()
    }))
}

/// What reads a page, one row more than wanted.
pub fn page_of(
    merchant_id: MerchantId,
    filter: &MemberFilter,
    sort: MemberSort,
    paging: &Paging,
) -> Result<Select<Entity>, Error> {
    let mut select = wanted(merchant_id, filter);
    let downward = sort.downward != paging.backward;
    if let Some(text) = &paging.beyond {
        let place = read_cursor(sort.field, text).ok_or_else(|| bad_cursor(paging.backward))?;
        select = select.filter(beside(sort.field, place, downward));
    }
    if let Some(text) = &paging.until {
        let place = read_cursor(sort.field, text).ok_or_else(|| bad_cursor(!paging.backward))?;
        select = select.filter(beside(sort.field, place, !downward));
    }
    let order = if downward { Order::Desc } else { Order::Asc };
    if let Some(column) = sort_column(sort.field) {
        select = select.order_by(column, order.clone());
    }
    Ok(select.order_by(Column::Id, order).limit(paging.limit + 1))
}

fn sort_column(field: MemberSortField) -> Option<Column> {
    match field {
        MemberSortField::Created => None,
        MemberSortField::Spent => Some(Column::SpentMinor),
        MemberSortField::LastPaid => Some(Column::LastPaidAt),
    }
}

/// What lies below or above a place: a row value, so that the index is entered at the place.
fn beside(field: MemberSortField, (value, id): (i64, MemberId), below: bool) -> SimpleExpr {
    let Some(column) = sort_column(field) else {
        return if below {
            Column::Id.lt(id)
        } else {
            Column::Id.gt(id)
        };
    };
    let here = Expr::tuple([Expr::col(column), Expr::col(Column::Id)]);
    let there = Expr::tuple([Expr::value(value), Expr::value(id)]);
    if below {
        here.lt(there)
    } else {
        here.gt(there)
    }
}

/// The cursor of a member in a list sorted this way.
#[must_use]
pub fn cursor(field: MemberSortField, member: &Model) -> String {
    let id = member.id;
    match field {
        MemberSortField::Created => id.to_string(),
        MemberSortField::Spent => format!("s{}.{id}", member.spent_minor),
        MemberSortField::LastPaid => {
            let paid = member.last_paid_at.map_or(0, |at| at.0.timestamp_millis());
            format!("p{paid}.{id}")
        }
    }
}

fn read_cursor(field: MemberSortField, text: &str) -> Option<(i64, MemberId)> {
    let letter = match field {
        MemberSortField::Created => return Some((0, text.parse().ok()?)),
        MemberSortField::Spent => 's',
        MemberSortField::LastPaid => 'p',
    };
    let (value, id) = text.strip_prefix(letter)?.split_once('.')?;
    Some((value.parse().ok()?, id.parse().ok()?))
}

/// How many members a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &MemberFilter,
) -> Result<u64, Error> {
    let filter = with_survivor(app, merchant_id, filter).await?;
    Ok(wanted(merchant_id, &filter)
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

/// A member by id, or the one that they have become a part of; none where there is no such.
pub async fn find_surviving(
    app: &App,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Option<Model>, Error> {
    let found = maybe_find(app, merchant_id, id).await?;
    match found.as_ref().and_then(|row| row.merged_into) {
        Some(into) => maybe_find(app, merchant_id, into).await,
        None => Ok(found),
    }
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

/// Whose id a request names, which may have become a part of somebody; none where there is no such number.
pub async fn id_of_whose(
    app: &App,
    merchant_id: MerchantId,
    whose: &Whose,
) -> Result<Option<MemberId>, Error> {
    match whose {
        Whose::Id(id) => Ok(Some(*id)),
        Whose::MemberNo(no) => {
            let found = find_by_no(app, merchant_id, no).await?;
            Ok(found.map(|row| row.id))
        }
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

/// What a member bought in a span of days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bought {
    /// Orders that were paid and not refunded in full.
    pub orders: i64,
    /// What was paid for them, less what refunds gave back, in minor units.
    pub spent_minor: i64,
}

/// What members have bought since a day; those who bought nothing are not among them.
pub async fn bought_since(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MemberId],
    since: Day,
) -> Result<HashMap<MemberId, Bought>, Error> {
    use member_day::Column as Of;
    let column = |column: Of| Expr::col((member_day::Entity, column));
    let rows: Vec<(MemberId, i64, i64)> = member_day::Entity::of(merchant_id)
        .filter(any_of(&app.db, Of::MemberId, ids))
        .filter(Of::Day.gte(since))
        .select_only()
        .column(Of::MemberId)
        .expr_as(sum_of(column(Of::Orders)), "orders")
        .expr_as(sum_of(column(Of::SpentMinor)), "spent")
        .group_by(Of::MemberId)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let bought = rows.into_iter().map(|(id, orders, spent_minor)| {
        let bought = Bought {
            orders,
            spent_minor,
        };
        (id, bought)
    });
    Ok(bought.collect())
}
