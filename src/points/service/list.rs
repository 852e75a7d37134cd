//! Reads lots, entries, and what points come to.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::point_lot::{self, Column, Entity, LEFT};
use entity::{
    Instant, MemberId, MerchantId, OrderId, PointEntryId, PointLotId, order_point, point_entry,
};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::filters::any_value;
use crate::members::service::id_of;
use crate::paging::{Page, Paging, bad_cursor};
use crate::points::model::EntryFilter;
use crate::sums::sum_of;

/// How many lots of a member are shown.
const MOST_LOTS: usize = 100;

/// A page of a merchant's entries, the newest first.
pub async fn list_entries(
    app: &App,
    merchant_id: MerchantId,
    filter: &EntryFilter,
    paging: &Paging,
) -> Result<Page<point_entry::Model>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, PointEntryId>(select, point_entry::Column::Id, paging)?;
    let rows = select.all(&app.db.reads(merchant_id)).await?;
    Ok(Page::of(rows, paging))
}

/// How many entries a filter wants.
pub async fn count_entries(
    app: &App,
    merchant_id: MerchantId,
    filter: &EntryFilter,
) -> Result<u64, Error> {
    let select = wanted(merchant_id, filter);
    Ok(select.count(&app.db.reads(merchant_id)).await?)
}

fn wanted(merchant_id: MerchantId, filter: &EntryFilter) -> Select<point_entry::Entity> {
    use point_entry::Column as Of;
    let mut all = Condition::all()
        .add_option(filter.member_id.map(|id| Of::MemberId.eq(id)))
        .add_option(any_value(Of::Kind, filter.kinds.as_ref()));
    if let Some(no) = &filter.member_no {
        let member = id_of(merchant_id, no);
        all = all.add(Expr::col((point_entry::Entity, Of::MemberId)).eq(member));
    }
    if let Some(range) = &filter.made {
        let first = |at: DateTime<Utc>| PointEntryId::first_at(at.timestamp_millis());
        all = all
            .add(Of::Id.gte(first(range.from)))
            .add(Of::Id.lt(first(range.to)));
    }
    point_entry::Entity::of(merchant_id).filter(all)
}

/// A page of lots with something left that end before `until`, those first that end first.
pub async fn expiring(
    app: &App,
    merchant_id: MerchantId,
    until: Instant,
    paging: &Paging,
) -> Result<Page<point_lot::Model>, Error> {
    let mut select = Entity::of(merchant_id)
        .filter(Expr::cust(LEFT))
        .filter(Column::ExpiresAt.gt(app.clock.instant()))
        .filter(Column::ExpiresAt.lte(until))
        .limit(paging.limit + 1);
    if let Some(text) = &paging.beyond {
        select = select.filter(behind(text, paging.backward, paging.backward)?);
    }
    if let Some(text) = &paging.until {
        select = select.filter(behind(text, !paging.backward, !paging.backward)?);
    }
    let select = if paging.backward {
        let select = select.order_by_desc(Column::ExpiresAt);
        select.order_by_desc(Column::Id)
    } else {
        select
            .order_by_asc(Column::ExpiresAt)
            .order_by_asc(Column::Id)
    };
    let rows = select.all(&app.db.reads(merchant_id)).await?;
    Ok(Page::of(rows, paging))
}

/// Lots behind a cursor of [`place_of`], or those before it.
fn behind(text: &str, before: bool, backward: bool) -> Result<Condition, Error> {
    let parts = text.split_once('.');
    let parts = parts.and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    let (at, id): (i64, PointLotId) = parts.ok_or_else(|| bad_cursor(backward))?;
    let same = Condition::all().add(Column::ExpiresAt.eq(at));
    Ok(if before {
        let same = same.add(Column::Id.lt(id));
        Condition::any().add(Column::ExpiresAt.lt(at)).add(same)
    } else {
        let same = same.add(Column::Id.gt(id));
        Condition::any().add(Column::ExpiresAt.gt(at)).add(same)
    })
}

/// A lot's place among those that end.
#[must_use]
pub fn place_of(lot: &point_lot::Model) -> String {
    let at = lot
        .expires_at
        .map_or(i64::MAX, |at| at.0.timestamp_millis());
    format!("{at}.{}", lot.id)
}

