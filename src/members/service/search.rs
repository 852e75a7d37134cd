//! Reads a page of the members that are searched for: its cost follows what is found, not how many members there are.

use std::borrow::Cow;

use entity::member::{Column, Entity, Model};
use entity::{MemberId, MerchantId};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, DbErr, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::wanted::{created, ranges, wanted};
use crate::app::App;
use crate::db::{Single, in_any_page};
use crate::error::Error;
use crate::members::model::{MemberFilter, MemberSort, MemberSortField};
use crate::paging::{Page, Paging, bad_cursor};

/// How many members are looked at before the other way to a page is tried: each time more of them.
const REACHES: [u64; 3] = [2_000, 20_000, 200_000];

/// A page of a merchant's members, sorted.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &MemberFilter,
    sort: MemberSort,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let (db, span) = (app.db.reads(merchant_id), Span::read(sort, paging)?);
    let filter = &*with_survivor(app, merchant_id, filter).await?;
    if let Some(rows) = nearer(&db, merchant_id, filter, &span).await? {
        return Ok(Page::of(rows, paging));
    }
    let rows = page_in(merchant_id, filter, &span).all(&db).await?;
    Ok(Page::of(rows, paging))
}

/// The filter, where it names the number of somebody who has become a part of another one with that one: looked up
/// before, so that lists are read by the same indexes as without it.
pub(super) async fn with_survivor<'a>(
    app: &App,
    merchant_id: MerchantId,
    filter: &'a MemberFilter,
) -> Result<Cow<'a, MemberFilter>, Error> {
    let Some(no) = &filter.member_no else {
        return Ok(Cow::Borrowed(filter));
    };
    let survivor: Option<MemberId> = Entity::of(merchant_id)
        .filter(Column::MemberNo.eq(no))
        .filter(Column::MergedInto.is_not_null())
        .select_only()
        .column(Column::MergedInto)
        .into_tuple()
        .one(&app.db.reads(merchant_id))
        .await?;
    Ok(Cow::Owned(MemberFilter {
        survivor,
        ..filter.clone()
    }))
}

/// What reads a page in the order of the list, one row more than wanted.
pub fn page_of(
    merchant_id: MerchantId,
    filter: &MemberFilter,
    sort: MemberSort,
    paging: &Paging,
) -> Result<Select<Entity>, Error> {
    Ok(page_in(merchant_id, filter, &Span::read(sort, paging)?))
}

/// Members of several tiers stand together in no index: the page of each of them is read by its own, and what is nearest
/// is kept.
fn page_in(merchant_id: MerchantId, filter: &MemberFilter, span: &Span) -> Select<Entity> {
    let tiers = filter.tier_ids.as_deref().unwrap_or_default();
    if tiers.len() < 2 || span.field == MemberSortField::LastPaid {
        return span.page(wanted(merchant_id, filter));
    }
    let pages = tiers.iter().map(|tier| {
        let of_tier = MemberFilter {
            tier_ids: Some(vec![*tier]),
            ..filter.clone()
        };
        let page = span.page(wanted(merchant_id, &of_tier));
        page.select_only().column(Column::Id).into_query()
    });
    let nearest = Entity::of(merchant_id).filter(in_any_page(Column::Id, pages));
    span.few(nearest).limit(span.limit)
}

/// The page where the list is sorted by creation and a range is wanted of something else, a beginning of numbers or a span
/// of payments: those who are in it may all be old ones, and no statistics tell. So some members are looked at in the order
/// of the list; where they do not fill the page, and few are in the range, those are sorted; and so on with more of them.
async fn nearer(
    db: &Single,
    merchant_id: MerchantId,
    filter: &MemberFilter,
    span: &Span,
) -> Result<Option<Vec<Model>>, DbErr> {
    let ranges = ranges(filter);
    let is_found_otherwise = !filter.likenesses.is_empty() || filter.tags.is_some();
    if span.field != MemberSortField::Created || ranges.is_empty() || is_found_otherwise {
        return Ok(None);
    }
    for reach in REACHES {
        for (column, range) in &ranges {
            let few = Entity::of(merchant_id)
                .filter(range.clone())
                .order_by_asc(*column)
                .select_only()
                .expr_as(Expr::cust("1"), "one")
                .offset(reach)
                .limit(1);
            if few.into_tuple::<i32>().one(db).await?.is_none() {
                let sorted = span.few(span.between(wanted(merchant_id, filter)));
                let sorted = sorted.limit(span.limit);
                return Ok(Some(sorted.all(db).await?));
            }
        }
        let rows = span.within(merchant_id, filter, reach).all(db).await?;
        if u64::try_from(rows.len()).is_ok_and(|rows| rows == span.limit) {
            return Ok(Some(rows));
        }
    }
    Ok(None)
}

