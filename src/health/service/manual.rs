//! Sets a channel's state by hand, and lets the figures rule again.

use chrono::TimeDelta;
use entity::channel_health::{Column, Entity, HealthCause, HealthState, Model};
use entity::{ChannelId, Instant, MerchantId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use super::change::{Turn, change};
use crate::app::App;
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
        write(&txn, &row).await?;
        Ok::<_, Error>(row)
    });
    let row = set.await?;
    app.health.invalidate(&merchant_id);
    Ok(row)
}

/// Lets the figures rule again. Until they are judged, nothing is known of the channel: an incident that was
/// opened by hand is over. Where no state was set by hand nothing happens.
pub async fn clear_override(
    app: &App,
    actor: &Actor,
    channel_id: ChannelId,
) -> Result<(), Failure<OverrideClearRefusal>> {
    let merchant_id = actor.merchant_id;
    if maybe_find(app, merchant_id, channel_id).await?.is_none() {
        return Err(Failure::Refused(OverrideClearRefusal::NotFound));
    }
    let by = &actor.name();
    let cleared = app.write(merchant_id, |txn| async move {
        let now = app.clock.instant();
        let row = lock(&txn, merchant_id, channel_id, now).await?;
        if row.override_state.is_none() {
            return Ok(());
        }
        let turn = Turn {
            to: HealthState::Unknown,
            cause: Some(HealthCause::Manual),
            by: by.clone(),
            at: now,
        };
        let row = change(app, &txn, row, &turn).await?;
        let row = Model {
            candidate: None,
            candidate_since: None,
            override_state: None,
            override_until: None,
            override_by: None,
            override_note: None,
            ..row
        };
        write(&txn, &row).await?;
        Ok::<_, Error>(())
    });
    cleared.await?;
    app.health.invalidate(&merchant_id);
    Ok(())
}

/// A channel's health, locked; made where nobody has judged the channel yet.
async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    now: Instant,
) -> Result<Model, Error> {
    Entity::insert(unknown(merchant_id, channel_id, now).into_active_model())
        .on_conflict(
            OnConflict::columns([Column::MerchantId, Column::ChannelId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Entity::of(merchant_id)
        .filter(Column::ChannelId.eq(channel_id))
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or_else(|| Error::internal("a channel's health is gone"))
}

/// The health of a channel that nobody has judged yet.
fn unknown(merchant_id: MerchantId, channel_id: ChannelId, now: Instant) -> Model {
    Model {
        merchant_id,
        channel_id,
        state: HealthState::Unknown,
        cause: None,
        since: now,
        judged_at: now,
        attempts: 0,
        error_ppm: None,
        success_ppm: None,
        baseline_ppm: None,
        candidate: None,
        candidate_since: None,
        flaps: 0,
        flapped_at: None,
        override_state: None,
        override_until: None,
        override_by: None,
        override_note: None,
    }
}

async fn write(txn: &DatabaseTransaction, row: &Model) -> Result<(), Error> {
    let all = row.clone().into_active_model().reset_all();
    Entity::update_of(row.merchant_id)
        .filter(Column::ChannelId.eq(row.channel_id))
        .set(all)
        .exec(txn)
        .await?;
    Ok(())
}
