//! Reads transactions and their entries.

use std::collections::HashMap;

use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{self, Column, Entity, LedgerSource};
use entity::{LedgerTransactionId, MerchantId, OrderId, RefundId, ledger_entry, refund};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerFilter {
    /// What they are about.
    pub sources: Option<Vec<LedgerSource>>,
    /// The order that they are about: its payment and its refunds.
    pub order: Option<OrderId>,
    /// The refund that they are about.
    pub refund: Option<RefundId>,
    /// The account that they touch.
    pub account: Option<LedgerAccount>,
    /// When they were posted.
    pub posted: Option<TimeRange>,
}

impl LedgerFilter {
    /// Whether no payment can be among them: payments touch neither what is set aside nor what leaves.
    fn is_but_payments(&self) -> bool {
        let sources = self.sources.as_ref();
        let unpaid = matches!(
            self.account,
            Some(
                LedgerAccount::Reserved | LedgerAccount::PayoutClearing | LedgerAccount::Adjustment
            )
        );
        unpaid || sources.is_some_and(|sources| !sources.contains(&LedgerSource::Payment))
    }
}

/// A page of a merchant's transactions, newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &LedgerFilter,
    paging: &Paging,
) -> Result<Page<Transaction>, Error> {
    let mut select = if filter.is_but_payments() {
        Entity::but_payments(merchant_id)
    } else {
        Entity::of(merchant_id)
    };
    if let Some(sources) = &filter.sources {
        select = select.filter(Column::Source.is_in(sources.iter().copied()));
    }
    if let Some(id) = filter.refund {
        select = select.filter(about(LedgerSource::Refund, &[id], app));
    }
    if let Some(id) = filter.order {
        let refunds = refunds_of(app, merchant_id, id).await?;
        let payment = about(LedgerSource::Payment, &[id], app);
        select = select.filter(payment.or(about(LedgerSource::Refund, &refunds, app)));
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
            .column(ledger_entry::Column::Account)
            .filter(ledger_entry::Column::Account.eq(account))
            .filter(
                Expr::col((ledger_entry::Entity, ledger_entry::Column::TransactionId))
                    .equals((Entity, Column::Id)),
            )
            .into_query();
        // One look for each transaction of the page: PostgreSQL would join all of the merchant's entries.
        let touched = Expr::SubQuery(None, Box::new(touched.into()));
        select = select.filter(touched.is_not_null());
    }
    let select = newest_first::<_, _, LedgerTransactionId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// Transactions about any of some rows.
fn about<I: Copy + Into<i64>>(source: LedgerSource, ids: &[I], app: &App) -> Expr {
    any_of(&app.db, Column::SourceId, ids).and(Column::Source.eq(source))
}

async fn refunds_of(
    app: &App,
    merchant_id: MerchantId,
    order_id: OrderId,
) -> Result<Vec<RefundId>, Error> {
    Ok(refund::Entity::of(merchant_id)
        .filter(refund::Column::OrderId.eq(order_id))
        .select_only()
        .column(refund::Column::Id)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?)
}

/// Transactions by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[LedgerTransactionId],
) -> Result<HashMap<LedgerTransactionId, Transaction>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
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
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut entries: HashMap<_, Vec<Entry>> = HashMap::new();
    for row in rows {
        entries.entry(row.transaction_id).or_default().push(row);
    }
    Ok(entries)
}
