//! Notes that a reward was handed over.

use entity::RewardRedemptionId;
use entity::event::EventKind;
use entity::reward_redemption::{Model, RewardRedemptionState};

use super::write::{keep, lock_redemption, shown, tell};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::rewards::model::FulfillRefusal;

/// A reward was handed over. One that was so before stays as it is.
pub async fn fulfill(
    app: &App,
    actor: &Actor,
    id: RewardRedemptionId,
) -> Result<Model, Failure<FulfillRefusal>> {
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        let found = lock_redemption(&txn, merchant_id, id).await?;
        let before = found.ok_or(Failure::Refused(FulfillRefusal::NotFound))?;
        match before.state {
            RewardRedemptionState::Fulfilled => return Ok(before),
            RewardRedemptionState::Canceled => {
                return Err(Failure::Refused(FulfillRefusal::Canceled));
            }
            RewardRedemptionState::Pending => {}
        }
        let after = Model {
            state: RewardRedemptionState::Fulfilled,
            fulfilled_at: Some(app.clock.instant()),
            fulfilled_by: Some(actor.name()),
            ..before.clone()
        };
        keep(&txn, &after).await?;
        let kind = EventKind::RewardRedemptionFulfilled;
        tell(app, &txn, merchant_id, kind, id).await?;
        let deed = Deed::of("rewardFulfill").on(id);
        let deed = deed.changed(shown(&before), shown(&after));
        audit::record(app, &txn, actor, deed).await?;
        Ok(after)
    })
    .await
}
