//! A row of statistics, and the whole answer, as clients see them.

use std::sync::Arc;

use async_graphql::Context;
use entity::TierId;

use crate::auth::model::Scope;
use crate::channels::schema::{Channel, PaymentMethod};
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{CountryCode, DecimalText, LocalDate, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::statistics::model::{Answer, Measure, Measures, People, Row};
use crate::tiers::schema::Tier;
use crate::time_range::TimeRange;

use super::change::StatisticsChange;
use super::measures::{Shown, StatisticsMeasures, share};

/// A row of statistics.
#[derive(Clone, Debug)]
pub struct StatisticsRow {
    row: Row,
    channel: Option<Arc<entity::channel::Model>>,
    share: Option<i64>,
    shown: Shown,
}

/// What was counted, and who bought.
type Figures = (Measures, Option<People>);

fn measures((measures, people): Figures, shown: Shown) -> Lean<StatisticsMeasures> {
    Lean(StatisticsMeasures {
        measures,
        people,
        shown,
    })
}

fn change(now: Figures, before: Option<Figures>, shown: Shown) -> Option<Lean<StatisticsChange>> {
    let before = before?;
    Some(Lean(StatisticsChange {
        now: now.0,
        before: before.0,
        people: now.1.zip(before.1),
        shown,
    }))
}

impl StatisticsRow {
    fn now(&self) -> Figures {
        (self.row.measures, self.row.people)
    }

    fn before(&self) -> Option<Figures> {
        let people = self.row.previous_people;
        self.row.previous.map(|measures| (measures, people))
    }
}

fn named(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

plain_object! {
    /// A row of statistics 统计行. What rows are not by is null.
    StatisticsRow(self) {
        /// When its time begins.
        starts_at / "startsAt": Option<Timestamp> = self.row.starts_at.map(Timestamp::from);
        /// The merchant's day on which its time begins. The first may begin before the range: then what was
        /// before the range is not in it.
        starts_on / "startsOn": Option<LocalDate> = self.row.starts_on.map(LocalDate);
        /// The channel.
        channel / "channel": Option<Lean<Channel>> =
            self.channel.clone().map(|row| Lean(Channel { row }));
        /// The method.
        method / "method": Option<PaymentMethod> = self.row.key.method.map(PaymentMethod::from);
        /// The buyers' country; null also where it is unknown.
        country / "country": Option<CountryCode> =
            named(self.row.key.country.as_ref()).map(CountryCode);
        /// The category of what was bought; null also where it has none.
        category / "category": Option<String> = named(self.row.key.category.as_ref());
        /// Whether it holds everything beyond the first `top` 其他.
        is_other / "isOther": bool = self.row.is_other;
        /// Its share of the totals' `orderBy` 占比: `"0.25"`; of PAID where that says nothing. Null where the
        /// totals are not above zero, or the figure is a quotient, which has no parts.
        share / "share": Option<DecimalText> = self.share.map(share);
        /// Its figures.
        measures / "measures": Lean<StatisticsMeasures> = measures(self.now(), self.shown);
        /// The figures of the time that it is compared with: of the whole day, week and so on where rows are by
        /// time, also beside one that has not ended; else those of `previousTotalsRange`. Null where nothing is
        /// compared.
        previous / "previous": Option<Lean<StatisticsMeasures>> =
            self.before().map(|before| measures(before, self.shown));
        /// How they have changed; null where nothing is compared.
        change / "change": Option<Lean<StatisticsChange>> =
            change(self.now(), self.before(), self.shown);
    }
    {
        /// The tier that buyers had when they ordered 会员等级; null also for who had none. Needs `members:read`.
        async fn member_tier(&self, ctx: &Context<'_>) -> Nullable<Lean<Tier>> {
            member_tier(ctx, self.row.key.tier).await.transpose()
        }
    }
}

async fn member_tier(ctx: &Context<'_>, id: Option<TierId>) -> Result<Option<Lean<Tier>>, Error> {
    let Some(id) = id.filter(|id| id.0 != 0) else {
        return Ok(None);
    };
    let scope = Scope::MembersRead;
    if !ctx.actor()?.may(scope) {
        return Err(Error::Forbidden {
            scope: scope.name(),
        });
    }
    Ok(Tier::load(ctx, id).await?.map(Lean))
}

/// A span of time.
#[derive(Clone, Copy, Debug)]
pub struct StatisticsRange(pub(super) TimeRange);

plain_object! {
    /// A span of time, half open: `from` is in it, `to` is not.
    StatisticsRange(self) {
        /// The first instant in it.
        from / "from": Timestamp = Timestamp(self.0.from);
        /// The first instant after it.
        to / "to": Timestamp = Timestamp(self.0.to);
    }
}

/// How the business is doing.
#[derive(Clone, Debug)]
pub struct Statistics {
    answer: Answer,
    rows: Vec<StatisticsRow>,
    shown: Shown,
}

impl Statistics {
    /// An answer as it and its rows are shown, these with their shares of a measure; channels that are gone are
    /// none.
    pub fn of(
        mut answer: Answer,
        channels: &[Arc<entity::channel::Model>],
        measure: Measure,
        (shown, of_rows): (Shown, Shown),
    ) -> Self {
        let rows = std::mem::take(&mut answer.rows).into_iter();
        let find = |id| channels.iter().find(|channel| channel.id == id).cloned();
        let rows = rows
            .map(|row| StatisticsRow {
                channel: row.key.channel.and_then(find),
                share: measure.share_ppm(&row.measures, &answer.totals),
                row,
                shown: of_rows,
            })
            .collect();
        Self {
            answer,
            rows,
            shown,
        }
    }

    fn now(&self) -> Figures {
        (self.answer.totals, self.answer.people)
    }

    fn before(&self) -> Option<Figures> {
        let people = self.answer.previous_people;
        let totals = self.answer.previous_totals;
        totals.map(|measures| (measures, people))
    }
}

plain_object! {
    /// How the business is doing 统计, over a time. All rows sum exactly to the totals, save
    /// buyers: who bought in several rows is one buyer of all.
    Statistics(self) {
        /// Everything that happened before this is in it, normally less than a second ago 数据截至; null where
        /// the statistics are being built for the first time, and every figure is zero.
        as_of / "asOf": Option<Timestamp> = self.answer.as_of.map(Timestamp::from);
        /// The time zone that hours and days follow.
        time_zone / "timeZone": String = self.answer.zone.name().to_owned();
        /// Of which time: what was asked for, widened to whole hours.
        range / "range": Lean<StatisticsRange> = Lean(StatisticsRange(self.answer.range));
        /// With which time the rows are compared; null where nothing is compared.
        previous_range / "previousRange": Option<Lean<StatisticsRange>> =
            self.answer.previous_range.map(|range| Lean(StatisticsRange(range)));
        /// The sums of all rows 合计.
        totals / "totals": Lean<StatisticsMeasures> = measures(self.now(), self.shown);
        /// With which time the totals are compared: `previousRange`, and while the range has not ended its same
        /// part, the hour under way counted whole, so that half a month is not judged by a whole one. Null where
        /// nothing is compared.
        previous_totals_range / "previousTotalsRange": Option<Lean<StatisticsRange>> =
            self.answer.previous_totals_range.map(|range| Lean(StatisticsRange(range)));
        /// The sums of `previousTotalsRange`; null where nothing is compared. Days that have no counterpart, such
        /// as the 29th of February, are in it and beside no row by day or hour.
        previous_totals / "previousTotals": Option<Lean<StatisticsMeasures>> =
            self.before().map(|before| measures(before, self.shown));
        /// How the sums have changed; null where nothing is compared.
        changes / "changes": Option<Lean<StatisticsChange>> =
            change(self.now(), self.before(), self.shown);
        /// The rows, by time, and then those with most first. By time there is a row for every hour, day and
        /// so on of the range, also where nothing happened; with dimensions, of each value that occurs in it.
        rows / "rows": &[StatisticsRow] = &self.rows;
    }
}
