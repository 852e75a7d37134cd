//! The port that every payment platform implements; nothing here knows a merchant or a database.

mod payout;
mod account;

use std::net::IpAddr;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};

use crate::money::Money;

use self::account::checks_no_accounts;
pub use self::account::{AT_WORK_FOR, AccountCheck, AccountCheckRequest};
use self::payout::pays_nothing_out;
pub use self::payout::{PayoutAbilities, PayoutOutcome, PayoutQuery, PayoutRequest};

/// What a payment platform does for a channel. Never called inside a database transaction.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Asks for a payment of one order; what comes back is shown to the payer.
    async fn create_payment(&self, request: &PaymentRequest) -> Result<PaymentCode, ProviderError>;

    /// Asks what became of a payment; the truth where a callback was lost.
    async fn query_payment(&self, query: &PaymentQuery) -> Result<PaymentStatus, ProviderError>;

    /// Proves that a notification comes from the platform and is meant for this channel, and reads it.
    /// Amount and order are compared by the caller, who knows the order.
    fn verify_callback(
        &self,
        callback: &Callback,
        now: DateTime<Utc>,
    ) -> Result<PaymentNotice, CallbackRefusal>;

    /// Asks for money back 退款, under a number of ours that stays the same however often it is sent.
    async fn create_refund(&self, request: &RefundRequest) -> Result<RefundOutcome, ProviderError>;

    /// Asks what became of a refund. Only where [`Provider::refund_abilities`] says that it can be asked.
    async fn query_refund(&self, query: &RefundQuery) -> Result<RefundOutcome, ProviderError>;

    /// Asks whether the platform is there and knows us, by something that changes nothing. An account that is
    /// closed there, or keys that do not fit, are [`ProviderError::Misconfigured`].
    async fn probe(&self, now: DateTime<Utc>) -> Result<ProbeReport, ProviderError>;

    /// The host that is asked; none where nobody is, as in the sandbox. Channels that share one wait for the same
    /// platform.
    fn host(&self) -> Option<&str> {
        None
    }

    /// What the platform can be relied on for when a refund's answer was lost.
    fn refund_abilities(&self) -> RefundAbilities;

    /// Sends money to a bank account 提现, under a number of ours that stays the same however often it is sent.
    /// Only where [`Provider::payout_abilities`] says that it can.
    async fn create_payout(
        &self,
        _request: &PayoutRequest,
    ) -> Result<PayoutOutcome, ProviderError> {
        Err(pays_nothing_out())
    }

    /// Asks what became of a payout.
    async fn query_payout(&self, _query: &PayoutQuery) -> Result<PayoutOutcome, ProviderError> {
        Err(pays_nothing_out())
    }

    /// What the platform can be relied on for in payouts; none where it sends no money out.
    fn payout_abilities(&self) -> Option<PayoutAbilities> {
        None
    }

    /// Which platform it is, and who we are there: what one account was told, no other is asked about. Empty where
    /// there is but one, as in the sandbox.
    fn account(&self) -> String {
        String::new()
    }

    /// Sends a small amount to a bank account 小额打款, whose owner proves by it that it is theirs. Sent again under the
    /// same number it is sent once. Only where [`Provider::checks_accounts`] says that it can.
    async fn check_account(
        &self,
        _request: &AccountCheckRequest,
    ) -> Result<AccountCheck, ProviderError> {
        Err(checks_no_accounts())
    }

    /// Whether the platform can send small amounts to bank accounts.
    fn checks_accounts(&self) -> bool {
        false
    }

    /// Whether a callback counts only after the platform, asked, confirms the payment.
    fn confirms_by_query(&self) -> bool {
        false
    }
}

/// A hash of the platform, and of who we are there: kept with what is sent, so that no other account is asked about it.
#[must_use]
pub fn fingerprint(provider: &dyn Provider) -> Vec<u8> {
    let hash = digest(&SHA256, provider.account().as_bytes());
    hash.as_ref().to_vec()
}

/// The method that the payer pays with, as a provider names it on its wire.
pub use entity::channel::PaymentMethod;

/// What a payer's device can open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// A desktop browser: shows a QR code or a page.
    #[default]
    Desktop,
    /// A phone's browser: follows a link or opens an app.
    Mobile,
}

/// One order, as the payment platform needs to know it.
#[derive(Clone, Debug)]
pub struct PaymentRequest {
    /// Our order number; what the platform calls `out_trade_no`.
    pub order_no: String,
    /// What the payer sees on the bill.
    pub title: String,
    /// What the payer is to pay.
    pub amount: Money,
    /// How the payer pays.
    pub method: PaymentMethod,
    /// The payer's address; the protocol asks for it.
    pub client_ip: IpAddr,
    /// What the payer holds in hand.
    pub device: Device,
    /// Where the platform tells us that it was paid.
    pub callback_url: String,
    /// Where the payer's browser goes afterwards.
    pub return_url: Option<String>,
    /// When the platform is asked; signed requests carry it.
    pub now: DateTime<Utc>,
}

