//! What a merchant has.

use chrono::{DateTime, Utc};
use entity::ledger_entry::LedgerAccount;

use crate::graphql::plain::plain_object;
use crate::graphql::scalars::Timestamp;
use crate::ledger::model::Balances;
use crate::money::{Currency, Money};

/// What a merchant has at a moment.
#[derive(Clone, Debug)]
pub struct Balance {
    /// Every account.
    pub balances: Balances,
    /// The merchant's currency.
    pub currency: Currency,
    /// The moment.
    pub at: DateTime<Utc>,
    /// How far events were numbered before it was read, where that is asked for.
    pub event_cursor: Option<String>,
}

impl Balance {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }
}

plain_object! {
    /// What a merchant has at a moment 账户余额.
    Balance(self) {
        /// 待结算: paid, and not settled yet.
        pending / "pending": Money = self.money(self.balances.get(LedgerAccount::Pending));
        /// 可用余额: may be refunded and paid out; zero where there is a debt.
        available / "available": Money =
            self.money(self.balances.get(LedgerAccount::Available).max(0));
        /// 冻结: set aside for refunds and payouts in flight, and for payments that go back.
        reserved / "reserved": Money = self.money(self.balances.get(LedgerAccount::Reserved));
        /// 预付手续费: what fees of direct-settlement channels are taken from; below zero where it is used
        /// up.
        prepaid / "prepaid": Money = self.money(self.balances.get(LedgerAccount::Prepaid));
        /// 欠款: how far late outcomes took what is available below zero; zero where there is no debt.
        debt / "debt": Money =
            self.money(self.balances.get(LedgerAccount::Available).min(0).saturating_neg());
        /// The moment that it is of.
        at / "at": Timestamp = Timestamp(self.at);
        /// Pass it to `balanceChanged(after:)`, and no change is missed between this answer and the subscription.
        event_cursor / "eventCursor": String = self.event_cursor.clone().unwrap_or_default();
    }
}
