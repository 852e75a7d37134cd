//! 易支付 as a payment platform, in both its generations: V1 signs with MD5, V2 with RSA.
//!
//! The traps of the protocol, and where each is met:
//! - `config`: base addresses with an endpoint's name in them;
//! - `client`: redirects, endless bodies, errors that would show V1's key;
//! - `reach`: addresses inside our own network;
//! - `signature`: what is signed, over which text, and public keys mistaken for one another;
//! - `request`: titles that the platform cuts, escapes or stores differently than it compares;
//! - `answer`: pages where JSON is due, codes as text or number, no order told from a wrong key;
//! - `refund`: a no that only repeats a silence further on, numbers too short to be kept apart;
//! - `transfer`: payout numbers that the platform would replace, banks that are asked before a number is known;
//! - `probe`: an answer that repeats V1's key, accounts that are closed, clones that cannot be asked;
//! - `v1`, `v2`: success that is 1 here and 0 there, refusals that nobody signed;
//! - `callback`: amounts that lost their zeros, other merchants' notifications, reread values.

mod account;
mod answer;
mod callback;
mod client;
mod config;
mod probe;
mod reach;
mod refund;
mod request;
mod signature;
mod transfer;
mod v1;
mod v2;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

pub use client::{EpayClient, EpayClientOptions};
pub use config::{EpayConfig, EpayV1Config, EpayV2Config};
pub use reach::Reach;
pub use request::notice_type;
pub use signature::md5_of;

use crate::channels::provider::{
    AccountCheck, AccountCheckRequest, Callback, CallbackRefusal, PaymentCode, PaymentNotice,
    PaymentQuery, PaymentRequest, PaymentStatus, PayoutAbilities, PayoutOutcome, PayoutQuery,
    PayoutRequest, ProbeReport, Provider, ProviderError, RefundAbilities, RefundOutcome,
    RefundQuery, RefundRequest,
};

/// A refund is written down there only after the bank has answered, under no lock: until then its number is
/// not known, and sent again it would be paid twice.
const AT_WORK_FOR: TimeDelta = TimeDelta::minutes(10);

/// For how many working days it is asked whether the bank returned a payout: nobody there tells by itself. Banks take three
/// or more, and a platform may take its time to tell.
const RETURNS_WITHIN: u32 = 15;

/// One merchant's account at one 易支付 platform. Its `Debug` shows no key.
#[derive(Debug)]
pub struct Epay {
    site: Site,
    generation: Generation,
}

/// Where the platform is, and who we are there.
#[derive(Debug)]
struct Site {
    client: EpayClient,
    base: config::BaseUrl,
    pid: String,
}

#[derive(Debug)]
enum Generation {
    V1(v1::V1),
    V2(Box<v2::V2>),
}

impl Epay {
    /// Checks the whole configuration; a bad field is named in [`ProviderError::Misconfigured`].
    pub fn new(config: &EpayConfig, client: EpayClient) -> Result<Self, ProviderError> {
        let site = Site {
            base: config::BaseUrl::parse(config.base_url(), client.reach())?,
            pid: config::pid(config.pid())?,
            client,
        };
        let generation = match config {
            EpayConfig::V1(config) => Generation::V1(v1::V1::new(config)?),
            EpayConfig::V2(config) => Generation::V2(Box::new(v2::V2::new(config)?)),
        };
        Ok(Self { site, generation })
    }

    /// What may be shown of the credentials: enough to tell them from others, nothing to sign with.
    #[must_use]
    pub fn hint(&self) -> String {
        let key = match &self.generation {
            Generation::V1(v1) => v1.key_hint(),
            Generation::V2(v2) => v2.key_hint(),
        };
        format!("pid {} · key {key}", self.site.pid)
    }
}

#[async_trait]
impl Provider for Epay {
    async fn create_payment(&self, request: &PaymentRequest) -> Result<PaymentCode, ProviderError> {
        match &self.generation {
            Generation::V1(v1) => v1.create_payment(&self.site, request).await,
            Generation::V2(v2) => v2.create_payment(&self.site, request).await,
        }
    }

