//! The columns of the ledger's entries.

use entity::ledger_transaction::LedgerSource;
use entity::{
    BankAccountId, OrderId, PayoutId, ReconciliationItemId, RefundId, SettlementId, ledger_entry,
    ledger_transaction,
};

use super::Unit::{Currency as InCurrency, Plain, Zone};
use super::{Column, column};
use crate::exports::model::cell::Cell;
use crate::exports::model::words;
use crate::money::Currency;

/// An entry, with the transaction that it belongs to.
#[derive(Debug)]
pub struct Posted {
    /// The transaction.
    pub transaction: std::sync::Arc<ledger_transaction::Model>,
    /// The entry.
    pub entry: ledger_entry::Model,
}

/// The id of what a transaction is about.
fn about(row: &ledger_transaction::Model) -> Cell {
    let id = row.source_id;
    Cell::Text(match row.source {
        LedgerSource::Payment => OrderId(id).to_string(),
        LedgerSource::ExtraPayment => ReconciliationItemId(id).to_string(),
        LedgerSource::Settlement => SettlementId(id).to_string(),
        LedgerSource::Refund => RefundId(id).to_string(),
        LedgerSource::Payout => PayoutId(id).to_string(),
        LedgerSource::BankAccount => BankAccountId(id).to_string(),
        LedgerSource::Adjustment => return Cell::Empty,
    })
}

/// The columns of the ledger's entries.
pub static LEDGER_ENTRIES: &[Column<Posted>] = &[
    column("transactionId", "Transaction", "凭证号", Plain, |it| {
        Cell::Text(it.transaction.id.to_string())
    }),
    column("postedAt", "Posted at", "记账时间", Zone, |it| {
        Cell::Time(it.transaction.posted_at.0)
    }),
    column("source", "About", "业务类型", Plain, |it| {
        words::source(it.transaction.source)
    }),
    column(
        "sourceId",
        "Id of what it is about",
        "业务编号",
        Plain,
        |it| about(&it.transaction),
    ),
    column("step", "Step", "步骤", Plain, |it| {
        words::step(it.transaction.step)
    }),
    column("round", "Round", "轮次", Plain, |it| {
        Cell::Whole(it.transaction.round.into())
    }),
    column("account", "Account", "账户", Plain, |it| {
        words::account(it.entry.account)
    }),
    column("direction", "Direction", "借贷方向", Plain, |it| {
        words::direction(it.entry.direction)
    }),
    column("amount", "Amount", "金额", InCurrency, |it| {
        let currency = Currency::of_code(&it.transaction.currency).unwrap_or(Currency::Cny);
        Cell::money(it.entry.amount_minor, currency)
    }),
    column("note", "Note", "备注", Plain, |it| {
        Cell::text(it.transaction.note.as_deref())
    }),
];
