//! Finds members, and what they have bought.

use std::collections::HashMap;

use entity::member::{Column, Entity, Model};
use entity::{Day, MemberId, MerchantId, member_day};
use sea_orm::sea_query::{Expr, SimpleExpr, SubQueryStatement};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

use super::search::with_survivor;
use super::wanted::wanted;
use crate::app::App;
use crate::db::{any_of, any_text_of};
use crate::error::Error;
use crate::members::model::{MemberFilter, Whose};
use crate::sums::sum_of;

/// How many members a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &MemberFilter,
) -> Result<u64, Error> {
    let filter = with_survivor(app, merchant_id, filter).await?;
    Ok(wanted(merchant_id, &filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

/// A member by id; none where there is no such.
pub async fn maybe_find(
    app: &App,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// A member by id, or the one that they have become a part of; none where there is no such.
pub async fn find_surviving(
    app: &App,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Option<Model>, Error> {
    let found = maybe_find(app, merchant_id, id).await?;
    match found.as_ref().and_then(|row| row.merged_into) {
        Some(into) => maybe_find(app, merchant_id, into).await,
        None => Ok(found),
    }
}

/// A member by the shop's own number, or the one that they have become a part of; none where there is no such.
pub async fn find_by_no(
    app: &App,
    merchant_id: MerchantId,
    member_no: &str,
) -> Result<Option<Model>, Error> {
    let found = Entity::of(merchant_id)
        .filter(Column::MemberNo.eq(member_no))
        .one(&app.db.reads(merchant_id))
        .await?;
    match found.as_ref().and_then(|row| row.merged_into) {
        Some(into) => maybe_find(app, merchant_id, into).await,
        None => Ok(found),
    }
}

/// Whose id a request names, which may have become a part of somebody; none where there is no such number.
pub async fn id_of_whose(
    app: &App,
    merchant_id: MerchantId,
    whose: &Whose,
) -> Result<Option<MemberId>, Error> {
    match whose {
        Whose::Id(id) => Ok(Some(*id)),
        Whose::MemberNo(no) => {
            let found = find_by_no(app, merchant_id, no).await?;
            Ok(found.map(|row| row.id))
        }
    }
}

/// The id of the member of a number, or of the one that they have become a part of, inside a statement: one value, so
/// that an index is entered at it.
#[must_use]
pub fn id_of(merchant_id: MerchantId, member_no: &str) -> SimpleExpr {
    let id = Entity::of(merchant_id)
        .filter(Column::MemberNo.eq(member_no))
        .select_only()
        .expr_as(Expr::cust("COALESCE(merged_into, id)"), "survivor")
        .into_query();
    SimpleExpr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(id)))
}

/// Members by the shop's own numbers, in no order; those that there are, and those that they have become a part of.
pub async fn find_by_nos(
    app: &App,
    merchant_id: MerchantId,
    member_nos: &[String],
) -> Result<Vec<Model>, Error> {
    let mut found = Entity::of(merchant_id)
        .filter(any_text_of(&app.db, Column::MemberNo, member_nos))
        .all(&app.db.reads(merchant_id))
        .await?;
    let into: Vec<MemberId> = found.iter().filter_map(|row| row.merged_into).collect();
    if !into.is_empty() {
        found.retain(|row| row.merged_into.is_none());
        let more = find_many(app, merchant_id, &into).await?;
        found.extend(more.into_values());
        found.sort_by_key(|row| row.id.0);
        found.dedup_by_key(|row| row.id.0);
    }
    Ok(found)
}

/// Members by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What a member bought in a span of days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bought {
    /// Orders that were paid and not refunded in full.
    pub orders: i64,
    /// What was paid for them, less what refunds gave back, in minor units.
    pub spent_minor: i64,
}

/// What members have bought since a day; those who bought nothing are not among them.
pub async fn bought_since(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MemberId],
    since: Day,
) -> Result<HashMap<MemberId, Bought>, Error> {
    use member_day::Column as Of;
    let column = |column: Of| Expr::col((member_day::Entity, column));
    let rows: Vec<(MemberId, i64, i64)> = member_day::Entity::of(merchant_id)
        .filter(any_of(&app.db, Of::MemberId, ids))
        .filter(Of::Day.gte(since))
        .select_only()
        .column(Of::MemberId)
        .expr_as(sum_of(column(Of::Orders)), "orders")
        .expr_as(sum_of(column(Of::SpentMinor)), "spent")
        .group_by(Of::MemberId)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let bought = rows.into_iter().map(|(id, orders, spent_minor)| {
        let bought = Bought {
            orders,
            spent_minor,
        };
        (id, bought)
    });
    Ok(bought.collect())
}
