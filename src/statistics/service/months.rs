//! Reads again what counts in one month, so that a check holds no more than that.

use std::ops::Range;

use chrono::{Datelike, Days, Months, NaiveDate};
use chrono_tz::Tz;
use entity::refund::{RefundKind, RefundStatus};
use entity::{Day, Instant, OrderId, RefundId, order, refund};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::facts::Facts;
use crate::error::Error;
use crate::statistics::model::{Buckets, given_back, made, paid, taken_back};
use crate::time_range::start_of_day;

/// How many orders or refunds are read at once.
const PAGE: u64 = 5_000;

/// A month of the merchant's clock. The first one has no beginning, and the last one no end: whatever is there lies in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Month {
    /// Its days since 1970.
    pub days: Range<i64>,
    /// Its milliseconds since 1970.
    pub ms: Range<i64>,
}

impl Month {
    /// Whether it has an instant.
    fn has(&self, at: Instant) -> bool {
        self.ms.contains(&at.0.timestamp_millis())
    }

    /// The ids of the orders that were made in it.
    fn ids(&self) -> Range<OrderId> {
        let first = |ms: i64| match ms {
            i64::MIN => OrderId(i64::MIN),
            i64::MAX => OrderId(i64::MAX),
            ms => OrderId::first_at(ms),
        };
        first(self.ms.start)..first(self.ms.end)
    }
}

/// The months from that of a merchant's first order to that of their last.
pub(super) async fn months<C: ConnectionTrait>(
    facts: &Facts<'_, C>,
    zone: Tz,
) -> Result<Vec<Month>, DbErr> {
    let day = async |order: Order| -> Result<Option<NaiveDate>, DbErr> {
        let id: Option<OrderId> = order::Entity::of(facts.merchant_id)
            .order_by(order::Column::Id, order)
            .select_only()
            .column(order::Column::Id)
            .limit(1)
            .into_tuple()
            .one(facts.db)
            .await?;
        let at = id.and_then(|id| chrono::DateTime::from_timestamp_millis(id.made_at_ms()));
        Ok(at.map(|at| at.with_timezone(&zone).date_naive()))
    };
    let (first, last) = (day(Order::Asc).await?, day(Order::Desc).await?);
    let mut months = vec![Month {
        days: i64::MIN..i64::MAX,
        ms: i64::MIN..i64::MAX,
    }];
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(months);
    };
    let mut next = first - Days::new(u64::from(first.day0())) + Months::new(1);
    while next <= last {
        let (day, ms) = (
            i64::from(Day::from(next).0),
            start_of_day(next, zone).timestamp_millis(),
        );
        if let Some(before) = months.last_mut() {
            before.days.end = day;
            before.ms.end = ms;
        }
        months.push(Month {
            days: day..i64::MAX,
            ms: ms..i64::MAX,
        });
        next = next + Months::new(1);
    }
    Ok(months)
}

/// Refunds that the bank returned, and when: few, and found by no index.
pub(super) async fn returned<C: ConnectionTrait>(
    facts: &Facts<'_, C>,
) -> Result<Vec<(RefundId, Instant)>, DbErr> {
    use refund::{Column, Entity};
    Entity::of(facts.merchant_id)
        .filter(Column::State.eq(RefundStatus::Reversed))
        .select_only()
        .columns([Column::Id, Column::UpdatedAt])
        .into_tuple()
        .all(facts.db)
        .await
}

/// Counts a month.
pub(super) struct Counting<'a, C> {
    pub facts: &'a Facts<'a, C>,
    pub zone: Tz,
    /// What the bank returned in any month.
    pub returned: &'a [(RefundId, Instant)],
}

