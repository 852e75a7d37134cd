//! A second person approves or rejects a payout.

use entity::PayoutId;
use entity::event::EventKind;
use entity::merchant::MerchantStatus;
use entity::payout::{self, PayoutStatus};
use sea_orm::{ActiveEnum, DatabaseTransaction};
use serde_json::{Value, json};

use super::account::find_account;
use super::book::{Step, lock, never_refused, shown, take_step};
use super::known::Known;
use super::list::find;
use super::seal::{opened_as_signed, sign};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::{Actor, Who};
use crate::error::Failure;
use crate::idempotency::{Claim, Key};
use crate::payouts::model::{ApproveRefusal, RejectRefusal, Signed, check_note, expected};
use crate::second_factor::service::with_code;

/// Agrees to a payout that somebody else asked for, with a code of one's own: the worker sends it. What is agreed to
/// is what was asked for: its signature is compared, and renewed with the name of who agreed.
pub async fn approve(
    app: &App,
    actor: &Actor,
    key: &str,
    id: PayoutId,
    (code, note): (&str, Option<String>),
) -> Result<payout::Model, Failure<ApproveRefusal>> {
    if note.as_deref().is_some_and(|note| !check_note(note)) {
        return Err(Failure::Refused(ApproveRefusal::InvalidNote));
    }
    let key = &Key::read(key, "payoutApprove", &(id.0, &note))?;
    let (merchant_id, note) = (actor.merchant_id, &note);
    let tried = Deed::of("payoutApprove").on(id);
    with_code(app, actor, code, tried, |txn, code| async move {
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => {}
            Claim::Known(_) => return Ok(()),
            Claim::Reused => return Err(Failure::Refused(ApproveRefusal::KeyReused)),
            Claim::InProgress => return Err(Failure::Refused(ApproveRefusal::InProgress)),
        }
        let waiting = waiting(app, &txn, actor, id).await?;
        code.spend_for_money(&txn).await?;
        agree(app, &txn, actor, waiting, note.clone()).await
    })
    .await?;
    Ok(find(app, merchant_id, id).await?)
}

/// The payout that waits for somebody like who decides, as it was asked for.
async fn waiting(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: PayoutId,
) -> Result<payout::Model, Failure<ApproveRefusal>> {
    let waiting = lock(txn, actor.merchant_id, id)
        .await?
        .ok_or(Failure::Refused(ApproveRefusal::NotFound))?;
    if waiting.state != PayoutStatus::AwaitingApproval {
        return Err(Failure::Refused(ApproveRefusal::NotAwaitingApproval));
    }
    if waiting.requested_by == actor.name() {
        return Err(Failure::Refused(ApproveRefusal::OwnRequest));
    }
    let account = find_account(txn, actor.merchant_id, waiting.bank_account_id).await?;
    if opened_as_signed(app, &waiting, &account, Signed::Waiting).is_none() {
        return Err(Failure::Refused(ApproveRefusal::NotAsRequested));
    }
    Ok(waiting)
}

async fn agree(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    waiting: payout::Model,
    note: Option<String>,
) -> Result<(), Failure<ApproveRefusal>> {
    let now = app.clock.instant();
    let name = actor.name();
    let known = Known::read(app, txn, waiting.merchant_id, waiting.bank_account_id).await?;
    if known.merchant.status != MerchantStatus::Active {
        return Err(Failure::Refused(ApproveRefusal::MerchantSuspended));
    }
    let account = find_account(txn, waiting.merchant_id, waiting.bank_account_id).await?;
    // It goes to the bank only now.
    let arrival = expected(&app.calendar, &known.terms, known.zone, now.0);
    let from = waiting.state;
    let signature = sign(app, &waiting, &account, Signed::ApprovedBy(&name))?;
    let deed = Deed::of("payoutApprove").on(waiting.id);
    let deed = deed.changed(
        shown(from),
        decided(PayoutStatus::Processing, note.as_deref()),
    );
    let step = Step {
        from: Some(from),
        payout: payout::Model {
            state: PayoutStatus::Processing,
            signature,
            decided_by: Some(name),
            decided_at: Some(now),
            decision_note: note,
            next_attempt_at: Some(now),
            expected_from_on: arrival.map(|arrival| arrival.from.into()),
            expected_to_on: arrival.map(|arrival| arrival.to.into()),
            ..waiting
        },
        told: Some(EventKind::PayoutApproved),
        by: None,
        forced: false,
    };
    take_step(app, txn, step).await.map_err(never_refused)?;
    Ok(audit::record(app, txn, actor, deed).await?)
}

/// What the audit log is told of a decision.
fn decided(state: PayoutStatus, note: Option<&str>) -> Value {
    json!({ "state": state.to_value(), "note": note })
}

/// Says no to a payout that somebody else asked for: the money that was set aside comes back.
pub async fn reject(
    app: &App,
    actor: &Actor,
    key: &str,
    id: PayoutId,
    note: String,
) -> Result<payout::Model, Failure<RejectRefusal>> {
    let rejected = reject_in(app, actor, key, id, &note).await;
    let tried = Deed::of("payoutReject").on(id);
    audit::deny_refused(app, actor, tried, rejected).await?;
    Ok(find(app, actor.merchant_id, id).await?)
}

async fn reject_in(
    app: &App,
    actor: &Actor,
    key: &str,
    id: PayoutId,
    note: &String,
) -> Result<(), Failure<RejectRefusal>> {
    if !matches!(actor.who, Who::Staff { .. }) {
        return Err(Failure::Refused(RejectRefusal::StaffOnly));
    }
    if !check_note(note) {
        return Err(Failure::Refused(RejectRefusal::InvalidNote));
    }
    let key = &Key::read(key, "payoutReject", &(id.0, note))?;
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => disagree(app, &txn, actor, id, note.clone()).await,
            Claim::Known(_) => Ok(()),
            Claim::Reused => Err(Failure::Refused(RejectRefusal::KeyReused)),
            Claim::InProgress => Err(Failure::Refused(RejectRefusal::InProgress)),
        }
    })
    .await
}

async fn disagree(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: PayoutId,
    note: String,
) -> Result<(), Failure<RejectRefusal>> {
    let waiting = lock(txn, actor.merchant_id, id)
        .await?
        .ok_or(Failure::Refused(RejectRefusal::NotFound))?;
    if waiting.state != PayoutStatus::AwaitingApproval {
        return Err(Failure::Refused(RejectRefusal::NotAwaitingApproval));
    }
    let name = actor.name();
    if waiting.requested_by == name {
        return Err(Failure::Refused(RejectRefusal::OwnRequest));
    }
    let deed = Deed::of("payoutReject").on(id);
    let deed = deed.changed(
        shown(waiting.state),
        decided(PayoutStatus::Rejected, Some(&note)),
    );
    let step = Step {
        from: Some(waiting.state),
        payout: payout::Model {
            state: PayoutStatus::Rejected,
            decided_by: Some(name),
            decided_at: Some(app.clock.instant()),
            decision_note: Some(note),
            next_attempt_at: None,
            ..waiting
        },
        told: Some(EventKind::PayoutRejected),
        by: None,
        forced: false,
    };
    take_step(app, txn, step).await.map_err(never_refused)?;
    Ok(audit::record(app, txn, actor, deed).await?)
}
