//! Counts the members who bought, for each row of an answer and for its sums: each once, however often they bought.
//!
//! Who bought is in no bucket: of who bought on Monday and on Tuesday, a week's count is no sum. Orders of members are read
//! by an index that holds all that is asked of them; who is new, by that of first payments.

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{ChannelId, MerchantId, member, order};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::app::App;
use crate::error::Error;
use crate::statistics::model::{
    Answer, Dimension, Key, People, Question, Shift, Stretch, stretches, tells_people,
};
use crate::time_range::TimeRange;

/// The time that rows are counted over, as a table in a statement.
const TIMES: &str = "p";
/// What is grouped, as a table in a statement.
const EACH: &str = "d";

/// Whose buyers are counted.
pub(super) struct Counting<'a> {
    pub app: &'a App,
    pub merchant_id: MerchantId,
    pub zone: Tz,
    pub question: &'a Question,
    /// The channels that are counted; none where all are.
    pub channels: Option<&'a [ChannelId]>,
}

/// What is counted beside each other.
#[derive(Clone, Copy)]
struct Part<'a> {
    by: &'a [Dimension],
    /// Only what has none of these keys.
    but: &'a [Key],
}

type Counts = HashMap<(i64, Key), People>;

impl Counting<'_> {
    /// Writes into an answer how many members bought, also in the time that it is compared with: that of its rows, and
    /// that of its sums.
    pub async fn fill(
        &self,
        answer: &mut Answer,
        earlier: Option<(Shift, TimeRange)>,
        totals_before: Option<TimeRange>,
    ) -> Result<(), Error> {
        if !self.question.people || !tells_people(self.question) {
            return Ok(());
        }
        let range = self.question.range;
        let rows_before = async {
            match earlier {
                Some((shift, range)) => self.rows(answer, range, Some(shift)).await.map(Some),
                None => Ok(None),
            }
        };
        let sums_before = async {
            match totals_before {
                Some(range) => self.sum(range).await.map(Some),
                None => Ok(None),
            }
        };
        let (rows, before, totals, previous_totals) = futures_util::try_join!(
            self.rows(answer, range, None),
            rows_before,
            self.sum(range),
            sums_before
        )?;
        answer.people = Some(totals);
        answer.previous_people = previous_totals;
        let before = before.into_iter().flatten().map(Some);
        let before = before.chain(std::iter::repeat(None));
        let rows = answer.rows.iter_mut().zip(rows).zip(before);
        for ((row, people), before) in rows {
            row.people = Some(people);
            row.previous_people = before;
        }
        Ok(())
    }

    /// How many members bought in a time, counted once.
    async fn sum(&self, range: TimeRange) -> Result<People, Error> {
        let whole = Question {
            grain: None,
            ..Question::of(self.question.range)
        };
        let now = self.app.clock.now();
        let stretches = stretches(&whole, self.zone, range, None, now);
        let all = Part { by: &[], but: &[] };
        let counts = self.count(&stretches, all).await?;
        let found = counts.get(&(0, Key::default()));
        Ok(found.copied().unwrap_or_default())
    }

    /// How many members bought, row by row.
    async fn rows(
        &self,
        answer: &Answer,
        range: TimeRange,
        shift: Option<Shift>,
    ) -> Result<Vec<People>, Error> {
        let question = self.question;
        if question.grain.is_none() && question.dimensions.is_empty() {
            return Ok(vec![self.sum(range).await?; answer.rows.len()]);
        }
        let now = self.app.clock.now();
        let stretches = stretches(question, self.zone, range, shift, now);
        let each = Part {
            by: &question.dimensions,
            but: &[],
        };
        let first = answer.rows.first().map(|row| row.starts_at);
        let group = answer.rows.iter();
        let group = group.take_while(|row| Some(row.starts_at) == first);
        let named: Vec<Key> = group
            .clone()
            .filter(|row| !row.is_other)
            .map(|row| row.key.clone())
            .collect();
        let (groups, has_other) = (group.clone().count(), group.clone().any(|row| row.is_other));
        let others = async {
            let rest = Part {
                by: &[],
                but: &named,
            };
            match has_other {
                true => self.count(&stretches, rest).await,
                false => Ok(Counts::new()),
            }
        };
        let (counts, others) = futures_util::try_join!(self.count(&stretches, each), others)?;
        let rows = answer.rows.iter().enumerate().map(|(at, row)| {
            let period = i64::try_from(at / groups.max(1)).unwrap_or(i64::MAX);
            let found = if row.is_other {
                others.get(&(period, Key::default()))
            } else {
                counts.get(&(period, row.key.clone()))
            };
            found.copied().unwrap_or_default()
        });
        Ok(rows.collect())
    }

    async fn count(&self, stretches: &[Stretch], part: Part<'_>) -> Result<Counts, Error> {
        if stretches.is_empty() {
            return Ok(Counts::new());
        }
        let reads = self.app.db.reads(self.merchant_id);
        let buyers = self.buyers(stretches, part);
        let new_members = self.new_members(stretches, part);
        let (buyers, new_members) =
            futures_util::try_join!(reads.query_all(&buyers), reads.query_all(&new_members))?;
        let mut counts = Counts::new();
        for row in &buyers {
            let (place, count) = read(row, part.by)?;
            counts.entry(place).or_default().buyers = count;
        }
        for row in &new_members {
            let (place, count) = read(row, part.by)?;
            counts.entry(place).or_default().new_members = count;
        }
        Ok(counts)
    }

    /// Counts who paid for an order: each once in each group.
    fn buyers(&self, stretches: &[Stretch], part: Part<'_>) -> SelectStatement {
        let of = |column| Expr::col((order::Entity, column));
        let mut each = within(stretches, of(order::Column::PaidAt));
        each.distinct()
            .column((order::Entity, order::Column::MemberId))
            .cross_join(order::Entity)
            .and_where(of(order::Column::MerchantId).eq(self.merchant_id))
            .and_where(of(order::Column::MemberId).is_not_null())
            .cond_where(self.wanted(part));
        grouped(each, part.by)
    }

    /// Counts whose first payment of all it was; the order is looked at where something is asked of it.
    fn new_members(&self, stretches: &[Stretch], part: Part<'_>) -> SelectStatement {
        let of = |column| Expr::col((member::Entity, column));
        let mut each = within(stretches, of(member::Column::FirstPaidAt));
        each.cross_join(member::Entity)
            .and_where(of(member::Column::MerchantId).eq(self.merchant_id));
        let filter = &self.question.filter;
        let asks = !part.by.is_empty() || !part.but.is_empty();
        if asks || self.channels.is_some() || filter.countries.is_some() {
            let first = Expr::col((order::Entity, order::Column::Id))
                .equals((member::Entity, member::Column::FirstOrderId));
            each.cross_join(order::Entity)
                .and_where(
                    Expr::col((order::Entity, order::Column::MerchantId)).eq(self.merchant_id),
                )
                .and_where(first)
                .cond_where(self.wanted(part));
        }
        grouped(each, part.by)
    }

    /// Which orders are counted.
    fn wanted(&self, part: Part<'_>) -> Condition {
        let mut all = Condition::all();
        if let Some(channels) = self.channels {
            let channel = Expr::col((order::Entity, order::Column::ChannelId));
            all = all.add(channel.is_in(channels.iter().copied()));
        }
        if let Some(countries) = &self.question.filter.countries {
            all = all.add(country().is_in(countries.iter().cloned()));
        }
        if part.but.is_empty() {
            return all;
        }
        // One key of one dimension is most of what is asked.
        let any = part
            .but
            .iter()
            .fold(Condition::any(), |any, key| any.add(self.is_of(key)));
        all.add(any.not())
    }

    fn is_of(&self, key: &Key) -> Condition {
        let by = self.question.dimensions.iter();
        by.fold(Condition::all(), |all, dimension| match dimension {
            Dimension::Channel => all.add(channel().eq(key.channel)),
            Dimension::Method => all.add(method().eq(key.method)),
            _ => all.add(country().eq(key.country.clone().unwrap_or_default())),
        })
    }
}

