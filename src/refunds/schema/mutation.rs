//! The mutations of refunds.

use async_graphql::{Context, Object};
use entity::refund;

use super::inputs::{
    RefundApproveInput, RefundCreateInput, RefundRejectInput, RefundResolveInput, RefundRetryInput,
};
use super::object::Refund;
use crate::auth::model::Scope;
use crate::error::{Error, Failure, Problem};
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::idempotency;
use crate::locale::Locale;
use crate::orders::schema::query::reading;
use crate::refunds::model::{CreateRefusal, DecideRefusal, ResolveRefusal, RetryRefusal};
use crate::refunds::service;

payload! {
    /// What `refundCreate` did.
    RefundCreatePayload {
        /// The refund: PROCESSING, or AWAITING_APPROVAL.
        refund: Lean<Refund>,
    }
    /// Why a refund is not made.
    RefundCreateError / RefundCreateErrorCode from CreateRefusal {
        /// The merchant is suspended.
        MerchantSuspended,
        /// There is no such order.
        OrderNotFound,
        /// The order is not paid.
        NotPaid,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// More than is left; the message says how much that is.
        AmountTooLarge,
        /// The channel gives back all or nothing.
        PartialNotAllowed,
        /// The payment is older than the channel gives money back for; the message says how long that is.
        WindowOver,
        /// The order has as many refunds as the channel takes; the message says how many.
        TooMany,
        /// The last refund of the order was just now; the message says how long to wait.
        TooSoon,
        /// The order has no such line, or it is named twice.
        LineNotFound,
        /// More of a line than is left, or less than one.
        LineQuantityTooLarge,
        /// There is not enough money to give back; the message says how much is missing.
        InsufficientBalance,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `refundRetry` did.
    RefundRetryPayload {
        /// The refund, PROCESSING again.
        refund: Lean<Refund>,
    }
    /// Why a refund was not retried.
    RefundRetryError / RefundRetryErrorCode from RetryRefusal {
        /// There is no such refund.
        NotFound,
        /// It has not failed.
        NotFailed,
        /// The order cannot be refunded so now; the message says which rule forbids it.
        Refused,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way.
        InProgress,
    }
}

payload! {
    /// What `refundApprove` did.
    RefundApprovePayload {
        /// The refund, PROCESSING.
        refund: Lean<Refund>,
    }
    /// Why a refund was not approved.
    RefundApproveError / RefundApproveErrorCode from DecideRefusal {
        /// There is no such refund.
        NotFound,
        /// It does not wait for approval.
        NotAwaitingApproval,
        /// You asked for it yourself.
        OwnRequest,
        /// The note is too long.
        InvalidNote,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `refundReject` did.
    RefundRejectPayload {
        /// The refund, REJECTED.
        refund: Lean<Refund>,
    }
    /// Why a refund was not rejected.
    RefundRejectError / RefundRejectErrorCode from DecideRefusal {
        /// There is no such refund.
        NotFound,
        /// It does not wait for approval.
        NotAwaitingApproval,
        /// You asked for it yourself.
        OwnRequest,
        /// The note is missing or too long.
        InvalidNote,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `refundResolve` did.
    RefundResolvePayload {
        /// The refund, in the state that was said.
        refund: Lean<Refund>,
    }
    /// Why what was said of a refund was not taken.
    RefundResolveError / RefundResolveErrorCode from ResolveRefusal {
        /// There is no such refund.
        NotFound,
        /// The refund's state does not allow this outcome.
        NotPossible,
        /// More would be given back than was paid.
        ExceedsPaid,
        /// The note is missing or too long.
        InvalidNote,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

/// A refusal, as a quote tells it.
pub(super) fn refusal_told(refusal: &CreateRefusal, locale: Locale) -> Option<RefundCreateError> {
    RefundCreatePayload::refused(refusal, locale)
        .user_errors
        .pop()
}

/// The mutations of refunds.
#[derive(Debug, Default)]
pub struct RefundMutation;

#[Object]
impl RefundMutation {
    /// Gives back all or a part of a paid order 申请退款. The money is set aside at once and the payment
    /// platform is asked in the background: follow `refundUpdated`. The same request with the same key returns
    /// the same refund. Needs `refunds:write`.
    #[graphql(guard = "Needs(Scope::RefundsWrite)")]
    async fn refund_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RefundCreateInput,
    ) -> Result<RefundCreatePayload, Error> {
        let refused = |refusal| RefundCreatePayload::refused(&refusal, ctx.locale());
        let told = |row: refund::Model| RefundCreatePayload {
            refund: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(create(ctx, &input).await, told, refused)
    }

    /// Sends a failed refund again, under the same number 重试退款. Needs `refunds:write`.
    #[graphql(guard = "Needs(Scope::RefundsWrite)")]
    async fn refund_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RefundRetryInput,
    ) -> Result<RefundRetryPayload, Error> {
        let refused = |refusal| RefundRetryPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("refundId", &input.refund_id) else {
            return Ok(refused(RetryRefusal::NotFound));
        };
        idempotency::check(&input.idempotency_key)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::retry(&app, &actor, &input.idempotency_key, id).await });
        let told = |row: refund::Model| RefundRetryPayload {
            refund: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Agrees to a refund that somebody else asked for 审批通过. Needs `refunds:approve`.
    #[graphql(guard = "Needs(Scope::RefundsApprove)")]
    async fn refund_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RefundApproveInput,
    ) -> Result<RefundApprovePayload, Error> {
        let refused = |refusal| RefundApprovePayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("refundId", &input.refund_id) else {
            return Ok(refused(DecideRefusal::NotFound));
        };
        idempotency::check(&input.idempotency_key)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            service::approve(&app, &actor, &input.idempotency_key, id, input.note).await
        });
        let told = |row: refund::Model| RefundApprovePayload {
            refund: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Says no to a refund that somebody else asked for: what was set aside comes back 驳回. Needs
    /// `refunds:approve`.
    #[graphql(guard = "Needs(Scope::RefundsApprove)")]
    async fn refund_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RefundRejectInput,
    ) -> Result<RefundRejectPayload, Error> {
        let refused = |refusal| RefundRejectPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("refundId", &input.refund_id) else {
            return Ok(refused(DecideRefusal::NotFound));
        };
        idempotency::check(&input.idempotency_key)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            service::reject(&app, &actor, &input.idempotency_key, id, input.note).await
        });
        let told = |row: refund::Model| RefundRejectPayload {
            refund: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Says what became of a refund that is UNKNOWN or ABNORMAL, that succeeded though it seemed to fail, or
    /// that the bank returned 人工核定. Look at the payment platform first: the ledger follows what is said.
    /// Needs `refunds:approve`.
    #[graphql(guard = "Needs(Scope::RefundsApprove)")]
    async fn refund_resolve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RefundResolveInput,
    ) -> Result<RefundResolvePayload, Error> {
        let refused = |refusal| RefundResolvePayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("refundId", &input.refund_id) else {
            return Ok(refused(ResolveRefusal::NotFound));
        };
        idempotency::check(&input.idempotency_key)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let said = (input.outcome.into(), input.note);
        let done = ctx.app().finish(async move {
            service::resolve(&app, &actor, &input.idempotency_key, id, said).await
        });
        let told = |row: refund::Model| RefundResolvePayload {
            refund: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}

async fn create(
    ctx: &Context<'_>,
    input: &RefundCreateInput,
) -> Result<refund::Model, Failure<CreateRefusal>> {
    let currency = reading(ctx).await?.currency;
    let key = input.idempotency_key.clone();
    idempotency::check(&key).map_err(invalid)?;
    let draft = input.read(currency).map_err(invalid)?;
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    ctx.app()
        .finish(async move { service::create(&app, &actor, &key, &draft).await })
        .await?
}

/// What cannot be meant is the asker's to mend: it stands in `userErrors`.
fn invalid(error: Error) -> Failure<CreateRefusal> {
    match error {
        Error::BadInput { field, .. } if field == "orderId" => {
            Failure::Refused(CreateRefusal::OrderNotFound)
        }
        Error::BadInput { field, problem } => Failure::Refused(CreateRefusal::Invalid {
            problem: Problem::new(
                format!("`{field}` {}", problem.en),
                format!("`{field}` {}", problem.zh),
            ),
            field,
        }),
        other => Failure::Failed(other),
    }
}
