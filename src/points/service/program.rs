//! Reads by which rules points are earned and spent.

use chrono_tz::Tz;
use entity::{Instant, MerchantId, merchant, points_program};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::app::App;
use crate::error::Error;
use crate::merchant::zone_of;
use crate::points::model::ends_after;

/// A merchant's program; none where it has none yet.
pub async fn find_program(
    db: &impl ConnectionTrait,
    merchant_id: MerchantId,
) -> Result<Option<points_program::Model>, Error> {
    Ok(points_program::Entity::of(merchant_id).one(db).await?)
}

/// When points end that come now, by the merchant's program; none for never.
pub async fn lot_end(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<Option<Instant>, Error> {
    let program = find_program(txn, merchant_id).await?;
    let Some(days) = program.and_then(|program| program.valid_days) else {
        return Ok(None);
    };
    lot_end_in(app, txn, merchant_id, days).await.map(Some)
}

/// The end of the merchant's day that is so many days ahead.
pub async fn lot_end_in(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    days: i32,
) -> Result<Instant, Error> {
    let zone = read_zone(txn, merchant_id).await?;
    Ok(ends_after(app.clock.now(), days, zone))
}

/// Of the row at hand: a transaction that waits for a second connection may wait for itself.
async fn read_zone(txn: &DatabaseTransaction, merchant_id: MerchantId) -> Result<Tz, Error> {
    let row = merchant::Entity::of(merchant_id).one(txn).await?;
    zone_of(&row.ok_or(Error::NotFound)?)
}
