//! The mutations of coupons.

use async_graphql::{Context, Object};

use super::batch::CouponBatch;
use super::coupon::Coupon;
use super::inputs::{CouponClaimInput, CouponCodesCreateInput, CouponIssueInput, CouponVoidInput};
use super::payloads::{
    CouponClaimPayload, CouponCodesCreatePayload, CouponIssuePayload, CouponTemplateCreatePayload,
    CouponTemplateUpdatePayload, CouponVoidPayload,
};
use super::template::CouponTemplate;
use super::template_inputs::{CouponTemplateCreateInput, CouponTemplateUpdateInput};
use crate::auth::model::Scope;
use crate::coupons::model::{
    CodesRefusal, IssueRefusal, TemplateCreateRefusal, TemplateUpdateRefusal,
};
use crate::coupons::service::{self, Batch, Voided};
use crate::error::Error;
use crate::graphql::payload::answer;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::idempotency;

/// The mutations of coupons.
#[derive(Debug, Default)]
pub struct CouponMutation;

#[Object]
impl CouponMutation {
    /// Makes a coupon template 新建优惠券, from which coupons can be handed out at once. Needs `campaigns:write`.
    #[graphql(guard = "Needs(Scope::CampaignsWrite)")]
    async fn coupon_template_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CouponTemplateCreateInput,
    ) -> Result<CouponTemplateCreatePayload, Error> {
        let refused = |refusal| CouponTemplateCreatePayload::refused(&refusal, ctx.locale());
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let currency = crate::merchant::find(&app, actor.merchant_id)
            .await?
            .currency;
        let draft = match input.read(currency) {
            Ok(draft) => draft,
            Err(invalid) => return Ok(refused(TemplateCreateRefusal::Invalid(invalid))),
        };
        let done = ctx.app().finish(async move {
            let made = service::create_template(&app, &actor, draft).await?;
            Ok(CouponTemplate::of(made, currency)?)
        });
        let told = |template| CouponTemplateCreatePayload {
            coupon_template: Some(Lean(template)),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Changes a coupon template 修改优惠券: its name, how many there are, how many one member may get, its public code,
    /// and whether coupons are handed out. What a coupon gives and for how long it holds is never changed. Needs
    /// `campaigns:write`.
    #[graphql(guard = "Needs(Scope::CampaignsWrite)")]
    async fn coupon_template_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CouponTemplateUpdateInput,
    ) -> Result<CouponTemplateUpdatePayload, Error> {
        let refused = |refusal| CouponTemplateUpdatePayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(TemplateUpdateRefusal::NotFound));
        };
        let expected = input.expected_version;
        let change = input.read();
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let currency = crate::merchant::find(&app, actor.merchant_id)
            .await?
            .currency;
        let done = ctx.app().finish(async move {
            let row = service::update_template(&app, &actor, id, expected, &change).await?;
            Ok(CouponTemplate::of(row, currency)?)
        });
        let told = |template| CouponTemplateUpdatePayload {
            coupon_template: Some(Lean(template)),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Gives each of up to 1,000 members a coupon 发放优惠券, or each of a segment of up to 10,000; or none of them one.
    /// Needs `coupons:issue`.
    #[graphql(guard = "Needs(Scope::CouponsIssue)")]
    async fn coupon_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CouponIssueInput,
    ) -> Result<CouponIssuePayload, Error> {
        let refused = |refusal| CouponIssuePayload::refused(&refusal, ctx.locale());
        idempotency::check(&input.idempotency_key)?;
        let Ok(id) = read_id("templateId", &input.template_id) else {
            return Ok(refused(IssueRefusal::TemplateNotFound));
        };
        let whom = match input.read_whom() {
            Ok(whom) => whom,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            let key = &input.idempotency_key;
            service::issue(&app, &actor, key, id, &whom).await
        });
        let told = |batch: Batch| CouponIssuePayload {
            batch: Some(CouponBatch(batch)),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Makes up to 10,000 single-use codes 批量生成兑换码, each for whoever has it. Nobody guesses them. Needs
    /// `coupons:issue`.
    #[graphql(guard = "Needs(Scope::CouponsIssue)")]
    async fn coupon_codes_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CouponCodesCreateInput,
    ) -> Result<CouponCodesCreatePayload, Error> {
        let refused = |refusal| CouponCodesCreatePayload::refused(&refusal, ctx.locale());
        idempotency::check(&input.idempotency_key)?;
        let Ok(id) = read_id("templateId", &input.template_id) else {
            return Ok(refused(CodesRefusal::TemplateNotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            let count = i64::from(input.count);
            service::create_codes(&app, &actor, &input.idempotency_key, id, count).await
        });
        let told = |batch: Batch| CouponCodesCreatePayload {
            batch: Some(CouponBatch(batch)),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Claims a coupon for a member 领取优惠券: one more of the template with this public code, or the coupon with this
    /// single-use code, which becomes the member's. Needs `coupons:issue`: a shop's server claims for its members.
    #[graphql(guard = "Needs(Scope::CouponsIssue)")]
    async fn coupon_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CouponClaimInput,
    ) -> Result<CouponClaimPayload, Error> {
        let refused = |refusal| CouponClaimPayload::refused(&refusal, ctx.locale());
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            let key = &input.idempotency_key;
            service::claim(&app, &actor, key, &input.code, &input.member_no).await
        });
        let done = done.await?;
        // Once it is claimed: it holds from then on.
        let now = ctx.app().clock.instant();
        let told = |row| CouponClaimPayload {
            coupon: Some(Lean(Coupon::of(row, now))),
            user_errors: Vec::new(),
        };
        answer(done, told, refused)
    }

    /// Voids coupons 作废优惠券, for good. One that an order holds or has is not voided. What was handed out stays
    /// counted. Needs `coupons:issue`.
    #[graphql(guard = "Needs(Scope::CouponsIssue)")]
    async fn coupon_void(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CouponVoidInput,
    ) -> Result<CouponVoidPayload, Error> {
        let refused = |refusal| CouponVoidPayload::refused(&refusal, ctx.locale());
        let which = match input.which.read() {
            Ok(which) => which,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::void(&app, &actor, &which, &input.reason).await });
        let told = |done: Voided| CouponVoidPayload {
            voided: Some(i64::try_from(done.voided).unwrap_or(i64::MAX)),
            reserved: Some(i64::try_from(done.reserved).unwrap_or(i64::MAX)),
            more: Some(done.more),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}
