//! Takes a payout from one state to another: the payout, its event and the ledger, in one transaction.

use entity::event::EventKind;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::payout::{self, PayoutStatus};
use entity::{Instant, MerchantId, PayoutId, ledger_transaction};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use super::record::record;
use crate::app::App;
use crate::error::{Error, Failure};
use crate::events;
use crate::ledger::model::{Balances, Insufficient, Posting};
use crate::ledger::service::{force, post, take};
use crate::money::Currency;
use crate::payouts::model::{happened, is_in_flight};

/// One step of a payout.
pub(super) struct Step {
    /// The state before; none where the payout is being made.
    pub from: Option<PayoutStatus>,
    /// The payout as it is after the step.
    pub payout: payout::Model,
    /// What subscribers are told; none where nothing they see has changed.
    pub told: Option<EventKind>,
    /// Who says so, where that is not in the payout; none where the payment platform does.
    pub by: Option<&'static str>,
    /// Whether the money leaves even where it is not there.
    pub forced: bool,
}

/// Reads a payout and locks it: every step of it is taken under that lock.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: PayoutId,
) -> Result<Option<payout::Model>, Error> {
    Ok(payout::Entity::of(merchant_id)
        .filter(payout::Column::Id.eq(id))
        .lock_exclusive()
        .one(txn)
        .await?)
}

/// Takes a step. The ledger comes last: what takes from AVAILABLE locks the merchant's balance.
pub(super) async fn take_step(
    app: &App,
    txn: &DatabaseTransaction,
    mut step: Step,
) -> Result<(), Failure<Insufficient>> {
    let now = app.clock.instant();
    let posted = as_posted(txn, step.from, &step.payout).await?;
    if posted.amount_minor != step.payout.amount_minor {
        tracing::error!(payout_id = %step.payout.id, "a payout is not what the ledger says of it");
        step.payout.needs_attention = true;
    }
    let moved = moves(step.from, &posted);
    if let Some((LedgerStep::Reversed, _)) = moved {
        step.payout.fee_returned_minor = fee_that_comes_back(&posted);
    }
    let (merchant_id, id) = (step.payout.merchant_id, step.payout.id);
    let currency = currency(&step.payout)?;
    let happened = happened(step.from, &step.payout, step.by);
    write_payout(txn, step.from, step.payout, now).await?;
    if let Some(happened) = happened {
        record(app, txn, merchant_id, id, happened).await?;
    }
    if let Some(kind) = step.told {
        events::record(txn, &app.ids, now, merchant_id, kind, id).await?;
    }
    let Some((ledger_step, changes)) = moved.filter(|(_, changes)| changes.amount() > 0) else {
        return Ok(());
    };
    let posting = Posting {
        source: LedgerSource::Payout,
        source_id: id.0,
        step: ledger_step,
        round: 1,
        changes,
    };
    if changes.get(LedgerAccount::Available) >= 0 {
        post(app, txn, merchant_id, currency, &posting).await?;
    } else if step.forced {
        force(app, txn, merchant_id, currency, &posting).await?;
    } else {
        take(app, txn, merchant_id, currency, &posting).await?;
    }
    Ok(())
}

/// The payout with the amount that the ledger says was set aside for it, or has left: a row that somebody has edited in the
/// database gives back no more than that, whoever rejects it, calls it off or hears that the bank returned it.
async fn as_posted(
    txn: &DatabaseTransaction,
    from: Option<PayoutStatus>,
    payout: &payout::Model,
) -> Result<payout::Model, Error> {
    let step = match from {
        Some(from) if is_in_flight(from) && !is_in_flight(payout.state) => LedgerStep::Reserved,
        Some(PayoutStatus::Paid) if payout.state == PayoutStatus::Returned => LedgerStep::Settled,
        _ => return Ok(payout.clone()),
    };
    let posted: Option<i64> = ledger_transaction::Entity::of(payout.merchant_id)
        .filter(ledger_transaction::Column::SourceId.eq(payout.id.0))
        .filter(ledger_transaction::Column::Source.eq(LedgerSource::Payout))
        .filter(ledger_transaction::Column::Step.eq(step))
        .select_only()
        .column(ledger_transaction::Column::AmountMinor)
        .into_tuple()
        .one(txn)
        .await?;
    let amount_minor = posted.unwrap_or(0);
    let fee_minor = payout.fee_minor.min(amount_minor);
    Ok(payout::Model {
        amount_minor,
        fee_minor,
        net_minor: amount_minor - fee_minor,
        ..payout.clone()
    })
}

/// The currency of a payout.
pub(super) fn currency(payout: &payout::Model) -> Result<Currency, Error> {
    Currency::of_code(&payout.currency).ok_or_else(|| Error::internal("unknown currency"))
}

