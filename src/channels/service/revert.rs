//! Brings an earlier configuration of a channel back.

use entity::channel_version::ChannelChange;
use entity::{ChannelId, channel};

use super::change::change;
use super::{history, maybe_find};
use crate::app::App;
use crate::auth::model::Actor;
use crate::channels::model::{self, RevertRefusal, expect_version};
use crate::error::Failure;

/// Which configuration is to hold again.
#[derive(Clone, Copy, Debug)]
pub struct Revert {
    /// Of which channel.
    pub id: ChannelId,
    /// The version that said it.
    pub version: i32,
    /// The version that the channel has.
    pub expected_version: i32,
}

/// Makes an earlier configuration hold again, as a new version. Credentials never come back, nor does the
/// place on the payment page; whether new orders may use it stays as it is.
pub async fn revert(
    app: &App,
    actor: &Actor,
    wanted: Revert,
) -> Result<channel::Model, Failure<RevertRefusal>> {
    let known = maybe_find(app, actor.merchant_id, wanted.id).await?;
    let known = known.ok_or(Failure::Refused(RevertRefusal::NotFound))?;
    // A version is never edited: it may be read before anything is locked.
    let earlier = history::maybe_find(app, &known, wanted.version).await?;
    let earlier = &earlier;
    change(app, actor, wanted.id, ChannelChange::Reverted, |row, _| {
        let row = row.ok_or(RevertRefusal::NotFound)?;
        expect_version(row, Some(wanted.expected_version))
            .map_err(|current| RevertRefusal::VersionConflict { current })?;
        if wanted.version == row.version {
            return Ok(row.clone());
        }
        let earlier = earlier.as_ref().ok_or(RevertRefusal::VersionNotFound)?;
        Ok(model::revert(row, earlier))
    })
    .await
}