/// Where a page lies in a list.
struct Span {
    field: MemberSortField,
    downward: bool,
    /// What the page lies behind, in the direction of reading.
    beyond: Option<(i64, MemberId)>,
    /// What it must not pass.
    until: Option<(i64, MemberId)>,
    /// One row more than wanted.
    limit: u64,
}

impl Span {
    fn read(sort: MemberSort, paging: &Paging) -> Result<Self, Error> {
        let place = |text: &Option<String>, backward: bool| {
            let place = text
                .as_deref()
                .map(|text| read_cursor(sort.field, text).ok_or_else(|| bad_cursor(backward)));
            place.transpose()
        };
        Ok(Self {
            field: sort.field,
            downward: sort.downward != paging.backward,
            beyond: place(&paging.beyond, paging.backward)?,
            until: place(&paging.until, !paging.backward)?,
            limit: paging.limit + 1,
        })
    }

    fn order(&self) -> Order {
        if self.downward {
            Order::Desc
        } else {
            Order::Asc
        }
    }

    /// Those of some members who lie in it.
    fn between(&self, mut select: Select<Entity>) -> Select<Entity> {
        for (place, below) in [(self.beyond, self.downward), (self.until, !self.downward)] {
            if let Some(place) = place {
                select = select.filter(beside(self.field, place, below));
            }
        }
        select
    }

    fn sorted(&self, mut select: Select<Entity>) -> Select<Entity> {
        if let Some(column) = sort_column(self.field) {
            select = select.order_by(column, self.order());
        }
        select.order_by(Column::Id, self.order())
    }

    /// Few members, sorted by no column, so that no index is followed through all that there are.
    fn few(&self, mut select: Select<Entity>) -> Select<Entity> {
        if let Some(column) = sort_column(self.field) {
            select = select.order_by(Expr::col((Entity, column)).add(0), self.order());
        }
        select.order_by(Expr::col((Entity, Column::Id)).add(0), self.order())
    }

    /// The page of some members.
    fn page(&self, select: Select<Entity>) -> Select<Entity> {
        self.sorted(self.between(select)).limit(self.limit)
    }

    /// The page of those whom a filter wants among the next so many in the list.
    fn within(&self, merchant_id: MerchantId, filter: &MemberFilter, reach: u64) -> Select<Entity> {
        let those = created(Entity::of(merchant_id), filter);
        let next = self.sorted(self.between(those));
        let mut select = self.sorted(wanted(merchant_id, filter)).limit(self.limit);
        QuerySelect::query(&mut select)
            .from_clear()
            .from_subquery(next.limit(reach).into_query(), Entity);
        select
    }
}

fn sort_column(field: MemberSortField) -> Option<Column> {
    match field {
        MemberSortField::Created => None,
        MemberSortField::Spent => Some(Column::SpentMinor),
        MemberSortField::LastPaid => Some(Column::LastPaidAt),
    }
}

/// What lies below or above a place: a row value, so that the index is entered at the place.
fn beside(field: MemberSortField, (value, id): (i64, MemberId), below: bool) -> SimpleExpr {
    let Some(column) = sort_column(field) else {
        return if below {
            Column::Id.lt(id)
        } else {
            Column::Id.gt(id)
        };
    };
    let here = Expr::tuple([Expr::col(column), Expr::col(Column::Id)]);
    let there = Expr::tuple([Expr::value(value), Expr::value(id)]);
    if below {
        here.lt(there)
    } else {
        here.gt(there)
    }
}

/// The cursor of a member in a list sorted this way.
#[must_use]
pub fn cursor(field: MemberSortField, member: &Model) -> String {
    let id = member.id;
    match field {
        MemberSortField::Created => id.to_string(),
        MemberSortField::Spent => format!("s{}.{id}", member.spent_minor),
        MemberSortField::LastPaid => {
            let paid = member.last_paid_at.map_or(0, |at| at.0.timestamp_millis());
            format!("p{paid}.{id}")
        }
    }
}

fn read_cursor(field: MemberSortField, text: &str) -> Option<(i64, MemberId)> {
    let letter = match field {
        MemberSortField::Created => return Some((0, text.parse().ok()?)),
        MemberSortField::Spent => 's',
        MemberSortField::LastPaid => 'p',
    };
    let (value, id) = text.strip_prefix(letter)?.split_once('.')?;
    Some((value.parse().ok()?, id.parse().ok()?))
}
