//! A second person approves or rejects a refund.

use entity::RefundId;
use entity::event::EventKind;
use entity::order_timeline::TimelineKind;
use entity::refund::{self, RefundStatus};
use sea_orm::{ActiveEnum, DatabaseTransaction};
use serde_json::json;

use super::book::{Step, lock, take_step};
use super::list::find;
use super::resolve::check_note;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::refunds::model::DecideRefusal;

type Outcome<T> = Result<T, Failure<DecideRefusal>>;

/// Agrees to a refund that somebody else asked for: the worker sends it.
pub async fn approve(
    app: &App,
    actor: &Actor,
    key: &str,
    id: RefundId,
    note: Option<String>,
) -> Outcome<refund::Model> {
    let key = Key::read(key, "refundApprove", &(id.0, &note))?;
    decide(app, actor, &key, id, (true, note)).await
}

/// Says no to a refund that somebody else asked for: the money that was set aside comes back.
pub async fn reject(
    app: &App,
    actor: &Actor,
    key: &str,
    id: RefundId,
    note: String,
) -> Outcome<refund::Model> {
    let key = Key::read(key, "refundReject", &(id.0, &note))?;
    decide(app, actor, &key, id, (false, Some(note))).await
}

async fn decide(
    app: &App,
    actor: &Actor,
    key: &Key,
    id: RefundId,
    (agrees, note): (bool, Option<String>),
) -> Outcome<refund::Model> {
    if note.as_deref().is_some_and(|note| !check_note(note)) {
        return Err(Failure::Refused(DecideRefusal::InvalidNote));
    }
    let (merchant_id, note) = (actor.merchant_id, &note);
    let decided = app.write(merchant_id, |txn| async move {
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => decide_in(app, &txn, actor, id, (agrees, note.clone())).await,
            Claim::Known(_) => Ok(()),
            Claim::Reused => Err(Failure::Refused(DecideRefusal::KeyReused)),
            Claim::InProgress => Err(Failure::Refused(DecideRefusal::InProgress)),
        }
    });
    let tried = Deed::of(action(agrees)).on(id);
    audit::deny_refused(app, actor, tried, decided.await).await?;
    Ok(find(app, merchant_id, id).await?)
}

/// What the audit log calls a decision.
const fn action(agrees: bool) -> &'static str {
    if agrees {
        "refundApprove"
    } else {
        "refundReject"
    }
}

async fn decide_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: RefundId,
    (agrees, note): (bool, Option<String>),
) -> Outcome<()> {
    let (order, waiting) = lock(txn, actor.merchant_id, id)
        .await?
        .ok_or(Failure::Refused(DecideRefusal::NotFound))?;
    if waiting.state != RefundStatus::AwaitingApproval {
        return Err(Failure::Refused(DecideRefusal::NotAwaitingApproval));
    }
    let name = actor.name();
    if waiting.requested_by == name {
        return Err(Failure::Refused(DecideRefusal::OwnRequest));
    }
    let now = app.clock.instant();
    let (state, told) = if agrees {
        let told = (TimelineKind::RefundApproved, EventKind::RefundApproved);
        (RefundStatus::Processing, told)
    } else {
        let told = (TimelineKind::RefundRejected, EventKind::RefundRejected);
        (RefundStatus::Rejected, told)
    };
    let step = Step {
        order: &order,
        from: Some(waiting.state),
        refund: refund::Model {
            state,
            decided_by: Some(name.clone()),
            decided_at: Some(now),
            next_attempt_at: agrees.then_some(now),
            ..waiting
        },
        told: Some(told),
        actor: &name,
        note: note.clone(),
        forced: false,
    };
    take_step(app, txn, step)
        .await
        .map_err(|failure| match failure {
            Failure::Failed(error) => Failure::Failed(error),
            Failure::Refused(_) => Error::internal("a decision takes no money").into(),
        })?;
    let deed = Deed::of(action(agrees)).on(id).changed(
        json!({ "state": RefundStatus::AwaitingApproval.to_value() }),
        json!({ "state": state.to_value(), "note": note }),
    );
    Ok(audit::record(app, txn, actor, deed).await?)
}
