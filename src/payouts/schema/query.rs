//! The queries of payouts.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};

use super::inputs::{PayoutByInput, PayoutFilterInput, PayoutQuoteInput};
use super::list::PayoutConnection;
use super::object::Payout;
use super::payloads::{PayoutChallengeCreateError, refusal_told};
use super::schedule::PayoutSchedule;
use super::terms::{self, PayoutTerms};
use crate::auth::model::Scope;
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::LocalDate;
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs, Nullable};
use crate::money::Money;
use crate::orders::schema::query::reading;
use crate::paging::Paging;
use crate::payouts::service;

/// What a payout would do 提现试算. Nothing is written or set aside by asking.
#[derive(Debug, SimpleObject)]
pub struct PayoutQuote {
    /// What would leave the balance 提现金额.
    pub amount: Money,
    /// The fee in it 手续费.
    pub fee: Money,
    /// What would arrive at the bank 到账金额.
    pub net: Money,
    /// The channel whose platform would pay it out 出款渠道; none where none does.
    pub channel: Nullable<Lean<Channel>>,
    /// What is available 可用余额.
    pub available: Money,
    /// What is left of today's limit 今日剩余额度; none without a limit.
    pub left_today: Option<Money>,
    /// Whether a second person would have to agree 需审批.
    pub needs_approval: bool,
    /// The day on which it would arrive at the earliest 预计最早到账日; none where the calendar does not reach so far.
    pub arrives_from: Option<LocalDate>,
    /// The day on which it would arrive at the latest 预计最晚到账日; none where the calendar does not reach so far.
    pub arrives_to: Option<LocalDate>,
    /// The last year whose working days the calendar knows: where the days of arrival are none, they lie beyond it.
    pub calendar_until: Option<i32>,
    /// Why it could not be made now, with the rule and its figure; none where it could.
    pub refusal: Option<PayoutChallengeCreateError>,
}

/// How payouts to one bank arrived 到账统计.
#[derive(Clone, Debug, SimpleObject)]
pub struct PayoutArrivals {
    /// The bank's code.
    pub bank_code: String,
    /// How many arrived.
    pub count: i64,
    /// Working days that half of them took at the most, counted from the day on which they were asked for or
    /// approved; none where the calendar does not know them.
    pub median_days: Option<i32>,
    /// How many of them were expected by a day: beyond the last year that the calendar knows none is.
    pub expected: i64,
    /// How many of those arrived by then.
    pub on_time: i64,
}

/// The queries of payouts.
#[derive(Debug, Default)]
pub struct PayoutQuery;

#[Object]
impl PayoutQuery {
    /// One payout, by either of its numbers. What does not exist, or is another merchant's, is NOT_FOUND. Needs
    /// `payouts:read`.
    #[graphql(guard = "Needs(Scope::PayoutsRead)")]
    async fn payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one of its numbers.")] by: PayoutByInput,
    ) -> Nullable<Lean<Payout>> {
        Some(find(ctx, &by).await)
    }

    /// The merchant's payouts, newest first. Needs `payouts:read`.
    #[graphql(guard = "Needs(Scope::PayoutsRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payouts; all where it is missing.")] filter: Option<
            PayoutFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<PayoutConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let reading = reading(ctx).await?;
        let filter = filter.unwrap_or_default().read(&reading)?;
        // Taken before the payouts are read: what happens meanwhile is seen twice, never not at all.
        let event_cursor = if ctx.look_ahead().field("eventCursor").exists() {
            Some(app.events.head(merchant_id).await?.to_string())
        } else {
            None
        };
        let page = service::list(app, merchant_id, &filter, &paging).await?;
        Ok(Lean(PayoutConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(row.into()),
            merchant_id,
            reading.currency,
            filter,
            event_cursor,
        )))
    }

    /// What a payout would do, or why it could not be made now 提现试算. Needs `payouts:read`.
    #[graphql(guard = "Needs(Scope::PayoutsRead)")]
    async fn payout_quote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What would be paid out.")] input: PayoutQuoteInput,
    ) -> Nullable<PayoutQuote> {
        Some(quote(ctx, &input).await)
    }

    /// What payouts cost, how much may leave, and when it arrives 提现条款. Needs `payouts:read`.
    #[graphql(guard = "Needs(Scope::PayoutsRead)")]
    async fn payout_terms(&self, ctx: &Context<'_>) -> Result<PayoutTerms, Error> {
        terms::load(ctx, ctx.actor()?.merchant_id).await
    }

    /// The payout schedule 自动提现; none where none was ever set. Needs `payouts:read`.
    #[graphql(guard = "Needs(Scope::PayoutsRead)")]
    async fn payout_schedule(&self, ctx: &Context<'_>) -> Nullable<Lean<PayoutSchedule>> {
        schedule(ctx).await.transpose()
    }

    /// How payouts that arrived in a span did, by bank, against what was expected 到账统计. Needs `payouts:read`.
    #[graphql(guard = "Needs(Scope::PayoutsRead)")]
    async fn payout_arrivals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When they arrived.")] range: TimeRangeInput,
    ) -> Result<Vec<PayoutArrivals>, Error> {
        let reading = reading(ctx).await?;
        let range = range.read("range", reading.now, reading.zone)?;
        let merchant_id = ctx.actor()?.merchant_id;
        let told = service::arrivals(ctx.app(), merchant_id, &range).await?;
        let told = told.into_iter().map(|bank| PayoutArrivals {
            bank_code: bank.bank_code,
            count: bank.count,
            median_days: bank.median_days,
            expected: bank.expected,
            on_time: bank.on_time,
        });
        Ok(told.collect())
    }
}

async fn find(ctx: &Context<'_>, by: &PayoutByInput) -> Result<Lean<Payout>, Error> {
    let id = by.read()?;
    let row = service::find(ctx.app(), ctx.actor()?.merchant_id, id).await?;
    Ok(Lean(row.into()))
}

async fn schedule(ctx: &Context<'_>) -> Result<Option<Lean<PayoutSchedule>>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let currency = crate::merchant::find(app, merchant_id).await?.currency;
    let row = service::maybe_find_schedule(app, merchant_id).await?;
    Ok(row.map(|row| Lean(PayoutSchedule { row, currency })))
}

async fn quote(ctx: &Context<'_>, input: &PayoutQuoteInput) -> Result<PayoutQuote, Error> {
    let currency = reading(ctx).await?.currency;
    let (account, amount_minor) = input.read(currency)?;
    let quote = service::quote(ctx.app(), ctx.actor()?, account, amount_minor).await?;
    let money = |minor| Money::of_minor(minor, currency);
    let refusal = quote.refusal.as_ref();
    Ok(PayoutQuote {
        amount: money(amount_minor),
        fee: money(quote.fee_minor),
        net: money(quote.net_minor),
        channel: quote
            .channel
            .map(|row| Ok(Lean(Channel { row: Arc::new(row) }))),
        available: money(quote.available_minor),
        left_today: quote.left_today_minor.map(money),
        needs_approval: quote.needs_approval,
        arrives_from: quote.arrival.map(|arrival| LocalDate(arrival.from)),
        arrives_to: quote.arrival.map(|arrival| LocalDate(arrival.to)),
        calendar_until: quote.calendar_until,
        refusal: refusal.and_then(|refusal| refusal_told(refusal, ctx.locale())),
    })
}
