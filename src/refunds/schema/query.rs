//! The queries of refunds.

use async_graphql::{Context, Object, SimpleObject};

use super::inputs::{RefundByInput, RefundFilterInput, RefundQuoteInput};
use super::mutation::{RefundCreateError, refusal_told};
use super::object::{Refund, RefundConnection};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::{LocalDate, Timestamp};
use crate::graphql::{Ask, Needs, Nullable};
use crate::money::Money;
use crate::orders::schema::query::reading;
use crate::paging::Paging;
use crate::refunds::service;

/// What a refund would do 退款试算. Nothing is written or set aside by asking.
#[derive(Debug, SimpleObject)]
pub struct RefundQuote {
    /// What is left to give back of the order 可退金额: paid, less succeeded, less in flight.
    pub refundable: Money,
    /// What the payer would get; none where the refund would be refused.
    pub amount: Option<Money>,
    /// What of the fee would come back 退回手续费.
    pub fee_returned: Money,
    /// What it would cost the merchant: the amount less the fee that comes back.
    pub cost: Money,
    /// What of it would be taken from money that is not settled yet 待结算; the rest from what is available.
    pub from_pending: Money,
    /// Whether a second person would have to agree 需审批.
    pub needs_approval: bool,
    /// Until when the channel gives money back 可退期限; none where the order is not paid.
    pub window_ends_at: Option<Timestamp>,
    /// On which day the payer has the money at the latest 预计到账日; none where the calendar of working days
    /// does not reach so far.
    pub arrives_on: Option<LocalDate>,
    /// How many of the points that the order earned would be taken back 扣回积分.
    pub points_clawed_back: i64,
    /// How many of the points that the order was paid with would come back 退回积分.
    pub points_restored: i64,
    /// Why it would be refused, with the rule and its figure; none where it would not.
    pub refusal: Option<RefundCreateError>,
}

/// The queries of refunds.
#[derive(Debug, Default)]
pub struct RefundQuery;

#[Object]
impl RefundQuery {
    /// One refund, by either of its numbers. What does not exist, or is another merchant's, is NOT_FOUND.
    /// Needs `refunds:read`.
    #[graphql(guard = "Needs(Scope::RefundsRead)")]
    async fn refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one of its numbers.")] by: RefundByInput,
    ) -> Nullable<Lean<Refund>> {
        Some(find(ctx, &by).await)
    }

    /// The merchant's refunds, newest first. Needs `refunds:read`.
    #[graphql(guard = "Needs(Scope::RefundsRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn refunds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which refunds; all where it is missing.")] filter: Option<
            RefundFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<RefundConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let reading = reading(ctx).await?;
        let filter = filter.unwrap_or_default().read(&reading)?;
        // Taken before the refunds are read: what happens meanwhile is seen twice, never not at all.
        let event_cursor = if ctx.look_ahead().field("eventCursor").exists() {
            Some(app.events.head(merchant_id).await?.to_string())
        } else {
            None
        };
        let page = service::list(app, merchant_id, &filter, &paging).await?;
        Ok(Lean(RefundConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(row.into()),
            merchant_id,
            reading.currency,
            filter,
            event_cursor,
        )))
    }

    /// What a refund would do, or why it would be refused 退款试算. Needs `refunds:read`.
    #[graphql(guard = "Needs(Scope::RefundsRead)")]
    async fn refund_quote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What would be given back.")] input: RefundQuoteInput,
    ) -> Nullable<RefundQuote> {
        Some(quote(ctx, &input).await)
    }
}

async fn find(ctx: &Context<'_>, by: &RefundByInput) -> Result<Lean<Refund>, Error> {
    let id = by.read()?;
    let row = service::find(ctx.app(), ctx.actor()?.merchant_id, id).await?;
    Ok(Lean(row.into()))
}

async fn quote(ctx: &Context<'_>, input: &RefundQuoteInput) -> Result<RefundQuote, Error> {
    let currency = reading(ctx).await?.currency;
    let draft = input.read(currency)?;
    let quote = service::quote(ctx.app(), ctx.actor()?, &draft).await?;
    let money = |minor| Money::of_minor(minor, currency);
    Ok(RefundQuote {
        refundable: money(quote.refundable_minor),
        amount: quote.decided.map(|decided| money(decided.amount_minor)),
        fee_returned: money(quote.fee_returned_minor),
        cost: money(quote.cost_minor),
        from_pending: money(quote.from_pending_minor),
        needs_approval: quote.needs_approval,
        window_ends_at: quote.window_ends_at.map(Timestamp),
        arrives_on: quote.arrives_on.map(LocalDate),
        points_clawed_back: quote.points.clawed_back,
        points_restored: quote.points.restored,
        refusal: quote
            .refusal
            .and_then(|refusal| refusal_told(&refusal, ctx.locale())),
    })
}
