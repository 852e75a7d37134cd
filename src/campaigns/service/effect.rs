//! Measures what a campaign brought: what was redeemed, by day too, and against the weeks before.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::redemption::{Column, Entity, RedemptionState};
use entity::{Instant, MerchantId, campaign, order};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::app::App;
use crate::campaigns::model::effect::{
    self, Baseline, DayOfSales, MOST_DAYS, NotEnough, WEEKS_BEFORE,
};
use crate::error::Error;
use crate::statistics::model::{Grain, Measures, Question};
use crate::statistics::service as statistics;
use crate::sums::sum_of;
use crate::time_range::{TimeRange, hour_of, start_of_day};

/// Of so many days at the most there is a row, the last ones.
const MOST_ROWS: u64 = 366;

/// It was paid for, and stands: in the words of its index, which a bound value would not be.
const COMMITTED: &str = "redemptions.state = 'COMMITTED'";

/// While a campaign is measured: from when on, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The zone that its days follow: that of the statistics.
    pub zone: Tz,
    /// From when it was given.
    pub from: DateTime<Utc>,
    /// Until when it was, or now.
    pub to: DateTime<Utc>,
    /// Whether it is over.
    pub is_over: bool,
    /// Everything that happened before this is in the statistics; none while they are built.
    pub as_of: Option<Instant>,
}

impl Span {
    /// The day on which it began.
    fn first(&self) -> NaiveDate {
        self.from.with_timezone(&self.zone).date_naive()
    }

    /// The days that it ran from their first hour to their last, and that are counted: the first of them, and how many.
    fn whole_days(&self) -> (NaiveDate, u64) {
        let began = self.first();
        let is_whole =
            hour_of(self.from, self.zone) <= start_of_day(began, self.zone).timestamp_millis();
        let first = if is_whole {
            began
        } else {
            began + Days::new(1)
        };
        let until = self.as_of.map_or(self.from, |at| at.0.min(self.to));
        let after = until.with_timezone(&self.zone).date_naive();
        let days = after.signed_duration_since(first).num_days();
        (first, u64::try_from(days).unwrap_or(0).min(MOST_DAYS))
    }

    /// Since when there are rows by day.
    fn first_row(&self) -> NaiveDate {
        let last = self.to.with_timezone(&self.zone).date_naive();
        self.first().max(last - Days::new(MOST_ROWS - 1))
    }
}

/// What was redeemed and paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redeemed {
    /// Orders.
    pub orders: i64,
    /// Different members that these were of.
    pub members: i64,
    /// Orders that were of nobody who is known.
    pub without_member: i64,
    /// What was paid for them, in minor units.
    pub sales_minor: i64,
    /// What came off them, in minor units.
    pub discount_minor: i64,
    /// How many were the first that their member paid.
    pub newcomers: i64,
}

impl Redeemed {
    /// What an order came to, in minor units, rounded half up; none where there is none.
    #[must_use]
    pub fn average_minor(&self) -> Option<i64> {
        (self.orders > 0).then(|| (self.sales_minor + self.orders / 2) / self.orders)
    }
}

/// A day of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectDay {
    /// Which.
    pub on: NaiveDate,
    /// What was redeemed; members are not counted by day.
    pub redeemed: Redeemed,
    /// Everything that was paid on it, with the campaign or without.
    pub all: Measures,
}

/// What was compared with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The first whole day of the campaign.
    pub from: NaiveDate,
    /// How many are compared from there on.
    pub days: u64,
    /// The first day before it that is looked at.
    pub before_from: NaiveDate,
    /// How many days before it are looked at.
    pub days_before: u64,
    /// What came out.
    pub baseline: Result<Baseline, NotEnough>,
}

