//! Sends a failed refund again, under the same number.

use entity::RefundId;
use entity::event::EventKind;
use entity::order_timeline::TimelineKind;
use entity::refund::{self, RefundStatus};
use sea_orm::DatabaseTransaction;

use super::book::{Step, lock, take_step};
use super::create::not_enough;
use super::known::Known;
use super::list::find;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::idempotency::{Claim, Key};
use crate::refunds::model::{Part, RefundDraft, RetryRefusal, check_lines, decide, refused_there};

type Outcome<T> = Result<T, Failure<RetryRefusal>>;

/// Sends a failed refund again: the money is set aside anew, where the order and the channel still allow it.
pub async fn retry(app: &App, actor: &Actor, key: &str, id: RefundId) -> Outcome<refund::Model> {
    let key = &Key::read(key, "refundRetry", &id.0)?;
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => retry_in(app, &txn, actor, id).await,
            Claim::Known(_) => Ok(()),
            Claim::Reused => Err(Failure::Refused(RetryRefusal::KeyReused)),
            Claim::InProgress => Err(Failure::Refused(RetryRefusal::InProgress)),
        }
    })
    .await?;
    Ok(find(app, merchant_id, id).await?)
}

async fn retry_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: RefundId,
) -> Outcome<()> {
    let (order, failed) = lock(txn, actor.merchant_id, id)
        .await?
        .ok_or(Failure::Refused(RetryRefusal::NotFound))?;
    if failed.state != RefundStatus::Failed {
        return Err(Failure::Refused(RetryRefusal::NotFailed));
    }
    if failed.kind == refund::RefundKind::Order {
        let known = Known::read(app, txn, order.clone()).await?;
        let draft = RefundDraft {
            order_id: order.id.0,
            part: Part::Amount(failed.amount_minor),
            reason: failed.reason,
            reason_text: None,
        };
        let refused = |refusal| Failure::Refused(RetryRefusal::Refused(refusal));
        decide(&known.refundable(), &draft, app.clock.now()).map_err(refused)?;
        check_lines(&known.refundable(), id).map_err(refused)?;
    }
    let now = app.clock.instant();
    let step = Step {
        order: &order,
        from: Some(failed.state),
        refund: refund::Model {
            state: RefundStatus::Processing,
            round: failed.round + 1,
            attempts: 0,
            // What a person called failed may still be under way there.
            sent_at: failed.sent_at.filter(|_| !refused_there(&failed)),
            lease: failed.lease + 1,
            next_attempt_at: Some(now),
            needs_attention: false,
            error_code: None,
            error: None,
            ..failed
        },
        told: Some((TimelineKind::RefundRetried, EventKind::RefundRetried)),
        actor: &actor.name(),
        note: None,
        forced: false,
    };
    take_step(app, txn, step)
        .await
        .map_err(|failure| match not_enough(failure) {
            Failure::Refused(refusal) => Failure::Refused(RetryRefusal::Refused(refusal)),
            Failure::Failed(error) => Failure::Failed(error),
        })?;
    let deed = Deed::of("refundRetry").on(id);
    Ok(audit::record(app, txn, actor, deed).await?)
}
