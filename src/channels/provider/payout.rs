//! What payment platforms are told about payouts, and what they say became of them.

use chrono::{DateTime, TimeDelta, Utc};

use super::ProviderError;
use crate::money::Money;

/// What a platform says that sends no money out.
pub(super) fn pays_nothing_out() -> ProviderError {
    ProviderError::Misconfigured("the payment platform sends no payouts".to_owned())
}

/// A payout, as the payment platform needs to know it. `Debug` shows neither holder nor number.
#[derive(Clone)]
pub struct PayoutRequest {
    /// Our payout number; what the platform calls `out_biz_no`.
    pub payout_no: String,
    /// The bank, as `data/banks.toml` names it.
    pub bank_code: String,
    /// Whose account it is.
    pub holder: String,
    /// The account's number.
    pub number: String,
    /// What arrives there.
    pub amount: Money,
    /// What the payee reads beside it; empty where nobody said anything.
    pub remark: String,
    /// When the platform is asked; signed requests carry it.
    pub now: DateTime<Utc>,
}

impl std::fmt::Debug for PayoutRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayoutRequest")
            .field("payout_no", &self.payout_no)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

/// Which payout is asked about.
#[derive(Clone, Debug)]
pub struct PayoutQuery {
    /// Our payout number.
    pub payout_no: String,
    /// What arrives, as it was asked for.
    pub amount: Money,
    /// When the platform is asked; signed requests carry it.
    pub now: DateTime<Utc>,
}

/// What the platform says became of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutOutcome {
    /// It is accepted; the bank has nothing yet.
    Processing {
        /// The platform's own number, where it tells it.
        provider_payout_no: Option<String>,
    },
    /// The bank has it.
    Paid {
        /// The platform's own number, where it tells it.
        provider_payout_no: Option<String>,
    },
    /// It failed there, for good: nothing leaves.
    Failed {
        /// The platform's own code.
        code: String,
        /// The platform's own words.
        message: String,
    },
    /// The bank had it, and returned it 退票.
    Returned {
        /// The platform's own words.
        message: String,
    },
    /// The platform does not know the number.
    Unknown,
}

/// What a platform can be relied on for in payouts. All that send any can be asked about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayoutAbilities {
    /// How long it may be at work on a number before it knows it. Sent again sooner, it might pay twice.
    pub at_work_for: TimeDelta,
    /// For how many working days after the bank had it the platform is asked, once a day, whether the bank returned it.
    pub returns_within: u32,
    /// Whether it may forget what it took on, having moved nothing, as the sandbox does when it starts anew.
    pub forgets: bool,
}
