//! Which campaign names a segment.

use entity::campaign::{CampaignState, Column, Entity};
use entity::{MerchantId, SegmentId};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder};

use crate::campaigns::model::Rules;
use crate::error::Error;
use crate::segments::model::{Use, UseKind};
use crate::segments::service::may_name;

/// The first campaign that is not over and names a segment.
pub async fn naming_segment(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Use>, Error> {
    let running = [
        CampaignState::Scheduled,
        CampaignState::Active,
        CampaignState::Paused,
    ];
    let rows = Entity::of(merchant_id)
        .filter(Column::State.is_in(running))
        .filter(may_name(Column::Rules, id))
        .order_by_asc(Column::Id)
        .all(txn)
        .await?;
    for row in rows {
        if Rules::of_text(&row.rules)?.audience.names_segment(id) {
            return Ok(Some(Use::of(UseKind::Campaign, row.id, row.name)));
        }
    }
    Ok(None)
}
