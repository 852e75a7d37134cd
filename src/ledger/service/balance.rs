//! Reads balances: now, or at a moment in the past.

use chrono::{DateTime, Utc};
use entity::ledger_balance::Column;
use entity::ledger_entry::{self, Direction, LedgerAccount};
use entity::{LedgerTransactionId, MerchantId, ledger_balance, ledger_checkpoint, ledger_unfolded};
use sea_orm::sea_query::{Alias, Expr, Func, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::app::App;
use crate::error::Error;
use crate::ledger::model::Balances;
use crate::sums::sum_of;

/// The columns of the accounts, in their order; the three tables that hold balances name them alike.
pub(super) const COLUMNS: [Column; 8] = [
    Column::PendingMinor,
    Column::AvailableMinor,
    Column::ReservedMinor,
    Column::PrepaidMinor,
    Column::ChannelClearingMinor,
    Column::FeeIncomeMinor,
    Column::PayoutClearingMinor,
    Column::AdjustmentMinor,
];

/// The balances now: one statement on the balance row and what is not folded yet.
pub async fn balance(app: &App, merchant_id: MerchantId) -> Result<Balances, Error> {
    balance_in(&app.db.reads(merchant_id), merchant_id).await
}

/// As [`balance`], in a transaction.
pub async fn balance_in(
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
) -> Result<Balances, Error> {
    let row = connection.query_one(&now(merchant_id)).await?;
    let mut balances = Balances::default();
    if let Some(row) = row {
        for (place, minor) in balances.0.iter_mut().enumerate() {
            *minor = row.try_get_by_index(place)?;
        }
    }
    Ok(balances)
}

/// The statement that sums a merchant's balance row and what is not folded yet.
pub(super) fn now(merchant_id: MerchantId) -> SelectStatement {
    let mut parts = ledger_balance::Entity::of(merchant_id)
        .select_only()
        .columns(COLUMNS)
        .into_query();
    let unfolded = ledger_unfolded::Entity::of(merchant_id)
        .select_only()
        .columns([
            ledger_unfolded::Column::PendingMinor,
            ledger_unfolded::Column::AvailableMinor,
            ledger_unfolded::Column::ReservedMinor,
            ledger_unfolded::Column::PrepaidMinor,
            ledger_unfolded::Column::ChannelClearingMinor,
            ledger_unfolded::Column::FeeIncomeMinor,
            ledger_unfolded::Column::PayoutClearingMinor,
            ledger_unfolded::Column::AdjustmentMinor,
        ])
        .into_query();
    parts.union(UnionType::All, unfolded);
    let mut sums = Query::select();
    for column in COLUMNS {
        let sum = sum_of(Expr::col(column));
        sums.expr_as(Func::coalesce([sum, Expr::value(0_i64)]), column);
    }
    sums.from_subquery(parts, Alias::new("parts"));
    sums
}

/// The balances at a moment: the last checkpoint before it and the entries since, which are those of an
/// hour.
pub async fn balance_at(
    app: &App,
    merchant_id: MerchantId,
    at: DateTime<Utc>,
) -> Result<Balances, Error> {
    if at >= app.clock.now() {
        return balance(app, merchant_id).await;
    }
    let end = LedgerTransactionId::first_at(at.timestamp_millis() + 1);
    let (begin, balances) = last_checkpoint(app, merchant_id, end).await?;
    Ok(balances.plus(&between(app, merchant_id, begin, end).await?))
}

/// The last checkpoint at or before an id, and where it stands.
pub(super) async fn last_checkpoint(
    app: &App,
    merchant_id: MerchantId,
    end: LedgerTransactionId,
) -> Result<(LedgerTransactionId, Balances), Error> {
    let found = ledger_checkpoint::Entity::of(merchant_id)
        .filter(ledger_checkpoint::Column::BeforeId.lte(end))
        .order_by_desc(ledger_checkpoint::Column::BeforeId)
        .one(&app.db.reads(merchant_id))
        .await?;
    Ok(
        found.map_or((LedgerTransactionId(0), Balances::default()), |row| {
            let balances = Balances([
                row.pending_minor,
                row.available_minor,
                row.reserved_minor,
                row.prepaid_minor,
                row.channel_clearing_minor,
                row.fee_income_minor,
                row.payout_clearing_minor,
                row.adjustment_minor,
            ]);
            (row.before_id, balances)
        }),
    )
}

/// What the transactions from one id up to another did.
pub(super) async fn between(
    app: &App,
    merchant_id: MerchantId,
    begin: LedgerTransactionId,
    end: LedgerTransactionId,
) -> Result<Balances, Error> {
    let sum = sum_of(Expr::col(ledger_entry::Column::AmountMinor));
    let sums: Vec<(LedgerAccount, Direction, i64)> = ledger_entry::Entity::of(merchant_id)
        .filter(ledger_entry::Column::TransactionId.gte(begin))
        .filter(ledger_entry::Column::TransactionId.lt(end))
        .select_only()
        .column(ledger_entry::Column::Account)
        .column(ledger_entry::Column::Direction)
        .expr_as(sum, "minor")
        .group_by(ledger_entry::Column::Account)
        .group_by(ledger_entry::Column::Direction)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut balances = Balances::default();
    for (account, direction, minor) in sums {
        let signed = match direction {
            Direction::Credit => minor,
            Direction::Debit => -minor,
        };
        balances.add(account, signed);
    }
    Ok(balances)
}
