//! The queries of statistics.

use async_graphql::{Context, Object};
use chrono::TimeDelta;

use super::heatmap::HourlyHeatmap;
use super::inputs::{
    StatisticsComparison, StatisticsDimension, StatisticsFilterInput, StatisticsGrain,
    StatisticsMeasure,
};
use super::kept::{Told, tell};
use super::measures::{Shown, no_fees};
use super::row::Statistics;
use super::wanted::wanted;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs};
use crate::orders::schema::reading;
use crate::statistics::model::calendar::whole_hours;
use crate::statistics::model::{Grain, Measure, Question, Wanted};
use crate::statistics::service::{self, Source};
use crate::time_range::{TimeRange, hour_of};

/// Of how many days rows are by hour.
const MOST_DAYS_BY_HOUR: i64 = 92;
/// Of how many days a heat map is made.
const MOST_DAYS_OF_HEATMAP: i64 = 366;
/// The largest `top`.
const MOST_TOP: usize = 1_000;

/// The queries of statistics.
#[derive(Debug, Default)]
pub struct StatisticsQuery;

#[Object]
impl StatisticsQuery {
    /// How the business is doing 统计, over any time, at once: figures by time, channel, method, country and
    /// category, compared with another time. An answer has 10,000 rows at the most. Needs `orders:read`; what
    /// payments cost needs `ledger:read` besides.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a question")]
    async fn statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which time; widened to whole hours of the merchant's clock.")]
        range: TimeRangeInput,
        #[graphql(desc = "How long a row's time is; rows are not by time where it is missing.")]
        grain: Option<StatisticsGrain>,
        #[graphql(desc = "What there is a row for each of, beside time: two at the most.")]
        dimensions: Option<Vec<StatisticsDimension>>,
        #[graphql(desc = "What is counted; everything where it is missing.")] filter: Option<
            StatisticsFilterInput,
        >,
        #[graphql(desc = "What it is compared with.")] compare_to: Option<StatisticsComparison>,
        #[graphql(
            desc = "How many values of the dimensions have rows, from 1 to 1,000: those with most of `orderBy` \
                over the whole time; the others share a row."
        )]
        top: Option<i32>,
        #[graphql(desc = "Which values come first; PAID where it is missing.")] order_by: Option<
            StatisticsMeasure,
        >,
    ) -> Result<Told<Statistics>, Error> {
        let reading = reading(ctx).await?;
        let range = range.read("range", reading.now, reading.zone)?;
        let grain = grain.map(Grain::from);
        if grain == Some(Grain::Hour) {
            bounded(range, MOST_DAYS_BY_HOUR, "grain")?;
        }
        let order_by = order_by.map(Measure::from).unwrap_or_default();
        let shown = Shown {
            currency: reading.currency,
            fees: ctx.actor()?.may(Scope::LedgerRead),
        };
        if order_by.tells_fees() && !shown.fees {
            return Err(no_fees());
        }
        let dimensions = read_dimensions(dimensions.unwrap_or_default())?;
        let shares = ctx.look_ahead().field("rows").field("share").exists();
        let ordered = if dimensions.is_empty() && !shares {
            Wanted::default()
        } else {
            Wanted::default().and(order_by)
        };
        let question = Question {
            grain,
            dimensions,
            filter: filter.unwrap_or_default().read()?,
            compare_to: compare_to.map(Into::into),
            top: top.map(read_top).transpose()?,
            order_by,
            wanted: wanted(&ctx.look_ahead(), ordered),
            ..Question::of(range)
        };
        let source = Source::of(ctx.app(), ctx.actor()?.merchant_id).await?;
        let question = Question {
            range: whole_hours(question.range, source.served.zone),
            ..question
        };
        let make = async {
            let answer = service::answer_from(&source, &question).await?;
            let channels = &source.channels;
            Ok(Statistics::of(answer, channels, order_by, shown))
        };
        // What a time that has not ended is compared with may follow the hour.
        let hour = question
            .compare_to
            .map(|_| hour_of(reading.now, source.served.zone));
        tell(ctx, &format!("{question:?} {hour:?}"), shown, &source, make).await
    }

    /// When in the week business is done 时段热力图: weekday by hour, of 366 days at the most. Needs
    /// `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn hourly_heatmap(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which time; widened to whole hours of the merchant's clock.")]
        range: TimeRangeInput,
        #[graphql(desc = "What is counted; everything where it is missing.")] filter: Option<
            StatisticsFilterInput,
        >,
    ) -> Result<Told<HourlyHeatmap>, Error> {
        let reading = reading(ctx).await?;
        let range = range.read("range", reading.now, reading.zone)?;
        bounded(range, MOST_DAYS_OF_HEATMAP, "range")?;
        let filter = filter.unwrap_or_default().read()?;
        let figures = [Measure::Orders, Measure::PaidOrders, Measure::Paid];
        let wanted = figures.into_iter().fold(Wanted::default(), Wanted::and);
        let source = Source::of(ctx.app(), ctx.actor()?.merchant_id).await?;
        let range = whole_hours(range, source.served.zone);
        let shown = Shown {
            currency: reading.currency,
            fees: false,
        };
        let question = format!("heat map {range:?} {filter:?}");
        let make = async {
            let cells = service::heatmap(&source, range, filter, wanted).await?;
            Ok(HourlyHeatmap::of(cells, shown))
        };
        tell(ctx, &question, shown, &source, make).await
    }
}

/// Refuses a longer time; an hour more than these days is summer time's.
fn bounded(range: TimeRange, days: i64, field: &str) -> Result<(), Error> {
    if range.to - range.from <= TimeDelta::days(days) + TimeDelta::hours(2) {
        return Ok(());
    }
    Err(if field == "grain" {
        Error::bad_input(
            field,
            format!("HOUR is for {days} days at the most; DAY fits."),
            format!("HOUR 最多支持 {days} 天，请改用 DAY。"),
        )
    } else {
        Error::bad_input(
            field,
            format!("must be {days} days at the most."),
            format!("最多 {days} 天。"),
        )
    })
}

fn read_dimensions(
    dimensions: Vec<StatisticsDimension>,
) -> Result<Vec<crate::statistics::model::Dimension>, Error> {
    let twice = dimensions.len() == 2 && dimensions[0] == dimensions[1];
    if dimensions.len() > 2 || twice {
        return Err(Error::bad_input(
            "dimensions",
            "takes two different ones at the most.",
            "最多两个不同的维度。",
        ));
    }
    Ok(dimensions.into_iter().map(Into::into).collect())
}

fn read_top(top: i32) -> Result<usize, Error> {
    let read = usize::try_from(top).ok();
    read.filter(|top| (1..=MOST_TOP).contains(top))
        .ok_or_else(|| {
            Error::bad_input(
                "top",
                format!("must be from 1 to {MOST_TOP}."),
                format!("必须在 1 到 {MOST_TOP} 之间。"),
            )
        })
}
