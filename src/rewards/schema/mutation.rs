//! The mutations of rewards.

use async_graphql::{Context, Object};

use super::inputs::{
    RewardCancelInput, RewardCreateInput, RewardFulfillInput, RewardRedeemInput, RewardUpdateInput,
};
use super::payloads::{
    RewardCancelPayload, RewardCreatePayload, RewardFulfillPayload, RewardRedeemPayload,
    RewardUpdatePayload,
};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::payload::answer;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::idempotency;
use crate::rewards::model::{CancelRefusal, CreateRefusal, FulfillRefusal, UpdateRefusal};
use crate::rewards::service;

/// The mutations of rewards.
#[derive(Debug, Default)]
pub struct RewardMutation;

#[Object]
impl RewardMutation {
    /// Makes a reward 新建积分商品, which can be had at once, or from its start on. Needs `loyalty:write`.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn reward_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RewardCreateInput,
    ) -> Result<RewardCreatePayload, Error> {
        let refused = |refusal| RewardCreatePayload::refused(&refusal, ctx.locale());
        let Some(draft) = input.read() else {
            return Ok(refused(CreateRefusal::TemplateNotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::create(&app, &actor, draft).await });
        let told = |row: entity::reward::Model| RewardCreatePayload {
            reward: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Changes a reward 修改积分商品: what people read, what it takes, how many there are, and whether it can be had. What
    /// was redeemed stays as it was. Needs `loyalty:write`.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn reward_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RewardUpdateInput,
    ) -> Result<RewardUpdatePayload, Error> {
        let refused = |refusal| RewardUpdatePayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(UpdateRefusal::NotFound));
        };
        let expected = input.expected_version;
        let change = input.read();
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::update(&app, &actor, id, expected, &change).await });
        let told = |row: entity::reward::Model| RewardUpdatePayload {
            reward: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Gives a member a reward for points 积分兑换. A coupon is theirs at once; goods and services wait for
    /// `rewardFulfill`. Of many who want the last one, one has it, and the others keep their points. Needs
    /// `rewards:redeem`.
    #[graphql(guard = "Needs(Scope::RewardsRedeem)")]
    async fn reward_redeem(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RewardRedeemInput,
    ) -> Result<RewardRedeemPayload, Error> {
        let refused = |refusal| RewardRedeemPayload::refused(&refusal, ctx.locale());
        idempotency::check(&input.idempotency_key)?;
        let key = input.idempotency_key.clone();
        let asked = match input.read() {
            Ok(asked) => asked,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::redeem(&app, &actor, &key, &asked).await });
        let told = |row: entity::reward_redemption::Model| RewardRedeemPayload {
            redemption: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Notes that a redeemed reward was handed over 兑付. One that was so before stays as it is. Needs `rewards:redeem`.
    #[graphql(guard = "Needs(Scope::RewardsRedeem)")]
    async fn reward_fulfill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RewardFulfillInput,
    ) -> Result<RewardFulfillPayload, Error> {
        let refused = |refusal| RewardFulfillPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(FulfillRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::fulfill(&app, &actor, id).await });
        let told = |row: entity::reward_redemption::Model| RewardFulfillPayload {
            redemption: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Calls a redemption off 取消兑换, also one that was handed over: the points go back to where they came from, where
    /// they have ended meanwhile as points that end 30 days later; the stock is one more again, and the coupon is voided
    /// and not counted as handed out any more. One whose coupon an order holds or has is not called off; one that was
    /// called off before stays as it is. Needs `rewards:redeem`.
    #[graphql(guard = "Needs(Scope::RewardsRedeem)")]
    async fn reward_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RewardCancelInput,
    ) -> Result<RewardCancelPayload, Error> {
        let refused = |refusal| RewardCancelPayload::refused(&refusal, ctx.locale());
        idempotency::check(&input.idempotency_key)?;
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(CancelRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            service::cancel(&app, &actor, &input.idempotency_key, id, &input.reason).await
        });
        let told = |row: entity::reward_redemption::Model| RewardCancelPayload {
            redemption: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}
