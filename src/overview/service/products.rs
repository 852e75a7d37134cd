//! The products that brought most.

use entity::{
    ChannelId, Instant, MerchantId, ProductId, order, order_line, product, statistic_product,
};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Order, Query, SelectStatement, SimpleExpr, UnionType,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QuerySelect, QueryTrait, RelationDef,
};

use super::{bounded, in_time};
use crate::app::App;
use crate::db::{any_of, any_text_of};
use crate::error::Error;
use crate::statistics;
use crate::statistics::model::{ALL_CHANNELS, ProductSpans, product_spans};
use crate::time_range::TimeRange;

/// What makes a product come before another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// What was paid for it.
    #[default]
    Paid,
    /// How many were sold.
    Quantity,
}

/// Which products are ranked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// When their orders were paid.
    pub range: TimeRange,
    /// Paid through any of these channels; all where none are named.
    pub channels: Option<Vec<ChannelId>>,
    /// Of any of these categories; all where none are named.
    pub categories: Option<Vec<String>>,
    /// By what.
    pub sort_by: SortBy,
    /// How many.
    pub first: u64,
}

/// A product's rank.
#[derive(Clone, Debug)]
pub struct ProductRow {
    /// The product.
    pub product: product::Model,
    /// How many were sold.
    pub quantity: i64,
    /// In how many orders.
    pub orders: i64,
    /// What was paid for them, in minor units.
    pub paid_minor: i64,
}

/// A product's sums, and those of all.
#[derive(Clone, Copy, Debug, FromQueryResult)]
struct Sums {
    product_id: ProductId,
    quantity: i64,
    orders: i64,
    paid_minor: i64,
    all_quantity: i64,
    all_paid_minor: i64,
}

/// The products that brought most, and the sums of all.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    /// Everything that happened before this is in it.
    pub as_of: Option<Instant>,
    /// The products, the first one first.
    pub rows: Vec<ProductRow>,
    /// How many of all products were sold.
    pub quantity: i64,
    /// What was paid for all products, in minor units.
    pub paid_minor: i64,
}

/// Ranks the products of the orders that were paid in a time; refunds do not count against them. Reads what
/// statistics hold of whole months and days; orders' lines, by index, where the time begins or ends within a day,
/// and all of it while nothing is built.
pub async fn products(app: &App, merchant_id: MerchantId, asked: &Asked) -> Result<Ranking, Error> {
    let range = bounded(asked.range)?;
    let served = statistics::service::served(app, merchant_id).await?;
    let generation = served.generation.filter(|_| served.has_products);
    let parts = match generation {
        Some(generation) => {
            let spans = product_spans(range, served.zone);
            let of_build = of_build(app, merchant_id, generation, asked, &spans).into_iter();
            let of_orders = spans.orders.iter();
            of_build
                .chain(of_orders.map(|range| of_orders_in(app, merchant_id, asked, *range)))
                .collect()
        }
        None => vec![of_orders_in(app, merchant_id, asked, range)],
    };
    let Some(select) = ranked(app, asked, parts) else {
        return Ok(Ranking::default());
    };
    let rows = in_time(app.db.reads(merchant_id).query_all(&select).await)?;
    let sums = rows.iter().map(|row| Sums::from_query_result(row, ""));
    let sums: Vec<Sums> = sums.collect::<Result<_, _>>()?;
    let all = sums
        .first()
        .map(|sums| (sums.all_quantity, sums.all_paid_minor));
    let (quantity, paid_minor) = all.unwrap_or_default();
    Ok(Ranking {
        as_of: match generation {
            Some(_) => served.as_of,
            None => Some(app.clock.instant()),
        },
        rows: named(app, merchant_id, &sums).await?,
        quantity,
        paid_minor,
    })
}

/// What a build holds of whole months and days: a part each, which is a stretch of the table's key.
fn of_build(
    app: &App,
    merchant_id: MerchantId,
    generation: i16,
    asked: &Asked,
    spans: &ProductSpans,
) -> Vec<SelectStatement> {
    use statistic_product::{Column, Entity, Grain};
    let days = spans.days.iter().map(|span| (Grain::Day, *span));
    let months = spans.months.iter().map(|span| (Grain::Month, *span));
    let all = [ALL_CHANNELS];
    let channels = asked.channels.as_deref().unwrap_or(&all);
    let part = |(grain, (from, to)): (Grain, (i64, i64))| {
        let mut select = Entity::of(merchant_id)
            .filter(Column::Generation.eq(generation))
            .filter(Column::Grain.eq(grain))
            .filter(any_of(&app.db, Column::ChannelId, channels))
            .filter(Column::Starts.gte(from).and(Column::Starts.lt(to)));
        if let Some(categories) = &asked.categories {
            let of_categories = product::Entity::of(merchant_id)
                .filter(any_text_of(&app.db, product::Column::Category, categories))
                .select_only()
                .column(product::Column::Id)
                .into_query();
            select = select.filter(Column::ProductId.in_subquery(of_categories));
        }
        select
            .select_only()
            .columns([
                Column::ProductId,
                Column::Quantity,
                Column::Orders,
                Column::PaidMinor,
            ])
            .into_query()
    };
    months.chain(days).map(part).collect()
}

