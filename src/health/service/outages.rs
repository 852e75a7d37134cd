//! Lets a sandbox fail, for whoever wants to see what happens then.

use chrono::TimeDelta;
use entity::sandbox_outage::{Column, Entity, Model};
use entity::{ChannelId, Instant, MerchantId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::app::App;
use crate::channels::service::maybe_find;
use crate::error::Failure;
use crate::health::model::outage::{OutageDraft, OutageEndRefusal, OutageRefusal};

/// Begins an outage of a sandbox channel, in place of one that is under way. Other instances notice it within
/// a second.
pub async fn start_outage(
    app: &App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    draft: OutageDraft,
) -> Result<Model, Failure<OutageRefusal>> {
    let channel = maybe_find(app, merchant_id, channel_id)
        .await?
        .ok_or(Failure::Refused(OutageRefusal::NotFound))?;
    draft.check(channel.kind).map_err(Failure::Refused)?;
    let until = app.clock.now() + TimeDelta::minutes(i64::from(draft.minutes));
    let outage = Model {
        merchant_id,
        channel_id,
        kind: draft.kind,
        share_ppm: draft.share_ppm,
        until: Instant(until),
    };
    Entity::insert(outage.clone().into_active_model())
        .on_conflict(
            OnConflict::columns([Column::MerchantId, Column::ChannelId])
                .update_columns([Column::Kind, Column::SharePpm, Column::Until])
                .to_owned(),
        )
        .exec_without_returning(app.db.writer())
        .await?;
    app.outages.invalidate(&(merchant_id, channel_id));
    Ok(outage)
}

/// Ends an outage of a sandbox channel; where there is none nothing happens.
pub async fn end_outage(
    app: &App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
) -> Result<(), Failure<OutageEndRefusal>> {
    let channel = maybe_find(app, merchant_id, channel_id)
        .await?
        .ok_or(Failure::Refused(OutageEndRefusal::NotFound))?;
    if channel.kind != entity::channel::ChannelKind::Sandbox {
        return Err(Failure::Refused(OutageEndRefusal::NotSandbox));
    }
    Entity::delete_of(merchant_id)
        .filter(Column::ChannelId.eq(channel_id))
        .exec(app.db.writer())
        .await?;
    app.outages.invalidate(&(merchant_id, channel_id));
    Ok(())
}
