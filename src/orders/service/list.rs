//! Reads orders: pages by keyset, one by any of its numbers, totals and facets of a filter.

use std::collections::HashMap;

use entity::order::{Column, Entity};
use entity::{Instant, MerchantId, OrderId, order_line, order_timeline};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, FromQueryResult, Order as SqlOrder, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::row::{Detail, FullRow, Line, OrderRow, Shape, Summary, TimelineEntry};
use super::search::wanted;
use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::orders::model::{Direction, OrderFilter, OrderSort, SortField};
use crate::paging::{Page, Paging, bad_cursor};
use crate::sums::sum_of;

/// A page of a merchant's orders.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &OrderFilter,
    sort: OrderSort,
    paging: &Paging,
    shape: Shape,
) -> Result<Page<OrderRow>, Error> {
    let mut select = wanted(merchant_id, filter);
    if sort.field == SortField::PaidAt {
        select = select.filter(Column::PaidAt.is_not_null());
    }
    let downward = (sort.direction == Direction::Desc) != paging.backward;
    if let Some(text) = &paging.beyond {
        let place = read_cursor(sort.field, text).ok_or_else(|| bad_cursor(paging.backward))?;
        select = select.filter(beside(sort.field, place, downward));
    }
    if let Some(text) = &paging.until {
        let place = read_cursor(sort.field, text).ok_or_else(|| bad_cursor(!paging.backward))?;
        select = select.filter(beside(sort.field, place, !downward));
    }
    let order = if downward {
        SqlOrder::Desc
    } else {
        SqlOrder::Asc
    };
    if let Some(column) = sort_column(sort.field) {
        select = select.order_by(column, order.clone());
    }
    let select = select.order_by(Column::Id, order).limit(paging.limit + 1);
    Ok(Page::of(
        read(app, merchant_id, select, shape).await?,
        paging,
    ))
}

/// Reads orders with the columns of a shape.
async fn read(
    app: &App,
    merchant_id: MerchantId,
    select: Select<Entity>,
    shape: Shape,
) -> Result<Vec<OrderRow>, Error> {
    let select = select
        .select_only()
        .columns(Summary::COLUMNS.iter().copied());
    Ok(match shape {
        Shape::Summary => {
            let rows = select
                .into_model::<Summary>()
                .all(&app.db.reads(merchant_id))
                .await?;
            rows.into_iter().map(OrderRow::from).collect()
        }
        Shape::Full => {
            let select = select.columns(Detail::COLUMNS.iter().copied());
            let rows = select
                .into_model::<FullRow>()
                .all(&app.db.reads(merchant_id))
                .await?;
            rows.into_iter().map(|row| row.0).collect()
        }
    })
}

fn sort_column(field: SortField) -> Option<Column> {
    match field {
        SortField::CreatedAt => None,
        SortField::PaidAt => Some(Column::PaidAt),
        SortField::Amount => Some(Column::AmountMinor),
    }
}

/// What lies below or above a place: a row value, so that the index is entered at the place.
fn beside(field: SortField, (value, id): (i64, OrderId), below: bool) -> SimpleExpr {
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

/// The cursor of an order in a list sorted this way.
#[must_use]
pub fn cursor(field: SortField, order: &Summary) -> String {
    let id = order.id.0;
    match field {
        SortField::CreatedAt => format!("c{id:x}"),
        SortField::PaidAt => {
            let paid = order.paid_at.map_or(0, |at| at.0.timestamp_millis());
            format!("p{paid:x}.{id:x}")
        }
        SortField::Amount => format!("a{:x}.{id:x}", order.amount_minor),
    }
}

fn read_cursor(field: SortField, text: &str) -> Option<(i64, OrderId)> {
    let hex = |text: &str| {
        let plain = text.bytes().all(|letter| letter.is_ascii_hexdigit());
        plain.then(|| i64::from_str_radix(text, 16).ok()).flatten()
    };
    match field {
        SortField::CreatedAt => Some((0, OrderId(hex(text.strip_prefix('c')?)?))),
        SortField::PaidAt | SortField::Amount => {
            let letter = if field == SortField::PaidAt { 'p' } else { 'a' };
            let (value, id) = text.strip_prefix(letter)?.split_once('.')?;
            Some((hex(value)?, OrderId(hex(id)?)))
        }
    }
}

/// One order by id, in full.
pub async fn find(app: &App, merchant_id: MerchantId, id: OrderId) -> Result<OrderRow, Error> {
    find_one(app, merchant_id, Column::Id.eq(id)).await
}

/// One order by the shop's own number, in full.
pub async fn find_by_merchant_order_no(
    app: &App,
    merchant_id: MerchantId,
    no: &str,
) -> Result<OrderRow, Error> {
    find_one(app, merchant_id, Column::MerchantOrderNo.eq(no)).await
}

/// One order by the provider's own number, in full.
pub async fn find_by_provider_trade_no(
    app: &App,
    merchant_id: MerchantId,
    no: &str,
) -> Result<OrderRow, Error> {
    find_one(app, merchant_id, Column::ProviderTradeNo.eq(no)).await
}

async fn find_one(
    app: &App,
    merchant_id: MerchantId,
    condition: SimpleExpr,
) -> Result<OrderRow, Error> {
    let select = Entity::of(merchant_id).filter(condition);
    let found = read(app, merchant_id, select, Shape::Full).await?.pop();
    found.ok_or(Error::NotFound)
}

/// Orders by id, in full, that a filter wants.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[OrderId],
    filter: &OrderFilter,
) -> Result<HashMap<OrderId, OrderRow>, Error> {
    let select = wanted(merchant_id, filter).filter(any_of(&app.db, Column::Id, ids));
    let rows = read(app, merchant_id, select, Shape::Full).await?;
    Ok(rows.into_iter().map(|row| (row.summary.id, row)).collect())
}

