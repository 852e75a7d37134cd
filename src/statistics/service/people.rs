//! Counts the members who bought, for each row of an answer and for its sums: each once, however often they bought.
//!
//! Who bought is in no bucket: of who bought on Monday and on Tuesday, a week's count is no sum. Orders of members are read
//! by an index that holds all that is asked of them; who is new, by that of first payments.

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{ChannelId, MerchantId, TierId, member, order};
use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait, Func, IntoTableRef, JoinType, Query, SelectStatement,
    TableRef,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};

use crate::app::App;
use crate::error::Error;
use crate::statistics::model::{
    Answer, Dimension, Key, People, Question, Shift, Stretch, stretches, tells_people,
};
use crate::time_range::TimeRange;

/// The time that rows are counted over, as a table in a statement.
const TIMES: &str = "p";
/// What is counted in each, as a table in a statement.
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
        if answer.rows.is_empty() {
            return Ok(Vec::new());
        }
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
        let buyers = self.statement(Side::buyers(), stretches, part);
        let new_members = self.statement(Side::new_members(), stretches, part);
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

    /// Which of a side are counted.
    fn wanted(&self, side: &Side, part: Part<'_>) -> Condition {
        let mut all = Condition::all();
        if let Some(channels) = self.channels {
            all = all.add(side.channel.clone().is_in(channels.iter().copied()));
        }
        if let Some(countries) = &self.question.filter.countries {
            all = all.add(side.country.clone().is_in(countries.iter().cloned()));
        }
        if let Some(tiers) = &self.question.filter.tiers {
            all = all.add(side.tier.clone().is_in(tiers.iter().copied()));
        }
        if part.but.is_empty() {
            return all;
        }
        let by = &self.question.dimensions;
        let is_of = |key: &Key| {
            by.iter()
                .fold(Condition::all(), |all, dimension| match dimension {
                    Dimension::Channel => all.add(side.channel.clone().eq(key.channel)),
                    Dimension::Method => all.add(side.method.clone().eq(key.method)),
                    Dimension::MemberTier => {
                        all.add(side.tier.clone().eq(key.tier.unwrap_or(TierId(0))))
                    }
                    _ => {
                        let country = key.country.clone().unwrap_or_default();
                        all.add(side.country.clone().eq(country))
                    }
                })
        };
        let any = part
            .but
            .iter()
            .fold(Condition::any(), |any, key| any.add(is_of(key)));
        all.add(any.not())
    }

    /// Counts a side by stretch and dimensions. PostgreSQL goes through the stretches one by one, and sorts the members of
    /// each by itself; SQLite does so where the stretches come first in a join.
    fn statement(&self, side: Side, stretches: &[Stretch], part: Part<'_>) -> SelectStatement {
        let times = |column: &'static str| Expr::col((Alias::new(TIMES), Alias::new(column)));
        let rows = stretches.iter();
        let rows = rows.map(|stretch| (stretch.period, stretch.from_ms, stretch.to_ms));
        let mut select = Query::select();
        select
            .expr_as(times("column1"), "period")
            .from_values(rows, Alias::new(TIMES));
        let apart = self.app.db.backend() == DbBackend::Postgres;
        let mut each = if apart {
            Query::select()
        } else {
            select.clone()
        };
        let wanted = self.wanted(&side, part);
        let mut names = Vec::new();
        for dimension in part.by {
            let (name, value) = match dimension {
                Dimension::Channel => ("channel", &side.channel),
                Dimension::Method => ("method", &side.method),
                Dimension::MemberTier => ("tier", &side.tier),
                _ => ("country", &side.country),
            };
            each.expr_as(value.clone(), name)
                .add_group_by([value.clone()]);
            names.push(name);
        }
        each.expr_as(side.count, "people")
            .and_where(side.merchant.eq(self.merchant_id))
            .and_where(side.at.clone().gte(times("column2")))
            .and_where(side.at.lt(times("column3")))
            .and_where(side.member.is_not_null())
            .cond_where(wanted);
        names.push("people");
        if !apart {
            each.cross_join(side.table).add_group_by([times("column1")]);
            return each;
        }
        each.from(side.table);
        for name in names {
            select.column((Alias::new(EACH), Alias::new(name)));
        }
        select.join_lateral(
            JoinType::InnerJoin,
            each,
            Alias::new(EACH),
            Expr::cust("TRUE"),
        );
        select
    }
}

/// What is counted: orders that members paid for, or members by their first payment.
struct Side {
    table: TableRef,
    merchant: Expr,
    at: Expr,
    member: Expr,
    channel: Expr,
    method: Expr,
    /// The buyers' country; the empty text where it is unknown.
    country: Expr,
    /// The buyers' tier; 0 where they had none.
    tier: Expr,
    count: Expr,
}

impl Side {
    /// Who paid for an order: each once.
    fn buyers() -> Self {
        let of = |column: order::Column| Expr::col((order::Entity, column));
        Self {
            table: order::Entity.into_table_ref(),
            merchant: of(order::Column::MerchantId),
            at: of(order::Column::PaidAt),
            member: of(order::Column::MemberId),
            channel: of(order::Column::ChannelId),
            method: of(order::Column::Method),
            country: known(of(order::Column::Country)),
            tier: with_none(of(order::Column::TierId)),
            count: of(order::Column::MemberId).count_distinct(),
        }
    }

    /// Whose first payment of all it was.
    fn new_members() -> Self {
        let of = |column: member::Column| Expr::col((member::Entity, column));
        Self {
            table: member::Entity.into_table_ref(),
            merchant: of(member::Column::MerchantId),
            at: of(member::Column::FirstPaidAt),
            member: of(member::Column::FirstPaidAt),
            channel: of(member::Column::FirstChannelId),
            method: of(member::Column::FirstMethod),
            country: known(of(member::Column::FirstCountry)),
            tier: with_none(of(member::Column::FirstTierId)),
            count: Expr::cust("COUNT(*)"),
        }
    }
}

/// The empty text is written out: PostgreSQL does not take two parameters for the same text.
fn known(country: Expr) -> Expr {
    Func::coalesce([country, Expr::cust("''")]).into()
}

/// As with the empty text.
fn with_none(tier: Expr) -> Expr {
    Func::coalesce([tier, Expr::cust("0")]).into()
}

/// Where a count belongs, and the count.
fn read(row: &QueryResult, by: &[Dimension]) -> Result<((i64, Key), i64), DbErr> {
    let period: i64 = row.try_get_by(0)?;
    let mut key = Key::default();
    for (dimension, at) in by.iter().zip(1_usize..) {
        match dimension {
            Dimension::Channel => key.channel = Some(row.try_get_by(at)?),
            Dimension::Method => key.method = Some(row.try_get_by::<PaymentMethod, _>(at)?),
            Dimension::MemberTier => key.tier = Some(row.try_get_by(at)?),
            _ => key.country = Some(row.try_get_by(at)?),
        }
    }
    Ok(((period, key), row.try_get_by(by.len() + 1)?))
}
