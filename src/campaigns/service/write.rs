//! Writes campaigns: row, version, event and audit entry in one transaction.

use entity::campaign::{self, CampaignState};
use entity::event::EventKind;
use entity::{CampaignId, MerchantId, campaign_version};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::audit::Deed;
use crate::campaigns::model::Turn;
use crate::db::have_alone;
use crate::error::Error;
use crate::events;

/// Locks a campaign: what changes it waits for whoever changes it now, and for orders that are being priced by it;
/// those that come after wait for it.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: CampaignId,
) -> Result<Option<campaign::Model>, Error> {
    have_alone(txn, id).await?;
    Ok(campaign::Entity::of(merchant_id)
        .filter(campaign::Column::Id.eq(id))
        .lock_exclusive()
        .one(txn)
        .await?)
}

/// Writes a new campaign and its first version.
pub(super) async fn insert(
    app: &App,
    txn: &DatabaseTransaction,
    row: &campaign::Model,
) -> Result<(), Error> {
    campaign::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(txn)
        .await?;
    insert_version(txn, row, &row.created_by).await?;
    tell(app, txn, row, EventKind::CampaignCreated).await
}

/// Keeps what a campaign gives from now on.
pub(super) async fn insert_version(
    txn: &DatabaseTransaction,
    row: &campaign::Model,
    changed_by: &str,
) -> Result<(), Error> {
    let version = campaign_version::Model {
        merchant_id: row.merchant_id,
        campaign_id: row.id,
        version: row.version,
        name: row.name.clone(),
        rules: row.rules.clone(),
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        holdout_ppm: row.holdout_ppm,
        refund_policy: row.refund_policy,
        changed_by: changed_by.to_owned(),
        changed_at: row.updated_at,
    };
    campaign_version::Entity::insert(version.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Writes a campaign's row as it is to be.
pub(super) async fn write(txn: &DatabaseTransaction, after: &campaign::Model) -> Result<(), Error> {
    let mut row = after.clone().into_active_model().reset_all();
    (row.merchant_id, row.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
    campaign::Entity::update_of(after.merchant_id)
        .filter(campaign::Column::Id.eq(after.id))
        .set(row)
        .exec(txn)
        .await?;
    Ok(())
}

/// Tells of a campaign, in the transaction of its change.
pub(super) async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    row: &campaign::Model,
    kind: EventKind,
) -> Result<(), Error> {
    let (now, merchant_id) = (app.clock.instant(), row.merchant_id);
    Ok(events::record(txn, &app.ids, now, merchant_id, kind, row.id).await?)
}

/// The event of a step of the life cycle.
pub(super) const fn told(turn: Turn) -> EventKind {
    match turn {
        Turn::Scheduled => EventKind::CampaignScheduled,
        Turn::Activated => EventKind::CampaignActivated,
        Turn::Paused => EventKind::CampaignPaused,
        Turn::Ended => EventKind::CampaignEnded,
    }
}

/// What the audit log is told of a campaign.
pub(super) fn changed(
    deed: Deed,
    before: Option<&campaign::Model>,
    after: &campaign::Model,
) -> Deed {
    let from = before.map_or(Value::Null, shown);
    deed.on(after.id).changed(from, shown(after))
}

fn shown(row: &campaign::Model) -> Value {
    let rules: Value = serde_json::from_str(&row.rules).unwrap_or_default();
    let part = |name: &str| rules.get(name).cloned().unwrap_or_default();
    json!({
        "name": row.name,
        "state": row.state.to_value(),
        "version": row.version,
        "benefit": part("benefit"),
        "scope": part("scope"),
        "audience": part("audience"),
        "hours": part("hours"),
        "stacking": part("stacking"),
        "limits": part("limits"),
        "startsAt": row.starts_at.0.to_rfc3339(),
        "endsAt": row.ends_at.map(|end| end.0.to_rfc3339()),
        "holdoutPpm": row.holdout_ppm,
        "refundPolicy": row.refund_policy.to_value(),
    })
}

/// Those that run, are paused, or wait for their start.
pub(super) const RUNNING: [CampaignState; 3] = [
    CampaignState::Scheduled,
    CampaignState::Active,
    CampaignState::Paused,
];
