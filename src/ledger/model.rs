//! What a posting is, and what it does to the accounts.

use entity::ledger_entry::{Direction, LedgerAccount};
use entity::ledger_transaction::{LedgerSource, LedgerStep};

use crate::error::{Problem, Refusal};
use crate::money::{Currency, Money};

/// Every account, in the order in which tables keep them.
pub const ACCOUNTS: [LedgerAccount; 8] = [
    LedgerAccount::Pending,
    LedgerAccount::Available,
    LedgerAccount::Reserved,
    LedgerAccount::Prepaid,
    LedgerAccount::ChannelClearing,
    LedgerAccount::FeeIncome,
    LedgerAccount::PayoutClearing,
    LedgerAccount::Adjustment,
];

/// An amount for each account, in minor units: balances, or what changes them. Credits count up, debits
/// down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balances(pub [i64; 8]);

impl Balances {
    /// The amount of an account.
    #[must_use]
    pub fn get(&self, account: LedgerAccount) -> i64 {
        self.0[account as usize]
    }

    /// Adds to an account.
    pub fn add(&mut self, account: LedgerAccount, minor: i64) {
        self.0[account as usize] += minor;
    }

    /// The same with this added; itself where one is not changed.
    #[must_use]
    pub fn with(mut self, account: LedgerAccount, minor: i64) -> Self {
        self.add(account, minor);
        self
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
        self
    }

    /// Whether debits equal credits.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.0.iter().sum::<i64>() == 0
    }

    /// The entries that make these changes: account, direction, positive amount.
    pub fn entries(&self) -> impl Iterator<Item = (LedgerAccount, Direction, i64)> {
        ACCOUNTS
            .into_iter()
            .zip(self.0)
            .filter(|(_, minor)| *minor != 0)
            .map(|(account, minor)| {
                let direction = if minor < 0 {
                    Direction::Debit
                } else {
                    Direction::Credit
                };
                (account, direction, minor.abs())
            })
    }

    /// The sum of the debits, which is that of the credits.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.0.iter().filter(|minor| **minor > 0).sum()
    }
}

/// What is to be posted: one step of one source, at most once a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What it is about.
    pub source: LedgerSource,
    /// The row that it is about.
    pub source_id: i64,
    /// Which step.
    pub step: LedgerStep,
    /// Which time, from 1.
    pub round: i16,
    /// What it does to the accounts.
    pub changes: Balances,
}

/// Why money was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insufficient {
    /// What is available, in minor units.
    pub available_minor: i64,
    /// What was asked for, in minor units.
    pub wanted_minor: i64,
    /// Their currency.
    pub currency: Currency,
}

impl Refusal for Insufficient {
    fn message(&self) -> Problem {
        let show = |minor| Money::of_minor(minor, self.currency).to_decimal();
        let (available, wanted) = (show(self.available_minor), show(self.wanted_minor));
        let code = self.currency.code();
        if self.available_minor < 0 {
            let debt = show(-self.available_minor);
            return Problem::new(
                format!("{wanted} {code} are needed, and a debt of {debt} {code} comes first."),
                format!("可用余额不足：需要 {wanted} {code}，且尚有欠款 {debt} {code} 未还清。"),
            );
        }
        Problem::new(
            format!("{wanted} {code} are needed and {available} {code} are available."),
            format!("可用余额不足：需要 {wanted} {code}，可用 {available} {code}。"),
        )
    }
}

/// How long a reason may be, in characters.
const LONGEST_REASON: usize = 500;

/// A correction by the platform's staff: what one account of a merchant gets, or loses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// The account.
    pub account: LedgerAccount,
    /// How much, in minor units; below zero it is taken.
    pub minor: i64,
    /// Why, in words.
    pub reason: String,
}

/// Why a correction was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjustRefusal {
    /// Other accounts follow payments and refunds, which would not fit them any more.
    WrongAccount,
    /// Nothing would change.
    NoAmount,
    /// It is not said why, or at too great length.
    NoReason,
    /// Not enough is available.
    Insufficient(Insufficient),
}

impl Refusal for AdjustRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::WrongAccount => Problem::new(
                "Only what is available or prepaid can be corrected.",
                "只能调整可用余额或预付手续费。",
            ),
            Self::NoAmount => Problem::new("The amount must not be zero.", "调账金额不能为零。"),
            Self::NoReason => Problem::new(
                format!("A reason of 1 to {LONGEST_REASON} characters is needed."),
                format!("须填写调账原因，最长 {LONGEST_REASON} 个字符。"),
            ),
            Self::Insufficient(insufficient) => insufficient.message(),
        }
    }
}

impl Adjustment {
    /// What it does to the accounts.
    pub fn changes(&self) -> Result<Balances, AdjustRefusal> {
        let length = self.reason.trim().chars().count();
        match self.account {
            LedgerAccount::Available | LedgerAccount::Prepaid => {}
            _ => return Err(AdjustRefusal::WrongAccount),
        }
        if self.minor == 0 {
            return Err(AdjustRefusal::NoAmount);
        }
        if !(1..=LONGEST_REASON).contains(&length) {
            return Err(AdjustRefusal::NoReason);
        }
        Ok(Balances::default()
            .with(self.account, self.minor)
            .with(LedgerAccount::Adjustment, -self.minor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_shared_between_the_merchant_and_the_fee() {
        let paid = Balances::default()
            .with(LedgerAccount::ChannelClearing, -10_000)
            .with(LedgerAccount::Pending, 9_940)
            .with(LedgerAccount::FeeIncome, 60);
        assert!(paid.is_balanced());
        assert_eq!(paid.amount(), 10_000);
        let entries: Vec<_> = paid.entries().collect();
        assert_eq!(
            entries,
            [
                (LedgerAccount::Pending, Direction::Credit, 9_940),
                (LedgerAccount::ChannelClearing, Direction::Debit, 10_000),
                (LedgerAccount::FeeIncome, Direction::Credit, 60),
            ]
        );
    }

    #[test]
    fn every_account_has_its_place() {
        for account in ACCOUNTS {
            assert_eq!(Balances::default().with(account, 7).get(account), 7);
        }
    }
}
