//! The trial balance 试算平衡: every entry summed up, and compared with the balances that are shown.

use chrono::{DateTime, Utc};
use entity::ledger_entry::{self, Direction, LedgerAccount};
use entity::{LedgerTransactionId, MerchantId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use super::balance::{balance, balance_at};
use crate::app::App;
use crate::error::Error;
use crate::ledger::model::ACCOUNTS;

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
    /// Whether all debits equal all credits.
    #[must_use]
    pub fn balances(&self) -> bool {
        let debits: i64 = self.accounts.iter().map(|one| one.debit_minor).sum();
        let credits: i64 = self.accounts.iter().map(|one| one.credit_minor).sum();
        debits == credits
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
/// ledger's size, as a proof's must.
pub async fn prove(
    app: &App,
    merchant_id: MerchantId,
    at: Option<DateTime<Utc>>,
) -> Result<Trial, Error> {
    let now = app.clock.now();
    let Some(at) = at.filter(|at| *at < now) else {
        return prove_now(app, merchant_id, now).await;
    };
    let end = LedgerTransactionId::first_at(at.timestamp_millis() + 1);
    let shown = balance_at(app, merchant_id, at).await?;
    let sums = sums(app, merchant_id, Some(end)).await?;
    Ok(trial(at, &sums, |account| shown.get(account)))
}

/// Payments go on while a proof sums up: it is tried again until nothing came in between.
async fn prove_now(app: &App, merchant_id: MerchantId, now: DateTime<Utc>) -> Result<Trial, Error> {
    const TRIES: usize = 5;
    let mut last = None;
    for _ in 0..TRIES {
        let before = balance(app, merchant_id).await?;
        let sums = sums(app, merchant_id, None).await?;
        let after = balance(app, merchant_id).await?;
        let told = trial(now, &sums, |account| after.get(account));
        if before == after || told.proves() {
            return Ok(told);
        }
        last = Some(told);
    }
    last.ok_or_else(|| Error::internal("no trial balance was tried"))
}

type Sum = (LedgerAccount, Direction, i64);

async fn sums(
    app: &App,
    merchant_id: MerchantId,
    end: Option<LedgerTransactionId>,
) -> Result<Vec<Sum>, Error> {
    let sum = Expr::expr(Func::sum(Expr::col(ledger_entry::Column::AmountMinor)));
    let mut select = ledger_entry::Entity::of(merchant_id);
    if let Some(end) = end {
        select = select.filter(ledger_entry::Column::TransactionId.lt(end));
    }
    Ok(select
        .select_only()
        .column(ledger_entry::Column::Account)
        .column(ledger_entry::Column::Direction)
        .expr_as(sum.cast_as(Alias::new("BIGINT")), "minor")
        .group_by(ledger_entry::Column::Account)
        .group_by(ledger_entry::Column::Direction)
        .into_tuple()
        .all(app.db.reads())
        .await?)
}

fn trial(at: DateTime<Utc>, sums: &[Sum], shown: impl Fn(LedgerAccount) -> i64) -> Trial {
    let sum = |account, direction| {
        sums.iter()
            .filter(|(of, side, _)| *of == account && *side == direction)
            .map(|(_, _, minor)| minor)
            .sum()
    };
    let accounts = ACCOUNTS.map(|account| AccountTrial {
        account,
        debit_minor: sum(account, Direction::Debit),
        credit_minor: sum(account, Direction::Credit),
        shown_minor: shown(account),
    });
    Trial {
        at,
        accounts: accounts.to_vec(),
    }
}
