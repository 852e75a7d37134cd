//! The products that brought most.

use entity::{ChannelId, Instant, MerchantId, ProductId, order, order_line, product};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};

use super::bounded;
use crate::app::App;
use crate::db::{any_of, any_text_of};
use crate::error::Error;
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
    /// The products, the first one first.
    pub rows: Vec<ProductRow>,
    /// How many of all products were sold.
    pub quantity: i64,
    /// What was paid for all products, in minor units.
    pub paid_minor: i64,
}

/// Ranks the products of the orders that were paid in a time; refunds do not count against them. Reads each of
/// these orders' lines, by index.
pub async fn products(app: &App, merchant_id: MerchantId, asked: &Asked) -> Result<Ranking, Error> {
    let range = bounded(asked.range)?;
    let mut select = order::Entity::of(merchant_id)
        .select_only()
        .join(JoinType::InnerJoin, to_lines())
        .filter(order::Column::PaidAt.gte(Instant(range.from)))
        .filter(order::Column::PaidAt.lt(Instant(range.to)));
    if let Some(channels) = &asked.channels {
        select = select.filter(any_of(&app.db, order::Column::ChannelId, channels));
    }
    if let Some(categories) = &asked.categories {
        select = select.filter(any_text_of(
            &app.db,
            order_line::Column::Category,
            categories,
        ));
    }
    let of = |column| Expr::col((order_line::Entity, column));
    let paid = || {
        of(order_line::Column::UnitPriceMinor)
            .mul(of(order_line::Column::Quantity))
            .sub(of(order_line::Column::DiscountMinor))
    };
    let quantity = || SimpleExpr::from(of(order_line::Column::Quantity));
    let orders = Expr::col((order::Entity, order::Column::Id)).count_distinct();
    select = select
        .column_as(order_line::Column::ProductId, "product_id")
        .expr_as(whole(quantity().sum()), "quantity")
        .expr_as(orders, "orders")
        .expr_as(whole(paid().sum()), "paid_minor")
        .expr_as(whole(over_all(app, quantity())), "all_quantity")
        .expr_as(whole(over_all(app, paid())), "all_paid_minor");
    select = select.group_by(order_line::Column::ProductId);
    let select = match asked.sort_by {
        SortBy::Paid => select.order_by_desc(paid().sum()),
        SortBy::Quantity => select.order_by_desc(quantity().sum()),
    };
    let select = select.order_by_asc(order_line::Column::ProductId);
    let select = select.limit(asked.first).into_model::<Sums>();
    let sums = select.all(app.db.reads()).await?;
    let all = sums
        .first()
        .map(|sums| (sums.all_quantity, sums.all_paid_minor));
    let (quantity, paid_minor) = all.unwrap_or_default();
    Ok(Ranking {
        rows: named(app, merchant_id, &sums).await?,
        quantity,
        paid_minor,
    })
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
        .all(app.db.reads())
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