/// When a campaign is measured; none where it has not begun.
pub async fn span(app: &App, row: &campaign::Model) -> Result<Option<Span>, Error> {
    let now = app.clock.now();
    let Some(begun) = row.activated_at else {
        return Ok(None);
    };
    let from = begun.0.max(row.starts_at.0);
    let ends = [row.ended_at, row.ends_at].into_iter().flatten();
    let to = ends.map(|at| at.0).fold(now, DateTime::min);
    if from > now {
        return Ok(None);
    }
    let served = statistics::served(app, row.merchant_id).await?;
    Ok(Some(Span {
        zone: served.zone,
        from,
        to: to.max(from),
        is_over: to < now || row.ended_at.is_some(),
        as_of: served.as_of,
    }))
}

/// Redemptions of a campaign that were paid, those that were refunded in full since among them or apart.
fn redemptions(row: &campaign::Model, state: RedemptionState) -> Select<Entity> {
    let of = Entity::of(row.merchant_id)
        .filter(Column::OfferId.eq(row.id.0))
        .filter(Column::CouponId.is_null());
    match state {
        RedemptionState::Committed => of.filter(Expr::cust(COMMITTED)),
        other => of
            .filter(Column::State.eq(other))
            .filter(Column::CommittedAt.is_not_null()),
    }
}

/// How many, of how many, and what they came to.
type Sums = (i64, i64, i64, Option<i64>, Option<i64>, Option<i64>);

fn summed(select: Select<Entity>) -> Select<Entity> {
    // Here alone: it has a `min` and a `max` of its own.
    use sea_orm::sea_query::ExprTrait;
    let newcomers = Expr::case(Column::Newcomer.eq(true), 1).finally(0);
    select
        .column_as(Column::Id.count(), "orders")
        .column_as(Column::MemberId.count(), "of_members")
        .column_as(Expr::col(Column::MemberId).count_distinct(), "members")
        .column_as(sum_of(Expr::col(Column::SalesMinor)), "sales")
        .column_as(sum_of(Expr::col(Column::OffMinor)), "off")
        .column_as(sum_of(newcomers), "newcomers")
}

fn redeemed((orders, of_members, members, sales, off, newcomers): Sums) -> Redeemed {
    Redeemed {
        orders,
        members,
        without_member: orders - of_members,
        sales_minor: sales.unwrap_or(0),
        discount_minor: off.unwrap_or(0),
        newcomers: newcomers.unwrap_or(0),
    }
}

/// What was redeemed of a campaign and paid: what stands, or what was refunded in full and rolled back since.
pub async fn totals(
    app: &App,
    row: &campaign::Model,
    state: RedemptionState,
) -> Result<Redeemed, Error> {
    let sums: Option<Sums> = summed(redemptions(row, state).select_only())
        .into_tuple()
        .one(&app.db.reads(row.merchant_id))
        .await?;
    Ok(sums.map(redeemed).unwrap_or_default())
}

/// A campaign's days, the last 366 of them at the most, beside everything that was paid on them.
pub async fn days(app: &App, row: &campaign::Model, span: &Span) -> Result<Vec<EffectDay>, Error> {
    let first = span.first_row();
    let last = span.to.with_timezone(&span.zone).date_naive();
    let sold = sold(app, row.merchant_id, span.zone, first, last + Days::new(1)).await?;
    let mut redeemed = by_day(app, row, span.zone, first).await?;
    // What ended at midnight has no row of the day after, unless somebody paid late.
    let late = redeemed.keys().next_back().copied();
    let last = last.max(late.unwrap_or(last));
    let days = first.iter_days().take_while(|day| *day <= last);
    let is_empty = |day: &EffectDay| day.on > first && start_of_day(day.on, span.zone) >= span.to;
    Ok(days
        .map(|on| EffectDay {
            on,
            redeemed: redeemed.remove(&on).unwrap_or_default(),
            all: sold.get(&on).copied().unwrap_or_default(),
        })
        .filter(|day| day.redeemed.orders > 0 || !is_empty(day))
        .collect())
}

/// What was redeemed in a quarter of an hour: orders, those of members, members, sales, what came off, newcomers; and
/// which quarter it is since 1970.
type QuarterRow = (i64, i64, i64, Option<i64>, Option<i64>, Option<i64>, i64);

