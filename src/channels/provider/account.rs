//! What payment platforms are told about bank accounts, and what they say of them.

use chrono::{DateTime, TimeDelta, Utc};

use super::ProviderError;
use crate::money::Money;

/// How long a platform may be at work on a number before it knows it. Sent again sooner, it might send the money twice.
pub const AT_WORK_FOR: TimeDelta = TimeDelta::minutes(10);

/// What a platform says that checks no bank accounts.
pub(super) fn checks_no_accounts() -> ProviderError {
    ProviderError::Misconfigured("the payment platform checks no bank accounts".to_owned())
}

/// A bank account that a small amount is sent to. `Debug` shows neither holder nor number.
#[derive(Clone)]
pub struct AccountCheckRequest {
    /// Our number of the check: 19 digits, the same however often it is sent.
    pub check_no: String,
    /// The bank, as `data/banks.toml` names it.
    pub bank_code: String,
    /// Whose account it is.
    pub holder: String,
    /// The account's number.
    pub number: String,
    /// What is to be sent; a platform that chooses by itself says how much it sent.
    pub amount: Money,
    /// Whether it may have been sent before: then it is asked about first.
    pub asked_before: bool,
    /// Whether it may be sent now, where it is not known there: it never was, or longer ago than [`AT_WORK_FOR`]. Decided
    /// by whoever claimed it, at the moment of the claim: a moment later the time may be over, and nobody would know
    /// that it was sent.
    pub may_send: bool,
    /// When the platform is asked; signed requests carry it.
    pub now: DateTime<Utc>,
}

impl std::fmt::Debug for AccountCheckRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountCheckRequest")
            .field("check_no", &self.check_no)
            .finish_non_exhaustive()
    }
}

/// What a platform says of a bank account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountCheck {
    /// The small amount was sent.
    Sent {
        /// How much.
        amount: Money,
    },
    /// It is accepted; nobody knows yet whether it arrives.
    Processing,
    /// It cannot arrive there.
    Failed {
        /// The platform's own code.
        code: String,
        /// The platform's own words.
        message: String,
    },
}
