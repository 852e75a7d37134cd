//! Opens, worsens and resolves incidents as their channels' states change.

use entity::channel_health::HealthCause;
use entity::event::EventKind;
use entity::incident::{Column, Entity, IncidentState, Model, Severity};
use entity::{channel_health, channel_health_change};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use super::measure::measure_one;
use crate::app::App;
use crate::error::Error;
use crate::events;
use crate::health::model::incident::{Consequence, consequence};

/// Does what a change of state means for the channel's incident, in the transaction of the change. The
/// channel's health is locked in it, so changes of one channel come one after the other.
pub async fn follow(
    app: &App,
    txn: &DatabaseTransaction,
    health: &channel_health::Model,
    change: &channel_health_change::Model,
) -> Result<(), Error> {
    let open = Entity::of(health.merchant_id)
        .filter(Column::ChannelId.eq(health.channel_id))
        .filter(Column::ResolvedAt.is_null())
        .lock_exclusive()
        .one(txn)
        .await?;
    let severity = open.as_ref().map(|incident| incident.severity);
    match (consequence(change.to_state, severity), open) {
        (Consequence::Opens(severity), None) => open_one(app, txn, change, severity).await,
        (Consequence::Worsens, Some(incident)) => {
            let worse = Model {
                severity: Severity::Down,
                worsened_at: Some(change.changed_at),
                ..incident
            };
            write(txn, &worse, &[Column::Severity, Column::WorsenedAt]).await?;
            tell(app, txn, change, EventKind::IncidentWorsened, &worse).await
        }
        (Consequence::Resolves, Some(incident)) => {
            measure_one(app, txn, &incident, change.changed_at).await?;
            let over = Model {
                state: IncidentState::Resolved,
                resolved_at: Some(change.changed_at),
                ..incident
            };
            write(txn, &over, &[Column::State, Column::ResolvedAt]).await?;
            tell(app, txn, change, EventKind::IncidentResolved, &over).await
        }
        _ => Ok(()),
    }
}

async fn open_one(
    app: &App,
    txn: &DatabaseTransaction,
    change: &channel_health_change::Model,
    severity: Severity,
) -> Result<(), Error> {
    let incident = Model {
        merchant_id: change.merchant_id,
        id: app.ids.next(),
        channel_id: change.channel_id,
        state: IncidentState::Open,
        severity,
        cause: change.cause.unwrap_or(HealthCause::TechnicalErrors),
        opened_at: change.changed_at,
        worsened_at: None,
        acknowledged_at: None,
        acknowledged_by: None,
        note: None,
        resolved_at: None,
        attempts: 0,
        failed: 0,
        expected_paid: 0,
        paid: 0,
        at_risk_minor: 0,
        fallback_channel_id: None,
        fallback_success_ppm: None,
    };
    Entity::insert(incident.clone().into_active_model())
        .exec_without_returning(txn)
        .await?;
    // Whoever is alerted wants to know what to offer instead, at once.
    measure_one(app, txn, &incident, change.changed_at).await?;
    tell(app, txn, change, EventKind::IncidentOpened, &incident).await
}

/// Writes some columns of an incident that is locked.
pub(super) async fn write(
    txn: &DatabaseTransaction,
    incident: &Model,
    columns: &[Column],
) -> Result<(), Error> {
    let mut all = incident.clone().into_active_model();
    for column in columns {
        all.reset(*column);
    }
    Entity::update_of(incident.merchant_id)
        .filter(Column::Id.eq(incident.id))
        .set(all)
        .exec(txn)
        .await?;
    Ok(())
}

async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    change: &channel_health_change::Model,
    kind: EventKind,
    incident: &Model,
) -> Result<(), Error> {
    let merchant_id = incident.merchant_id;
    events::record(
        txn,
        &app.ids,
        change.changed_at,
        merchant_id,
        kind,
        incident.id,
    )
    .await?;
    Ok(())
}
