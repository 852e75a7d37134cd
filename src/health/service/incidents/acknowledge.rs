//! Somebody says that they know of an incident.

use entity::IncidentId;
use entity::event::EventKind;
use entity::incident::{Column, Entity, IncidentState, Model};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::follow::write;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::events;
use crate::health::model::incident::{AcknowledgeRefusal, acknowledges, read_note};

/// Notes that an actor knows of an incident. The first who says so stays, with their note; whoever says it
/// later is answered with that.
pub async fn acknowledge(
    app: &App,
    actor: &Actor,
    id: IncidentId,
    note: Option<String>,
) -> Result<Model, Failure<AcknowledgeRefusal>> {
    let note = read_note(note.as_deref())
        .map_err(|_| Failure::Refused(AcknowledgeRefusal::InvalidNote))?;
    let (merchant_id, note) = (actor.merchant_id, &note);
    app.write(merchant_id, |txn| async move {
        let incident = Entity::of(merchant_id)
            .filter(Column::Id.eq(id))
            .lock_exclusive()
            .one(&*txn)
            .await?
            .ok_or(Failure::Refused(AcknowledgeRefusal::NotFound))?;
        if !acknowledges(incident.state).map_err(Failure::Refused)? {
            return Ok(incident);
        }
        let now = app.clock.instant();
        let known = Model {
            state: IncidentState::Acknowledged,
            acknowledged_at: Some(now),
            acknowledged_by: Some(actor.name()),
            note: note.clone(),
            ..incident
        };
        let columns = [
            Column::State,
            Column::AcknowledgedAt,
            Column::AcknowledgedBy,
            Column::Note,
        ];
        write(&txn, &known, &columns).await?;
        let kind = EventKind::IncidentAcknowledged;
        events::record(&txn, &app.ids, now, merchant_id, kind, id).await?;
        let deed = Deed::of("incidentAcknowledge").on(id);
        let deed = deed.made(json!({ "note": known.note }));
        audit::record(app, &txn, actor, deed).await?;
        Ok(known)
    })
    .await
}
