//! Sets channels' terms.

use entity::channel_version::ChannelChange;
use entity::{ChannelId, channel};

use super::change::change;
use crate::app::App;
use crate::auth::model::Actor;
use crate::channels::model::{TermsChange, TermsRefusal, expect_version};
use crate::error::Failure;

/// Sets a channel's terms, where it has the version that is expected, if one is. Other instances show them
/// within a second; what is decided by them reads them anew.
pub async fn set_terms(
    app: &App,
    actor: &Actor,
    id: ChannelId,
    expected_version: Option<i32>,
    wanted: TermsChange,
) -> Result<channel::Model, Failure<TermsRefusal>> {
    change(app, actor, id, ChannelChange::TermsSet, |row, _| {
        let row = row.ok_or(TermsRefusal::NotFound)?;
        expect_version(row, expected_version)
            .map_err(|current| TermsRefusal::VersionConflict { current })?;
        let mut changed = row.clone();
        wanted.write(&mut changed);
        Ok(changed)
    })
    .await
}
