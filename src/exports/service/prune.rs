//! Removes what is told of exports that have been over for long.

use chrono::TimeDelta;
use entity::export::{Column, Entity, ExportState};
use entity::{ExportId, MerchantId};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::app::App;
use crate::error::Error;

/// For how long it is told what became of an export.
const TOLD_FOR: TimeDelta = TimeDelta::days(90);

/// Removes a merchant's exports that were asked for ninety days ago and are over; one whose file is kept stays. Their
/// files went before.
pub async fn prune(app: &App, merchant_id: MerchantId) -> Result<(), Error> {
    let before = (app.clock.now() - TOLD_FOR).timestamp_millis();
    let over = [
        ExportState::Failed,
        ExportState::Canceled,
        ExportState::Expired,
    ];
    Entity::delete_of(merchant_id)
        .filter(Column::Id.lt(ExportId::first_at(before)))
        .filter(Column::State.is_in(over))
        .exec(&app.db.writes(merchant_id))
        .await?;
    Ok(())
}