/// The lines of several orders, in order.
pub async fn find_lines(
    app: &App,
    merchant_id: MerchantId,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Vec<Line>>, Error> {
    let rows = order_line::Entity::of(merchant_id)
        .filter(any_of(&app.db, order_line::Column::OrderId, orders))
        .order_by_asc(order_line::Column::OrderId)
        .order_by_asc(order_line::Column::LineNo)
        .select_only()
        .columns(Line::COLUMNS.iter().copied())
        .into_model::<Line>()
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut lines: HashMap<OrderId, Vec<Line>> = HashMap::new();
    for row in rows {
        lines.entry(row.order_id).or_default().push(row);
    }
    Ok(lines)
}

/// The timelines of several orders, oldest first.
pub async fn find_timelines(
    app: &App,
    merchant_id: MerchantId,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Vec<TimelineEntry>>, Error> {
    let rows = order_timeline::Entity::of(merchant_id)
        .filter(any_of(&app.db, order_timeline::Column::OrderId, orders))
        .order_by_asc(order_timeline::Column::OrderId)
        .order_by_asc(order_timeline::Column::Id)
        .select_only()
        .columns(TimelineEntry::COLUMNS.iter().copied())
        .into_model::<TimelineEntry>()
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut timelines: HashMap<OrderId, Vec<TimelineEntry>> = HashMap::new();
    for row in rows {
        timelines.entry(row.order_id).or_default().push(row);
    }
    Ok(timelines)
}

/// How many orders a filter wants.
pub async fn count(app: &App, merchant_id: MerchantId, filter: &OrderFilter) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

/// The sums over the orders that a filter wants, in minor units.
#[derive(Clone, Copy, Debug, Default, FromQueryResult)]
pub struct Totals {
    /// The sums of their lines.
    pub amount_minor: Option<i64>,
    /// What was taken off.
    pub discount_minor: Option<i64>,
    /// What was paid.
    pub paid_minor: Option<i64>,
}

/// Sums up the orders that a filter wants.
pub async fn totals(
    app: &App,
    merchant_id: MerchantId,
    filter: &OrderFilter,
) -> Result<Totals, Error> {
    let sum = |column: Column| sum_of(Expr::col((Entity, column)));
    let totals = wanted(merchant_id, filter)
        .select_only()
        .expr_as(sum(Column::AmountMinor), "amount_minor")
        .expr_as(sum(Column::DiscountMinor), "discount_minor")
        .expr_as(sum(Column::PaidMinor), "paid_minor")
        .into_model::<Totals>()
        .one(&app.db.reads(merchant_id))
        .await?;
    Ok(totals.unwrap_or_default())
}

/// What orders are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FacetField {
    /// The payment axis.
    PaymentState,
    /// The refund axis.
    RefundState,
    /// The fulfilment axis.
    FulfillmentState,
    /// The method.
    Method,
    /// The channel.
    Channel,
    /// The buyer's country.
    Country,
}

/// How many orders have a value.
#[derive(Clone, Debug)]
pub struct Facet<T> {
    /// The value.
    pub value: T,
    /// How many.
    pub count: i64,
}

/// Counts the orders that a filter wants by a column, most first. `T` is what the column holds.
pub async fn facet<T>(
    app: &App,
    merchant_id: MerchantId,
    filter: &OrderFilter,
    field: FacetField,
) -> Result<Vec<Facet<T>>, Error>
where
    T: sea_orm::TryGetable + Send + Sync,
{
    let column = match field {
        FacetField::PaymentState => Column::PaymentState,
        FacetField::RefundState => Column::RefundState,
        FacetField::FulfillmentState => Column::FulfillmentState,
        FacetField::Method => Column::Method,
        FacetField::Channel => Column::ChannelId,
        FacetField::Country => Column::Country,
    };
    let rows: Vec<(T, i64)> = wanted(merchant_id, filter)
        .select_only()
        .column(column)
        .expr_as(Expr::col((Entity, Column::Id)).count(), "orders")
        .filter(Expr::col((Entity, column)).is_not_null())
        .group_by(Expr::col((Entity, column)))
        .order_by(Expr::cust("orders"), SqlOrder::Desc)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows
        .into_iter()
        .map(|(value, count)| Facet { value, count })
        .collect())
}

/// When an order was made.
impl Summary {
    /// When it was made: the instant inside its id.
    #[must_use]
    pub fn created_at(&self) -> Instant {
        Instant(chrono::DateTime::from_timestamp_millis(self.id.made_at_ms()).unwrap_or_default())
    }
}