/// What the payer is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentCode {
    /// The platform's own number, where it tells it at once.
    pub provider_trade_no: Option<String>,
    /// How `content` is used.
    pub kind: PaymentCodeKind,
    /// A link, the text of a QR code, an app's link, or a page.
    pub content: String,
}

/// How the payer's device uses the content of a payment code.
pub use entity::order::PaymentCodeKind;

/// Which payment is asked about: exactly one number is sent.
#[derive(Clone, Debug)]
pub struct PaymentQuery {
    /// Our order number.
    pub order_no: String,
    /// The order's currency; the platform answers in it.
    pub currency: crate::money::Currency,
    /// When the platform is asked; signed requests carry it.
    pub now: DateTime<Utc>,
}

/// What the platform says became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Known there, not paid.
    Unpaid,
    /// Paid there (refunded afterwards or not).
    Paid(Payment),
    /// The platform does not know the number.
    Unknown,
}

/// A payment that the platform vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The platform's own number.
    pub provider_trade_no: String,
    /// The order's amount there; compared with ours before anything is believed.
    pub amount: Money,
    /// When it was paid, where the platform says so.
    pub paid_at: Option<DateTime<Utc>>,
}

/// A refund, as the payment platform needs to know it.
#[derive(Clone, Debug)]
pub struct RefundRequest {
    /// Our refund number; what the platform calls `out_refund_no`.
    pub refund_no: String,
    /// Our order number.
    pub order_no: String,
    /// The platform's own number of the payment that is given back, where it is known.
    pub provider_trade_no: Option<String>,
    /// What the payer gets.
    pub amount: Money,
    /// What was paid.
    pub paid: Money,
    /// Why, in words; empty where nobody said.
    pub reason: String,
    /// When the platform is asked; signed requests carry it.
    pub now: DateTime<Utc>,
}

/// Which refund is asked about.
#[derive(Clone, Debug)]
pub struct RefundQuery {
    /// Our refund number.
    pub refund_no: String,
    /// Our order number.
    pub order_no: String,
    /// What the payer gets, as it was asked for.
    pub amount: Money,
    /// When the platform is asked; signed requests carry it.
    pub now: DateTime<Utc>,
}

/// What the platform says became of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// It is accepted; the payer has nothing yet.
    Processing {
        /// The platform's own number, where it tells it.
        provider_refund_no: Option<String>,
    },
    /// The payer has the money.
    Succeeded {
        /// The platform's own number, where it tells it.
        provider_refund_no: Option<String>,
    },
    /// It failed there, for good under this attempt: the payer gets nothing.
    Failed {
        /// The platform's own code.
        code: String,
        /// The platform's own words.
        message: String,
    },
    /// The platform cannot bring the money to the payer: a person has to.
    Abnormal {
        /// The platform's own words.
        message: String,
    },
    /// The platform does not know the number.
    Unknown,
}

/// What a platform can be relied on for when a refund's answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundAbilities {
    /// Whether the same number, sent again, gives money back only once.
    pub idempotent: bool,
    /// Whether it can be asked what became of a number.
    pub query: bool,
    /// How long it may be at work on a number before it knows it. Sent again sooner, some platforms give
    /// money back twice.
    pub at_work_for: TimeDelta,
}

/// What a platform says of itself when it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeReport {
    /// When it will be worked on, as far as it tells.
    pub maintenance: Vec<Announced>,
}

/// Maintenance that a platform announces 维护公告.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// What is done, in the platform's words.
    pub note: Option<String>,
}

/// A notification as it came in over HTTP.
#[derive(Clone, Debug, Default)]
pub struct Callback {
    /// The raw query string, without `?`.
    pub query: String,
    /// The raw body of a POST, empty otherwise.
    pub body: Vec<u8>,
}

/// A proven notification: somebody paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentNotice {
    /// Our order number.
    pub order_no: String,
    /// The platform's own number.
    pub provider_trade_no: String,
    /// The amount as sent, a decimal in the order's currency (`1`, `9.9`, `1.00`).
    pub amount: rust_decimal::Decimal,
}

/// Why a platform did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No usable answer: timeout, reset, 5xx. What happened there is unknown.
    #[error("the payment platform cannot be reached: {0}")]
    Unavailable(String),
    /// A clear no; nothing happened there.
    #[error("the payment platform refused ({code}): {message}")]
    Refused {
        /// The platform's own code.
        code: String,
        /// The platform's own words.
        message: String,
    },
    /// An answer that is no answer of this protocol, such as an HTML page.
    #[error("the payment platform's answer cannot be read: {0}")]
    Unreadable(String),
    /// The channel's configuration cannot be used.
    #[error("the channel is configured wrongly: {0}")]
    Misconfigured(String),
}

/// Why a notification is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefusal {
    /// A parameter is missing or cannot be read.
    #[error("the callback cannot be read: {0}")]
    Malformed(&'static str),
    /// The signature does not fit.
    #[error("the callback's signature is wrong")]
    Forged,
    /// Signed, but for another merchant of the platform.
    #[error("the callback is meant for another merchant")]
    ForeignMerchant,
    /// Signed too long ago.
    #[error("the callback is too old")]
    Stale,
    /// Signed, but does not report a payment.
    #[error("the callback reports no payment")]
    NotPaid,
}
