//! Calls a redemption off: the points go back to where they came from, and the coupon and the stock with them.

use entity::RewardRedemptionId;
use entity::event::EventKind;
use entity::point_entry::PointKind;
use entity::reward_redemption::{Model, RewardRedemptionState};
use sea_orm::DatabaseTransaction;

use super::list::find_redemption;
use super::write::{keep, lock_member, lock_redemption, member_of, put_back, shown, tell};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::coupons::service::{NotTaken, take_back};
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::points::service::{self as points, GiveBack};
use crate::rewards::model::{CancelRefusal, check_reason};

type Outcome<T> = Result<T, Failure<CancelRefusal>>;

/// Calls a redemption off, whether it was handed over or not. One that was called off before stays as it is; one whose
/// coupon an order holds or has is not called off.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    key: &str,
    id: RewardRedemptionId,
    reason: &str,
) -> Outcome<Model> {
    let reason = check_reason(reason);
    let reason = &reason.map_err(|invalid| Failure::Refused(CancelRefusal::Invalid(invalid)))?;
    let key = &Key::read(key, "rewardCancel", &(id, reason))?;
    let merchant_id = actor.merchant_id;
    app.write::<_, Failure<CancelRefusal>, _>(merchant_id, |txn| async move {
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => call_off(app, &txn, actor, id, reason).await,
            Claim::Known(_) => Ok(()),
            Claim::Reused => Err(Failure::Refused(CancelRefusal::KeyReused)),
            Claim::InProgress => Err(Failure::Refused(CancelRefusal::InProgress)),
        }
    })
    .await?;
    Ok(find_redemption(app, merchant_id, id).await?)
}

async fn call_off(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: RewardRedemptionId,
    reason: &str,
) -> Outcome<()> {
    let (merchant_id, by) = (actor.merchant_id, actor.name());
    let not_found = || Failure::Refused(CancelRefusal::NotFound);
    let member_id = member_of(txn, merchant_id, id).await?;
    let member_id = member_id.ok_or_else(not_found)?;
    let member = lock_member(txn, merchant_id, member_id).await?;
    let member = member.ok_or_else(|| Error::internal("a redemption has no member"))?;
    let before = lock_redemption(txn, merchant_id, id).await?;
    let before = before.ok_or_else(not_found)?;
    if before.state == RewardRedemptionState::Canceled {
        return Ok(());
    }
    let mut counted = None;
    if let Some(coupon_id) = before.coupon_id {
        let taken = take_back(app, txn, merchant_id, coupon_id, (&by, reason)).await?;
        counted = Some(taken.map_err(|why| {
            Failure::Refused(match why {
                NotTaken::Reserved(code) => CancelRefusal::CouponReserved { code },
                NotTaken::Used(code) => CancelRefusal::CouponUsed { code },
            })
        })?);
    }
    let back = GiveBack {
        spent_as: PointKind::Redeemed,
        spent_on: id.0,
        before: 0,
        points: before.points,
        source_id: id.0,
        round: 0,
        actor: &by,
        // It stands with the redemption: entries are never edited, and it may name somebody who is erased.
        note: None,
    };
    // Who was erased has given up all points.
    if member.erased_at.is_none() {
        points::give_back(app, txn, &member, back).await?;
    }
    let after = Model {
        state: RewardRedemptionState::Canceled,
        canceled_at: Some(app.clock.instant()),
        canceled_by: Some(by.clone()),
        cancel_reason: Some(reason.to_owned()),
        ..before.clone()
    };
    keep(txn, &after).await?;
    let kind = EventKind::RewardRedemptionCanceled;
    tell(app, txn, merchant_id, kind, id).await?;
    let deed = Deed::of("rewardCancel").on(id);
    let deed = deed.changed(shown(&before), shown(&after));
    audit::record(app, txn, actor, deed).await?;
    // Counters are held shortest, and the reward's row, for which everybody waits, shortest of all.
    if let Some(counted) = counted {
        counted.give_back(txn, merchant_id).await?;
    }
    Ok(put_back(txn, merchant_id, before.reward_id).await?)
}
