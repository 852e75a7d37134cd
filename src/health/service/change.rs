//! Changes a channel's state: the one place that does, with its history, its event and its incident.

use entity::channel_health::{self, HealthCause, HealthState};
use entity::event::EventKind;
use entity::{HealthChangeId, Instant, channel_health_change};
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::incidents;
use crate::app::App;
use crate::error::Error;
use crate::events;

/// What a state becomes, why, and who says so.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The new state.
    pub to: HealthState,
    /// Why.
    pub cause: Option<HealthCause>,
    /// `system`, or an id of staff or of an API key.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// Takes a turn of a channel whose row is locked in this transaction; returns the row as it is to be
/// written. The caller writes it, with whatever else it changes. No change, no event.
pub async fn change(
    app: &App,
    txn: &DatabaseTransaction,
    mut row: channel_health::Model,
    turn: &Turn,
) -> Result<channel_health::Model, Error> {
    if row.state == turn.to {
        return Ok(row);
    }
    let id: HealthChangeId = app.ids.next();
    let change = channel_health_change::Model {
        merchant_id: row.merchant_id,
        id,
        channel_id: row.channel_id,
        from_state: row.state,
        to_state: turn.to,
        cause: turn.cause,
        changed_by: turn.by.clone(),
        changed_at: turn.at,
    };
    channel_health_change::Entity::insert(change.clone().into_active_model())
        .exec_without_returning(txn)
        .await?;
    let kind = EventKind::ChannelHealthChanged;
    events::record(txn, &app.ids, turn.at, row.merchant_id, kind, id).await?;
    row.state = turn.to;
    row.cause = turn.cause;
    row.since = turn.at;
    incidents::follow(app, txn, &row, &change).await?;
    Ok(row)
}
