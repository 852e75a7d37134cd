//! Opens channels to new orders, and closes them.

use entity::channel_version::ChannelChange;
use entity::{ChannelId, channel};

use super::change::change;
use crate::app::App;
use crate::auth::model::Actor;
use crate::channels::model::{self, DisableRefusal, EnableRefusal};
use crate::error::Failure;

/// Opens a channel to new orders.
pub async fn enable(
    app: &App,
    actor: &Actor,
    id: ChannelId,
) -> Result<channel::Model, Failure<EnableRefusal>> {
    change(app, actor, id, ChannelChange::Enabled, |row, _| {
        let row = row.ok_or(EnableRefusal::NotFound)?;
        Ok(channel::Model {
            enabled: true,
            ..row.clone()
        })
    })
    .await
}

/// Closes a channel to new orders; the last enabled one only where that is confirmed. Of two people who
/// close the last two at once, one is told so.
pub async fn disable(
    app: &App,
    actor: &Actor,
    id: ChannelId,
    confirmed: bool,
) -> Result<channel::Model, Failure<DisableRefusal>> {
    change(app, actor, id, ChannelChange::Disabled, |row, all| {
        model::disable(row.ok_or(DisableRefusal::NotFound)?, all, confirmed)
    })
    .await
}
