//! Reads segments, and who is in them.

use entity::segment::{Column, Entity, Model};
use entity::{MemberId, MerchantId, SegmentId, member};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::understood::members_of;
use crate::app::App;
use crate::db::newest_first;
use crate::error::Error;
use crate::filters::{any_value, contains};
use crate::paging::{Page, Paging};
use crate::segments::model::{Rule, SegmentFilter};

/// Of how many of the newest members a sample is taken, where they are enough.
const NEWEST: u64 = 10_000;

/// A page of a merchant's segments, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &SegmentFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, SegmentId>(select, Column::Id, paging)?;
    let rows = select.all(&app.db.reads(merchant_id)).await?;
    Ok(Page::of(rows, paging))
}

/// How many segments a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &SegmentFilter,
) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

fn wanted(merchant_id: MerchantId, filter: &SegmentFilter) -> Select<Entity> {
    let mut all = Condition::all()
        .add(Column::RemovedAt.is_null())
        .add_option(any_value(Column::Kind, filter.kinds.as_ref()));
    if let Some(text) = &filter.search {
        all = all.add(contains(Column::Name, text));
    }
    Entity::of(merchant_id).filter(all)
}

/// A page of the members that rules hold for, those first who were named last.
pub async fn list_members(
    app: &App,
    merchant_id: MerchantId,
    rule: &Rule,
    paging: &Paging,
) -> Result<Page<member::Model>, Error> {
    let select = members_of(app, merchant_id, rule).await?;
    let select = newest_first::<_, _, MemberId>(select, member::Column::Id, paging)?;
    let rows = select.all(&app.db.reads(merchant_id)).await?;
    Ok(Page::of(rows, paging))
}

/// Some of the members that rules hold for: those who were named last. Where the newest members are not enough, all are
/// looked through at once: rules may hold for nobody, and one after the other a million take most of a second.
pub async fn sample(
    app: &App,
    merchant_id: MerchantId,
    rule: &Rule,
    most: u64,
) -> Result<Vec<member::Model>, Error> {
    let (db, select) = (
        app.db.reads(merchant_id),
        members_of(app, merchant_id, rule).await?,
    );
    let newest = member::Entity::of(merchant_id)
        .order_by_desc(member::Column::Id)
        .limit(NEWEST)
        .into_query();
    let mut among = select.clone().order_by_desc(member::Column::Id).limit(most);
    QuerySelect::query(&mut among)
        .from_clear()
        .from_subquery(newest, member::Entity);
    let rows = among.all(&db).await?;
    if u64::try_from(rows.len()).is_ok_and(|found| found == most) {
        return Ok(rows);
    }
    // By no column: no index is followed.
    let id = Expr::col((member::Entity, member::Column::Id)).add(0);
    Ok(select
        .order_by(id, Order::Desc)
        .limit(most)
        .all(&db)
        .await?)
}
