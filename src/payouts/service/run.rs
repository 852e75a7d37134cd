//! Runs schedules whose moment has come: each once, on whichever instance comes first.

use entity::event::EventKind;
use entity::ledger_entry::LedgerAccount;
use entity::merchant::MerchantStatus;
use entity::payout::PayoutOrigin;
use entity::payout_schedule::{Column, Entity, Model};
use entity::{Instant, MerchantId, PayoutId, StaffId, membership};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect};

use super::create::Asked;
use super::known::{Known, lock_merchant};
use crate::app::App;
use crate::auth::model::{Scope, Scopes};
use crate::error::{Error, Failure};
use crate::events;
use crate::ledger;
use crate::ledger::model::Insufficient;
use crate::merchant::zone_of;
use crate::payouts::model::{
    ChallengeRefusal, NewPayout, Skip, decide, next_moment, scheduled_amount,
};

/// How many schedules are run at once.
const BATCH: u64 = 32;
/// How often an amount is worked out anew because something else took the money.
const TRIES: usize = 3;

/// Runs what is due of all merchants; returns how many that were. One that fails is taken up again with the next
/// look, since its moment has not moved.
pub async fn run_schedules(app: &App) -> Result<u64, Error> {
    let due = Entity::due(app.clock.instant())
        .order_by_asc(Column::NextAt)
        .limit(BATCH)
        .all(app.db.reads_across())
        .await?;
    let mut ran = 0;
    for schedule in due {
        match run(app, schedule.merchant_id).await {
            Ok(true) => ran += 1,
            Ok(false) => {}
            Err(error) => {
                let merchant_id = schedule.merchant_id;
                tracing::warn!(%merchant_id, ?error, "a payout schedule was not run");
            }
        }
    }
    Ok(ran)
}

/// Runs one merchant's schedule, if it is still due.
async fn run(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    for attempt in 1..=TRIES {
        let available = available(app, merchant_id).await?;
        let ran = app
            .write(merchant_id, |txn| async move {
                run_in(app, &txn, merchant_id, available).await
            })
            .await;
        match ran {
            Ok(ran) => return Ok(ran),
            Err(Failure::Failed(error)) => return Err(error),
            // Something else took the money meanwhile: it is worked out anew.
            Err(Failure::Refused(Insufficient { .. })) if attempt < TRIES => {}
            Err(Failure::Refused(_)) => break,
        }
    }
    // Others take it as fast as it is looked at: nothing beyond them is left.
    app.write(merchant_id, |txn| async move {
        run_in(app, &txn, merchant_id, 0).await
    })
    .await
    .map_err(|failure| match failure {
        Failure::Failed(error) => error,
        Failure::Refused(_) => Error::internal("nothing was taken, and refused"),
    })
}

async fn available(app: &App, merchant_id: MerchantId) -> Result<i64, Error> {
    let balances = ledger::service::balance(app, merchant_id).await?;
    Ok(balances.get(LedgerAccount::Available))
}