fn fee_that_comes_back(payout: &payout::Model) -> i64 {
    if payout.returns_fee {
        payout.fee_minor
    } else {
        0
    }
}

/// What a step does to the accounts, and which step of the ledger it is; none where no money moves.
fn moves(from: Option<PayoutStatus>, payout: &payout::Model) -> Option<(LedgerStep, Balances)> {
    let none = Balances::default();
    let (amount, net, fee) = (payout.amount_minor, payout.net_minor, payout.fee_minor);
    let was_set_aside = from.is_some_and(is_in_flight);
    match payout.state {
        state if is_in_flight(state) => (!was_set_aside).then(|| {
            let changes = none
                .with(LedgerAccount::Available, -amount)
                .with(LedgerAccount::Reserved, amount);
            (LedgerStep::Reserved, changes)
        }),
        PayoutStatus::Paid if from == Some(PayoutStatus::Paid) => None,
        PayoutStatus::Paid => {
            // A failure that was none: the money had come back.
            let account = if was_set_aside {
                LedgerAccount::Reserved
            } else {
                LedgerAccount::Available
            };
            let changes = none
                .with(account, -amount)
                .with(LedgerAccount::PayoutClearing, net)
                .with(LedgerAccount::FeeIncome, fee);
            Some((LedgerStep::Settled, changes))
        }
        PayoutStatus::Returned => {
            let fee = fee_that_comes_back(payout);
            let changes = none
                .with(LedgerAccount::PayoutClearing, -net)
                .with(LedgerAccount::FeeIncome, -fee)
                .with(LedgerAccount::Available, net + fee);
            Some((LedgerStep::Reversed, changes))
        }
        _ => {
            let changes = none
                .with(LedgerAccount::Reserved, -amount)
                .with(LedgerAccount::Available, amount);
            Some((LedgerStep::Canceled, changes))
        }
    }
}

async fn write_payout(
    txn: &DatabaseTransaction,
    from: Option<PayoutStatus>,
    payout: payout::Model,
    now: Instant,
) -> Result<(), Error> {
    let row = payout::Model {
        updated_at: now,
        ..payout
    };
    let (merchant_id, id) = (row.merchant_id, row.id);
    if from.is_none() {
        payout::Entity::insert(row.into_active_model())
            .exec_without_returning(txn)
            .await?;
        return Ok(());
    }
    let mut all = row.into_active_model().reset_all();
    (all.merchant_id, all.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
    payout::Entity::update_of(merchant_id)
        .filter(payout::Column::Id.eq(id))
        .set(all)
        .exec(txn)
        .await?;
    Ok(())
}

/// A step that takes nothing: that it was refused is a fault.
pub(super) fn never_refused<R>(failure: Failure<Insufficient>) -> Failure<R> {
    match failure {
        Failure::Failed(error) => Failure::Failed(error),
        Failure::Refused(_) => Error::internal("what was set aside is not there").into(),
    }
}

/// A state as the audit log shows it.
pub(super) fn shown(state: PayoutStatus) -> Value {
    json!({ "state": state.to_value() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payouts::model::a_payout;

    fn payout(state: PayoutStatus, returns_fee: bool) -> payout::Model {
        payout::Model {
            returns_fee,
            ..a_payout(state)
        }
    }

    #[test]
    fn every_step_balances_and_every_way_ends_where_it_should() {
        use PayoutStatus::{
            AwaitingApproval, Canceled, Failed, Paid, Processing, Rejected, Returned, Unknown,
        };
        let available = LedgerAccount::Available;
        for (way, returns_fee, left) in [
            (vec![Processing, Paid], true, -1_000),
            (
                vec![AwaitingApproval, Processing, Unknown, Paid],
                true,
                -1_000,
            ),
            (vec![Processing, Failed], true, 0),
            (vec![AwaitingApproval, Rejected], true, 0),
            (vec![AwaitingApproval, Canceled], true, 0),
            (vec![Processing, Failed, Paid], true, -1_000),
            (vec![Processing, Paid, Paid, Returned], true, 0),
            (vec![Processing, Paid, Returned], false, -10),
        ] {
            let (mut from, mut sum) = (None, Balances::default());
            for state in &way {
                if let Some((_, changes)) = moves(from, &payout(*state, returns_fee)) {
                    assert!(changes.is_balanced(), "{way:?}");
                    sum = sum.plus(&changes);
                }
                from = Some(*state);
            }
            assert_eq!(sum.get(available), left, "{way:?}");
            assert_eq!(sum.get(LedgerAccount::Reserved), 0, "{way:?}");
        }
    }
}
