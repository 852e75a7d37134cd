//! Calls messages off: before they are sent, or before all have them.

use entity::MessageId;
use entity::event::EventKind;
use entity::message::{MessageState, Model};

use super::write::{changed, lock, tell, write};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::messages::model::{CancelRefusal, canceled};

/// Calls a message off. One that is being sent stops after the batch that is under way; a draft is put away.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: MessageId,
) -> Result<Model, Failure<CancelRefusal>> {
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        let found = lock(&txn, merchant_id, id).await?;
        let before = found.ok_or(Failure::Refused(CancelRefusal::NotFound))?;
        let now = app.clock.now();
        let Some(mut after) = canceled(&before, now).map_err(Failure::Refused)? else {
            return Ok(before);
        };
        after.version += 1;
        after.updated_at = app.clock.instant();
        write(&txn, &after).await?;
        // Of a draft nobody was told.
        if before.state != MessageState::Draft {
            tell(app, &txn, &after, EventKind::MessageCanceled).await?;
        }
        let deed = changed(Deed::of("messageCancel"), Some(&before), &after);
        audit::record(app, &txn, actor, deed).await?;
        Ok::<_, Failure<CancelRefusal>>(after)
    })
    .await
}
