//! Begins, pauses and ends campaigns, by hand.

use entity::campaign::{self, Column};
use entity::{CampaignId, MerchantId, merchant};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DatabaseTransaction, PaginatorTrait, QueryFilter, QuerySelect};

use super::shown::forget;
use super::write::{RUNNING, changed, lock, tell, told, write};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::campaigns::model::{ActivateRefusal, EndRefusal, PauseRefusal, Turn};
use crate::campaigns::model::{activated, ended, paused};
use crate::error::{Error, Failure};

/// How many campaigns of a merchant run, are paused, or wait for their start: each quote looks at all of them.
const MOST_RUNNING: u64 = 500;

/// Begins a campaign, or lets it begin on time; goes on with a paused one. With a version it does so only where the
/// campaign has that one.
pub async fn activate(
    app: &App,
    actor: &Actor,
    id: CampaignId,
    expected_version: Option<i32>,
) -> Result<campaign::Model, Failure<ActivateRefusal>> {
    let merchant_id = actor.merchant_id;
    let after = app
        .write(merchant_id, |txn| async move {
            let refused = Failure::Refused;
            lock_merchant(&txn, merchant_id).await?;
            let found = lock(&txn, merchant_id, id).await?;
            let before = found.ok_or(refused(ActivateRefusal::NotFound))?;
            let current = before.version;
            if expected_version.is_some_and(|version| version != current) {
                return Err(refused(ActivateRefusal::VersionConflict { current }));
            }
            let turned = activated(&before, app.clock.now()).map_err(refused)?;
            let Some(turned) = turned else {
                return Ok(before);
            };
            if !RUNNING.contains(&before.state) && running(&txn, merchant_id).await? >= MOST_RUNNING
            {
                let most = MOST_RUNNING;
                return Err(refused(ActivateRefusal::TooManyRunning { most }));
            }
            let deed = Deed::of("campaignActivate");
            Ok(turn(app, &txn, actor, deed, &before, turned).await?)
        })
        .await?;
    forget(app, merchant_id);
    Ok(after)
}

/// Gives a campaign to nobody until somebody goes on with it. Orders that were made with it keep it.
pub async fn pause(
    app: &App,
    actor: &Actor,
    id: CampaignId,
) -> Result<campaign::Model, Failure<PauseRefusal>> {
    let merchant_id = actor.merchant_id;
    let after = app
        .write(merchant_id, |txn| async move {
            let found = lock(&txn, merchant_id, id).await?;
            let before = found.ok_or(Failure::Refused(PauseRefusal::NotFound))?;
            let Some(turned) = paused(&before).map_err(Failure::Refused)? else {
                return Ok(before);
            };
            let deed = Deed::of("campaignPause");
            Ok::<_, Failure<PauseRefusal>>(turn(app, &txn, actor, deed, &before, turned).await?)
        })
        .await?;
    forget(app, merchant_id);
    Ok(after)
}

/// Ends a campaign for good; a draft is put away. Orders that were made with it keep it.
pub async fn end(
    app: &App,
    actor: &Actor,
    id: CampaignId,
) -> Result<campaign::Model, Failure<EndRefusal>> {
    let merchant_id = actor.merchant_id;
    let after = app
        .write(merchant_id, |txn| async move {
            let found = lock(&txn, merchant_id, id).await?;
            let before = found.ok_or(Failure::Refused(EndRefusal::NotFound))?;
            let Some(turned) = ended(&before, app.clock.now()) else {
                return Ok(before);
            };
            let deed = Deed::of("campaignEnd");
            Ok::<_, Failure<EndRefusal>>(turn(app, &txn, actor, deed, &before, turned).await?)
        })
        .await?;
    forget(app, merchant_id);
    Ok(after)
}

/// Writes a step of the life cycle, with its event and its entry in the audit log.
async fn turn(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    deed: Deed,
    before: &campaign::Model,
    (mut after, turn): (campaign::Model, Turn),
) -> Result<campaign::Model, Error> {
    after.updated_at = app.clock.instant();
    write(txn, &after).await?;
    tell(app, txn, &after, told(turn)).await?;
    audit::record(app, txn, actor, changed(deed, Some(before), &after)).await?;
    Ok(after)
}

async fn running(txn: &DatabaseTransaction, merchant_id: MerchantId) -> Result<u64, Error> {
    Ok(campaign::Entity::of(merchant_id)
        .filter(Column::State.is_in(RUNNING))
        .count(txn)
        .await?)
}

/// Makes whoever counts a merchant's campaigns wait for the others.
async fn lock_merchant(txn: &DatabaseTransaction, merchant_id: MerchantId) -> Result<(), Error> {
    let found = merchant::Entity::of(merchant_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    found.map(|_| ()).ok_or(Error::NotFound)
}