/// Runs it in the transaction that moves its moment on: whoever comes second finds that it is not due.
async fn run_in(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    available_minor: i64,
) -> Result<bool, Failure<Insufficient>> {
    let now = app.clock.instant();
    // Before the schedule, as whoever sets it does.
    lock_merchant(txn, merchant_id).await?;
    let due = Entity::of(merchant_id)
        .filter(Column::NextAt.lte(now))
        .lock_exclusive()
        .one(txn)
        .await?;
    let Some(schedule) = due else {
        return Ok(false);
    };
    let account_id = schedule.bank_account_id;
    let id: PayoutId = app.ids.next();
    let known = Known::of_account(app, txn, merchant_id, account_id, id).await?;
    // No real platform pays out what the sandbox has brought.
    let real_minor = available_minor - known.sandbox_minor;
    let wanted = if may_still(txn, &schedule).await? {
        wanted(app, &schedule, &known, real_minor)
    } else {
        Err(Skip::SetterNotAllowed)
    };
    let outcome = match &wanted {
        Ok(_) => id.to_string(),
        Err(skip) => skip.name().to_owned(),
    };
    move_on(txn, &schedule, &known, now, outcome).await?;
    match wanted {
        Err(_) => {
            let kind = EventKind::PayoutScheduleSkipped;
            events::record(txn, &app.ids, now, merchant_id, kind, merchant_id).await?;
        }
        Ok(decided) => {
            let asked = Asked {
                id,
                origin: PayoutOrigin::Schedule,
                requested_by: schedule.set_by.clone(),
                note: None,
                challenge_id: None,
            };
            asked.take(app, txn, &known, &decided).await?;
            stays(txn, &schedule, &known).await?;
            known
                .check_left(txn)
                .await
                .map_err(|failure| match failure {
                    Failure::Refused(_) => Failure::Refused(Insufficient {
                        available_minor,
                        wanted_minor: decided.amount_minor,
                        currency: known.currency,
                    }),
                    Failure::Failed(error) => Failure::Failed(error),
                })?;
        }
    }
    Ok(true)
}

/// Looks whether what is to stay has stayed, under the lock under which it was taken: something else may have taken
/// of it since it was worked out.
async fn stays(
    txn: &DatabaseTransaction,
    schedule: &Model,
    known: &Known,
) -> Result<(), Failure<Insufficient>> {
    let balances = ledger::service::balance_in(txn, schedule.merchant_id).await?;
    let available_minor = balances.get(LedgerAccount::Available);
    if available_minor >= schedule.retained_minor + known.sandbox_minor {
        return Ok(());
    }
    Err(Failure::Refused(Insufficient {
        available_minor,
        wanted_minor: schedule.retained_minor,
        currency: known.currency,
    }))
}

/// Whether whoever set a schedule may still set it: money leaves in their name.
async fn may_still(txn: &DatabaseTransaction, schedule: &Model) -> Result<bool, Error> {
    let Ok(staff_id) = schedule.set_by.parse::<StaffId>() else {
        return Ok(false);
    };
    let member = membership::Entity::of(schedule.merchant_id)
        .filter(membership::Column::StaffId.eq(staff_id))
        .one(txn)
        .await?;
    Ok(member.is_some_and(|it| Scopes::of_role(it.role).allows(Scope::BankAccountsWrite)))
}

/// What is to leave, or why nothing does.
fn wanted(
    app: &App,
    schedule: &Model,
    known: &Known,
    available_minor: i64,
) -> Result<NewPayout, Skip> {
    // Who may not act pays nothing out, however much is there.
    if known.merchant.status != MerchantStatus::Active {
        return Err(Skip::MerchantSuspended);
    }
    let payable = known.payable();
    let now = app.clock.now();
    payable
        .check_account(now)
        .map_err(|_| Skip::AccountNotPayable)?;
    let left = payable.left_today();
    let amount = scheduled_amount(schedule, &known.terms, available_minor, left)?;
    decide(&payable, amount, now).map_err(|refusal| match refusal {
        ChallengeRefusal::NoChannel => Skip::NoChannel,
        ChallengeRefusal::ChannelUnsigned | ChallengeRefusal::ChannelCoolingOff { .. } => {
            Skip::ChannelNotReady
        }
        ChallengeRefusal::DailyLimit { .. } => Skip::DailyLimit,
        _ => Skip::BelowMinimum,
    })
}

async fn move_on(
    txn: &DatabaseTransaction,
    schedule: &Model,
    known: &Known,
    now: Instant,
    outcome: String,
) -> Result<(), Error> {
    let zone = zone_of(&known.merchant)?;
    let next = next_moment(schedule, zone, now.0).map(Instant);
    Entity::update_of(schedule.merchant_id)
        .col_expr(Column::NextAt, Expr::value(next))
        .col_expr(Column::LastAt, Expr::value(now))
        .col_expr(Column::LastOutcome, Expr::value(outcome))
        .exec(txn)
        .await?;
    Ok(())
}
