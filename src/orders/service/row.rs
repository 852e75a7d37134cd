//! Orders as they are read: the columns of a list, or all of them.

use entity::channel::PaymentMethod;
use entity::order::{self, Column, FulfillmentState, PaymentState, RefundState};
use entity::order_timeline::TimelineKind;
use entity::{ChannelId, Instant, OrderId, order_line, order_timeline};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use crate::money::Currency;

/// Which columns are read. Columns are what a read costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// What a list shows.
    #[default]
    Summary,
    /// Everything.
    Full,
}

/// What a list shows of an order.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The id.
    pub id: OrderId,
    /// The shop's own number.
    pub merchant_order_no: String,
    /// What was bought.
    pub title: String,
    /// The currency.
    pub currency: Currency,
    /// The sum of the lines, in minor units.
    pub amount_minor: i64,
    /// What was taken off, in minor units.
    pub discount_minor: i64,
    /// What was paid, in minor units.
    pub paid_minor: i64,
    /// The channel.
    pub channel_id: ChannelId,
    /// The method.
    pub method: PaymentMethod,
    /// The buyer's country.
    pub country: Option<String>,
    /// The payment axis.
    pub payment_state: PaymentState,
    /// The refund axis.
    pub refund_state: RefundState,
    /// The fulfilment axis.
    pub fulfillment_state: FulfillmentState,
    /// When it was paid.
    pub paid_at: Option<Instant>,
}

/// The rest of an order.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Whether it was paid after closing.
    pub late: bool,
    /// The provider's own number.
    pub provider_trade_no: Option<String>,
    /// When it closes if unpaid.
    pub expires_at: Instant,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// When everything had been delivered.
    pub fulfilled_at: Option<Instant>,
    /// How the payment code is used.
    pub payment_code_kind: Option<order::PaymentCodeKind>,
    /// What the payer is shown.
    pub payment_code: Option<String>,
    /// The buyer, sealed.
    pub sealed_buyer: Option<Vec<u8>>,
    /// When anything last changed.
    pub updated_at: Instant,
}

/// An order as it was read.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// What a list shows.
    pub summary: Summary,
    /// The rest, where it was asked for.
    pub detail: Option<Box<Detail>>,
}

impl Summary {
    /// Its columns, in the order in which they are read.
    pub const COLUMNS: [Column; 14] = [
        Column::Id,
        Column::MerchantOrderNo,
        Column::Title,
        Column::Currency,
        Column::AmountMinor,
        Column::DiscountMinor,
        Column::PaidMinor,
        Column::ChannelId,
        Column::Method,
        Column::Country,
        Column::PaymentState,
        Column::RefundState,
        Column::FulfillmentState,
        Column::PaidAt,
    ];
}

impl Summary {
    /// By place instead of by name: half the cost, and lists are long.
    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            merchant_order_no: row.try_get_by_index(1)?,
            title: row.try_get_by_index(2)?,
            currency: read_currency(&row.try_get_by_index::<String>(3)?)?,
            amount_minor: row.try_get_by_index(4)?,
            discount_minor: row.try_get_by_index(5)?,
            paid_minor: row.try_get_by_index(6)?,
            channel_id: row.try_get_by_index(7)?,
            method: row.try_get_by_index(8)?,
            country: row.try_get_by_index(9)?,
            payment_state: row.try_get_by_index(10)?,
            refund_state: row.try_get_by_index(11)?,
            fulfillment_state: row.try_get_by_index(12)?,
            paid_at: row.try_get_by_index(13)?,
        })
    }
}

impl Detail {
    /// Its columns, in the order in which they are read, behind those of the summary.
    pub const COLUMNS: [Column; 9] = [
        Column::Late,
        Column::ProviderTradeNo,
        Column::ExpiresAt,
        Column::ClosedAt,
        Column::FulfilledAt,
        Column::PaymentCodeKind,
        Column::PaymentCode,
        Column::SealedBuyer,
        Column::UpdatedAt,
    ];

    fn read(row: &QueryResult, first: usize) -> Result<Self, DbErr> {
        Ok(Self {
            late: row.try_get_by_index(first)?,
            provider_trade_no: row.try_get_by_index(first + 1)?,
            expires_at: row.try_get_by_index(first + 2)?,
            closed_at: row.try_get_by_index(first + 3)?,
            fulfilled_at: row.try_get_by_index(first + 4)?,
            payment_code_kind: row.try_get_by_index(first + 5)?,
            payment_code: row.try_get_by_index(first + 6)?,
            sealed_buyer: row.try_get_by_index(first + 7)?,
            updated_at: row.try_get_by_index(first + 8)?,
        })
    }
}

