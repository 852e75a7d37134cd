//! Whether rules name channels, tiers and segments that the merchant has.

use entity::{MerchantId, SegmentId};

use crate::app::App;
use crate::campaigns::model::{Audience, Rules};
use crate::error::Error;
use crate::invalid::Invalid;
use crate::{channels, segments, tiers};

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
    if !audience.tiers.is_empty() {
        let known = tiers::service::find_many(app, merchant_id, &audience.tiers).await?;
        let is_there = |id| known.get(&id).is_some_and(|tier| tier.removed_at.is_none());
        if let Err(invalid) = audience.check_tiers(is_there) {
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
