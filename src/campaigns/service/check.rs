//! Whether rules name channels, tiers and segments that the merchant has.

use entity::{MerchantId, SegmentId, TierId, tier};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::app::App;
use crate::campaigns::model::{Audience, Invalid, Rules};
use crate::db::any_of;
use crate::error::Error;
use crate::{channels, segments};

/// Whether what rules name is the merchant's, and is there: for campaigns and coupons. Everything else about rules is
/// [`Rules::check`]'s.
pub async fn check_named(
    app: &App,
    merchant_id: MerchantId,
    rules: &Rules,
) -> Result<Result<(), Invalid>, Error> {
    let ids = &rules.scope.channels;
    if !ids.is_empty() {
        let known = channels::service::find_many(app, merchant_id, ids).await?;
        if let Err(invalid) = rules.scope.check_channels(|id| known.contains_key(&id)) {
            return Ok(Err(invalid));
        }
    }
    check_audience(app, merchant_id, &rules.audience).await
}

async fn check_audience(
    app: &App,
    merchant_id: MerchantId,
    audience: &Audience,
) -> Result<Result<(), Invalid>, Error> {
    let db = &app.db.reads(merchant_id);
    if !audience.tiers.is_empty() {
        let known: Vec<TierId> = tier::Entity::of(merchant_id)
            .filter(any_of(&app.db, tier::Column::Id, &audience.tiers))
            .filter(tier::Column::RemovedAt.is_null())
            .select_only()
            .column(tier::Column::Id)
            .into_tuple()
            .all(db)
            .await?;
        if let Err(invalid) = audience.check_tiers(|id| known.contains(&id)) {
            return Ok(Err(invalid));
        }
    }
    let segments: Vec<SegmentId> = audience.named_segments().collect();
    if segments.is_empty() {
        return Ok(Ok(()));
    }
    let known = segments::service::find_many(app, merchant_id, &segments).await?;
    Ok(audience.check_segments(|id| known.contains_key(&id)))
}
