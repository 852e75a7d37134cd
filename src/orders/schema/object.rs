//! An order, its lines and its timeline, as clients see them.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, SimpleObject};
use entity::OrderId;

use super::buyer::{Buyer, buyer};
use super::enums::{
    FulfillmentState, OrderTimelineKind, PaymentCodeKind, PaymentState, RefundState,
};
use crate::auth::model::Scope;
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::{Channel, PaymentMethod};
use crate::checkout::schema::{Redemption, redemptions_of};
use crate::error::Error;
use crate::fees::loader::{FeeLoader, FeeOf};
use crate::fees::schema::Fee;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{CountryCode, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::members::loader::MemberLoader;
use crate::members::schema::Member;
use crate::money::Money;
use crate::orders::loader::{FullOrder, LinesOf, OrderLoader, TimelineOf};
use crate::orders::model::order_no;
use crate::orders::service::{Detail, Line, OrderRow, Summary, TimelineEntry};
use crate::points::schema::{OrderPoints, points_of_order};
use crate::refunds::loader::{RefundLoader, RefundsOf};
use crate::refunds::schema::Refund;

/// An order, and what was fetched with it.
#[derive(Clone, Debug)]
pub struct Order {
    pub(super) row: OrderRow,
    pub(super) lines: Option<Vec<OrderLine>>,
    pub(super) timeline: Option<Vec<OrderTimelineEntry>>,
    pub(super) channel: Option<Channel>,
    /// None where it was not fetched; then none where the order is not paid.
    pub(super) fee: Option<Option<Fee>>,
}

impl From<OrderRow> for Order {
    fn from(row: OrderRow) -> Self {
        Self {
            row,
            lines: None,
            timeline: None,
            channel: None,
            fee: None,
        }
    }
}

impl Order {
    fn summary(&self) -> &Summary {
        &self.row.summary
    }

    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.summary().currency)
    }

    fn fetched(&self) -> Option<&Detail> {
        self.row.detail.as_deref()
    }

    /// The rest of the order: at hand, or fetched for all orders that ask.
    async fn detail(&self, ctx: &Context<'_>) -> Result<Detail, Error> {
        if let Some(detail) = self.fetched() {
            return Ok(detail.clone());
        }
        let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
        let row = loader.load_one(FullOrder(self.summary().id)).await?;
        let detail = row.and_then(|row| row.detail);
        detail.map(|detail| *detail).ok_or(Error::NotFound)
    }
}

