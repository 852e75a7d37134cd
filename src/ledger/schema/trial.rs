//! The trial balance, as clients see it.

use crate::graphql::plain::plain_object;
use crate::graphql::scalars::Timestamp;
use crate::ledger::schema::LedgerAccount;
use crate::ledger::service::{AccountTrial, Trial};
use crate::money::{Currency, Money};

/// A trial balance.
#[derive(Clone, Debug)]
pub struct TrialBalance {
    trial: Trial,
    accounts: Vec<TrialBalanceAccount>,
    totals: TrialBalanceTotals,
}

impl TrialBalance {
    /// A trial balance in a merchant's currency.
    pub fn of(trial: Trial, currency: Currency) -> Self {
        let accounts = trial.accounts.iter();
        Self {
            accounts: accounts
                .map(|row| TrialBalanceAccount {
                    row: *row,
                    currency,
                })
                .collect(),
            totals: TrialBalanceTotals {
                debits: Money::of_minor(trial.debit_minor(), currency),
                credits: Money::of_minor(trial.credit_minor(), currency),
            },
            trial,
        }
    }
}

plain_object! {
    /// A trial balance 试算平衡: every entry of the ledger summed up, and compared with the balances that
    /// are shown.
    TrialBalance(self) {
        /// The moment that it is of.
        at / "at": Timestamp = Timestamp(self.trial.at);
        /// Whether all debits equal all credits 借贷平衡.
        balanced / "balanced": bool = self.trial.balances();
        /// Whether each balance that is shown is what its entries sum up to 账实相符.
        proven / "proven": bool = self.trial.proves();
        /// Every account, in the order of LedgerAccount.
        accounts / "accounts": &Vec<TrialBalanceAccount> = &self.accounts;
        /// All accounts together.
        totals / "totals": TrialBalanceTotals = self.totals;
    }
}

/// One account of a trial balance.
#[derive(Clone, Copy, Debug)]
pub struct TrialBalanceAccount {
    row: AccountTrial,
    currency: Currency,
}

impl TrialBalanceAccount {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }
}

plain_object! {
    /// One account of a trial balance 科目.
    TrialBalanceAccount(self) {
        /// The account.
        account / "account": LedgerAccount = self.row.account.into();
        /// The sum of its debits 借方合计.
        debits / "debits": Money = self.money(self.row.debit_minor);
        /// The sum of its credits 贷方合计.
        credits / "credits": Money = self.money(self.row.credit_minor);
        /// The balance that is shown 余额: where it is proven, credits less debits.
        balance / "balance": Money = self.money(self.row.shown_minor);
    }
}

/// The totals of a trial balance.
#[derive(Clone, Copy, Debug)]
pub struct TrialBalanceTotals {
    debits: Money,
    credits: Money,
}

plain_object! {
    /// The totals of a trial balance 合计.
    TrialBalanceTotals(self) {
        /// The sum of all debits.
        debits / "debits": Money = self.debits;
        /// The sum of all credits.
        credits / "credits": Money = self.credits;
    }
}
