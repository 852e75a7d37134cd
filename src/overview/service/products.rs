//! The products that brought most.

use entity::{ChannelId, Instant, MerchantId, ProductId, order, order_line, product};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, RelationDef,
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
#[derive(Clone, Debug, FromQueryResult)]
pub struct ProductRow {
    /// The product.
    pub product_id: ProductId,
    /// Its title.
    pub title: String,
    /// Its category.
    pub category: String,
    /// How many were sold.
    pub quantity: i64,
    /// In how many orders.
    pub orders: i64,
    /// What was paid for them, in minor units.
    pub paid_minor: i64,
    /// How many of all products were sold.
    pub all_quantity: i64,
    /// What was paid for all products, in minor units.
    pub all_paid_minor: i64,
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
        .join(JoinType::InnerJoin, to_product())
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
        .column_as(product::Column::Id, "product_id")
        .column_as(product::Column::Title, "title")
        .column_as(product::Column::Category, "category")
        .expr_as(whole(quantity().sum()), "quantity")
        .expr_as(orders, "orders")
        .expr_as(whole(paid().sum()), "paid_minor")
        .expr_as(whole(over_all(app, quantity())), "all_quantity")
        .expr_as(whole(over_all(app, paid())), "all_paid_minor");
    QueryTrait::query(&mut select).add_group_by([
        Expr::col((product::Entity, product::Column::Id)),
        Expr::col((product::Entity, product::Column::Title)),
        Expr::col((product::Entity, product::Column::Category)),
    ]);
    let select = match asked.sort_by {
        SortBy::Paid => select.order_by_desc(paid().sum()),
        SortBy::Quantity => select.order_by_desc(quantity().sum()),
    };
    let select = select.order_by_asc(product::Column::Id).limit(asked.first);
    let rows = select
        .into_model::<ProductRow>()
        .all(app.db.reads())
        .await?;
    let sums = rows
        .first()
        .map(|row| (row.all_quantity, row.all_paid_minor));
    let (quantity, paid_minor) = sums.unwrap_or_default();
    Ok(Ranking {
        rows,
        quantity,
        paid_minor,
    })
}

fn to_lines() -> RelationDef {
    use order_line::Column;
    order::Entity::belongs_to(order_line::Entity)
        .from((order::Column::MerchantId, order::Column::Id))
        .to((Column::MerchantId, Column::OrderId))
        .into()
}

fn to_product() -> RelationDef {
    use order_line::Column;
    order_line::Entity::belongs_to(product::Entity)
        .from((Column::MerchantId, Column::ProductId))
        .to((product::Column::MerchantId, product::Column::Id))
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
