//! Changes how a channel is offered to payers.

use entity::channel_version::ChannelChange;
use entity::{ChannelId, channel};

use super::change::change;
use crate::app::App;
use crate::auth::model::Actor;
use crate::channels::model::{Offer, OfferChange, UpdateRefusal, expect_version};
use crate::error::Failure;

/// Changes a channel's name, limits, devices, and when it is hidden, where it has the version that is
/// expected.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: ChannelId,
    expected_version: i32,
    wanted: OfferChange,
) -> Result<channel::Model, Failure<UpdateRefusal>> {
    change(app, actor, id, ChannelChange::Updated, |row, _| {
        let row = row.ok_or(UpdateRefusal::NotFound)?;
        expect_version(row, Some(expected_version))
            .map_err(|current| UpdateRefusal::VersionConflict { current })?;
        let mut updated = row.clone();
        let offer = Offer::of(row).changed(wanted.clone());
        offer.checked()?.write(&mut updated);
        Ok(updated)
    })
    .await
}
