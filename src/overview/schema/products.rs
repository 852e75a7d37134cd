//! The products that brought most, as clients see them.

use async_graphql::{Enum, ID, SimpleObject};
use rust_decimal::Decimal;

use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::money::{Currency, Money};
use crate::overview::service::{ProductRow, Ranking, SortBy};

/// What makes a product come before another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "SortBy")]
pub enum ProductRankingOrder {
    /// What was paid for it 销售额.
    #[default]
    Paid,
    /// How many were sold 销量.
    Quantity,
}

/// The products that brought most 商品排行.
#[derive(Debug, SimpleObject)]
pub struct ProductRanking {
    /// Everything that happened before this is in it, normally less than a second ago 数据截至.
    pub as_of: Option<Timestamp>,
    /// The products, the first one first.
    pub rows: Vec<ProductRankingRow>,
    /// How many of all products were sold, these and the others.
    pub quantity: i64,
    /// What was paid for all products, these and the others.
    pub paid: Money,
}

/// A product's rank.
#[derive(Debug, SimpleObject)]
pub struct ProductRankingRow {
    /// Its place, from 1.
    pub rank: i32,
    /// Names the product: its title in its category.
    pub id: ID,
    /// Its title.
    pub title: String,
    /// Its category; empty where it has none.
    pub category: String,
    /// How many were sold 销量.
    pub quantity: i64,
    /// In how many orders.
    pub orders: i64,
    /// What was paid for them 销售额: price less the line's discount. Refunds do not count against it.
    pub paid: Money,
    /// Its share of what was paid for all products: 0.25 is 25 %.
    pub share: DecimalText,
}

/// A share with six decimals; zero of nothing.
pub(super) fn share(part: i64, whole: i64) -> DecimalText {
    let share = Decimal::from(part).checked_div(Decimal::from(whole));
    DecimalText(share.unwrap_or_default().round_dp(6).normalize())
}

pub(super) fn shown(ranking: Ranking, currency: Currency) -> ProductRanking {
    let all = ranking.paid_minor;
    let rows = ranking.rows.into_iter().zip(1..);
    ProductRanking {
        as_of: ranking.as_of.map(Timestamp::from),
        rows: rows
            .map(|(row, rank)| shown_row(row, rank, all, currency))
            .collect(),
        quantity: ranking.quantity,
        paid: Money::of_minor(all, currency),
    }
}

fn shown_row(row: ProductRow, rank: i32, all: i64, currency: Currency) -> ProductRankingRow {
    ProductRankingRow {
        rank,
        id: ID(row.product.id.to_string()),
        title: row.product.title,
        category: row.product.category,
        quantity: row.quantity,
        orders: row.orders,
        paid: Money::of_minor(row.paid_minor, currency),
        share: share(row.paid_minor, all),
    }
}