impl<C: ConnectionTrait> Counting<'_, C> {
    /// What counts in a month.
    pub async fn of(&self, month: &Month) -> Result<Buckets, Error> {
        let mut buckets = Buckets::default();
        self.made(month, &mut buckets).await?;
        self.paid(month, &mut buckets).await?;
        self.given_back(month, &mut buckets).await?;
        self.taken_back(month, &mut buckets).await?;
        // What orders of this month did in others is counted there.
        let _ = buckets.take_before(month.days.start);
        Ok(buckets.take_before(month.days.end))
    }

    /// Orders that were made in it, whenever they were paid.
    async fn made(&self, month: &Month, buckets: &mut Buckets) -> Result<(), DbErr> {
        let ids = month.ids();
        let mut after = OrderId(ids.start.0.saturating_sub(1));
        loop {
            let orders = self.facts.page(after, ids.end, PAGE).await?;
            let Some((last, _)) = orders.last() else {
                return Ok(());
            };
            after = *last;
            for (_, sale) in &orders {
                made(buckets, sale, self.zone);
                paid(buckets, sale, self.zone);
            }
        }
    }

    /// Orders that were paid in it, and made before it, or after by another clock.
    async fn paid(&self, month: &Month, buckets: &mut Buckets) -> Result<(), DbErr> {
        use order::{Column, Entity};
        let ids = month.ids();
        let elsewhere = Column::Id.lt(ids.start).or(Column::Id.gte(ids.end));
        let mut after = None;
        loop {
            let select = Entity::of(self.facts.merchant_id).filter(elsewhere.clone());
            let columns = (Column::PaidAt, Column::Id);
            let found: Vec<(OrderId, Instant)> = self.next(month, select, columns, after).await?;
            let Some((last, at)) = found.last() else {
                return Ok(());
            };
            after = Some((*at, last.0));
            let ids: Vec<OrderId> = found.iter().map(|(id, _)| *id).collect();
            for sale in self.facts.orders(&ids).await?.values() {
                paid(buckets, sale, self.zone);
            }
        }
    }

    /// Refunds that succeeded in it.
    async fn given_back(&self, month: &Month, buckets: &mut Buckets) -> Result<(), DbErr> {
        use refund::{Column, Entity};
        let mut after = None;
        loop {
            let select = Entity::of(self.facts.merchant_id)
                .filter(Column::Kind.eq(RefundKind::Order))
                .filter(Column::SucceededAt.is_not_null());
            let columns = (Column::SucceededAt, Column::Id);
            let found: Vec<(RefundId, Instant)> = self.next(month, select, columns, after).await?;
            let Some((last, at)) = found.last() else {
                return Ok(());
            };
            after = Some((*at, last.0));
            let ids: Vec<RefundId> = found.iter().map(|(id, _)| *id).collect();
            self.refunds(&ids, buckets, false).await?;
        }
    }

    /// Refunds that the bank returned in it.
    async fn taken_back(&self, month: &Month, buckets: &mut Buckets) -> Result<(), DbErr> {
        let here = self.returned.iter().filter(|(_, at)| month.has(*at));
        let ids: Vec<RefundId> = here.map(|(id, _)| *id).collect();
        for some in ids.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            self.refunds(some, buckets, true).await?;
        }
        Ok(())
    }

    /// Adds what some refunds did: when they succeeded, or when the bank returned them.
    async fn refunds(
        &self,
        ids: &[RefundId],
        buckets: &mut Buckets,
        is_returned: bool,
    ) -> Result<(), DbErr> {
        let refunds = self.facts.refunds_by_id(ids).await?;
        let mut orders: Vec<OrderId> = refunds.iter().map(|refund| refund.order_id).collect();
        orders.sort_unstable();
        orders.dedup();
        let orders = self.facts.orders(&orders).await?;
        for refund in &refunds {
            let Some(sale) = orders.get(&refund.order_id) else {
                continue;
            };
            match (&refund.succeeded, &refund.reversed) {
                (Some(step), _) if !is_returned => given_back(buckets, sale, step, self.zone),
                (_, Some(step)) if is_returned => taken_back(buckets, sale, step, self.zone),
                _ => {}
            }
        }
        Ok(())
    }

    /// The next rows of a month by a time of theirs.
    async fn next<E, I>(
        &self,
        month: &Month,
        select: Select<E>,
        (at, id): (E::Column, E::Column),
        after: Option<(Instant, i64)>,
    ) -> Result<Vec<(I, Instant)>, DbErr>
    where
        E: EntityTrait,
        I: sea_orm::TryGetable,
    {
        let mut select = select
            .filter(at.gte(month.ms.start))
            .filter(at.lt(month.ms.end));
        if let Some((when, last)) = after {
            let here = Expr::tuple([Expr::col(at), Expr::col(id)]);
            select = select.filter(here.gt(Expr::tuple([Expr::value(when), Expr::value(last)])));
        }
        select
            .order_by_asc(at)
            .order_by_asc(id)
            .limit(PAGE)
            .select_only()
            .columns([id, at])
            .into_tuple()
            .all(self.facts.db)
            .await
    }
}
