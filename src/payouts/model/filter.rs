//! Which payouts a list wants.

use entity::BankAccountId;
use entity::payout::{self, PayoutOrigin, PayoutStatus};
use serde::{Deserialize, Serialize};

use crate::money::AmountRange;
use crate::time_range::TimeRange;

/// Which payouts are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutFilter {
    /// Any of these states.
    pub states: Option<Vec<PayoutStatus>>,
    /// Any of these origins.
    pub origins: Option<Vec<PayoutOrigin>>,
    /// To any of these accounts.
    pub account_ids: Option<Vec<BankAccountId>>,
    /// When it was asked for.
    pub requested: Option<TimeRange>,
    /// When the bank had it.
    pub paid: Option<TimeRange>,
    /// How much.
    pub amount: AmountRange,
    /// Asked for by this actor.
    pub requested_by: Option<String>,
    /// Whether a person has to look at it.
    pub needs_attention: Option<bool>,
    /// The beginning of our number or the platform's.
    pub search: Option<String>,
}

impl PayoutFilter {
    /// Whether a payout is wanted by what it is, whoever asks for it and whatever its numbers: what a subscription
    /// can look at.
    #[must_use]
    pub fn wants(&self, row: &payout::Model) -> bool {
        fn any<T: PartialEq>(wanted: Option<&Vec<T>>, value: &T) -> bool {
            wanted.is_none_or(|wanted| wanted.contains(value))
        }
        any(self.states.as_ref(), &row.state)
            && any(self.origins.as_ref(), &row.origin)
            && any(self.account_ids.as_ref(), &row.bank_account_id)
            && self
                .amount
                .min_minor
                .is_none_or(|min| row.amount_minor >= min)
            && self
                .amount
                .max_minor
                .is_none_or(|max| row.amount_minor <= max)
            && self
                .needs_attention
                .is_none_or(|needs| row.needs_attention == needs)
    }
}