/// An order with the columns of a list.
pub struct ShortRow(pub OrderRow);

/// An order with all columns.
pub struct FullRow(pub OrderRow);

impl FromQueryResult for ShortRow {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self(OrderRow {
            summary: Summary::read(row)?,
            detail: None,
        }))
    }
}

impl FromQueryResult for FullRow {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self(OrderRow {
            summary: Summary::read(row)?,
            detail: Some(Box::new(Detail::read(row, Summary::COLUMNS.len())?)),
        }))
    }
}

/// A line of an order, as it is shown.
#[derive(Clone, Debug)]
pub struct Line {
    /// The order.
    pub order_id: OrderId,
    /// Its place in the order, from 1.
    pub line_no: i16,
    /// Its title when it was sold.
    pub title: String,
    /// Its category when it was sold.
    pub category: String,
    /// How many.
    pub quantity: i32,
    /// How many of them were delivered.
    pub fulfilled_quantity: i32,
    /// The price of one, in minor units.
    pub unit_price_minor: i64,
    /// Its share of the order's discount, in minor units.
    pub discount_minor: i64,
}

impl Line {
    /// Its columns, in the order in which they are read.
    pub const COLUMNS: [order_line::Column; 8] = [
        order_line::Column::OrderId,
        order_line::Column::LineNo,
        order_line::Column::Title,
        order_line::Column::Category,
        order_line::Column::Quantity,
        order_line::Column::FulfilledQuantity,
        order_line::Column::UnitPriceMinor,
        order_line::Column::DiscountMinor,
    ];
}

impl FromQueryResult for Line {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            order_id: row.try_get_by_index(0)?,
            line_no: row.try_get_by_index(1)?,
            title: row.try_get_by_index(2)?,
            category: row.try_get_by_index(3)?,
            quantity: row.try_get_by_index(4)?,
            fulfilled_quantity: row.try_get_by_index(5)?,
            unit_price_minor: row.try_get_by_index(6)?,
            discount_minor: row.try_get_by_index(7)?,
        })
    }
}

/// An entry of an order's timeline, as it is shown.
#[derive(Clone, Debug)]
pub struct TimelineEntry {
    /// The order.
    pub order_id: OrderId,
    /// What happened.
    pub kind: TimelineKind,
    /// Who did it.
    pub actor: String,
    /// What is worth knowing beside it.
    pub note: Option<String>,
    /// When it happened.
    pub occurred_at: Instant,
}

impl TimelineEntry {
    /// Its columns, in the order in which they are read.
    pub const COLUMNS: [order_timeline::Column; 5] = [
        order_timeline::Column::OrderId,
        order_timeline::Column::Kind,
        order_timeline::Column::Actor,
        order_timeline::Column::Note,
        order_timeline::Column::OccurredAt,
    ];
}

impl FromQueryResult for TimelineEntry {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            order_id: row.try_get_by_index(0)?,
            kind: row.try_get_by_index(1)?,
            actor: row.try_get_by_index(2)?,
            note: row.try_get_by_index(3)?,
            occurred_at: row.try_get_by_index(4)?,
        })
    }
}

fn read_currency(code: &str) -> Result<Currency, DbErr> {
    Currency::of_code(code).ok_or_else(|| DbErr::Type(format!("unknown currency {code}")))
}

impl TryFrom<order::Model> for OrderRow {
    type Error = DbErr;

    fn try_from(row: order::Model) -> Result<Self, DbErr> {
        Ok(Self {
            summary: Summary {
                id: row.id,
                currency: read_currency(&row.currency)?,
                merchant_order_no: row.merchant_order_no,
                title: row.title,
                amount_minor: row.amount_minor,
                discount_minor: row.discount_minor,
                paid_minor: row.paid_minor,
                channel_id: row.channel_id,
                method: row.method,
                country: row.country,
                payment_state: row.payment_state,
                refund_state: row.refund_state,
                fulfillment_state: row.fulfillment_state,
                paid_at: row.paid_at,
            },
            detail: Some(Box::new(Detail {
                late: row.late,
                provider_trade_no: row.provider_trade_no,
                expires_at: row.expires_at,
                closed_at: row.closed_at,
                fulfilled_at: row.fulfilled_at,
                payment_code_kind: row.payment_code_kind,
                payment_code: row.payment_code,
                sealed_buyer: row.sealed_buyer,
                updated_at: row.updated_at,
            })),
        })
    }
}
