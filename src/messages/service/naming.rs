//! Which message names a segment.

use entity::message::{Column, Entity, MessageState};
use entity::{MerchantId, SegmentId};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder};

use crate::error::Error;
use crate::segments::model::{Use, UseKind};

/// The first message that waits for its time, or is being sent, to a segment.
pub async fn naming_segment(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Use>, Error> {
    let row = Entity::of(merchant_id)
        .filter(Column::State.is_in([MessageState::Scheduled, MessageState::Sending]))
        .filter(Column::SegmentId.eq(id))
        .order_by_asc(Column::Id)
        .one(txn)
        .await?;
    Ok(row.map(|row| Use::of(UseKind::Message, row.id, row.name)))
}