plain_object! {
    /// An order 订单: what a payer buys. Its three axes (payment, refund, fulfilment) are independent.
    Order(self) {
        /// The global id.
        id / "id": ID = ID(self.summary().id.to_string());
        /// Our order number 平台订单号, which payment platforms know as `out_trade_no`.
        order_no / "orderNo": String = order_no(self.summary().id);
        /// The shop's own number 商户订单号, unique in the merchant.
        merchant_order_no / "merchantOrderNo": &str = self.summary().merchant_order_no.as_str();
        /// What was bought, in a line.
        title / "title": &str = self.summary().title.as_str();
        /// The sum of the lines 订单金额.
        amount / "amount": Money = self.money(self.summary().amount_minor);
        /// What was taken off 优惠金额.
        discount / "discount": Money = self.money(self.summary().discount_minor);
        /// What is to be paid 应付金额: amount less discount.
        payable / "payable": Money =
            self.money(self.summary().amount_minor - self.summary().discount_minor);
        /// What was paid 实付金额: zero until it is paid.
        paid / "paid": Money = self.money(self.summary().paid_minor);
        /// What succeeded refunds have given back 已退金额.
        refunded / "refunded": Money = self.money(self.summary().refunded_minor);
        /// The payment axis 支付状态.
        payment_state / "paymentState": PaymentState = self.summary().payment_state.into();
        /// The refund axis 退款状态.
        refund_state / "refundState": RefundState = self.summary().refund_state.into();
        /// The fulfilment axis 履约状态.
        fulfillment_state / "fulfillmentState": FulfillmentState =
            self.summary().fulfillment_state.into();
        /// What the payer pays with 支付方式.
        method / "method": PaymentMethod = self.summary().method.into();
        /// The buyer's country, where it is known.
        country / "country": Option<CountryCode> = self.summary().country.clone().map(CountryCode);
        /// When it was made.
        created_at / "createdAt": Timestamp = self.summary().created_at().into();
        /// When it was paid, by the payment platform's clock where it says so.
        paid_at / "paidAt": Option<Timestamp> = self.summary().paid_at.map(Timestamp::from);
    }
    fetched {
        "late" => self.fetched().map(|detail| detail.late);
        "refunding" => self.fetched().map(|detail| self.money(detail.refunding_minor));
        "providerTradeNo" => self.fetched().map(|detail| detail.provider_trade_no.as_deref());
        "expiresAt" => self.fetched().map(|detail| Timestamp::from(detail.expires_at));
        "closedAt" => self.fetched().map(|detail| detail.closed_at.map(Timestamp::from));
        "fulfilledAt" => self.fetched().map(|detail| detail.fulfilled_at.map(Timestamp::from));
        "updatedAt" => self.fetched().map(|detail| Timestamp::from(detail.updated_at));
        "lines" => self.lines.as_deref();
        "timeline" => self.timeline.as_deref();
        "channel" => self.channel.as_ref();
        "fee" => self.fee.as_ref();
    }
    {
        /// Whether it was paid after it had been closed 迟到支付.
        async fn late(&self, ctx: &Context<'_>) -> Result<bool, Error> {
            Ok(self.detail(ctx).await?.late)
        }

        /// The payment platform's own number 渠道流水号, once it is paid.
        async fn provider_trade_no(&self, ctx: &Context<'_>) -> Nullable<String> {
            let detail = self.detail(ctx).await;
            detail.map(|detail| detail.provider_trade_no).transpose()
        }

        /// When it closes if it is unpaid.
        async fn expires_at(&self, ctx: &Context<'_>) -> Result<Timestamp, Error> {
            Ok(self.detail(ctx).await?.expires_at.into())
        }

        /// When it was closed.
        async fn closed_at(&self, ctx: &Context<'_>) -> Nullable<Timestamp> {
            let detail = self.detail(ctx).await;
            detail.map(|detail| detail.closed_at.map(Timestamp::from)).transpose()
        }

        /// When everything had been delivered.
        async fn fulfilled_at(&self, ctx: &Context<'_>) -> Nullable<Timestamp> {
            let detail = self.detail(ctx).await;
            detail.map(|detail| detail.fulfilled_at.map(Timestamp::from)).transpose()
        }

        /// When anything about it last changed.
        async fn updated_at(&self, ctx: &Context<'_>) -> Result<Timestamp, Error> {
            Ok(self.detail(ctx).await?.updated_at.into())
        }

        /// What the payer is shown to pay 支付码; none where the payment platform gave none.
        async fn payment_code(&self, ctx: &Context<'_>) -> Nullable<PaymentCode> {
            let detail = self.detail(ctx).await;
            let code = |detail: Detail| {
                detail.payment_code.zip(detail.payment_code_kind).map(|(content, kind)| {
                    PaymentCode { kind: kind.into(), content }
                })
            };
            detail.map(code).transpose()
        }

        /// Who buys 买家, masked for who lacks the scope `personal:read`; none where the shop did not say.
        async fn buyer(&self, ctx: &Context<'_>) -> Nullable<Buyer> {
            buyer(ctx, self.detail(ctx).await).transpose()
        }

        /// The member who buys 会员; null where the shop named none, and, with an error beside it, for who lacks the
        /// scope `members:read`.
        async fn member(&self, ctx: &Context<'_>) -> Nullable<Lean<Member>> {
            member(ctx, self.detail(ctx).await).await.transpose()
        }

        /// What refunds in flight will give back 退款中金额: requested, processing or unknown.
        async fn refunding(&self, ctx: &Context<'_>) -> Result<Money, Error> {
            Ok(self.money(self.detail(ctx).await?.refunding_minor))
        }

        /// Its refunds, the oldest first 退款记录; none, with an error beside it, for who lacks the scope
        /// `refunds:read`.
        async fn refunds(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<Refund>>> {
            Some(refunds(ctx, self.summary().id).await)
        }

        /// What campaigns and coupons took off it, in the order in which they did 核销记录; none, with an error beside it,
        /// for who lacks the scope `campaigns:read`.
        async fn redemptions(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<Redemption>>> {
            let (id, currency) = (self.summary().id, self.summary().currency);
            Some(redemptions_of(ctx, id, currency).await)
        }

        /// What it has to do with points 订单积分; null where it was paid with none and earned none.
        async fn points(&self, ctx: &Context<'_>) -> Nullable<Lean<OrderPoints>> {
            let (id, currency) = (self.summary().id, self.summary().currency);
            points_of_order(ctx, id, currency).await.transpose()
        }

        /// The channel that it is paid through.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            if let Some(channel) = &self.channel {
                return Ok(Lean(channel.clone()));
            }
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.summary().channel_id).await?;
            row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)
        }

        /// What its payment cost 手续费; null until it is paid. Needs `ledger:read`.
        async fn fee(&self, ctx: &Context<'_>) -> Nullable<Lean<Fee>> {
            fee(ctx, self).await.transpose()
        }

        /// What was bought, line by line 订单明细.
        async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<Lean<OrderLine>>, Error> {
            let lines = match &self.lines {
                Some(lines) => lines.clone(),
                None => {
                    let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
                    let rows = loader.load_one(LinesOf(self.summary().id)).await?;
                    lines_of(rows.unwrap_or_default(), self.summary())
                }
            };
            Ok(lines.into_iter().map(Lean).collect())
        }

        /// Everything that happened to it, oldest first 订单时间线.
        async fn timeline(
            &self,
            ctx: &Context<'_>,
        ) -> Result<Vec<Lean<OrderTimelineEntry>>, Error> {
            let timeline = match &self.timeline {
                Some(timeline) => timeline.clone(),
                None => {
                    let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
                    let rows = loader.load_one(TimelineOf(self.summary().id)).await?;
                    timeline_of(rows.unwrap_or_default())
                }
            };
            Ok(timeline.into_iter().map(Lean).collect())
        }
    }
}

