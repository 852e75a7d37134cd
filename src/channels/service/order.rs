//! Sets the order of the payment page.

use entity::channel_version::ChannelChange;
use entity::{ChannelId, channel};

use super::change::{lock, write};
use crate::app::App;
use crate::auth::model::Actor;
use crate::channels::model::{self, ReorderRefusal};
use crate::error::Failure;

/// Puts all of a merchant's channels into the order of a list, all at once. Each one that gets another
/// place has a version of its own.
pub async fn reorder(
    app: &App,
    actor: &Actor,
    wanted: &[ChannelId],
) -> Result<Vec<channel::Model>, Failure<ReorderRefusal>> {
    let merchant_id = actor.merchant_id;
    let ordered = app.write(merchant_id, |txn| async move {
        let before = lock(&txn, merchant_id).await?;
        let after = model::reorder(&before, wanted).map_err(Failure::Refused)?;
        let mut ordered = Vec::with_capacity(after.len());
        for row in after {
            let known = before.iter().find(|known| known.id == row.id);
            let known = known.ok_or(Failure::Refused(ReorderRefusal::NotFound))?;
            ordered.push(write(app, &txn, actor, ChannelChange::Reordered, known, row).await?);
        }
        Ok::<_, Failure<ReorderRefusal>>(ordered)
    });
    let ordered = ordered.await?;
    app.channels.invalidate(&merchant_id);
    Ok(ordered)
}
