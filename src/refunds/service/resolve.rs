//! A person says what became of a refund that nobody else can tell about.

use entity::event::EventKind;
use entity::order_timeline::TimelineKind;
use entity::refund::{self, RefundStatus};
use entity::{Instant, RefundId};
use sea_orm::{ActiveEnum, DatabaseTransaction};
use serde_json::json;

use super::book::{Step, lock, take_step};
use super::list::find;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::reconciliation;
use crate::refunds::model::{self, Resolution, ResolveRefusal};

type Outcome<T> = Result<T, Failure<ResolveRefusal>>;

/// Whether a note can be kept.
pub(super) fn check_note(note: &str) -> bool {
    (1..=500).contains(&note.trim().chars().count())
}

/// Writes down what a person says became of a refund. A worker that is asking the platform just now is
/// overtaken: its answer counts no more.
pub async fn resolve(
    app: &App,
    actor: &Actor,
    key: &str,
    id: RefundId,
    (outcome, note): (Resolution, String),
) -> Outcome<refund::Model> {
    if !check_note(&note) {
        return Err(Failure::Refused(ResolveRefusal::InvalidNote));
    }
    let body = (id.0, format!("{outcome:?}"), &note);
    let key = &Key::read(key, "refundResolve", &body)?;
    let (merchant_id, note) = (actor.merchant_id, &note);
    app.write(merchant_id, |txn| async move {
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => resolve_in(app, &txn, actor, id, (outcome, note.clone())).await,
            Claim::Known(_) => Ok(()),
            Claim::Reused => Err(Failure::Refused(ResolveRefusal::KeyReused)),
            Claim::InProgress => Err(Failure::Refused(ResolveRefusal::InProgress)),
        }
    })
    .await?;
    Ok(find(app, merchant_id, id).await?)
}

async fn resolve_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: RefundId,
    (outcome, note): (Resolution, String),
) -> Outcome<()> {
    let (order, unclear) = lock(txn, actor.merchant_id, id)
        .await?
        .ok_or(Failure::Refused(ResolveRefusal::NotFound))?;
    let state = model::resolve(&order, &unclear, outcome).map_err(Failure::Refused)?;
    let now = app.clock.instant();
    let name = actor.name();
    let deed = Deed::of("refundResolve").on(id).changed(
        json!({ "state": unclear.state.to_value() }),
        json!({ "state": state.to_value(), "note": note }),
    );
    let step = Step {
        order: &order,
        from: Some(unclear.state),
        refund: ended(unclear, state, now),
        told: Some(told(state)),
        actor: &name,
        note: Some(note),
        forced: true,
    };
    let (merchant_id, item) = (step.refund.merchant_id, step.refund.reconciliation_item_id);
    take_step(app, txn, step)
        .await
        .map_err(|failure| match failure {
            Failure::Failed(error) => Failure::Failed(error),
            Failure::Refused(_) => Error::internal("a forced step was refused").into(),
        })?;
    if let (Some(item), RefundStatus::Succeeded) = (item, state) {
        reconciliation::service::refunded(app, txn, merchant_id, item, &name).await?;
    }
    Ok(audit::record(app, txn, actor, deed).await?)
}

/// A refund that has come to an end.
pub(super) fn ended(refund: refund::Model, state: RefundStatus, now: Instant) -> refund::Model {
    let succeeded_at = match state {
        RefundStatus::Succeeded => Some(now),
        RefundStatus::Reversed => refund.succeeded_at,
        _ => None,
    };
    refund::Model {
        state,
        succeeded_at,
        lease: refund.lease + 1,
        next_attempt_at: None,
        needs_attention: matches!(state, RefundStatus::Failed | RefundStatus::Reversed),
        // What had come back of the fee is taken again.
        fee_returned_minor: 0,
        ..refund
    }
}

/// What the timeline and subscribers are told of a state.
pub(super) fn told(state: RefundStatus) -> (TimelineKind, EventKind) {
    match state {
        RefundStatus::Succeeded => (TimelineKind::RefundSucceeded, EventKind::RefundSucceeded),
        RefundStatus::Reversed => (TimelineKind::RefundReversed, EventKind::RefundReversed),
        RefundStatus::Unknown => (TimelineKind::RefundUnknown, EventKind::RefundUnknown),
        RefundStatus::Abnormal => (TimelineKind::RefundAbnormal, EventKind::RefundAbnormal),
        RefundStatus::AwaitingApproval | RefundStatus::Processing => {
            (TimelineKind::RefundRequested, EventKind::RefundRequested)
        }
        RefundStatus::Rejected => (TimelineKind::RefundRejected, EventKind::RefundRejected),
        RefundStatus::Failed => (TimelineKind::RefundFailed, EventKind::RefundFailed),
    }
}
