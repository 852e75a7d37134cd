//! Sets a channel's state by hand, and lets the figures rule again.

use chrono::TimeDelta;
use entity::channel_health::{HealthCause, Model};
use entity::{ChannelId, Instant};
use sea_orm::ActiveEnum;
use serde_json::json;

use super::change::{Turn, change};
use super::row::{lock, save};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::channels::service::maybe_find;
use crate::error::{Error, Failure};
use crate::health::model::manual::{OverrideClearRefusal, OverrideDraft, OverrideRefusal};

/// Sets a channel's state by hand: it holds until its time is over, whatever the figures say. Set again, the
/// last word counts.
pub async fn set_override(
    app: &App,
    actor: &Actor,
    channel_id: ChannelId,
    draft: &OverrideDraft,
) -> Result<Model, Failure<OverrideRefusal>> {
    let draft = &draft.check().map_err(Failure::Refused)?;
    let merchant_id = actor.merchant_id;
    if maybe_find(app, merchant_id, channel_id).await?.is_none() {
        return Err(Failure::Refused(OverrideRefusal::NotFound));
    }
    let by = &actor.name();
    let set = app.write(merchant_id, |txn| async move {
        let now = app.clock.instant();
        let row = lock(&txn, merchant_id, channel_id, now).await?;
        let turn = Turn {
            to: draft.state,
            cause: Some(HealthCause::Manual),
            by: by.clone(),
            at: now,
        };
        let row = change(app, &txn, row, &turn).await?;
        let until = now.0 + TimeDelta::minutes(i64::from(draft.minutes));
        let row = Model {
            cause: Some(HealthCause::Manual),
            candidate: None,
            candidate_since: None,
            override_state: Some(draft.state),
            override_until: Some(Instant(until)),
            override_by: Some(by.clone()),
            override_note: draft.note.clone(),
            ..row
        };
        save(&txn, row.clone()).await?;
        let set = json!({ "state": draft.state.to_value(), "minutes": draft.minutes, "note": draft.note });
        let deed = Deed::of("channelHealthOverride").on(channel_id).made(set);
        audit::record(app, &txn, actor, deed).await?;
        Ok::<_, Error>(row)
    });
    let row = set.await?;
    app.health.invalidate(&merchant_id);
    Ok(row)
}

/// Lets the figures rule again, as when the time is over for which a state was set: the channel stays as it is
/// until it is judged, which is a matter of seconds, so that what is really wrong with it goes on being one
/// incident. Where no state was set by hand nothing happens.
pub async fn clear_override(
    app: &App,
    actor: &Actor,
    channel_id: ChannelId,
) -> Result<(), Failure<OverrideClearRefusal>> {
    let merchant_id = actor.merchant_id;
    if maybe_find(app, merchant_id, channel_id).await?.is_none() {
        return Err(Failure::Refused(OverrideClearRefusal::NotFound));
    }
    let cleared = app.write(merchant_id, |txn| async move {
        let now = app.clock.instant();
        let row = lock(&txn, merchant_id, channel_id, now).await?;
        if row.override_state.is_none() {
            return Ok(());
        }
        let row = Model {
            // What somebody has said: the next judgement decides.
            cause: Some(HealthCause::Manual),
            candidate: None,
            candidate_since: None,
            override_state: None,
            override_until: None,
            override_by: None,
            override_note: None,
            ..row
        };
        save(&txn, row).await?;
        let deed = Deed::of("channelHealthOverrideClear").on(channel_id);
        audit::record(app, &txn, actor, deed).await?;
        Ok::<_, Error>(())
    });
    cleared.await?;
    app.health.invalidate(&merchant_id);
    Ok(())
}
