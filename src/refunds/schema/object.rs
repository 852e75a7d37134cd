//! A refund as clients see it, and lists of refunds.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, SimpleObject};
use chrono::Days;
use entity::{MerchantId, refund, refund_line};

use super::enums::{RefundKind, RefundReason, RefundStatus};
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::{Channel, PaymentMethod};
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{LocalDate, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::schema::Order;
use crate::refunds::loader::{LinesOf, RefundLoader};
use crate::refunds::model::{RefundFilter, refund_no};
use crate::refunds::service;

/// A refund.
#[derive(Clone, Debug)]
pub struct Refund {
    /// The row.
    pub row: Arc<refund::Model>,
}

impl From<refund::Model> for Refund {
    fn from(row: refund::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl Refund {
    fn currency(&self) -> Currency {
        Currency::of_code(&self.row.currency).unwrap_or(Currency::Cny)
    }

    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency())
    }

    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }
}

plain_object! {
    /// A refund 退款: money back to the payer.
    Refund(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Our refund number 退款单号, as the payment platform knows it; the same however often it is sent.
        refund_no / "refundNo": String = refund_no(self.row.id);
        /// What it gives back.
        kind / "kind": RefundKind = self.row.kind.into();
        /// What the payer gets 退款金额.
        amount / "amount": Money = self.money(self.row.amount_minor);
        /// Where it stands 退款状态.
        state / "state": RefundStatus = self.row.state.into();
        /// Why 退款原因.
        reason / "reason": RefundReason = self.row.reason.into();
        /// Why, in words.
        reason_text / "reasonText": Option<&str> = self.row.reason_text.as_deref();
        /// What was paid with.
        method / "method": PaymentMethod = self.row.method.into();
        /// When it was asked for.
        requested_at / "requestedAt": Timestamp = self.made_at();
        /// Who asked for it: an id of staff or of an API key, or `system`.
        requested_by / "requestedBy": &str = self.row.requested_by.as_str();
        /// Who approved or rejected it 审批人.
        decided_by / "decidedBy": Option<&str> = self.row.decided_by.as_deref();
        /// When it was approved or rejected.
        decided_at / "decidedAt": Option<Timestamp> = self.row.decided_at.map(Timestamp::from);
        /// When it succeeded 退款成功时间.
        succeeded_at / "succeededAt": Option<Timestamp> =
            self.row.succeeded_at.map(Timestamp::from);
        /// When anything about it last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
        /// How often the payment platform was asked since it was last requested or retried.
        attempts / "attempts": i32 = self.row.attempts;
        /// Whether a person has to look at it 待人工处理: it failed, or nobody can tell what became of it.
        needs_attention / "needsAttention": bool = self.row.needs_attention;
        /// The payment platform's own number of the refund 渠道退款流水号.
        provider_refund_no / "providerRefundNo": Option<&str> =
            self.row.provider_refund_no.as_deref();
        /// The payment platform's code of what went wrong.
        error_code / "errorCode": Option<&str> = self.row.error_code.as_deref();
        /// What went wrong, in the payment platform's words.
        error / "error": Option<&str> = self.row.error.as_deref();
        /// How much of the fee came back with it 退回手续费; zero until it succeeds.
        fee_returned / "feeReturned": Money = self.money(self.row.fee_returned_minor);
    }
    {
        /// The order whose money it gives back.
        async fn order(&self, ctx: &Context<'_>) -> Result<Lean<Order>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
            let row = loader.load_one(FullOrder(self.row.order_id)).await?;
            row.map(|row| Lean(row.into())).ok_or(Error::NotFound)
        }

        /// The channel that the payment came through.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await?;
            row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)
        }

        /// What of the order's lines it gives back; empty where it is an amount.
        async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<RefundLine>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<RefundLoader>>();
            let rows = loader.load_one(LinesOf(self.row.id)).await?;
            let currency = self.currency();
            let line = |row: refund_line::Model| RefundLine {
                line_no: i32::from(row.line_no),
                quantity: row.quantity,
                amount: Money::of_minor(row.amount_minor, currency),
            };
            Ok(rows.unwrap_or_default().into_iter().map(line).collect())
        }

        /// On which day the payer has the money at the latest 预计到账日, by the channel's terms; none where
        /// it is not on its way, or the calendar of working days does not reach so far.
        async fn arrives_on(&self, ctx: &Context<'_>) -> Nullable<LocalDate> {
            arrival(ctx, &self.row).await.transpose()
        }
    }
}

