//! Ledger transactions and their entries, as clients see them.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::ledger_transaction::LedgerSource as Source;
use entity::{BankAccountId, OrderId, PayoutId, ReconciliationItemId, RefundId, SettlementId};

use super::enums::{LedgerAccount, LedgerDirection, LedgerSource, LedgerStep};
use crate::error::Error;
use crate::graphql::Nullable;
use crate::graphql::connection::connection;
use crate::graphql::node::{Node, NodeRef};
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::ledger::loader::{EntriesOf, LedgerLoader};
use crate::ledger::service::{Entry, Transaction};
use crate::money::{Currency, Money};

/// A ledger transaction, and its entries where they were fetched with it.
#[derive(Clone, Debug)]
pub struct LedgerTransaction {
    row: Transaction,
    entries: Option<Vec<LedgerEntry>>,
}

impl From<Transaction> for LedgerTransaction {
    fn from(row: Transaction) -> Self {
        Self { row, entries: None }
    }
}

impl LedgerTransaction {
    /// A transaction with its entries.
    pub(super) fn with(row: Transaction, entries: Vec<Entry>) -> Self {
        Self {
            entries: Some(shown(&row, entries)),
            row,
        }
    }

    fn subject(&self) -> Option<NodeRef> {
        let id = self.row.source_id;
        match self.row.source {
            Source::Payment => Some(NodeRef::Order(OrderId(id))),
            Source::ExtraPayment => Some(NodeRef::ReconciliationItem(ReconciliationItemId(id))),
            Source::Settlement => Some(NodeRef::Settlement(SettlementId(id))),
            Source::Refund => Some(NodeRef::Refund(RefundId(id))),
            Source::Payout => Some(NodeRef::Payout(PayoutId(id))),
            Source::BankAccount => Some(NodeRef::BankAccount(BankAccountId(id))),
            Source::Adjustment => None,
        }
    }
}

fn currency(row: &Transaction) -> Currency {
    Currency::of_code(&row.currency).unwrap_or(Currency::Cny)
}

/// Entries in the order of the accounts.
fn shown(row: &Transaction, mut entries: Vec<Entry>) -> Vec<LedgerEntry> {
    entries.sort_by_key(|entry| entry.account as usize);
    let currency = currency(row);
    let entries = entries.into_iter();
    entries.map(|row| LedgerEntry { row, currency }).collect()
}

plain_object! {
    /// A ledger transaction 记账凭证: entries whose debits equal their credits. It is never edited: what was
    /// wrong is put right by another one.
    LedgerTransaction(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What it is about.
        source / "source": LedgerSource = self.row.source.into();
        /// Which step of it.
        step / "step": LedgerStep = self.row.step.into();
        /// Which time, from 1: a refund that is retried is set aside again.
        round / "round": i32 = i32::from(self.row.round);
        /// The sum of its debits, which is that of its credits.
        amount / "amount": Money = Money::of_minor(self.row.amount_minor, currency(&self.row));
        /// When it was posted 记账时间.
        posted_at / "postedAt": Timestamp = self.row.posted_at.into();
        /// Why, in words, where a person decided it 备注.
        note / "note": Option<&str> = self.row.note.as_deref();
    }
    fetched {
        "entries" => self.entries.as_deref();
    }
    {
        /// What it does to the accounts 分录.
        async fn entries(&self, ctx: &Context<'_>) -> Result<Vec<LedgerEntry>, Error> {
            if let Some(entries) = &self.entries {
                return Ok(entries.clone());
            }
            let loader = ctx.data_unchecked::<DataLoader<LedgerLoader>>();
            let rows = loader.load_one(EntriesOf(self.row.id)).await?;
            Ok(shown(&self.row, rows.unwrap_or_default()))
        }

        /// The order, refund, settlement, payout, bank account or reconciliation item that it is about, as that is
        /// now; none for a correction. None, with an error beside it, for who lacks the scope to see it.
        async fn about(&self, ctx: &Context<'_>) -> Nullable<Node> {
            Some(self.subject()?.load(ctx).await)
        }
    }
}

/// An entry of a ledger transaction.
#[derive(Clone, Debug)]
pub struct LedgerEntry {
    row: Entry,
    currency: Currency,
}

plain_object! {
    /// An entry of a ledger transaction 分录: a positive amount with a direction in one account.
    LedgerEntry(self) {
        /// The account.
        account / "account": LedgerAccount = self.row.account.into();
        /// The side.
        direction / "direction": LedgerDirection = self.row.direction.into();
        /// How much; always positive.
        amount / "amount": Money = Money::of_minor(self.row.amount_minor, self.currency);
    }
}

connection! {
    /// A list of ledger transactions.
    LedgerTransactionConnection
    /// A ledger transaction in a list.
    LedgerTransactionEdge
    /// The transaction.
    node: Lean<LedgerTransaction>
}
