//! Posts transactions, in the database transaction of what causes them.

use entity::ledger_entry::LedgerAccount;
use entity::{
    LedgerTransactionId, MerchantId, ledger_balance, ledger_entry, ledger_transaction,
    ledger_unfolded,
};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait, QueryFilter, UpdateMany};

use super::fold::fold_in;
use crate::app::App;
use crate::error::{Error, Failure};
use crate::ledger::model::{Balances, Insufficient, Posting};
use crate::money::Currency;

/// Accounts that hold what is there, and no less than nothing.
const NEVER_BELOW_ZERO: [(LedgerAccount, ledger_balance::Column); 3] = [
    (
        LedgerAccount::Available,
        ledger_balance::Column::AvailableMinor,
    ),
    (LedgerAccount::Pending, ledger_balance::Column::PendingMinor),
    (
        LedgerAccount::Reserved,
        ledger_balance::Column::ReservedMinor,
    ),
];

/// Posts what takes nothing from AVAILABLE: appended, so that no other posting is waited for.
pub async fn post(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    currency: Currency,
    posting: &Posting,
) -> Result<LedgerTransactionId, Error> {
    append(app, txn, merchant_id, currency, posting, None).await
}

/// As [`post`], with a person's reason.
pub(super) async fn append(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    currency: Currency,
    posting: &Posting,
    note: Option<&str>,
) -> Result<LedgerTransactionId, Error> {
    if posting.changes.get(LedgerAccount::Available) < 0 {
        return Err(Error::internal(
            "what takes money has to look whether it is there",
        ));
    }
    let id = write(app, txn, merchant_id, currency, posting, note).await?;
    let [
        pending,
        available,
        reserved,
        prepaid,
        channel_clearing,
        fee_income,
        payout_clearing,
        adjustment,
    ] = posting.changes.0;
    ledger_unfolded::Entity::insert(ledger_unfolded::ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        transaction_id: ActiveValue::Set(id),
        pending_minor: ActiveValue::Set(pending),
        available_minor: ActiveValue::Set(available),
        reserved_minor: ActiveValue::Set(reserved),
        prepaid_minor: ActiveValue::Set(prepaid),
        channel_clearing_minor: ActiveValue::Set(channel_clearing),
        fee_income_minor: ActiveValue::Set(fee_income),
        payout_clearing_minor: ActiveValue::Set(payout_clearing),
        adjustment_minor: ActiveValue::Set(adjustment),
    })
    .exec_without_returning(txn)
    .await?;
    Ok(id)
}

/// Posts what takes from AVAILABLE, where enough is there. Comes last in its transaction: the balance row
/// that it locks is every such transaction's.
pub async fn take(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    currency: Currency,
    posting: &Posting,
) -> Result<LedgerTransactionId, Failure<Insufficient>> {
    take_for(app, txn, merchant_id, currency, posting, None).await
}

/// As [`take`], with a person's reason.
pub(super) async fn take_for(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    currency: Currency,
    posting: &Posting,
    note: Option<&str>,
) -> Result<LedgerTransactionId, Failure<Insufficient>> {
    let mut update = changing(merchant_id, &posting.changes);
    for (account, column) in NEVER_BELOW_ZERO {
        let wanted = -posting.changes.get(account);
        if wanted > 0 {
            update = update.filter(Expr::col(column).gte(wanted));
        }
    }
    if update.clone().exec(txn).await?.rows_affected == 0 {
        // What is missing may just have come in.
        let balances = fold_in(&app.db, txn, merchant_id).await?;
        let available_minor = balances.get(LedgerAccount::Available);
        let wanted_minor = -posting.changes.get(LedgerAccount::Available);
        if available_minor < wanted_minor {
            return Err(Failure::Refused(Insufficient {
                available_minor,
                wanted_minor,
                currency,
            }));
        }
        if update.exec(txn).await?.rows_affected == 0 {
            return Err(Error::internal("more is taken than is pending or reserved").into());
        }
    }
    Ok(write(app, txn, merchant_id, currency, posting, note).await?)
}

/// Posts what has happened whether or not enough is available: a late outcome, which may leave a debt.
pub async fn force(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    currency: Currency,
    posting: &Posting,
) -> Result<LedgerTransactionId, Error> {
    fold_in(&app.db, txn, merchant_id).await?;
    let available = Expr::col(ledger_balance::Column::AvailableMinor)
        .add(posting.changes.get(LedgerAccount::Available));
    let floor = Func::least([Expr::value(0_i64), available]);
    let update = changing(merchant_id, &posting.changes)
        .col_expr(ledger_balance::Column::AvailableFloorMinor, floor.into());
    if update.exec(txn).await?.rows_affected == 0 {
        return Err(Error::internal("a balance row vanished"));
    }
    write(app, txn, merchant_id, currency, posting, None).await
}

/// An update of the balance row. It leaves the floor where it is, below which the database lets nothing
/// fall.
fn changing(merchant_id: MerchantId, changes: &Balances) -> UpdateMany<ledger_balance::Entity> {
    let columns = super::balance::COLUMNS.into_iter().zip(changes.0);
    let mut update = ledger_balance::Entity::update_of(merchant_id);
    for (column, minor) in columns.filter(|(_, minor)| *minor != 0) {
        update = update.col_expr(column, Expr::col(column).add(minor));
    }
    update
}

/// Writes entries, then the transaction that seals them.
async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    currency: Currency,
    posting: &Posting,
    note: Option<&str>,
) -> Result<LedgerTransactionId, Error> {
    if !posting.changes.is_balanced() || posting.changes.amount() == 0 {
        return Err(Error::internal("a posting does not balance"));
    }
    let id: LedgerTransactionId = app.ids.next();
    let entries = posting.changes.entries();
    let entries = entries.map(|(account, direction, minor)| ledger_entry::ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        transaction_id: ActiveValue::Set(id),
        account: ActiveValue::Set(account),
        direction: ActiveValue::Set(direction),
        amount_minor: ActiveValue::Set(minor),
    });
    ledger_entry::Entity::insert_many(entries)
        .exec_without_returning(txn)
        .await?;
    ledger_transaction::Entity::insert(ledger_transaction::ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        id: ActiveValue::Set(id),
        source: ActiveValue::Set(posting.source),
        source_id: ActiveValue::Set(posting.source_id),
        step: ActiveValue::Set(posting.step),
        round: ActiveValue::Set(posting.round),
        currency: ActiveValue::Set(currency.code().to_owned()),
        amount_minor: ActiveValue::Set(posting.changes.amount()),
        posted_at: ActiveValue::Set(instant(id)),
        note: ActiveValue::Set(note.map(str::to_owned)),
    })
    .exec_without_returning(txn)
    .await?;
    Ok(id)
}

/// The instant in a transaction's id, which is when it was posted.
pub(super) fn instant(id: LedgerTransactionId) -> entity::Instant {
    entity::Instant(chrono::DateTime::from_timestamp_millis(id.made_at_ms()).unwrap_or_default())
}
