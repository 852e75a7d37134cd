//! Folds what was posted into the merchants' balance rows.

use entity::{LedgerTransactionId, MerchantId, ledger_balance, ledger_unfolded};
use sea_orm::sea_query::{LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveValue, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::app::App;
use crate::db::{Db, any_of};
use crate::error::Error;
use crate::ledger::model::Balances;

/// How many transactions are read and removed by one statement.
const BATCH: u64 = 5_000;

/// Merchants with transactions that are not folded yet.
pub async fn unfolded(app: &App) -> Result<Vec<MerchantId>, Error> {
    Ok(ledger_unfolded::Entity::merchants()
        .into_tuple()
        .all(app.db.reads_across())
        .await?)
}

/// Folds a merchant's transactions into its balance row. Where another instance is at it, or a refund
/// holds the row, nobody waits: the next round does it.
pub async fn fold(app: &App, merchant_id: MerchantId) -> Result<(), Error> {
    app.db
        .transaction_of(merchant_id, |txn| async move {
            let mut mine = ledger_balance::Entity::of(merchant_id);
            if app.db.backend() == DbBackend::Postgres {
                mine = mine.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            if let Some(row) = mine.one(&*txn).await? {
                fold_into(&app.db, &txn, row).await?;
                return Ok(());
            }
            let held = ledger_balance::Entity::of(merchant_id).one(&*txn).await?;
            if held.is_none() {
                fold_in(&app.db, &txn, merchant_id).await?;
            }
            Ok(())
        })
        .await
}

/// Folds everything that a transaction sees, and leaves it with the balance row locked, and what that holds.
pub(super) async fn fold_in(
    db: &Db,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<Balances, DbErr> {
    ledger_balance::Entity::insert(empty(merchant_id).into_active_model())
        .on_conflict(
            OnConflict::column(ledger_balance::Column::MerchantId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    let row = ledger_balance::Entity::of(merchant_id)
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a balance row".to_owned()))?;
    fold_into(db, txn, row).await
}

/// Folds into a locked row. All batches count together before the row changes: what takes from PENDING
/// may come before what was paid into it.
async fn fold_into(
    db: &Db,
    txn: &DatabaseTransaction,
    row: ledger_balance::Model,
) -> Result<Balances, DbErr> {
    let mut sums = Balances([
        row.pending_minor,
        row.available_minor,
        row.reserved_minor,
        row.prepaid_minor,
        row.channel_clearing_minor,
        row.fee_income_minor,
        row.payout_clearing_minor,
        row.adjustment_minor,
    ]);
    let mut any = false;
    loop {
        let batch = take_batch(db, txn, row.merchant_id).await?;
        any |= !batch.is_empty();
        sums = batch.iter().fold(sums, |sums, one| sums.plus(&of(one)));
        if (batch.len() as u64) < BATCH {
            break;
        }
    }
    if any {
        let [
            pending,
            available,
            reserved,
            prepaid,
            channel_clearing,
            fee_income,
            payout_clearing,
            adjustment,
        ] = sums.0;
        let folded = ledger_balance::ActiveModel {
            merchant_id: ActiveValue::Unchanged(row.merchant_id),
            pending_minor: ActiveValue::Set(pending),
            available_minor: ActiveValue::Set(available),
            available_floor_minor: ActiveValue::Set(available.min(0)),
            reserved_minor: ActiveValue::Set(reserved),
            prepaid_minor: ActiveValue::Set(prepaid),
            channel_clearing_minor: ActiveValue::Set(channel_clearing),
            fee_income_minor: ActiveValue::Set(fee_income),
            payout_clearing_minor: ActiveValue::Set(payout_clearing),
            adjustment_minor: ActiveValue::Set(adjustment),
        };
        ledger_balance::Entity::update_of(row.merchant_id)
            .set(folded)
            .exec(txn)
            .await?;
    }
    Ok(sums)
}

/// Reads the oldest transactions that are not folded, and removes them.
async fn take_batch(
    db: &Db,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<Vec<ledger_unfolded::Model>, DbErr> {
    let column = ledger_unfolded::Column::TransactionId;
    let batch = ledger_unfolded::Entity::of(merchant_id)
        .order_by_asc(column)
        .limit(BATCH)
        .all(txn)
        .await?;
    if batch.is_empty() {
        return Ok(batch);
    }
    let ids: Vec<LedgerTransactionId> = batch.iter().map(|one| one.transaction_id).collect();
    ledger_unfolded::Entity::delete_of(merchant_id)
        .filter(any_of(db, column, &ids))
        .exec(txn)
        .await?;
    Ok(batch)
}

fn of(row: &ledger_unfolded::Model) -> Balances {
    Balances([
        row.pending_minor,
        row.available_minor,
        row.reserved_minor,
        row.prepaid_minor,
        row.channel_clearing_minor,
        row.fee_income_minor,
        row.payout_clearing_minor,
        row.adjustment_minor,
    ])
}

fn empty(merchant_id: MerchantId) -> ledger_balance::Model {
    ledger_balance::Model {
        merchant_id,
        pending_minor: 0,
        available_minor: 0,
        available_floor_minor: 0,
        reserved_minor: 0,
        prepaid_minor: 0,
        channel_clearing_minor: 0,
        fee_income_minor: 0,
        payout_clearing_minor: 0,
        adjustment_minor: 0,
    }
}
