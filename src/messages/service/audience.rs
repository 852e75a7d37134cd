//! To whom a message goes: the members of its segment, as that is now.

use entity::member;
use entity::segment::{Column, Entity};
use entity::{Instant, MerchantId, SegmentId, message};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, PaginatorTrait, QueryFilter, QuerySelect, Select,
};

use crate::app::App;
use crate::error::Error;
use crate::segments::service as segments;

/// Whether there is a segment, and was not taken away: who takes it away meanwhile waits, and finds what goes to it.
pub(super) async fn there_is(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<bool, DbErr> {
    let found = Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .filter(Column::RemovedAt.is_null())
        .lock_shared()
        .one(txn)
        .await?;
    Ok(found.is_some())
}

/// The members of a segment, as it is now; those of them as well who were erased since an instant.
pub(super) async fn members_of(
    app: &App,
    merchant_id: MerchantId,
    id: SegmentId,
    erased_since: Option<Instant>,
) -> Result<Select<member::Entity>, Error> {
    use member::Column;
    let condition = segments::condition_of(app, merchant_id, id).await?;
    let erased = erased_since.map(|since| Column::ErasedAt.gte(since));
    let there = Condition::any()
        .add(Column::ErasedAt.is_null())
        .add_option(erased);
    Ok(member::Entity::of(merchant_id)
        .filter(Column::MergedInto.is_null())
        .filter(there)
        .filter(condition))
}

/// How many members of a message's segment were not reached yet, as it is now.
pub async fn left(app: &App, row: &message::Model) -> Result<u64, Error> {
    let members = members_of(app, row.merchant_id, row.segment_id, None).await?;
    let db = app.db.reads(row.merchant_id);
    let left = members.filter(member::Column::Id.gt(row.after_id));
    Ok(left.count(&db).await?)
}
