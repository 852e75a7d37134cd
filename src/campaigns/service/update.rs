//! Changes what a campaign gives: each change is a new version, and what was redeemed stays in its own.

use entity::event::EventKind;
use entity::{CampaignId, campaign};

use super::check::check_named;
use super::shown::forget;
use super::write::{changed, insert_version, lock, tell, write};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::campaigns::model::{CampaignChange, Rules, UpdateRefusal, next_at};
use crate::error::Failure;

/// Changes a campaign, where it has the version that is expected. What changes nothing writes nothing.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: CampaignId,
    expected_version: i32,
    wanted: &CampaignChange,
) -> Result<campaign::Model, Failure<UpdateRefusal>> {
    let merchant_id = actor.merchant_id;
    if let Some(rules) = &wanted.rules {
        let named = check_named(app, merchant_id, rules).await?;
        named.map_err(|invalid| Failure::Refused(invalid.into()))?;
    }
    let after = app
        .write(merchant_id, |txn| async move {
            let refused = Failure::Refused;
            let found = lock(&txn, merchant_id, id).await?;
            let before = found.ok_or(refused(UpdateRefusal::NotFound))?;
            if before.version != expected_version {
                let current = before.version;
                return Err(refused(UpdateRefusal::VersionConflict { current }));
            }
            let rules = Rules::of_text(&before.rules)?;
            let draft = wanted
                .applied(&before, &rules, app.clock.now())
                .map_err(refused)?;
            let mut after = campaign::Model {
                name: draft.name.trim().to_owned(),
                kind: draft.rules.benefit.kind(),
                rules: draft.rules.to_text()?,
                starts_at: draft.starts_at,
                ends_at: draft.ends_at,
                holdout_ppm: i32::try_from(draft.holdout_ppm).unwrap_or_default(),
                refund_policy: draft.refund_policy,
                next_at: next_at(before.state, draft.starts_at, draft.ends_at),
                ..before.clone()
            };
            if after == before {
                return Ok(after);
            }
            after.version += 1;
            after.updated_at = app.clock.instant();
            write(&txn, &after).await?;
            insert_version(&txn, &after, &actor.name()).await?;
            tell(app, &txn, &after, EventKind::CampaignUpdated).await?;
            let deed = changed(Deed::of("campaignUpdate"), Some(&before), &after);
            audit::record(app, &txn, actor, deed).await?;
            Ok(after)
        })
        .await?;
    forget(app, merchant_id);
    Ok(after)
}