/// Lots of members with something left, those first that end first; at most a hundred of each.
pub async fn live_lots(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Vec<point_lot::Model>>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::MemberId, ids))
        .filter(Expr::cust(LEFT))
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut lots: HashMap<MemberId, Vec<point_lot::Model>> = HashMap::new();
    for row in rows {
        lots.entry(row.member_id).or_default().push(row);
    }
    for of_one in lots.values_mut() {
        of_one.sort_by_key(|lot| {
            (
                lot.expires_at
                    .map_or(i64::MAX, |at| at.0.timestamp_millis()),
                lot.id,
            )
        });
        of_one.truncate(MOST_LOTS);
    }
    Ok(lots)
}

/// Points of a member that end soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// How many.
    pub points: i64,
    /// When the first of them end.
    pub first: Instant,
}

/// What ends of members' points before `until`; of those who have such.
pub async fn ending(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MemberId],
    until: Instant,
) -> Result<HashMap<MemberId, Ending>, Error> {
    let ends = Expr::col((Entity, Column::ExpiresAt));
    let rows: Vec<(MemberId, i64, Instant)> = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::MemberId, ids))
        .filter(Expr::cust(LEFT))
        .filter(Column::ExpiresAt.gt(app.clock.instant()))
        .filter(Column::ExpiresAt.lte(until))
        .select_only()
        .column(Column::MemberId)
        .expr_as(sum_of(Expr::col((Entity, Column::Remaining))), "points")
        .expr_as(ends.min(), "first")
        .group_by(Column::MemberId)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(id, points, first)| (id, Ending { points, first }))
        .collect())
}

/// What orders have to do with points; of those that have.
pub async fn find_of_orders(
    app: &App,
    merchant_id: MerchantId,
    ids: &[OrderId],
) -> Result<HashMap<OrderId, order_point::Model>, Error> {
    let rows = order_point::Entity::of(merchant_id)
        .filter(any_of(&app.db, order_point::Column::OrderId, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.order_id, row)).collect())
}

/// Points that members have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Liability {
    /// How many can be spent.
    pub points: i64,
    /// How many cannot be spent yet.
    pub pending: i64,
    /// The same by the month in which they end; those that never do last.
    pub months: Vec<MonthOfLiability>,
}

/// Points that end in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthOfLiability {
    /// The last day on which they can be spent lies in the month of this first day; none for those that never end.
    pub month: Option<NaiveDate>,
    /// How many can be spent.
    pub points: i64,
    /// How many cannot be spent yet.
    pub pending: i64,
}

/// What members' points come to, by the month in which they end. What has ended is not among them.
pub async fn liability(app: &App, merchant_id: MerchantId, zone: Tz) -> Result<Liability, Error> {
    let waits = Expr::case(Column::ReleasesAt.is_null(), 0_i64).finally(1_i64);
    let rows: Vec<(Option<Instant>, i64, i64)> = Entity::of(merchant_id)
        .filter(Expr::cust(LEFT))
        .filter(
            Condition::any()
                .add(Column::ExpiresAt.is_null())
                .add(Column::ExpiresAt.gt(app.clock.instant())),
        )
        .select_only()
        .column(Column::ExpiresAt)
        .expr_as(waits.clone(), "waits")
        .expr_as(sum_of(Expr::col((Entity, Column::Remaining))), "points")
        .group_by(Column::ExpiresAt)
        .group_by(Expr::cust("2"))
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut months: BTreeMap<Option<NaiveDate>, (i64, i64)> = BTreeMap::new();
    for (ends, waits, points) in rows {
        let sums = months.entry(ends.map(|at| month_of(at, zone))).or_default();
        if waits == 0 {
            sums.0 += points;
        } else {
            sums.1 += points;
        }
    }
    let never = months.remove_entry(&None);
    let months = months.into_iter().chain(never);
    let months: Vec<MonthOfLiability> = months
        .map(|(month, (points, pending))| MonthOfLiability {
            month,
            points,
            pending,
        })
        .collect();
    Ok(Liability {
        points: months.iter().map(|month| month.points).sum(),
        pending: months.iter().map(|month| month.pending).sum(),
        months,
    })
}

/// The month of the last day on which something can be spent that ends at an instant.
fn month_of(ends: Instant, zone: Tz) -> NaiveDate {
    let last = last_day(ends, zone);
    last.with_day(1).unwrap_or(last)
}

/// The last day of the merchant on which something can be spent that ends at an instant.
#[must_use]
pub fn last_day(ends: Instant, zone: Tz) -> NaiveDate {
    let last = ends.0 - chrono::TimeDelta::milliseconds(1);
    last.with_timezone(&zone).date_naive()
}
