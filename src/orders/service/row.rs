//! Orders as they are read: the columns of a list, or all of them.

use entity::channel::PaymentMethod;
use entity::order::{self, FulfillmentState, PaymentState, RefundState};
use entity::order_timeline::TimelineKind;
use entity::{ChannelId, Instant, MemberId, OrderId, order_line, order_timeline};
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

/// Declares what is read of a table: its columns, once, and how they are read by place instead of by
/// name, which is half the cost where lists are long.
macro_rules! by_place {
    (
        $(#[$meta:meta])*
        $name:ident of $table:ident {
            $($(#[$field_meta:meta])* $field:ident: $kind:ty = $column:ident,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $kind,)*
        }

        impl $name {
            /// Its columns, in the order in which they are read.
            pub const COLUMNS: &'static [$table::Column] = &[$($table::Column::$column,)*];

            fn read(row: &QueryResult, first: usize) -> Result<Self, DbErr> {
                let mut places = first..;
                let mut next = || places.next().unwrap_or(usize::MAX);
                Ok(Self {
                    $($field: row.try_get_by_index(next())?,)*
                })
            }
        }

        impl FromQueryResult for $name {
            fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
                Self::read(row, 0)
            }
        }
    };
}

by_place! {
    /// What a list shows of an order.
    Summary of order {
        /// The id.
        id: OrderId = Id,
        /// The shop's own number.
        merchant_order_no: String = MerchantOrderNo,
        /// What was bought.
        title: String = Title,
        /// The currency.
        currency: Currency = Currency,
        /// The sum of the lines, in minor units.
        amount_minor: i64 = AmountMinor,
        /// What was taken off, in minor units.
        discount_minor: i64 = DiscountMinor,
        /// What was paid, in minor units.
        paid_minor: i64 = PaidMinor,
        /// The channel.
        channel_id: ChannelId = ChannelId,
        /// The method.
        method: PaymentMethod = Method,
        /// The buyer's country.
        country: Option<String> = Country,
        /// The payment axis.
        payment_state: PaymentState = PaymentState,
        /// The refund axis.
        refund_state: RefundState = RefundState,
        /// The fulfilment axis.
        fulfillment_state: FulfillmentState = FulfillmentState,
        /// When it was paid.
        paid_at: Option<Instant> = PaidAt,
        /// What succeeded refunds have given back, in minor units.
        refunded_minor: i64 = RefundedMinor,
    }
}

by_place! {
    /// The rest of an order.
    Detail of order {
        /// Whether it was paid after closing.
        late: bool = Late,
        /// The provider's own number.
        provider_trade_no: Option<String> = ProviderTradeNo,
        /// When it closes if unpaid.
        expires_at: Instant = ExpiresAt,
        /// When it was closed.
        closed_at: Option<Instant> = ClosedAt,
        /// When everything had been delivered.
        fulfilled_at: Option<Instant> = FulfilledAt,
        /// How the payment code is used.
        payment_code_kind: Option<order::PaymentCodeKind> = PaymentCodeKind,
        /// What the payer is shown.
        payment_code: Option<String> = PaymentCode,
        /// The buyer, sealed.
        sealed_buyer: Option<Vec<u8>> = SealedBuyer,
        /// When anything last changed.
        updated_at: Instant = UpdatedAt,
        /// What refunds in flight will give back, in minor units.
        refunding_minor: i64 = RefundingMinor,
        /// Who buys, where the shop named a member.
        member_id: Option<MemberId> = MemberId,
    }
}

/// An order as it was read.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// What a list shows.
    pub summary: Summary,
    /// The rest, where it was asked for.
    pub detail: Option<Box<Detail>>,
}

/// An order with all columns: those of the summary, then those of the detail.
pub struct FullRow(pub OrderRow);

impl FromQueryResult for FullRow {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self(OrderRow {
            summary: Summary::read(row, 0)?,
            detail: Some(Box::new(Detail::read(row, Summary::COLUMNS.len())?)),
        }))
    }
}

impl From<Summary> for OrderRow {
    fn from(summary: Summary) -> Self {
        Self {
            summary,
            detail: None,
        }
    }
}

by_place! {
    /// A line of an order, as it is shown.
    Line of order_line {
        /// The order.
        order_id: OrderId = OrderId,
        /// Its place in the order, from 1.
        line_no: i16 = LineNo,
        /// Its title when it was sold.
        title: String = Title,
        /// Its category when it was sold.
        category: String = Category,
        /// How many.
        quantity: i32 = Quantity,
        /// How many of them were delivered.
        fulfilled_quantity: i32 = FulfilledQuantity,
        /// The price of one, in minor units.
        unit_price_minor: i64 = UnitPriceMinor,
        /// Its share of the order's discount, in minor units.
        discount_minor: i64 = DiscountMinor,
    }
}

by_place! {
    /// An entry of an order's timeline, as it is shown.
    TimelineEntry of order_timeline {
        /// The order.
        order_id: OrderId = OrderId,
        /// What happened.
        kind: TimelineKind = Kind,
        /// Who did it.
        actor: String = Actor,
        /// What is worth knowing beside it.
        note: Option<String> = Note,
        /// When it happened.
        occurred_at: Instant = OccurredAt,
    }
}

impl TryFrom<order::Model> for OrderRow {
    type Error = DbErr;

    fn try_from(row: order::Model) -> Result<Self, DbErr> {
        Ok(Self {
            summary: Summary {
                id: row.id,
                currency: Currency::of_code(&row.currency)
                    .ok_or_else(|| DbErr::Type(format!("unknown currency {}", row.currency)))?,
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
                refunded_minor: row.refunded_minor,
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
                refunding_minor: row.refunding_minor,
                member_id: row.member_id,
            })),
        })
    }
}