/// What was redeemed on each day. It is summed by quarters of an hour, of which every zone's days are made.
async fn by_day(
    app: &App,
    row: &campaign::Model,
    zone: Tz,
    first: NaiveDate,
) -> Result<BTreeMap<NaiveDate, Redeemed>, Error> {
    const QUARTER_MS: i64 = 900_000;
    let quarter = || Expr::cust("committed_at / 900000");
    let since = Instant(start_of_day(first, zone));
    let select = redemptions(row, RedemptionState::Committed)
        .filter(Column::CommittedAt.gte(since))
        .select_only();
    let select = summed(select).column_as(quarter(), "quarter");
    let rows: Vec<QuarterRow> = select
        .group_by(quarter())
        .into_tuple()
        .all(&app.db.reads(row.merchant_id))
        .await?;
    let mut days: BTreeMap<NaiveDate, Redeemed> = BTreeMap::new();
    for (orders, of_members, _, sales, off, newcomers, quarter) in rows {
        let at = DateTime::from_timestamp_millis(quarter * QUARTER_MS).unwrap_or_default();
        let day = days
            .entry(at.with_timezone(&zone).date_naive())
            .or_default();
        let more = redeemed((orders, of_members, 0, sales, off, newcomers));
        day.orders += more.orders;
        day.without_member += more.without_member;
        day.sales_minor += more.sales_minor;
        day.discount_minor += more.discount_minor;
        day.newcomers += more.newcomers;
    }
    Ok(days)
}

/// What a merchant sold on each day from one up to before another, as the statistics say it.
async fn sold(
    app: &App,
    merchant_id: MerchantId,
    zone: Tz,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<BTreeMap<NaiveDate, Measures>, Error> {
    if from >= to {
        return Ok(BTreeMap::new());
    }
    let question = Question {
        grain: Some(Grain::Day),
        ..Question::of(TimeRange {
            from: start_of_day(from, zone),
            to: start_of_day(to, zone),
        })
    };
    let answer = statistics::answer(app, merchant_id, &question).await?;
    let rows = answer.rows.into_iter();
    Ok(rows
        .filter_map(|row| Some((row.starts_on?, row.measures)))
        .collect())
}

/// Compares a campaign's whole days with the eight weeks before it.
pub async fn baseline(app: &App, row: &campaign::Model, span: &Span) -> Result<Compared, Error> {
    let (from, days) = span.whole_days();
    let began = span.first();
    let earliest = began - Days::new(7 * WEEKS_BEFORE);
    // Before its first sale a merchant was not there; the day of that sale need not have been a whole one.
    let first_sale = first_sale(app, row.merchant_id).await?;
    let opened = first_sale.map(|at| at.with_timezone(&span.zone).date_naive() + Days::new(1));
    let before_from = earliest.max(opened.unwrap_or(began)).min(began);
    let to = from + Days::new(days);
    let sold = sold(app, row.merchant_id, span.zone, before_from, to).await?;
    let of = |from: NaiveDate, to: NaiveDate| -> Vec<DayOfSales> {
        let days = from.iter_days().take_while(|day| *day < to);
        days.map(|on| DayOfSales {
            weekday: usize::try_from(on.weekday().num_days_from_monday()).unwrap_or(0),
            paid_minor: sold.get(&on).map_or(0, Measures::paid_minor),
        })
        .collect()
    };
    let before = of(before_from, began);
    Ok(Compared {
        from,
        days,
        before_from,
        days_before: u64::try_from(before.len()).unwrap_or(0),
        baseline: effect::baseline(&before, &of(from, to)),
    })
}

/// When the merchant was paid for the first time.
async fn first_sale(app: &App, merchant_id: MerchantId) -> Result<Option<DateTime<Utc>>, Error> {
    let first: Option<Instant> = order::Entity::of(merchant_id)
        .filter(order::Column::PaidAt.is_not_null())
        .order_by_asc(order::Column::PaidAt)
        .select_only()
        .column(order::Column::PaidAt)
        .limit(1)
        .into_tuple()
        .one(&app.db.reads(merchant_id))
        .await?;
    Ok(first.map(|at| at.0))
}
