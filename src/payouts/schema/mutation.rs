//! The mutations of payouts.

use async_graphql::{Context, ID, Object};
use entity::{payout, payout_challenge};

use super::inputs::{
    PayoutApprovalSetInput, PayoutApproveInput, PayoutCancelInput, PayoutChallengeCreateInput,
    PayoutCreateInput, PayoutRejectInput,
};
use super::object::{PayoutChallenge, account_of, channel_of};
use super::payloads::{
    PayoutApprovalSetPayload, PayoutApprovePayload, PayoutCancelPayload,
    PayoutChallengeCreatePayload, PayoutCreatePayload, PayoutRejectPayload,
};
use super::terms;
use crate::auth::model::Scope;
use crate::error::{Error, Failure, Problem};
use crate::graphql::payload::answer;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::{MoneyInput, read_id};
use crate::graphql::{Ask, Needs};
use crate::idempotency;
use crate::money::{Currency, Money};
use crate::orders::schema::inputs::read_money;
use crate::payouts::model::{
    ApprovalSetRefusal, ApproveRefusal, CancelRefusal, ChallengeRefusal, CreateRefusal,
    RejectRefusal, needs_approval,
};
use crate::payouts::service;

/// The mutations of payouts.
#[derive(Debug, Default)]
pub struct PayoutMutation;

#[Object]
impl PayoutMutation {
    /// Shows what is to be signed 提现确认: amount, fee and what arrives. Nothing is set aside; it ends after two
    /// minutes. Members of staff alone can. Needs `payouts:write`.
    #[graphql(guard = "Needs(Scope::PayoutsWrite)")]
    async fn payout_challenge_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PayoutChallengeCreateInput,
    ) -> Result<PayoutChallengeCreatePayload, Error> {
        let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
        let currency = merchant.currency;
        let refused = |refusal| PayoutChallengeCreatePayload::refused(&refusal, ctx.locale());
        let made = challenge(ctx, &input, currency).await;
        let account = match &made {
            Ok(row) => Some(account_of(ctx, row.bank_account_id).await),
            Err(_) => None,
        };
        let through = made.as_ref().ok().and_then(|row| row.channel_id);
        let channel = match through {
            Some(id) => Some(channel_of(ctx, id).await),
            None => None,
        };
        let told = |row: payout_challenge::Model| PayoutChallengeCreatePayload {
            challenge: Some(PayoutChallenge {
                id: ID(row.id.to_string()),
                bank_account: account,
                channel,
                amount: Money::of_minor(row.amount_minor, currency),
                fee: Money::of_minor(row.fee_minor, currency),
                net: Money::of_minor(row.amount_minor - row.fee_minor, currency),
                needs_approval: needs_approval(
                    &merchant.row,
                    row.amount_minor,
                    ctx.app().clock.now(),
                ),
                expires_at: row.expires_at.into(),
            }),
            user_errors: Vec::new(),
        };
        answer(made, told, refused)
    }

    /// Pays out what a challenge shows 申请提现, signed with a code of the second factor. Challenge and code are
    /// spent and the money is set aside at once; the bank is paid in the background: follow `payoutUpdated`. The
    /// same request with the same key returns the same payout. Members of staff alone can. Needs `payouts:write`.
    #[graphql(guard = "Needs(Scope::PayoutsWrite)")]
    async fn payout_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PayoutCreateInput,
    ) -> Result<PayoutCreatePayload, Error> {
        let refused = |refusal| PayoutCreatePayload::refused(&refusal, ctx.locale());
        let Ok(draft) = input.read() else {
            return Ok(refused(CreateRefusal::ChallengeNotFound));
        };
        idempotency::check(&input.idempotency_key)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            let (key, code) = (&input.idempotency_key, &input.code);
            service::create(&app, &actor, key, code, &draft).await
        });
        let told = |row: payout::Model| PayoutCreatePayload {
            payout: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Calls a payout off before it is sent 取消提现: what was set aside comes back. Members of staff alone can.
    /// Needs `payouts:write`.
    #[graphql(guard = "Needs(Scope::PayoutsWrite)")]
    async fn payout_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PayoutCancelInput,
    ) -> Result<PayoutCancelPayload, Error> {
        let refused = |refusal| PayoutCancelPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("payoutId", &input.payout_id) else {
            return Ok(refused(CancelRefusal::NotFound));
        };
        idempotency::check(&input.idempotency_key)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::cancel(&app, &actor, &input.idempotency_key, id).await });
        let told = |row: payout::Model| PayoutCancelPayload {
            payout: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Agrees to a payout that somebody else asked for 审批通过, with a code of one's own second factor. Members of
    /// staff alone can. Needs `payouts:approve`.
    #[graphql(guard = "Needs(Scope::PayoutsApprove)")]
    async fn payout_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PayoutApproveInput,
    ) -> Result<PayoutApprovePayload, Error> {
        let refused = |refusal| PayoutApprovePayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("payoutId", &input.payout_id) else {
            return Ok(refused(ApproveRefusal::NotFound));
        };
        idempotency::check(&input.idempotency_key)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            let said = (input.code.as_str(), input.note);
            service::approve(&app, &actor, &input.idempotency_key, id, said).await
        });
        let told = |row: payout::Model| PayoutApprovePayload {
            payout: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Says no to a payout that somebody else asked for: what was set aside comes back 驳回. Members of staff alone
    /// can. Needs `payouts:approve`.
    #[graphql(guard = "Needs(Scope::PayoutsApprove)")]
    async fn payout_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PayoutRejectInput,
    ) -> Result<PayoutRejectPayload, Error> {
        let refused = |refusal| PayoutRejectPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("payoutId", &input.payout_id) else {
            return Ok(refused(RejectRefusal::NotFound));
        };
        idempotency::check(&input.idempotency_key)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            service::reject(&app, &actor, &input.idempotency_key, id, input.note).await
        });
        let told = |row: payout::Model| PayoutRejectPayload {
            payout: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Sets above which amount payouts wait for a second person 提现审批, with a code of the second factor. A lower amount
    /// holds at once; a higher one, or none, a day later: see `approvalChangesAt`. Members of staff alone can. Needs
    /// `merchant:write`.
    #[graphql(guard = "Needs(Scope::MerchantWrite)")]
    async fn payout_approval_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PayoutApprovalSetInput,
    ) -> Result<PayoutApprovalSetPayload, Error> {
        let refused = |refusal| PayoutApprovalSetPayload::refused(&refusal, ctx.locale());
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let merchant_id = actor.merchant_id;
        let currency = crate::merchant::find(&app, merchant_id).await?.currency;
        let above = input.above_amount.map(|money| threshold(money, currency));
        let above_minor = match above.transpose() {
            Ok(minor) => minor,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let done = ctx.app().finish(async move {
            service::set_approval(&app, &actor, above_minor, &input.code).await
        });
        let done = done.await?;
        let terms = terms::load(ctx, merchant_id).await?;
        let told = |_| PayoutApprovalSetPayload {
            terms: Some(terms),
            user_errors: Vec::new(),
        };
        answer(done, told, refused)
    }
}

