//! A month's fees, summed up.

use std::sync::Arc;

use async_graphql::{Enum, SimpleObject};

use crate::channels::schema::{Channel, PaymentMethod};
use crate::fees::service::{Dimensions, StatementRow};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::{CountryCode, Timestamp};
use crate::money::{Currency, Money};

/// What a fee statement has a row for each of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum FeeStatementDimension {
    /// 支付渠道.
    Channel,
    /// 支付方式.
    Method,
    /// 买家国家.
    Country,
}

/// The dimensions that are asked for; all where nothing is said.
pub fn dimensions(wanted: Option<&[FeeStatementDimension]>) -> Dimensions {
    let asks = |one| wanted.is_none_or(|wanted| wanted.contains(&one));
    Dimensions {
        channel: asks(FeeStatementDimension::Channel),
        method: asks(FeeStatementDimension::Method),
        country: asks(FeeStatementDimension::Country),
    }
}

/// A month's fees 手续费账单. Nothing that happens after the month changes it: payments count in the month
/// in which they were credited, and what refunds return in the month in which they succeed.
#[derive(Debug, SimpleObject)]
pub struct FeeStatement {
    /// The month's first instant.
    pub from: Timestamp,
    /// The first instant after the month.
    pub to: Timestamp,
    /// The rows, the largest fee first; they sum exactly to the totals.
    pub rows: Vec<FeeStatementRow>,
    /// The sums of all rows.
    pub totals: FeeStatementTotals,
}

/// A row of a fee statement.
#[derive(Debug, SimpleObject)]
pub struct FeeStatementRow {
    /// The channel; null where rows are not by channel.
    pub channel: Option<Lean<Channel>>,
    /// The method; null where rows are not by method.
    pub method: Option<PaymentMethod>,
    /// The buyers' country; null where it is unknown, or rows are not by country.
    pub country: Option<CountryCode>,
    /// How many payments were credited.
    pub payments: i64,
    /// What was paid.
    pub base: Money,
    /// What was taken 手续费.
    pub fee: Money,
    /// What refunds returned in the month, also of fees of earlier months 退还手续费.
    pub returned: Money,
    /// Fee less returned 净手续费; below zero where more was returned than taken.
    pub net: Money,
}

/// The sums of a fee statement.
#[derive(Debug, SimpleObject)]
pub struct FeeStatementTotals {
    /// How many payments were credited.
    pub payments: i64,
    /// What was paid.
    pub base: Money,
    /// What was taken 手续费.
    pub fee: Money,
    /// What refunds returned in the month, also of fees of earlier months 退还手续费.
    pub returned: Money,
    /// Fee less returned 净手续费; below zero where more was returned than taken.
    pub net: Money,
}

/// A row as it is shown.
pub fn shown(
    row: StatementRow,
    channels: &[Arc<entity::channel::Model>],
    currency: Currency,
) -> FeeStatementRow {
    let totals = summed(&row, currency);
    let channel = row.channel_id;
    let channel = channel.and_then(|id| channels.iter().find(|channel| channel.id == id));
    FeeStatementRow {
        channel: channel.map(|row| {
            Lean(Channel {
                row: Arc::clone(row),
            })
        }),
        method: row.method.map(PaymentMethod::from),
        country: row.country.map(CountryCode),
        payments: totals.payments,
        base: totals.base,
        fee: totals.fee,
        returned: totals.returned,
        net: totals.net,
    }
}

/// A row's sums as they are shown.
pub fn summed(row: &StatementRow, currency: Currency) -> FeeStatementTotals {
    let money = |minor| Money::of_minor(minor, currency);
    FeeStatementTotals {
        payments: row.payments,
        base: money(row.base_minor),
        fee: money(row.fee_minor),
        returned: money(row.returned_minor),
        net: money(row.fee_minor - row.returned_minor),
    }
}