fn channel() -> Expr {
    Expr::col((order::Entity, order::Column::ChannelId))
}

fn method() -> Expr {
    Expr::col((order::Entity, order::Column::Method))
}

/// The buyers' country; the empty text where it is unknown.
fn country() -> Expr {
    let column = Expr::col((order::Entity, order::Column::Country));
    Func::coalesce([column, Expr::value("")]).into()
}

/// Begins a statement with the stretches, which it is to go through one by one, each by an index.
fn within(stretches: &[Stretch], at: Expr) -> SelectStatement {
    let rows = stretches.iter();
    let rows = rows.map(|stretch| (stretch.period, stretch.from_ms, stretch.to_ms));
    let of = |column: &'static str| Expr::col((Alias::new(TIMES), Alias::new(column)));
    let mut select = Query::select();
    select
        .expr_as(of("column1"), "period")
        .from_values(rows, Alias::new(TIMES))
        .and_where(at.clone().gte(of("column2")))
        .and_where(at.lt(of("column3")));
    select
}

/// Counts the rows of a statement by period and dimensions.
fn grouped(mut each: SelectStatement, by: &[Dimension]) -> SelectStatement {
    let mut names = vec!["period"];
    for dimension in by {
        let (name, value) = match dimension {
            Dimension::Channel => ("channel", channel()),
            Dimension::Method => ("method", method()),
            _ => ("country", country()),
        };
        each.expr_as(value, name);
        names.push(name);
    }
    let mut select = Query::select();
    for name in names {
        let column = (Alias::new(EACH), Alias::new(name));
        select.column(column.clone()).group_by_col(column);
    }
    select
        .expr_as(Func::count(Expr::cust("*")), "people")
        .from_subquery(each, Alias::new(EACH));
    select
}

/// Where a count belongs, and the count.
fn read(row: &QueryResult, by: &[Dimension]) -> Result<((i64, Key), i64), DbErr> {
    let period: i64 = row.try_get_by(0)?;
    let mut key = Key::default();
    for (dimension, at) in by.iter().zip(1_usize..) {
        match dimension {
            Dimension::Channel => key.channel = Some(row.try_get_by(at)?),
            Dimension::Method => key.method = Some(row.try_get_by::<PaymentMethod, _>(at)?),
            _ => key.country = Some(row.try_get_by(at)?),
        }
    }
    Ok(((period, key), row.try_get_by(by.len() + 1)?))
}
