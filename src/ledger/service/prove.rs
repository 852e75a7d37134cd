//! The trial balance 试算平衡: every entry summed up, and compared with the balances that are shown.

use chrono::{DateTime, Utc};
use entity::ledger_entry::{self, Column, Direction, LedgerAccount};
use entity::{LedgerTransactionId, MerchantId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryResult, QuerySelect, QueryTrait};

use super::balance::{COLUMNS, last_checkpoint, now};
use crate::app::App;
use crate::error::Error;
use crate::ledger::model::{ACCOUNTS, Balances};
use crate::sums::sum_of;

/// What the entries of an account sum up to, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountTrial {
    /// The account.
    pub account: LedgerAccount,
    /// The sum of its debits.
    pub debit_minor: i64,
    /// The sum of its credits.
    pub credit_minor: i64,
    /// The balance that is shown: credits less debits.
    pub shown_minor: i64,
}

/// A trial balance.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Of which moment.
    pub at: DateTime<Utc>,
    /// Every account.
    pub accounts: Vec<AccountTrial>,
}

impl Trial {
    /// The sum of all debits, in minor units.
    #[must_use]
    pub fn debit_minor(&self) -> i64 {
        self.accounts.iter().map(|one| one.debit_minor).sum()
    }

    /// The sum of all credits, in minor units.
    #[must_use]
    pub fn credit_minor(&self) -> i64 {
        self.accounts.iter().map(|one| one.credit_minor).sum()
    }

    /// Whether all debits equal all credits.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.debit_minor() == self.credit_minor()
    }

    /// Whether each balance that is shown is what its entries sum up to.
    #[must_use]
    pub fn proves(&self) -> bool {
        self.accounts
            .iter()
            .all(|one| one.credit_minor - one.debit_minor == one.shown_minor)
    }
}

/// Sums up every entry of a merchant up to a moment, now where none is given. Its cost follows the
/// ledger's size, as a proof's must. Entries and balances are read by one statement, so that payments
/// that come meanwhile are in both or in neither.
pub async fn prove(
    app: &App,
    merchant_id: MerchantId,
    at: Option<DateTime<Utc>>,
) -> Result<Trial, Error> {
    let now = app.clock.now();
    match at.filter(|at| *at < now) {
        Some(at) => prove_past(app, merchant_id, at).await,
        None => prove_now(app, merchant_id, now).await,
    }
}

/// What was shown is the last checkpoint and the entries since: what came before it proves it.
async fn prove_past(app: &App, merchant_id: MerchantId, at: DateTime<Utc>) -> Result<Trial, Error> {
    let end = LedgerTransactionId::first_at(at.timestamp_millis() + 1);
    let (begin, mut shown) = last_checkpoint(app, merchant_id, end).await?;
    let before = Expr::col(Column::TransactionId).lt(begin);
    let is_since = Expr::case(before, Expr::cust("0")).finally(Expr::cust("1"));
    let entries = sums(merchant_id)
        .and_where(Column::TransactionId.lt(end))
        .expr_as(is_since, "is_since")
        .add_group_by([Expr::col("is_since")])
        .to_owned();
    let rows = app.db.reads(merchant_id).query_all(&entries).await?;
    let mut sums = Vec::new();
    for row in &rows {
        let sum = read_sum(row)?;
        if row.try_get_by_index::<i32>(3)? == 1 {
            shown.add(sum.account, sum.signed());
        }
        sums.push(sum);
    }
    Ok(trial(at, &sums, &shown))
}

async fn prove_now(app: &App, merchant_id: MerchantId, at: DateTime<Utc>) -> Result<Trial, Error> {
    let (entries, shown) = (Alias::new("entries"), Alias::new("shown"));
    let mut both = Query::select();
    for name in ["account", "direction", "minor"] {
        both.column((entries.clone(), Alias::new(name)));
    }
    both.columns(COLUMNS.map(|column| (shown.clone(), column)))
        .from_subquery(now(merchant_id), shown)
        .join_subquery(
            JoinType::LeftJoin,
            sums(merchant_id),
            entries,
            Expr::cust("TRUE"),
        );
    let rows = app.db.reads(merchant_id).query_all(&both).await?;
    let mut shown = Balances::default();
    let mut sums = Vec::new();
    for row in &rows {
        for (place, minor) in shown.0.iter_mut().enumerate() {
            *minor = row.try_get_by_index(place + 3)?;
        }
        // A ledger without entries is one row of balances.
        if row.try_get_by_index::<Option<String>>(0)?.is_some() {
            sums.push(read_sum(row)?);
        }
    }
    Ok(trial(at, &sums, &shown))
}

/// What the entries of one account and direction sum up to.
struct Sum {
    account: LedgerAccount,
    direction: Direction,
    minor: i64,
}

impl Sum {
    fn signed(&self) -> i64 {
        match self.direction {
            Direction::Credit => self.minor,
            Direction::Debit => -self.minor,
        }
    }
}

fn read_sum(row: &QueryResult) -> Result<Sum, Error> {
    Ok(Sum {
        account: row.try_get_by_index(0)?,
        direction: row.try_get_by_index(1)?,
        minor: row.try_get_by_index(2)?,
    })
}

/// Account, direction and sum of a merchant's entries.
fn sums(merchant_id: MerchantId) -> SelectStatement {
    let sum = sum_of(Expr::col(Column::AmountMinor));
    ledger_entry::Entity::of(merchant_id)
        .select_only()
        .column(Column::Account)
        .column(Column::Direction)
        .expr_as(sum, "minor")
        .group_by(Column::Account)
        .group_by(Column::Direction)
        .into_query()
}

fn trial(at: DateTime<Utc>, sums: &[Sum], shown: &Balances) -> Trial {
    let sum = |account, direction| {
        sums.iter()
            .filter(|sum| sum.account == account && sum.direction == direction)
            .map(|sum| sum.minor)
            .sum()
    };
    let accounts = ACCOUNTS.map(|account| AccountTrial {
        account,
        debit_minor: sum(account, Direction::Debit),
        credit_minor: sum(account, Direction::Credit),
        shown_minor: shown.get(account),
    });
    Trial {
        at,
        accounts: accounts.to_vec(),
    }
}
