//! The queries of the overview.

use async_graphql::{Context, ID, Object};
use entity::ChannelId;

use super::brief::DailyBrief;
use super::funnel::{self, PaymentFunnel};
use super::products::{self, ProductRanking, ProductRankingOrder};
use super::reasons::{self, RefundReasonRow};
use super::today::Today;
use crate::auth::model::Scope;
use crate::channels::service::list_shown;
use crate::error::Error;
use crate::events::Cursor;
use crate::graphql::scalars::{LocalDate, read_ids};
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs};
use crate::orders::schema::reading;
use crate::overview::service;

/// The queries of the overview.
#[derive(Debug, Default)]
pub struct OverviewQuery;

#[Object]
impl OverviewQuery {
    /// The merchant's day so far 今日概览; `todayUpdated` continues it, live. Needs `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn today(&self, ctx: &Context<'_>) -> Result<Today, Error> {
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        // Read before the figures: what happens meanwhile is then seen twice, never not at all.
        let kept = if ctx.look_ahead().field("eventCursor").exists() {
            Some(app.events.kept(merchant_id).await?)
        } else {
            None
        };
        let row = service::today(app, merchant_id).await?;
        // What is numbered and not in the figures yet is still to be told.
        let event_cursor = kept.map(|kept| Cursor(row.seq.min(kept.head).max(kept.pruned)));
        Ok(Today {
            row,
            currency: crate::merchant::find(app, merchant_id).await?.currency,
            event_cursor: event_cursor.map(|cursor| cursor.to_string()),
        })
    }

    /// A day in figures and in words 每日简报, beside the same weekday of weeks before, and what waits to be
    /// done now. Needs `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn daily_brief(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Which day, in the merchant's time zone; yesterday where it is missing. Today is told of and not \
                judged: it is not over."
        )]
        on: Option<LocalDate>,
    ) -> Result<DailyBrief, Error> {
        let (app, actor) = (ctx.app(), ctx.actor()?);
        let told = service::brief(app, actor, on.map(|day| day.0)).await?;
        Ok(DailyBrief {
            told,
            channels: list_shown(app, actor.merchant_id).await?,
            currency: crate::merchant::find(app, actor.merchant_id)
                .await?
                .currency,
        })
    }

    /// The products that brought most 商品排行, of the orders that were paid in a time of at most 366 days.
    /// Needs `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn product_ranking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When the orders were paid.")] range: TimeRangeInput,
        #[graphql(desc = "How many products: 1 to 100, 10 where nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "By what; by what was paid where nothing is said.")] order_by: Option<
            ProductRankingOrder,
        >,
        #[graphql(desc = "Only what was paid through any of these channels.")] channel_ids: Option<
            Vec<ID>,
        >,
        #[graphql(desc = "Only products of any of these categories.")] categories: Option<
            Vec<String>,
        >,
    ) -> Result<ProductRanking, Error> {
        let reading = reading(ctx).await?;
        let first = first.unwrap_or(10);
        let first = u64::try_from(first)
            .ok()
            .filter(|first| (1..=100).contains(first));
        let first = first
            .ok_or_else(|| Error::bad_input("first", "is from 1 to 100.", "须为 1 至 100。"))?;
        if categories
            .as_ref()
            .is_some_and(|all| all.is_empty() || all.len() > 50)
        {
            return Err(Error::bad_input(
                "categories",
                "takes 1 to 50 values; leave it out to ask for all.",
                "须为 1 至 50 个值；不筛选时请省略。",
            ));
        }
        let asked = service::Asked {
            range: range.read("range", reading.now, reading.zone)?,
            channels: read_channels(channel_ids.as_deref())?,
            categories,
            sort_by: order_by.unwrap_or_default().into(),
            first,
        };
        let ranking = service::products(ctx.app(), ctx.actor()?.merchant_id, &asked).await?;
        Ok(products::shown(ranking, reading.currency))
    }

    /// Why money went back 退款原因分布: the refunds of orders that succeeded in a time of at most 366 days,
    /// by reason, the one that cost most first. Those that the bank returned since are not among them; `statistics`
    /// counts them on both days. Needs `refunds:read`.
    #[graphql(guard = "Needs(Scope::RefundsRead)")]
    async fn refund_reasons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When they succeeded.")] range: TimeRangeInput,
    ) -> Result<Vec<RefundReasonRow>, Error> {
        let reading = reading(ctx).await?;
        let range = range.read("range", reading.now, reading.zone)?;
        let rows = service::reasons(ctx.app(), ctx.actor()?.merchant_id, range).await?;
        Ok(reasons::shown(&rows, reading.currency))
    }

    /// How far the orders came that were made in a time of at most 366 days 支付转化漏斗, by channel: made,
    /// given a payment code, paid, refunded. Needs `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn payment_funnel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When the orders were made.")] range: TimeRangeInput,
        #[graphql(desc = "Only these channels.")] channel_ids: Option<Vec<ID>>,
    ) -> Result<PaymentFunnel, Error> {
        let (app, merchant_id, reading) =
            (ctx.app(), ctx.actor()?.merchant_id, reading(ctx).await?);
        let range = range.read("range", reading.now, reading.zone)?;
        let channels = read_channels(channel_ids.as_deref())?;
        let rows = service::funnel(app, merchant_id, range, channels.as_deref()).await?;
        Ok(funnel::shown(&rows, &list_shown(app, merchant_id).await?))
    }
}

fn read_channels(ids: Option<&[ID]>) -> Result<Option<Vec<ChannelId>>, Error> {
    ids.map(|ids| read_ids("channelIds", ids)).transpose()
}
