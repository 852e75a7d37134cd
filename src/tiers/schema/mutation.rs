//! The mutations of tiers.

use async_graphql::{Context, Object};

use super::inputs::{MemberTierSetInput, TierRemoveInput, TierSetInput};
use super::object::Tier;
use super::query::found;
use crate::auth::model::Scope;
use crate::error::{Error, Failure};
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};
use crate::invalid::Invalid;
use crate::members::schema::Member;
use crate::tiers::model::{AssignRefusal, RemoveRefusal, SetRefusal};
use crate::tiers::service;

payload! {
    /// What `tierSet` did.
    TierSetPayload {
        /// The tier, as it is now.
        tier: Lean<Tier>,
        /// When all members are looked at again 重新计算时间. Whoever pays or is refunded meanwhile is looked at then.
        recalculates_at: Timestamp,
    }
    /// Why a tier was not set.
    TierSetError / TierSetErrorCode from SetRefusal {
        /// There is no such tier.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
        /// Another tier has this rank.
        RankTaken,
        /// A higher tier would ask for less than a lower one over the same days.
        AsksForLess,
        /// There are 20 tiers already.
        TooMany,
        /// There is no such coupon template.
        TemplateNotFound,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

payload! {
    /// What `tierRemove` did.
    TierRemovePayload {
        /// The tier, as it was. Its members fall to what they reach, within seconds or minutes.
        tier: Lean<Tier>,
    }
    /// Why a tier was not taken away.
    TierRemoveError / TierRemoveErrorCode from RemoveRefusal {
        /// There is no such tier.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
    }
}

payload! {
    /// What `memberTierSet` did.
    MemberTierSetPayload {
        /// The member, as they are now.
        member: Lean<Member>,
    }
    /// Why a member was not given a tier.
    MemberTierSetError / MemberTierSetErrorCode from AssignRefusal {
        /// There is no such member.
        MemberNotFound,
        /// There is no such tier.
        TierNotFound,
        /// They reach a higher one by themselves.
        ReachesMore,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

/// The mutations of tiers.
#[derive(Debug, Default)]
pub struct TierMutation;

#[Object]
impl TierMutation {
    /// Makes a tier 设置等级, or says anew what one takes and brings. Members are looked at again the next night: who
    /// reaches it by then has it; who has it keeps it until its end. Needs `loyalty:write`.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn tier_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: TierSetInput,
    ) -> Result<TierSetPayload, Error> {
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let merchant = crate::merchant::find(&app, actor.merchant_id).await?;
        let done = ctx.app().finish(async move {
            let refused = Failure::Refused;
            let known = match (&input.id, input.expected_version) {
                (None, _) => None,
                (Some(id), Some(version)) => {
                    let id = id.parse().map_err(|_| refused(SetRefusal::NotFound))?;
                    Some((id, version))
                }
                (Some(_), None) => {
                    let (en, zh) = ("is wanted with `id`.", "与 `id` 同时必填。");
                    let invalid = Invalid::new("expectedVersion", en, zh);
                    return Err(refused(invalid.into()));
                }
            };
            let wish = input.read(merchant.currency);
            let wish = wish.map_err(|invalid| refused(invalid.into()))?;
            service::set(&app, &actor, known, &wish).await
        });
        match done.await? {
            Ok((row, at)) => Ok(TierSetPayload {
                tier: Some(Lean(Tier::open(ctx, row).await?)),
                recalculates_at: Some(at.into()),
                user_errors: Vec::new(),
            }),
            Err(Failure::Refused(no)) => Ok(TierSetPayload::refused(&no, ctx.locale())),
            Err(Failure::Failed(error)) => Err(error),
        }
    }

    /// Takes a tier away 取消等级, for good: its members fall to what they reach. Campaigns and coupons that are for it
    /// alone are for nobody then. Needs `loyalty:write`.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn tier_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: TierRemoveInput,
    ) -> Result<TierRemovePayload, Error> {
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            let id = input.id.parse();
            let id = id.map_err(|_| Failure::Refused(RemoveRefusal::NotFound))?;
            service::remove(&app, &actor, id, input.expected_version).await
        });
        match done.await? {
            Ok(row) => Ok(TierRemovePayload {
                tier: Some(Lean(Tier::open(ctx, row).await?)),
                user_errors: Vec::new(),
            }),
            Err(Failure::Refused(no)) => Ok(TierRemovePayload::refused(&no, ctx.locale())),
            Err(Failure::Failed(error)) => Err(error),
        }
    }

    /// Gives a member a tier 调整会员等级, until its end and never below what they reach by themselves; the reason is
    /// kept with the change. Needs `points:adjust`.
    #[graphql(guard = "Needs(Scope::PointsAdjust)")]
    async fn member_tier_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MemberTierSetInput,
    ) -> Result<MemberTierSetPayload, Error> {
        let refused = |no: AssignRefusal| MemberTierSetPayload::refused(&no, ctx.locale());
        let Some(member) = found(ctx, &input.member).await? else {
            return Ok(refused(AssignRefusal::MemberNotFound));
        };
        let Some(wanted) = input.read() else {
            return Ok(refused(AssignRefusal::TierNotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::assign(&app, &actor, member.id, &wanted).await });
        let told = |member: entity::member::Model| MemberTierSetPayload {
            member: Some(Lean(member.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}
