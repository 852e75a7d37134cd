//! Calls a payout off before it was sent.

use entity::PayoutId;
use entity::event::EventKind;
use entity::payout::{self, PayoutStatus};
use sea_orm::DatabaseTransaction;

use super::act::ended;
use super::book::{Step, lock, never_refused, shown, take_step};
use super::list::find;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::{Actor, Who};
use crate::error::Failure;
use crate::idempotency::{Claim, Key};
use crate::payouts::model::{CancelRefusal, may_cancel};

type Outcome<T> = Result<T, Failure<CancelRefusal>>;

/// Calls a payout off that certainly was not sent: the money that was set aside comes back. It needs no code: no
/// money leaves by it.
pub async fn cancel(app: &App, actor: &Actor, key: &str, id: PayoutId) -> Outcome<payout::Model> {
    if !matches!(actor.who, Who::Staff { .. }) {
        let tried = Deed::of("payoutCancel").on(id);
        let refused = Err(Failure::Refused(CancelRefusal::StaffOnly));
        return audit::deny_refused(app, actor, tried, refused).await;
    }
    let key = &Key::read(key, "payoutCancel", &id.0)?;
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => cancel_in(app, &txn, actor, id).await,
            Claim::Known(_) => Ok(()),
            Claim::Reused => Err(Failure::Refused(CancelRefusal::KeyReused)),
            Claim::InProgress => Err(Failure::Refused(CancelRefusal::InProgress)),
        }
    })
    .await?;
    Ok(find(app, merchant_id, id).await?)
}

async fn cancel_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: PayoutId,
) -> Outcome<()> {
    let payout = lock(txn, actor.merchant_id, id)
        .await?
        .ok_or(Failure::Refused(CancelRefusal::NotFound))?;
    if !may_cancel(&payout) {
        return Err(Failure::Refused(CancelRefusal::TooLate));
    }
    let (now, name) = (app.clock.instant(), actor.name());
    let deed = Deed::of("payoutCancel").on(id);
    let deed = deed.changed(shown(payout.state), shown(PayoutStatus::Canceled));
    let step = Step {
        from: Some(payout.state),
        payout: ended(payout, PayoutStatus::Canceled, &name, now),
        told: Some(EventKind::PayoutCanceled),
        by: None,
        forced: false,
    };
    take_step(app, txn, step).await.map_err(never_refused)?;
    Ok(audit::record(app, txn, actor, deed).await?)
}
