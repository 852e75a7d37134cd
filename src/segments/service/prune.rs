//! Forgets who was in snapshots that are removed.

use entity::segment::{self, SegmentKind};
use entity::segment_member::{Column, Entity};
use entity::{MemberId, MerchantId, SegmentId};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;

/// How many are forgotten at once.
const BATCH: u64 = 5_000;

/// Forgets who was in a merchant's snapshots that are removed, some at a time.
pub async fn prune(app: &App, merchant_id: MerchantId) -> Result<(), Error> {
    use segment::Column as Of;
    let left = Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(
            Expr::col((Entity, Column::MerchantId)).equals((segment::Entity, Of::MerchantId)),
        )
        .and_where(Expr::col((Entity, Column::SegmentId)).equals((segment::Entity, Of::Id)))
        .to_owned();
    let removed: Vec<SegmentId> = segment::Entity::of(merchant_id)
        .filter(Of::RemovedAt.is_not_null())
        .filter(Of::Kind.eq(SegmentKind::Snapshot))
        .filter(Expr::exists(left))
        .select_only()
        .column(Of::Id)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    for id in removed {
        while !app.shutdown.is_cancelled() && forget_some(app, merchant_id, id).await? {}
    }
    Ok(())
}

/// Forgets the next ones of a snapshot; whether there were any.
async fn forget_some(app: &App, merchant_id: MerchantId, id: SegmentId) -> Result<bool, Error> {
    let next: Vec<MemberId> = Entity::of(merchant_id)
        .filter(Column::SegmentId.eq(id))
        .order_by_asc(Column::MemberId)
        .limit(BATCH)
        .select_only()
        .column(Column::MemberId)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let Some(last) = next.last() else {
        return Ok(false);
    };
    app.db
        .transaction_of(merchant_id, |txn| async move {
            Entity::delete_of(merchant_id)
                .filter(Column::SegmentId.eq(id))
                .filter(Column::MemberId.lte(*last))
                .exec(&*txn)
                .await?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(true)
}
