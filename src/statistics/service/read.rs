//! Reads buckets: the smallest cut that holds what is asked for, and of it only what is wanted.

use entity::statistic::{self, Column, Cut, Grain};
use entity::{ChannelId, MerchantId};
use futures_util::future::try_join_all;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryResult, QuerySelect, QueryTrait, Select,
};

use crate::app::App;
use crate::db::{any_of, any_text_of};
use crate::error::Error;
use crate::statistics::model::{Base, Dimension, Measures, Question, Read, Readings, Spans};
use crate::sums::sum_of;

/// How many rows are read for one span at the most: what they are folded into has far fewer.
const MOST_READ: u64 = 200_000;

/// What is told where there are more.
fn too_much() -> Error {
    Error::bad_input(
        "range",
        format!(
            "holds more than {MOST_READ} figures to be summed; take a shorter one, or fewer dimensions."
        ),
        format!("需汇总的数据超过 {MOST_READ} 条；请缩短时间范围或减少维度。"),
    )
}

/// What is read, and of whom.
pub(super) struct Reading<'a> {
    pub app: &'a App,
    pub merchant_id: MerchantId,
    pub generation: i16,
    /// The channels that are counted; none where all are.
    pub channels: Option<Vec<ChannelId>>,
}

impl Reading<'_> {
    /// Reads what a question wants of some spans: a statement for days, and one for the hours at each end. Two
    /// ends in one statement are two stretches of the table's key, which SQLite reads with all that lies between.
    pub async fn spans(&self, question: &Question, spans: &Spans) -> Result<Readings, Error> {
        let days = spans.days.iter();
        let hours = spans.hours.iter();
        let (days, hours) = futures_util::try_join!(
            try_join_all(days.map(|span| self.rows(question, Grain::Day, *span))),
            try_join_all(hours.map(|span| self.rows(question, Grain::Hour, *span)))
        )?;
        Ok(Readings {
            days: days.concat(),
            hours: hours.concat(),
        })
    }

    async fn rows(
        &self,
        question: &Question,
        grain: Grain,
        span: (i64, i64),
    ) -> Result<Vec<Read>, Error> {
        let shape = Shape::of(question, grain);
        let mut statement = self.statement(question, grain, span, &shape);
        statement.limit(MOST_READ + 1);
        let rows = self
            .app
            .db
            .reads(self.merchant_id)
            .query_all(&statement)
            .await?;
        if rows.len() as u64 > MOST_READ {
            return Err(too_much());
        }
        let rows = rows.iter().map(|row| shape.read(row));
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn statement(
        &self,
        question: &Question,
        grain: Grain,
        (from, to): (i64, i64),
        shape: &Shape,
    ) -> SelectStatement {
        let within = Column::Starts.gte(from).and(Column::Starts.lt(to));
        let (db, filter) = (&self.app.db, &question.filter);
        let mut select = statistic::Entity::of(self.merchant_id)
            .filter(Column::Generation.eq(self.generation))
            .filter(Column::Grain.eq(grain))
            .filter(Column::Cut.eq(shape.cut))
            .filter(within);
        if let Some(channels) = &self.channels {
            select = select.filter(any_of(db, Column::ChannelId, channels));
        }
        if let Some(countries) = &filter.countries {
            select = select.filter(any_text_of(db, Column::Country, countries));
        }
        if let Some(categories) = &filter.categories {
            select = select.filter(any_text_of(db, Column::Category, categories));
        }
        if let Some(tiers) = &filter.tiers {
            select = select.filter(any_of(db, Column::TierId, tiers));
        }
        shape.select(select)
    }
}

/// What a statement selects.
struct Shape {
    cut: Cut,
    by: Vec<Column>,
    bases: Vec<Base>,
    sums: bool,
}

impl Shape {
    fn of(question: &Question, grain: Grain) -> Self {
        let filter = &question.filter;
        let country = question.has(Dimension::Country) || filter.countries.is_some();
        let category = question.has(Dimension::Category) || filter.categories.is_some();
        let cut = match (grain, country, category, question.by_tier()) {
            (_, false, false, false) => Cut::Channel,
            (Grain::Day, true, false, false) => Cut::Country,
            (Grain::Day, false, true, false) => Cut::Category,
            (_, _, _, false) => Cut::Full,
            (Grain::Day, false, false, true) => Cut::Tier,
            (_, _, _, true) => Cut::FullTier,
        };
        let kept = match cut {
            Cut::Channel => 2,
            Cut::Country | Cut::Category | Cut::Tier => 3,
            Cut::Full => 4,
            Cut::FullTier => 5,
        };
        let by: Vec<Column> = [
            (question.grain.is_some(), Column::Starts),
            (
                question.has(Dimension::Channel) || question.has(Dimension::Method),
                Column::ChannelId,
            ),
            (question.has(Dimension::Country), Column::Country),
            (question.has(Dimension::Category), Column::Category),
            (question.has(Dimension::MemberTier), Column::TierId),
        ]
        .into_iter()
        .filter_map(|(wanted, column)| wanted.then_some(column))
        .collect();
        Self {
            cut,
            // Where a row of the table is a row of the answer, nothing is to be summed.
            sums: by.len() < kept,
            by,
            bases: question.wanted.bases().collect(),
        }
    }

    fn select(&self, select: Select<statistic::Entity>) -> SelectStatement {
        let mut select = select.select_only();
        for column in &self.by {
            select = select.column(*column);
            if self.sums {
                select = select.group_by(*column);
            }
        }
        for base in &self.bases {
            let column = column_of(*base);
            if self.sums {
                select = select.expr_as(summed(column), "sum");
            } else {
                select = select.column(column);
            }
        }
        if self.by.is_empty() && self.bases.is_empty() {
            select = select.expr_as(Expr::value(0_i64), "nothing");
        }
        select.into_query()
    }

    fn read(&self, row: &QueryResult) -> Result<Read, DbErr> {
        let mut read = Read::default();
        for (place, column) in self.by.iter().enumerate() {
            match column {
                Column::Starts => read.starts = row.try_get_by(place)?,
                Column::ChannelId => read.channel_id = row.try_get_by(place)?,
                Column::Country => read.country = row.try_get_by(place)?,
                Column::TierId => read.tier = row.try_get_by(place)?,
                _ => read.category = row.try_get_by(place)?,
            }
        }
        let mut measures = Measures::default();
        for (place, base) in self.bases.iter().enumerate() {
            let sum: Option<i64> = row.try_get_by(self.by.len() + place)?;
            *measures.get_mut(*base) = sum.unwrap_or(0);
        }
        read.measures = measures;
        Ok(read)
    }
}

fn summed(column: Column) -> SimpleExpr {
    sum_of(Expr::col((statistic::Entity, column)))
}

/// Where a figure is kept.
pub(super) fn column_of(base: Base) -> Column {
    match base {
        Base::Orders => Column::Orders,
        Base::Converted => Column::Converted,
        Base::PaidOrders => Column::PaidOrders,
        Base::Gross => Column::GrossMinor,
        Base::Discount => Column::DiscountMinor,
        Base::Refunds => Column::Refunds,
        Base::Refunded => Column::RefundedMinor,
        Base::Fee => Column::FeeMinor,
        Base::PayMs => Column::PayMs,
    }
}
