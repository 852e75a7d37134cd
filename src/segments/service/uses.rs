//! What names a segment, and would miss it.

use entity::campaign::CampaignState;
use entity::coupon_template::TemplateState;
use entity::message::MessageState;
use entity::segment::SegmentKind;
use entity::{MerchantId, SegmentId, campaign, coupon_template, message, segment};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder};

use crate::campaigns::model::Rules;
use crate::error::Error;
use crate::segments::model::{Rule, Use, UseKind};

/// The first thing that needs a segment; none where nothing does.
pub(super) async fn first_use(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Use>, Error> {
    if let Some(used) = campaign(txn, merchant_id, id).await? {
        return Ok(Some(used));
    }
    if let Some(used) = template(txn, merchant_id, id).await? {
        return Ok(Some(used));
    }
    if let Some(used) = message(txn, merchant_id, id).await? {
        return Ok(Some(used));
    }
    other(txn, merchant_id, id).await
}

/// Of rules that are kept as text, those in which an id may be; which really name it is told by what they say.
fn mentioned(id: SegmentId) -> String {
    format!("%{}%", id.0)
}

fn names(rules: &str, id: SegmentId) -> Result<bool, Error> {
    let rules = Rules::of_text(rules)?;
    Ok(rules.audience.named_segments().any(|named| named == id))
}

async fn campaign(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Use>, Error> {
    use campaign::Column;
    let running = [
        CampaignState::Scheduled,
        CampaignState::Active,
        CampaignState::Paused,
    ];
    let rows = campaign::Entity::of(merchant_id)
        .filter(Column::State.is_in(running))
        .filter(Column::Rules.like(mentioned(id)))
        .order_by_asc(Column::Id)
        .all(txn)
        .await?;
    for row in rows {
        if names(&row.rules, id)? {
            return Ok(Some(used(UseKind::Campaign, row.id, row.name)));
        }
    }
    Ok(None)
}

async fn template(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Use>, Error> {
    use coupon_template::Column;
    let rows = coupon_template::Entity::of(merchant_id)
        .filter(Column::State.is_in([TemplateState::Active, TemplateState::Paused]))
        .filter(Column::Rules.like(mentioned(id)))
        .order_by_asc(Column::Id)
        .all(txn)
        .await?;
    for row in rows {
        if names(&row.rules, id)? {
            return Ok(Some(used(UseKind::CouponTemplate, row.id, row.name)));
        }
    }
    Ok(None)
}

async fn message(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Use>, Error> {
    use message::Column;
    let row = message::Entity::of(merchant_id)
        .filter(Column::State.is_in([MessageState::Scheduled, MessageState::Sending]))
        .filter(Column::SegmentId.eq(id))
        .order_by_asc(Column::Id)
        .one(txn)
        .await?;
    Ok(row.map(|row| used(UseKind::Message, row.id, row.name)))
}

/// Other segments name snapshots alone.
async fn other(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Use>, Error> {
    use segment::Column;
    let rows = segment::Entity::of(merchant_id)
        .filter(Column::RemovedAt.is_null())
        .filter(Column::Kind.eq(SegmentKind::Rules))
        .filter(Column::Rules.like(mentioned(id)))
        .order_by_asc(Column::Id)
        .all(txn)
        .await?;
    for row in rows {
        if Rule::of_text(&row.rules)?.names_snapshot(id) {
            return Ok(Some(used(UseKind::Segment, row.id, row.name)));
        }
    }
    Ok(None)
}

fn used(kind: UseKind, id: impl ToString, name: String) -> Use {
    Use {
        kind,
        id: id.to_string(),
        name,
    }
}
