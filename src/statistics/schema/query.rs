//! The queries of statistics.

use async_graphql::{Context, Object};
use chrono::TimeDelta;
use chrono_tz::Tz;

use super::heatmap::HourlyHeatmap;
use super::inputs::{
    StatisticsComparison, StatisticsDimension, StatisticsFilterInput, StatisticsGrain,
    StatisticsMeasure,
};
use super::kept::{Told, tell};
use super::measures::{Shown, no_fees};
use super::row::Statistics;
use super::wanted::{wanted, wants_people};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs};
use crate::orders::schema::reading;
use crate::statistics::model::calendar::{fits, whole_hours};
use crate::statistics::model::{Dimension, Grain, MOST_ROWS, Measure, Question, Wanted};
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
        #[graphql(
            desc = "What it is compared with. While the range has not ended, totals and changes are compared with \
                the same part of the time before, and rows by time with whole days, weeks and so on."
        )]
        compare_to: Option<StatisticsComparison>,
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
            bounded_by_hour(range, reading.zone)?;
        }
        let order_by = order_by.map(Measure::from).unwrap_or_default();
        let dimensions = read_dimensions(dimensions.unwrap_or_default())?;
        let filter = filter.unwrap_or_default().read()?;
        let shown = Shown {
            currency: reading.currency,
            fees: ctx.actor()?.may(Scope::LedgerRead),
            whole_orders: filter.categories.is_none(),
        };
        if order_by.tells_fees() && !shown.fees {
            return Err(no_fees());
        }
        let by_category = dimensions.contains(&Dimension::Category);
        let of_rows = Shown {
            whole_orders: shown.whole_orders && !by_category,
            ..shown
        };
        if order_by == Measure::AverageOrderValue && !of_rows.whole_orders {
            return Err(no_average());
        }
        let shares = ctx.look_ahead().field("rows").field("share").exists();
        let ordered = if dimensions.is_empty() && !shares {
            Wanted::default()
        } else {
            Wanted::default().and(order_by)
        };
        let question = Question {
            grain,
            dimensions,
            filter,
            compare_to: compare_to.map(Into::into),
            top: top.map(read_top).transpose()?,
            order_by,
            wanted: wanted(&ctx.look_ahead(), ordered),
            people: wants_people(&ctx.look_ahead()),
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
            Ok(Statistics::of(answer, channels, order_by, (shown, of_rows)))
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
        fits_a_heatmap(range)?;
        let filter = filter.unwrap_or_default().read()?;
        let figures = [Measure::Orders, Measure::PaidOrders, Measure::Paid];
        let wanted = figures.into_iter().fold(Wanted::default(), Wanted::and);
        let source = Source::of(ctx.app(), ctx.actor()?.merchant_id).await?;
        let range = whole_hours(range, source.served.zone);
        let shown = Shown {
            currency: reading.currency,
            fees: false,
            whole_orders: true,
        };
        let question = format!("heat map {range:?} {filter:?}");
        let make = async {
            let cells = service::heatmap(&source, range, filter, wanted).await?;
            Ok(HourlyHeatmap::of(cells, shown))
        };
        tell(ctx, &question, shown, &source, make).await
    }
}

/// What whoever wants categories by what an order came to is told.
fn no_average() -> Error {
    Error::bad_input(
        "orderBy",
        "AVERAGE_ORDER_VALUE is of whole orders: by category, or of some categories, an order's money is split \
         and the order itself is not. Take PAID or PAID_ORDERS.",
        "AVERAGE_ORDER_VALUE（客单价）以整笔订单计算：按分类统计或筛选时，金额按明细分摊而订单不可分摊。请改用 PAID 或 PAID_ORDERS。",
    )
}

/// Refuses a time that is too long for a heat map.
pub fn fits_a_heatmap(range: TimeRange) -> Result<(), Error> {
    let days = MOST_DAYS_OF_HEATMAP;
    if is_short(range, days) {
        return Ok(());
    }
    Err(Error::bad_input(
        "range",
        format!("must be {days} days at the most."),
        format!("最多 {days} 天。"),
    ))
}

/// Refuses a longer time by the hour, with the grain that fits; an hour more than these days is summer time's.
fn bounded_by_hour(range: TimeRange, zone: Tz) -> Result<(), Error> {
    if is_short(range, MOST_DAYS_BY_HOUR) {
        return Ok(());
    }
    let days = MOST_DAYS_BY_HOUR;
    let coarser = Grain::ALL.into_iter().filter(|grain| *grain > Grain::Hour);
    let fitting = coarser
        .into_iter()
        .find(|grain| fits(range, *grain, MOST_ROWS, zone));
    let fitting = fitting.map_or("", Grain::name);
    Err(Error::bad_input(
        "grain",
        format!("HOUR is for {days} days at the most; {fitting} fits."),
        format!("HOUR 最多支持 {days} 天，请改用 {fitting}。"),
    ))
}

fn is_short(range: TimeRange, days: i64) -> bool {
    range.to - range.from <= TimeDelta::days(days) + TimeDelta::hours(2)
}

fn read_dimensions(dimensions: Vec<StatisticsDimension>) -> Result<Vec<Dimension>, Error> {
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
