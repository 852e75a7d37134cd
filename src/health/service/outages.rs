//! Lets a sandbox fail, for whoever wants to see what happens then.

use chrono::TimeDelta;
use entity::sandbox_outage::{Column, Entity, Model};
use entity::{ChannelId, Instant};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::channels::service::maybe_find;
use crate::error::{Error, Failure};
use crate::health::model::outage::{OutageDraft, OutageEndRefusal, OutageRefusal};

/// Begins an outage of a sandbox channel, in place of one that is under way. Other instances notice it within
/// a second.
pub async fn start_outage(
    app: &App,
    actor: &Actor,
    channel_id: ChannelId,
    draft: OutageDraft,
) -> Result<Model, Failure<OutageRefusal>> {
    let merchant_id = actor.merchant_id;
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
    let row = &outage;
    app.write(merchant_id, |txn| async move {
        Entity::insert(row.clone().into_active_model())
            .on_conflict(
                OnConflict::columns([Column::MerchantId, Column::ChannelId])
                    .update_columns([Column::Kind, Column::SharePpm, Column::Until])
                    .to_owned(),
            )
            .exec_without_returning(&*txn)
            .await?;
        let begun = json!({ "kind": row.kind.to_value(), "minutes": draft.minutes });
        let deed = Deed::of("sandboxOutageStart").on(channel_id).made(begun);
        audit::record(app, &txn, actor, deed).await
    })
    .await?;
    app.outages.invalidate(&(merchant_id, channel_id));
    Ok(outage)
}

/// Ends an outage of a sandbox channel; where there is none nothing happens.
pub async fn end_outage(
    app: &App,
    actor: &Actor,
    channel_id: ChannelId,
) -> Result<(), Failure<OutageEndRefusal>> {
    let merchant_id = actor.merchant_id;
    let channel = maybe_find(app, merchant_id, channel_id)
        .await?
        .ok_or(Failure::Refused(OutageEndRefusal::NotFound))?;
    if channel.kind != entity::channel::ChannelKind::Sandbox {
        return Err(Failure::Refused(OutageEndRefusal::NotSandbox));
    }
    app.write(merchant_id, |txn| async move {
        let ended = Entity::delete_of(merchant_id)
            .filter(Column::ChannelId.eq(channel_id))
            .exec(&*txn)
            .await?;
        if ended.rows_affected > 0 {
            let deed = Deed::of("sandboxOutageEnd").on(channel_id);
            audit::record(app, &txn, actor, deed).await?;
        }
        Ok::<_, Error>(())
    })
    .await?;
    app.outages.invalidate(&(merchant_id, channel_id));
    Ok(())
}