/// The lines of the orders that were paid in a time, by product.
fn of_orders_in(
    app: &App,
    merchant_id: MerchantId,
    asked: &Asked,
    range: TimeRange,
) -> SelectStatement {
    use order_line::Column;
    let mut select = order::Entity::of(merchant_id)
        .select_only()
        .join(JoinType::InnerJoin, to_lines())
        .filter(order::Column::PaidAt.gte(Instant(range.from)))
        .filter(order::Column::PaidAt.lt(Instant(range.to)));
    if let Some(channels) = &asked.channels {
        select = select.filter(any_of(&app.db, order::Column::ChannelId, channels));
    }
    if let Some(categories) = &asked.categories {
        select = select.filter(any_text_of(&app.db, Column::Category, categories));
    }
    let of = |column| Expr::col((order_line::Entity, column));
    let paid = of(Column::UnitPriceMinor)
        .mul(of(Column::Quantity))
        .sub(of(Column::DiscountMinor));
    let orders = Expr::col((order::Entity, order::Column::Id)).count_distinct();
    select
        .column_as(Column::ProductId, "product_id")
        .expr_as(whole(of(Column::Quantity).sum()), "quantity")
        .expr_as(orders, "orders")
        .expr_as(whole(paid.sum()), "paid_minor")
        .group_by(Column::ProductId)
        .into_query()
}

/// Puts parts together, and ranks their sums; none where there is no part.
fn ranked(app: &App, asked: &Asked, parts: Vec<SelectStatement>) -> Option<SelectStatement> {
    let parts = parts.into_iter().reduce(|mut all, part| {
        all.union(UnionType::All, part);
        all
    })?;
    let of = |name| Expr::col(Alias::new(name));
    let sum = |name| whole(of(name).sum());
    let most = match asked.sort_by {
        SortBy::Paid => "paid_minor",
        SortBy::Quantity => "quantity",
    };
    let mut select = Query::select();
    select
        .column(Alias::new("product_id"))
        .expr_as(sum("quantity"), Alias::new("quantity"))
        .expr_as(sum("orders"), Alias::new("orders"))
        .expr_as(sum("paid_minor"), Alias::new("paid_minor"));
    for (name, of_all) in [
        ("quantity", "all_quantity"),
        ("paid_minor", "all_paid_minor"),
    ] {
        let over_all = whole(over_all(app, of(name)));
        select.expr_as(over_all, Alias::new(of_all));
    }
    select
        .from_subquery(parts, Alias::new("parts"))
        .group_by_col(Alias::new("product_id"))
        .order_by_expr(of(most).sum(), Order::Desc)
        .order_by(Alias::new("product_id"), Order::Asc)
        .limit(asked.first);
    Some(select)
}

/// The products of some sums, in their order.
async fn named(
    app: &App,
    merchant_id: MerchantId,
    sums: &[Sums],
) -> Result<Vec<ProductRow>, Error> {
    if sums.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ProductId> = sums.iter().map(|sums| sums.product_id).collect();
    let products = product::Entity::of(merchant_id)
        .filter(any_of(&app.db, product::Column::Id, &ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    let rows = sums.iter().filter_map(|sums| {
        let product = products
            .iter()
            .find(|product| product.id == sums.product_id)?;
        Some(ProductRow {
            product: product.clone(),
            quantity: sums.quantity,
            orders: sums.orders,
            paid_minor: sums.paid_minor,
        })
    });
    Ok(rows.collect())
}

fn to_lines() -> RelationDef {
    use order_line::Column;
    order::Entity::belongs_to(order_line::Entity)
        .from((order::Column::MerchantId, order::Column::Id))
        .to((Column::MerchantId, Column::OrderId))
        .into()
}

/// A sum as an integer of 64 bits: PostgreSQL makes a larger type of it.
fn whole(sum: impl Into<SimpleExpr>) -> SimpleExpr {
    sum.into().cast_as(Alias::new("BIGINT"))
}

/// The sum over all groups, beside each: no second statement reads the lines again. Databases differ in how a
/// part of a text is marked.
fn over_all(app: &App, part: SimpleExpr) -> SimpleExpr {
    let text = match app.db.backend() {
        DbBackend::Postgres => "SUM($1) OVER ()",
        _ => "SUM(?) OVER ()",
    };
    Expr::cust_with_exprs(text, [part.sum()])
}
