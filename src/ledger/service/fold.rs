//! Folds what was posted into the merchants' balance rows.

use entity::{MerchantId, ledger_balance, ledger_unfolded};
use sea_orm::sea_query::{LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};

use crate::app::App;
use crate::error::Error;
use crate::ledger::model::Balances;

/// How many transactions are folded at once.
const BATCH: u64 = 5_000;

/// Merchants with transactions that are not folded yet.
pub async fn unfolded(app: &App) -> Result<Vec<MerchantId>, Error> {
    Ok(ledger_unfolded::Entity::merchants()
        .into_tuple()
        .all(app.db.reads())
        .await?)
}

/// Folds a merchant's transactions into its balance row; whether some may be left. Where another instance
/// is at it, that one does it.
pub async fn fold(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    app.db
        .transaction(|txn| async move {
            let mut mine = ledger_balance::Entity::of(merchant_id);
            if app.db.backend() == DbBackend::Postgres {
                mine = mine.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            match mine.one(&*txn).await? {
                Some(row) => Ok(fold_into(&txn, row).await? == BATCH),
                // Another has it, or there is none yet.
                None => Ok(fold_new(&txn, merchant_id).await?),
            }
        })
        .await
}

/// Makes the balance row where there is none; false where another instance holds it.
async fn fold_new(txn: &DatabaseTransaction, merchant_id: MerchantId) -> Result<bool, DbErr> {
    let exists = ledger_balance::Entity::of(merchant_id).one(txn).await?;
    if exists.is_some() {
        return Ok(false);
    }
    fold_in(txn, merchant_id).await?;
    Ok(true)
}

/// Folds everything that a transaction sees, and leaves it with the balance row locked.
pub(super) async fn fold_in(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<(), DbErr> {
    ledger_balance::Entity::insert(empty(merchant_id).into_active_model())
        .on_conflict(
            OnConflict::column(ledger_balance::Column::MerchantId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    loop {
        let row = ledger_balance::Entity::of(merchant_id)
            .lock_exclusive()
            .one(txn)
            .await?
            .ok_or_else(|| DbErr::RecordNotFound("a balance row".to_owned()))?;
        if fold_into(txn, row).await? < BATCH {
            return Ok(());
        }
    }
}

/// Folds into a locked row; returns how many transactions that were.
async fn fold_into(txn: &DatabaseTransaction, row: ledger_balance::Model) -> Result<u64, DbErr> {
    let merchant_id = row.merchant_id;
    let posted = ledger_unfolded::Entity::of(merchant_id)
        .limit(BATCH)
        .all(txn)
        .await?;
    if posted.is_empty() {
        return Ok(0);
    }
    let mut sums = Balances::default();
    for one in &posted {
        sums = sums.plus(&Balances([
            one.pending_minor,
            one.available_minor,
            one.reserved_minor,
            one.prepaid_minor,
            one.channel_clearing_minor,
            one.fee_income_minor,
            one.payout_clearing_minor,
            one.adjustment_minor,
        ]));
    }
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
    let available_minor = row.available_minor + available;
    let folded = ledger_balance::ActiveModel {
        merchant_id: ActiveValue::Unchanged(merchant_id),
        pending_minor: ActiveValue::Set(row.pending_minor + pending),
        available_minor: ActiveValue::Set(available_minor),
        available_floor_minor: ActiveValue::Set(available_minor.min(0)),
        reserved_minor: ActiveValue::Set(row.reserved_minor + reserved),
        prepaid_minor: ActiveValue::Set(row.prepaid_minor + prepaid),
        channel_clearing_minor: ActiveValue::Set(row.channel_clearing_minor + channel_clearing),
        fee_income_minor: ActiveValue::Set(row.fee_income_minor + fee_income),
        payout_clearing_minor: ActiveValue::Set(row.payout_clearing_minor + payout_clearing),
        adjustment_minor: ActiveValue::Set(row.adjustment_minor + adjustment),
    };
    ledger_balance::Entity::update_of(merchant_id)
        .set(folded)
        .exec(txn)
        .await?;
    let ids = posted.iter().map(|one| one.transaction_id);
    ledger_unfolded::Entity::delete_of(merchant_id)
        .filter(ledger_unfolded::Column::TransactionId.is_in(ids))
        .exec(txn)
        .await?;
    Ok(posted.len() as u64)
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