    async fn query_payment(&self, query: &PaymentQuery) -> Result<PaymentStatus, ProviderError> {
        match &self.generation {
            Generation::V1(v1) => v1.query_payment(&self.site, query).await,
            Generation::V2(v2) => v2.query_payment(&self.site, query).await,
        }
    }

    async fn create_refund(&self, request: &RefundRequest) -> Result<RefundOutcome, ProviderError> {
        match &self.generation {
            Generation::V1(v1) => v1.create_refund(&self.site, request).await,
            Generation::V2(v2) => v2.create_refund(&self.site, request).await,
        }
    }

    async fn query_refund(&self, query: &RefundQuery) -> Result<RefundOutcome, ProviderError> {
        match &self.generation {
            Generation::V1(_) => Err(config::misconfigured(
                "generation: V1 cannot be asked about refunds",
            )),
            Generation::V2(v2) => v2.query_refund(&self.site, query).await,
        }
    }

    async fn create_payout(&self, request: &PayoutRequest) -> Result<PayoutOutcome, ProviderError> {
        match &self.generation {
            Generation::V1(_) => Err(config::misconfigured("generation: V1 sends no payouts")),
            Generation::V2(v2) => v2.create_payout(&self.site, request).await,
        }
    }

    async fn query_payout(&self, query: &PayoutQuery) -> Result<PayoutOutcome, ProviderError> {
        match &self.generation {
            Generation::V1(_) => Err(config::misconfigured("generation: V1 sends no payouts")),
            Generation::V2(v2) => v2.query_payout(&self.site, query).await,
        }
    }

    fn payout_abilities(&self) -> Option<PayoutAbilities> {
        matches!(&self.generation, Generation::V2(_)).then_some(PayoutAbilities {
            at_work_for: AT_WORK_FOR,
            returns_within: RETURNS_WITHIN,
            forgets: false,
        })
    }

    fn account(&self) -> String {
        format!("{} {}", self.site.base.endpoint(""), self.site.pid)
    }

    async fn check_account(
        &self,
        request: &AccountCheckRequest,
    ) -> Result<AccountCheck, ProviderError> {
        match &self.generation {
            Generation::V1(_) => Err(config::misconfigured(
                "generation: V1 sends no small amounts",
            )),
            Generation::V2(v2) => v2.check_account(&self.site, request).await,
        }
    }

    fn checks_accounts(&self) -> bool {
        matches!(&self.generation, Generation::V2(_))
    }

    async fn probe(&self, now: DateTime<Utc>) -> Result<ProbeReport, ProviderError> {
        match &self.generation {
            Generation::V1(v1) => v1.probe(&self.site).await,
            Generation::V2(v2) => v2.probe(&self.site, now).await,
        }?;
        // The protocol announces nothing.
        Ok(ProbeReport::default())
    }

    fn host(&self) -> Option<&str> {
        self.site.base.host()
    }

    fn refund_abilities(&self) -> RefundAbilities {
        let v2 = matches!(&self.generation, Generation::V2(_));
        RefundAbilities {
            idempotent: v2,
            query: v2,
            at_work_for: AT_WORK_FOR,
        }
    }

    fn verify_callback(
        &self,
        callback: &Callback,
        now: DateTime<Utc>,
    ) -> Result<PaymentNotice, CallbackRefusal> {
        let received = callback::Received::read(callback)?;
        match &self.generation {
            Generation::V1(v1) => v1.check(&received)?,
            Generation::V2(v2) => v2.check(&received)?,
        }
        // The platform's key is shared by all its merchants: the signature alone says nothing of us.
        if received.require("pid")? != self.site.pid {
            return Err(CallbackRefusal::ForeignMerchant);
        }
        if let Generation::V2(_) = &self.generation {
            received.require_fresh(now)?;
        }
        received.notice()
    }

    fn confirms_by_query(&self) -> bool {
        match &self.generation {
            Generation::V1(v1) => v1.confirm_by_query,
            Generation::V2(_) => false,
        }
    }
}
