//! Confirms a bank account by the small amount that arrived.

use chrono::TimeDelta;
use entity::bank_account::{self, BankAccountState};
use entity::event::EventKind;
use entity::{BankAccountId, Instant};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, DatabaseTransaction, QueryFilter};
use serde_json::json;

use super::list::{find, lock};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::bank_accounts::model::{ConfirmRefusal, Entered, enter};
use crate::db::Txn;
use crate::error::Failure;
use crate::events;
use crate::second_factor::model::staff_of;
use crate::second_factor::service::{Code, with_code};

type Outcome<T> = Result<T, Failure<ConfirmRefusal>>;

/// Compares an amount that somebody saw arrive with the one that was sent, with a code. A wrong amount is counted,
/// whatever is said afterwards, and its code is spent; the third fails the account. The audit log tells of each, and
/// never of the amount.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    id: BankAccountId,
    amount_minor: i64,
    code: &str,
) -> Outcome<bank_account::Model> {
    let merchant_id = actor.merchant_id;
    let tried = Deed::of("bankAccountConfirm").on(id);
    let allowed = staff_of(actor).map_err(|no| Failure::Refused(no.into()));
    audit::deny_refused(app, actor, tried.clone(), allowed).await?;
    let work = |txn: Txn, code: Code| async move {
        // Before the account, as whoever binds or unbinds one does.
        code.spend::<ConfirmRefusal>(&txn).await?;
        let found = lock(&txn, merchant_id, id).await?;
        let account = found.ok_or(Failure::Refused(ConfirmRefusal::NotFound))?;
        if account.state != BankAccountState::Checking {
            return Err(Failure::Refused(ConfirmRefusal::NotChecking));
        }
        if account.check_sent_at.is_none() {
            return Err(Failure::Refused(ConfirmRefusal::NotSentYet));
        }
        let entered = enter(account.check_minor, amount_minor, account.check_failures);
        write(app, &txn, &account, entered).await?;
        audit::record(app, &txn, actor, told(&account, entered)).await?;
        // A refusal would roll the count back.
        Ok::<_, Failure<ConfirmRefusal>>(entered)
    };
    let entered: Entered = with_code(app, actor, code, tried, work).await?;
    match entered {
        Entered::Right => Ok(find(app, merchant_id, id).await?),
        Entered::Wrong { left } => Err(Failure::Refused(ConfirmRefusal::WrongAmount { left })),
    }
}

/// What the audit log is told of an amount that was entered.
fn told(account: &bank_account::Model, entered: Entered) -> Deed {
    let shown = |state: BankAccountState, failures: i32| json!({ "state": state.to_value(), "wrongAmounts": failures });
    let deed = Deed::of("bankAccountConfirm").on(account.id);
    let (state, failures) = (account.state, account.check_failures);
    let before = shown(state, failures);
    match entered {
        Entered::Right => deed.changed(before, shown(BankAccountState::Verified, failures)),
        Entered::Wrong { left } => {
            let state = if left > 0 {
                state
            } else {
                BankAccountState::Failed
            };
            let deed = deed.changed(before, shown(state, failures + 1));
            deed.denied("WRONG_AMOUNT")
        }
    }
}

async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    account: &bank_account::Model,
    entered: Entered,
) -> Outcome<()> {
    use bank_account::Column;
    let now = app.clock.instant();
    let update =
        bank_account::Entity::update_of(account.merchant_id).filter(Column::Id.eq(account.id));
    let (update, kind) = match entered {
        Entered::Right => {
            let cooling_off = TimeDelta::seconds(app.settings.bank_accounts.cooling_off_s);
            let payable_from = Some(Instant(now.0 + cooling_off));
            let verified = update
                .col_expr(Column::State, Expr::value(BankAccountState::Verified))
                .col_expr(Column::VerifiedAt, Expr::value(Some(now)))
                .col_expr(Column::PayableFrom, Expr::value(payable_from));
            (verified, Some(EventKind::BankAccountVerified))
        }
        Entered::Wrong { left } => {
            let counted = update.col_expr(
                Column::CheckFailures,
                Expr::value(account.check_failures + 1),
            );
            if left > 0 {
                (counted, None)
            } else {
                let why = "WRONG_AMOUNTS: three wrong amounts were entered".to_owned();
                let failed = counted
                    .col_expr(Column::State, Expr::value(BankAccountState::Failed))
                    .col_expr(Column::CheckError, Expr::value(Some(why)));
                (failed, Some(EventKind::BankAccountCheckFailed))
            }
        }
    };
    update.exec(txn).await?;
    if let Some(kind) = kind {
        let (ids, merchant_id) = (&app.ids, account.merchant_id);
        events::record(txn, ids, now, merchant_id, kind, account.id).await?;
    }
    Ok(())
}