async fn arrival(ctx: &Context<'_>, row: &refund::Model) -> Result<Option<LocalDate>, Error> {
    use entity::refund::RefundStatus as Status;
    if !matches!(
        row.state,
        Status::Processing | Status::Unknown | Status::Succeeded
    ) {
        return Ok(None);
    }
    let app = ctx.app();
    let merchant = crate::merchant::find(app, row.merchant_id).await?;
    let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
    let channel = loader
        .load_one(row.channel_id)
        .await?
        .ok_or(Error::NotFound)?;
    let sent_at = row
        .decided_at
        .map_or(row.id.made_at_ms(), |at| at.0.timestamp_millis());
    let sent_at = chrono::DateTime::from_timestamp_millis(sent_at).unwrap_or_default();
    let sent_on = sent_at.with_timezone(&merchant.zone).date_naive();
    let days = u32::try_from(channel.refund_arrival_days).unwrap_or(0);
    let same_day = sent_on.checked_add_days(Days::new(0));
    let on = if days == 0 {
        same_day
    } else {
        app.calendar.after(sent_on, days)
    };
    Ok(on.map(LocalDate))
}

/// So many of an order's line that a refund gives back 退款明细.
#[derive(Clone, Debug, SimpleObject)]
pub struct RefundLine {
    /// The line's number in the order.
    pub line_no: i32,
    /// How many.
    pub quantity: i32,
    /// Their share of the refund.
    pub amount: Money,
}

connection! {
    /// A list of refunds.
    RefundConnection { merchant_id: MerchantId, currency: Currency, filter: RefundFilter,
        event_cursor: Option<String> }
    /// A refund in a list.
    RefundEdge
    /// The refund.
    node: Lean<Refund>
    {
        /// How many refunds the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many refunds to count"))
        }

        /// The sums over all refunds that the filter wants. Computed only when it is selected.
        async fn totals(&self, ctx: &Context<'_>) -> Result<RefundTotals, Error> {
            let totals = service::totals(ctx.app(), self.merchant_id, &self.filter).await?;
            let money =
                |minor: Option<i64>| Money::of_minor(minor.unwrap_or_default(), self.currency);
            Ok(RefundTotals {
                amount: money(totals.amount_minor),
                fee_returned: money(totals.fee_returned_minor),
            })
        }

        /// How many of the refunds that the filter wants are in each state. Counted only when it is selected.
        async fn states(&self, ctx: &Context<'_>) -> Result<Vec<RefundStatusFacet>, Error> {
            let states = service::states(ctx.app(), self.merchant_id, &self.filter).await?;
            Ok(states
                .into_iter()
                .map(|(value, count)| RefundStatusFacet {
                    value: value.into(),
                    count,
                })
                .collect())
        }

        /// The event cursor at which the list was taken: pass it as `after` to a subscription to see
        /// everything that has happened since.
        async fn event_cursor(&self) -> &str {
            self.event_cursor.as_deref().unwrap_or_default()
        }
    }
}

/// The sums over all refunds that a filter wants.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct RefundTotals {
    /// What payers get.
    pub amount: Money,
    /// What came back of fees.
    pub fee_returned: Money,
}

/// How many refunds are in a state.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct RefundStatusFacet {
    /// The state.
    pub value: RefundStatus,
    /// How many.
    pub count: i64,
}
