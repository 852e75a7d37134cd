//! Gives a member a reward for points: all of it in one transaction, or nothing.

use chrono_tz::Tz;
use entity::event::EventKind;
use entity::point_entry::PointKind;
use entity::reward_redemption::{Entity, Model, RewardRedemptionState};
use entity::{CouponId, RewardId, RewardRedemptionId, member, reward};
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};
use serde::Serialize;

use super::list::find_redemption;
use super::write::{had, lock_member, share_reward, shown, take_one, tell};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::coupons::service::{NotGiven, give};
use crate::crash;
use crate::error::Failure;
use crate::idempotency::{Claim, Key};
use crate::members::model::Whose;
use crate::members::service::id_of_whose;
use crate::points::service::{self as points, Spend};
use crate::rewards::model::{RedeemRefusal, check_note, hindrance};

type Outcome<T> = Result<T, Failure<RedeemRefusal>>;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Which reward.
    pub reward_id: RewardId,
    /// Whose it is to be.
    pub whose: Whose,
    /// What is to be known to hand it over.
    pub note: Option<String>,
    /// How many points the member was told that it takes. Where nothing is said, the request is hashed as one was before
    /// there was such a thing: its key is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_points: Option<i64>,
}

/// Gives a member a reward for points. The same key with the same request returns the same redemption, as it is now.
pub async fn redeem(app: &App, actor: &Actor, key: &str, asked: &Asked) -> Outcome<Model> {
    let note = check_note(asked.note.as_deref());
    let note = &note.map_err(|invalid| Failure::Refused(RedeemRefusal::Invalid(invalid)))?;
    let key = &Key::read(key, "rewardRedeem", asked)?;
    let merchant_id = actor.merchant_id;
    let member_id = id_of_whose(app, merchant_id, &asked.whose).await?;
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let id = app.write::<_, Failure<RedeemRefusal>, _>(merchant_id, |txn| async move {
        let id: RewardRedemptionId = app.ids.next();
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => {}
            Claim::Known(known) => return Ok(RewardRedemptionId(known)),
            Claim::Reused => return refused(RedeemRefusal::KeyReused),
            Claim::InProgress => return refused(RedeemRefusal::InProgress),
        }
        let reward = share_reward(&txn, merchant_id, asked.reward_id).await?;
        let reward = reward.ok_or(Failure::Refused(RedeemRefusal::RewardNotFound))?;
        // That there is no such member is said once it is known that the request is no repetition.
        let member = match member_id {
            Some(id) => lock_member(&txn, merchant_id, id).await?,
            None => None,
        };
        let member = member.filter(|row| row.erased_at.is_none());
        let taking = Taking {
            app,
            txn: &txn,
            actor,
            zone,
            reward,
            member: member.ok_or(Failure::Refused(RedeemRefusal::MemberNotFound))?,
        };
        taking.is_as_told(asked.expected_points)?;
        taking.take(id, note.clone()).await?;
        Ok(id)
    });
    let id = id.await?;
    Ok(find_redemption(app, merchant_id, id).await?)
}

/// A redemption under way: its member is locked.
struct Taking<'a> {
    app: &'a App,
    txn: &'a DatabaseTransaction,
    actor: &'a Actor,
    zone: Tz,
    reward: reward::Model,
    member: member::Model,
}

impl Taking<'_> {
    /// The reward is shared: it takes the same until the transaction ends.
    fn is_as_told(&self, expected: Option<i64>) -> Outcome<()> {
        let points = self.reward.points;
        match expected {
            Some(expected) if expected != points => {
                refused(RedeemRefusal::PointsChanged { points })
            }
            _ => Ok(()),
        }
    }

    async fn take(&self, id: RewardRedemptionId, note: Option<String>) -> Outcome<()> {
        let (app, txn, reward) = (self.app, self.txn, &self.reward);
        hindrance(reward, app.clock.now()).map_or(Ok(()), refused)?;
        if let Some(most) = reward.per_member
            && had(txn, reward, self.member.id).await? >= most
        {
            return refused(RedeemRefusal::MemberLimit { most });
        }
        self.spend(id).await?;
        let coupon_id = self.coupon().await?;
        let row = self.row(id, coupon_id, note);
        Entity::insert(row.clone().into_active_model())
            .exec_without_returning(txn)
            .await?;
        let merchant_id = reward.merchant_id;
        let kind = EventKind::RewardRedemptionCreated;
        tell(app, txn, merchant_id, kind, id).await?;
        if row.state == RewardRedemptionState::Fulfilled {
            let kind = EventKind::RewardRedemptionFulfilled;
            tell(app, txn, merchant_id, kind, id).await?;
        }
        let deed = Deed::of("rewardRedeem").on(id).made(shown(&row));
        audit::record(app, txn, self.actor, deed).await?;
        crash::point("reward.redeeming");
        if take_one(txn, merchant_id, reward.id).await? {
            return Ok(());
        }
        refused(RedeemRefusal::SoldOut)
    }

    /// The note stands with the redemption alone: entries are never edited, and a note may name somebody who is erased.
    async fn spend(&self, id: RewardRedemptionId) -> Outcome<()> {
        let actor = self.actor.name();
        let spend = Spend {
            kind: PointKind::Redeemed,
            points: self.reward.points,
            source_id: Some(id.0),
            actor: &actor,
            note: None,
        };
        let spent = points::spend(self.app, self.txn, &self.member, spend).await?;
        match spent {
            Ok(_) => Ok(()),
            Err(not_enough) => refused(RedeemRefusal::NotEnoughPoints {
                wanted: self.reward.points,
                points: not_enough.available,
            }),
        }
    }

    async fn coupon(&self) -> Outcome<Option<CouponId>> {
        let Some(template_id) = self.reward.template_id else {
            return Ok(None);
        };
        let whose = (self.reward.merchant_id, self.zone);
        let given = give(self.app, self.txn, whose, template_id, self.member.id).await?;
        match given {
            Ok(id) => Ok(Some(id)),
            Err(why) => refused(match why {
                NotGiven::NotActive => RedeemRefusal::CouponNotActive,
                NotGiven::UsedUp => RedeemRefusal::CouponUsedUp,
                NotGiven::MemberLimit { most } => RedeemRefusal::CouponMemberLimit { most },
            }),
        }
    }

    fn row(
        &self,
        id: RewardRedemptionId,
        coupon_id: Option<CouponId>,
        note: Option<String>,
    ) -> Model {
        let is_done = coupon_id.is_some();
        let by = self.actor.name();
        Model {
            merchant_id: self.reward.merchant_id,
            id,
            reward_id: self.reward.id,
            member_id: self.member.id,
            state: if is_done {
                RewardRedemptionState::Fulfilled
            } else {
                RewardRedemptionState::Pending
            },
            points: self.reward.points,
            coupon_id,
            created_by: by.clone(),
            note,
            fulfilled_at: is_done.then(|| self.app.clock.instant()),
            fulfilled_by: is_done.then_some(by),
            canceled_at: None,
            canceled_by: None,
            cancel_reason: None,
        }
    }
}

fn refused<T>(refusal: RedeemRefusal) -> Outcome<T> {
    Err(Failure::Refused(refusal))
}
