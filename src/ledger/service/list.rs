//! Reads transactions and their entries.

use std::collections::HashMap;

use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{self, Column, Entity, LedgerSource};
use entity::{LedgerTransactionId, MerchantId, ledger_entry};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};
use crate::time_range::TimeRange;

/// A transaction, as it is kept.
pub type Transaction = ledger_transaction::Model;
/// An entry, as it is kept.
pub type Entry = ledger_entry::Model;

/// Which transactions are wanted; all conditions hold.
#[derive(Clone, Debug, Default)]
pub struct LedgerFilter {
    /// What they are about.
    pub sources: Option<Vec<LedgerSource>>,
    /// The one row that they are about, with its source.
    pub about: Option<(LedgerSource, i64)>,
    /// The account that they touch.
    pub account: Option<LedgerAccount>,
    /// When they were posted.
    pub posted: Option<TimeRange>,
}

/// A page of a merchant's transactions, newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &LedgerFilter,
    paging: &Paging,
) -> Result<Page<Transaction>, Error> {
    let mut select = Entity::of(merchant_id);
    if let Some(sources) = &filter.sources {
        select = select.filter(Column::Source.is_in(sources.iter().copied()));
    }
    if let Some((source, id)) = filter.about {
        select = select
            .filter(Column::SourceId.eq(id))
            .filter(Column::Source.eq(source));
    }
    if let Some(range) = &filter.posted {
        let first = |at: chrono::DateTime<chrono::Utc>| {
            LedgerTransactionId::first_at(at.timestamp_millis())
        };
        select = select
            .filter(Column::Id.gte(first(range.from)))
            .filter(Column::Id.lt(first(range.to)));
    }
    if let Some(account) = filter.account {
        let touched = ledger_entry::Entity::of(merchant_id)
            .select_only()
            .column(ledger_entry::Column::TransactionId)
            .filter(ledger_entry::Column::Account.eq(account))
            .into_query();
        select = select.filter(Column::Id.in_subquery(touched));
    }
    let select = newest_first::<_, _, LedgerTransactionId>(select, Column::Id, paging)?;
    Ok(Page::of(select.all(app.db.reads()).await?, paging))
}

/// Transactions by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[LedgerTransactionId],
) -> Result<HashMap<LedgerTransactionId, Transaction>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(app.db.reads())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The entries of several transactions.
pub async fn entries_of(
    app: &App,
    merchant_id: MerchantId,
    transactions: &[LedgerTransactionId],
) -> Result<HashMap<LedgerTransactionId, Vec<Entry>>, Error> {
    let column = ledger_entry::Column::TransactionId;
    let rows = ledger_entry::Entity::of(merchant_id)
        .filter(any_of(&app.db, column, transactions))
        .order_by_asc(column)
        .all(app.db.reads())
        .await?;
    let mut entries: HashMap<_, Vec<Entry>> = HashMap::new();
    for row in rows {
        entries.entry(row.transaction_id).or_default().push(row);
    }
    Ok(entries)
}
