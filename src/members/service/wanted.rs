//! Turns a filter of members into SQL, each part so that an index serves it.

use entity::member::{Column, Entity};
use entity::{MemberId, MerchantId, member_profile, member_tag};
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use super::profile::hash_column;
use crate::filters::{any_value, begins_with};
use crate::members::model::{Likeness, MemberFilter};

/// The members that a filter wants. Those who have become a part of another one are left out.
#[must_use]
pub fn wanted(merchant_id: MerchantId, filter: &MemberFilter) -> Select<Entity> {
    let mut select = Entity::of(merchant_id).filter(Column::MergedInto.is_null());
    for (_, range) in ranges(filter) {
        select = select.filter(range);
    }
    select = created(select, filter);
    select = match filter.has_paid {
        Some(true) => select.filter(Column::FirstPaidAt.is_not_null()),
        Some(false) => select.filter(Column::FirstPaidAt.is_null()),
        None => select,
    };
    for likeness in &filter.likenesses {
        select = select.filter(is_like(merchant_id, likeness));
    }
    if let Some(tags) = &filter.tags {
        select = select.filter(has_tag(merchant_id, tags));
    }
    who_they_are(select, filter)
}

/// Those who were made when a filter says: it is the order of lists in which they are searched for.
pub(super) fn created(select: Select<Entity>, filter: &MemberFilter) -> Select<Entity> {
    let Some(range) = &filter.created else {
        return select;
    };
    let first = |at: chrono::DateTime<chrono::Utc>| MemberId::first_at(at.timestamp_millis());
    select
        .filter(Column::Id.gte(first(range.from)))
        .filter(Column::Id.lt(first(range.to)))
}

/// The ranges that a filter wants, each of a column by which an index finds its members.
pub(super) fn ranges(filter: &MemberFilter) -> Vec<(Column, SimpleExpr)> {
    let mut ranges = Vec::new();
    if let Some(no) = &filter.member_no {
        let named = begins_with(Column::MemberNo, no);
        let named = match filter.survivor {
            Some(id) => named.or(Column::Id.eq(id)),
            None => named,
        };
        ranges.push((Column::MemberNo, named));
    }
    for (column, range) in [
        (Column::FirstPaidAt, &filter.first_paid),
        (Column::LastPaidAt, &filter.last_paid),
    ] {
        if let Some(range) = range {
            let (from, to) = (range.from.timestamp_millis(), range.to.timestamp_millis());
            ranges.push((column, column.gte(from).and(column.lt(to))));
        }
    }
    if let Some(since) = filter.not_paid_since_ms {
        ranges.push((Column::LastPaidAt, Column::LastPaidAt.lt(since)));
    }
    let spent = Column::SpentMinor;
    match (filter.spent.min_minor, filter.spent.max_minor) {
        (Some(min), Some(max)) => ranges.push((spent, spent.between(min, max))),
        (Some(min), None) => ranges.push((spent, spent.gte(min))),
        (None, Some(max)) => ranges.push((spent, spent.lte(max))),
        (None, None) => {}
    }
    ranges
}

/// What else stands in members' own rows.
fn who_they_are(mut select: Select<Entity>, filter: &MemberFilter) -> Select<Entity> {
    if let Some(tiers) = any_value(Column::TierId, filter.tier_ids.as_ref()) {
        select = select.filter(tiers);
    }
    if let Some(month) = filter
        .birth_month
        .and_then(|month| i32::try_from(month).ok())
    {
        select = select.filter(Column::Birthday.between(month * 100 + 1, month * 100 + 31));
    }
    match filter.consented {
        Some(true) => select.filter(Column::ConsentedAt.is_not_null()),
        Some(false) => select.filter(Column::ConsentedAt.is_null()),
        None => select,
    }
}

/// What names them has one of these hashes.
fn is_like(merchant_id: MerchantId, likeness: &Likeness) -> SimpleExpr {
    use member_profile::Column as Of;
    let column = hash_column(likeness.of);
    let hash = match likeness.hashes.as_slice() {
        [one] => column.eq(one.clone()),
        many => column.is_in(many.iter().cloned()),
    };
    let ids = member_profile::Entity::of(merchant_id)
        .filter(hash)
        .select_only()
        .column(Of::MemberId)
        .into_query();
    Column::Id.in_subquery(ids)
}

/// They have any of these tags.
fn has_tag(merchant_id: MerchantId, tags: &[String]) -> SimpleExpr {
    use member_tag::Column as Of;
    let ids = member_tag::Entity::of(merchant_id)
        .filter(Of::Tag.is_in(tags.iter().cloned()))
        .select_only()
        .column(Of::MemberId)
        .into_query();
    Column::Id.in_subquery(ids)
}