async fn challenge(
    ctx: &Context<'_>,
    input: &PayoutChallengeCreateInput,
    currency: Currency,
) -> Result<payout_challenge::Model, Failure<ChallengeRefusal>> {
    let (account, amount_minor) = input.read(currency).map_err(|error| match error {
        Error::BadInput { field, .. } if field == "bankAccountId" => {
            Failure::Refused(ChallengeRefusal::AccountNotFound)
        }
        Error::BadInput { field, problem } => {
            Failure::Refused(ChallengeRefusal::Invalid { field, problem })
        }
        other => Failure::Failed(other),
    })?;
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    ctx.app()
        .finish(async move { service::create_challenge(&app, &actor, account, amount_minor).await })
        .await?
}

fn threshold(money: MoneyInput, currency: Currency) -> Result<i64, ApprovalSetRefusal> {
    let invalid = |field: String, problem| ApprovalSetRefusal::InvalidAmount { field, problem };
    match read_money(money, "aboveAmount", currency) {
        Ok(minor) if minor >= 0 => Ok(minor),
        Err(Error::BadInput { field, problem }) => Err(invalid(field, problem)),
        _ => Err(invalid(
            "aboveAmount".to_owned(),
            Problem::new("The amount must not be below zero.", "金额不能为负数。"),
        )),
    }
}
