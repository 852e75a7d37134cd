//! Unbinds a bank account: nothing goes to it any more.

use entity::bank_account::{self, BankAccountState};
use entity::event::EventKind;
use entity::payout::{self, PayoutStatus};
use entity::{BankAccountId, Instant, payout_schedule};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, DatabaseTransaction, QueryFilter};
use serde_json::json;

use super::list::{find, lock};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::bank_accounts::model::UnbindRefusal;
use crate::error::Failure;
use crate::events;
use crate::second_factor::service::with_code;

/// Payouts whose money may still go to their account.
const ON_THE_WAY: [PayoutStatus; 3] = [
    PayoutStatus::AwaitingApproval,
    PayoutStatus::Processing,
    PayoutStatus::Unknown,
];

/// Unbinds a bank account, under the lock under which payouts to it are made. A code of the second factor is spent
/// in its transaction.
pub async fn unbind(
    app: &App,
    actor: &Actor,
    id: BankAccountId,
    code: &str,
) -> Result<bank_account::Model, Failure<UnbindRefusal>> {
    let merchant_id = actor.merchant_id;
    let tried = Deed::of("bankAccountUnbind").on(id);
    with_code(app, actor, code, tried, |txn, code| async move {
        code.spend::<UnbindRefusal>(&txn).await?;
        let found = lock(&txn, merchant_id, id).await?;
        let account = found.ok_or(Failure::Refused(UnbindRefusal::NotFound))?;
        may_go(&txn, &account).await?;
        write(app, &txn, actor, &account).await
    })
    .await?;
    Ok(find(app, merchant_id, id).await?)
}

async fn may_go(
    txn: &DatabaseTransaction,
    account: &bank_account::Model,
) -> Result<(), Failure<UnbindRefusal>> {
    if account.state == BankAccountState::Unbound {
        return Err(Failure::Refused(UnbindRefusal::AlreadyUnbound));
    }
    let payout = payout::Entity::of(account.merchant_id)
        .filter(payout::Column::BankAccountId.eq(account.id))
        .filter(payout::Column::State.is_in(ON_THE_WAY))
        .one(txn)
        .await?;
    if payout.is_some() {
        return Err(Failure::Refused(UnbindRefusal::PayoutOnTheWay));
    }
    let schedule = payout_schedule::Entity::of(account.merchant_id)
        .filter(payout_schedule::Column::BankAccountId.eq(account.id))
        // One that rests sends nothing, and is looked at again before it goes on.
        .filter(payout_schedule::Column::Paused.eq(false))
        .one(txn)
        .await?;
    match schedule {
        Some(_) => Err(Failure::Refused(UnbindRefusal::ScheduleUsesIt)),
        None => Ok(()),
    }
}

async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    account: &bank_account::Model,
) -> Result<(), Failure<UnbindRefusal>> {
    use bank_account::Column;
    let (now, merchant_id) = (app.clock.instant(), account.merchant_id);
    bank_account::Entity::update_of(merchant_id)
        .filter(Column::Id.eq(account.id))
        .col_expr(Column::State, Expr::value(BankAccountState::Unbound))
        .col_expr(Column::UnboundAt, Expr::value(Some(now)))
        .col_expr(Column::UnboundBy, Expr::value(Some(actor.name())))
        .col_expr(Column::CheckNextAt, Expr::value(None::<Instant>))
        .exec(txn)
        .await?;
    let (kind, ids) = (EventKind::BankAccountUnbound, &app.ids);
    events::record(txn, ids, now, merchant_id, kind, account.id).await?;
    let deed = Deed::of("bankAccountUnbind").on(account.id).gone(json!({
        "kind": account.kind.to_value(),
        "bankCode": account.bank_code,
        "lastFour": account.last_four,
        "state": account.state.to_value(),
    }));
    Ok(audit::record(app, txn, actor, deed).await?)
}
