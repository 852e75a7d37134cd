//! What names a segment, and would miss it.

use entity::segment::{Column, Entity, SegmentKind};
use entity::{MerchantId, SegmentId};
use futures_util::future::BoxFuture;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder};

use crate::error::Error;
use crate::segments::model::{Rule, Use, UseKind};

/// Asks another slice for the first of its things that needs a segment, in the transaction that would remove it.
/// Segments know none of these slices: they are handed in by whoever removes.
pub type Asked = for<'a> fn(
    &'a DatabaseTransaction,
    MerchantId,
    SegmentId,
) -> BoxFuture<'a, Result<Option<Use>, Error>>;

/// Of rules that are kept as text, those in which an id may be; which really name it is told by what they say.
pub fn may_name(rules: impl ColumnTrait, id: SegmentId) -> SimpleExpr {
    rules.like(format!("%{}%", id.0))
}

/// The first thing that needs a segment, of those that others have and of segments; none where nothing does.
pub(super) async fn first_use(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
    others: &[Asked],
) -> Result<Option<Use>, Error> {
    for ask in others {
        if let Some(used) = ask(txn, merchant_id, id).await? {
            return Ok(Some(used));
        }
    }
    segment(txn, merchant_id, id).await
}

/// Segments name snapshots alone.
async fn segment(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Use>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(Column::RemovedAt.is_null())
        .filter(Column::Kind.eq(SegmentKind::Rules))
        .filter(may_name(Column::Rules, id))
        .order_by_asc(Column::Id)
        .all(txn)
        .await?;
    for row in rows {
        if Rule::of_text(&row.rules)?.names_snapshot(id) {
            return Ok(Some(Use::of(UseKind::Segment, row.id, row.name)));
        }
    }
    Ok(None)
}