async fn refunds(ctx: &Context<'_>, id: OrderId) -> Result<Vec<Lean<Refund>>, Error> {
    if !ctx.actor()?.may(Scope::RefundsRead) {
        return Err(Error::Forbidden {
            scope: Scope::RefundsRead.name(),
        });
    }
    let loader = ctx.data_unchecked::<DataLoader<RefundLoader>>();
    let rows = loader.load_one(RefundsOf(id)).await?.unwrap_or_default();
    Ok(rows.into_iter().map(|row| Lean(row.into())).collect())
}

async fn member(
    ctx: &Context<'_>,
    detail: Result<Detail, Error>,
) -> Result<Option<Lean<Member>>, Error> {
    if !ctx.actor()?.may(Scope::MembersRead) {
        return Err(Error::Forbidden {
            scope: Scope::MembersRead.name(),
        });
    }
    let Some(id) = detail?.member_id else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
    let row = loader.load_one(id).await?;
    row.map(|row| Some(Lean(row.into()))).ok_or(Error::NotFound)
}

async fn fee(ctx: &Context<'_>, order: &Order) -> Result<Option<Lean<Fee>>, Error> {
    let scope = Scope::LedgerRead;
    if !ctx.actor()?.may(scope) {
        return Err(Error::Forbidden {
            scope: scope.name(),
        });
    }
    if let Some(fetched) = &order.fee {
        return Ok(fetched.clone().map(Lean));
    }
    if order.summary().paid_at.is_none() {
        return Ok(None);
    }
    let loader = ctx.data_unchecked::<DataLoader<FeeLoader>>();
    let row = loader.load_one(FeeOf(order.summary().id)).await?;
    Ok(row.map(|row| Lean(Fee { row })))
}

/// What the payer is shown to pay 支付码.
#[derive(Clone, Debug, SimpleObject)]
pub struct PaymentCode {
    /// How the content is used.
    pub kind: PaymentCodeKind,
    /// A link, the text of a QR code, or a page.
    pub content: String,
}

/// A line of an order.
#[derive(Clone, Debug)]
pub struct OrderLine {
    row: Line,
    currency: crate::money::Currency,
}

plain_object! {
    /// A line of an order 订单明细.
    OrderLine(self) {
        /// Its number in the order, from 1.
        line_no / "lineNo": i32 = i32::from(self.row.line_no);
        /// The product's or service's title when it was sold.
        title / "title": &str = self.row.title.as_str();
        /// Its category when it was sold, where the shop gave one.
        category / "category": Option<&str> =
            Some(self.row.category.as_str()).filter(|category| !category.is_empty());
        /// How many.
        quantity / "quantity": i32 = self.row.quantity;
        /// How many of them were delivered.
        fulfilled_quantity / "fulfilledQuantity": i32 = self.row.fulfilled_quantity;
        /// The price of one.
        unit_price / "unitPrice": Money = Money::of_minor(self.row.unit_price_minor, self.currency);
        /// This line's share of the order's discount; the shares sum to it exactly.
        discount / "discount": Money = Money::of_minor(self.row.discount_minor, self.currency);
    }
}

/// An entry of an order's timeline.
#[derive(Clone, Debug)]
pub struct OrderTimelineEntry {
    row: TimelineEntry,
}

plain_object! {
    /// Something that happened to an order 时间线.
    OrderTimelineEntry(self) {
        /// What.
        kind / "kind": OrderTimelineKind = self.row.kind.into();
        /// When.
        occurred_at / "occurredAt": Timestamp = self.row.occurred_at.into();
        /// Who did it: an id of staff or of an API key, `provider` or `system`.
        actor / "actor": &str = self.row.actor.as_str();
        /// What is worth knowing beside it: a tracking number, a reason.
        note / "note": Option<&str> = self.row.note.as_deref();
    }
}

pub(super) fn lines_of(rows: Vec<Line>, order: &Summary) -> Vec<OrderLine> {
    let currency = order.currency;
    rows.into_iter()
        .map(|row| OrderLine { row, currency })
        .collect()
}

pub(super) fn timeline_of(rows: Vec<TimelineEntry>) -> Vec<OrderTimelineEntry> {
    rows.into_iter()
        .map(|row| OrderTimelineEntry { row })
        .collect()
}
