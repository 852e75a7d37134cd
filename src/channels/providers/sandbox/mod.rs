//! 沙箱: a payment platform in process, which moves no money. Deterministic; a fault happens only where
//! the order's title or the refund's reason asks for it.
//!
//! | in an order's title | what happens |
//! |---|---|
//! | `sandbox:refuse` | the payment is refused |
//! | `sandbox:unavailable` | the platform does not answer |
//! | `sandbox:unavailable-once` | it does not answer the first time |
//! | `sandbox:unreadable` | its answer cannot be read |
//!
//! A refund needs no known payment. It is accepted, and has succeeded when asked about later than two
//! seconds after; the same number again is the same refund.
//!
//! | in a refund's reason | what happens |
//! |---|---|
//! | `sandbox:refund-refuse` | the refund is refused; nothing is known of it |
//! | `sandbox:refund-unavailable` | the platform never answers; nothing is known of it |
//! | `sandbox:refund-lost-answer` | it is done at once, but no answer to it arrives; asked about, it has succeeded |
//! | `sandbox:refund-unreadable` | it is accepted, but no answer to it can be read; it goes on as ever |
//! | `sandbox:refund-abnormal` | it is accepted; asked about, it is abnormal |
//! | `sandbox:refund-fails-later` | it is accepted; asked about, it has failed |
//! | `sandbox:refund-at-once` | it succeeds at once |
//! | `sandbox:refund-slow` | it is accepted, and succeeds later than ten minutes after |
//!
//! A payout is accepted, and has arrived when asked about later than two seconds after; the same number again is
//! refused, as 易支付 does.
//!
//! | in a payout's note | what happens |
//! |---|---|
//! | `sandbox:payout-refuse` | the payout is refused; nothing is known of it |
//! | `sandbox:payout-unavailable` | the platform never answers; nothing is known of it |
//! | `sandbox:payout-lost-answer` | it is paid at once, but no answer to it arrives; asked about, it is paid |
//! | `sandbox:payout-unreadable` | it is accepted, but no answer to it can be read; it goes on as ever |
//! | `sandbox:payout-fails-later` | it is accepted; asked about, it has failed |
//! | `sandbox:payout-at-once` | it is paid at once |
//! | `sandbox:payout-slow` | it is accepted, and paid later than thirty hours after |
//! | `sandbox:payout-returned` | it is paid; asked about later than twenty hours after, the bank has returned it |
//!
//! A bank account is sent as much as its number's last two digits say in 分, 1.00 where they are 00.
//!
//! | the four digits before a bank account's last two | what happens |
//! |---|---|
//! | `0001` | the account is refused |
//! | `0002` | the platform never answers |
//! | `0003` | it does not answer the first time |
//! | `0004` | it is accepted, and sent when asked about again |
//! | `0005` | its answer cannot be read |
//!
//! Besides, somebody may ask for an *outage* of a channel (`sandboxOutageStart`, `yigate outage`): see
//! `outages`.

mod accounts;
mod outages;
mod payouts;
mod refunds;

use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use entity::sandbox_outage::OutageKind;
use moka::sync::Cache;
use rust_decimal::Decimal;

pub use self::outages::Outages;
use self::payouts::Payouts;
use self::refunds::Refunds;
use crate::channels::provider::{
    AccountCheck, AccountCheckRequest, Announced, Callback, CallbackRefusal, Payment, PaymentCode,
    PaymentCodeKind, PaymentNotice, PaymentQuery, PaymentRequest, PaymentStatus, PayoutAbilities,
    PayoutOutcome, PayoutQuery, PayoutRequest, ProbeReport, Provider, ProviderError,
    RefundAbilities, RefundOutcome, RefundQuery, RefundRequest,
};
use crate::money::Money;

/// The payments, refunds and payouts that sandboxes of this process know. Clones share them.
#[derive(Clone, Debug)]
pub struct SandboxPlatform {
    payments: Cache<(String, String), Known>,
    refunds: Refunds,
    payouts: Payouts,
    announced: Cache<String, Vec<Announced>>,
}

impl Default for SandboxPlatform {
    fn default() -> Self {
        Self {
            payments: Cache::builder()
                .max_capacity(100_000)
                .time_to_live(Duration::from_secs(86_400))
                .build(),
            refunds: Refunds::default(),
            payouts: Payouts::default(),
            announced: Cache::new(10_000),
        }
    }
}

#[derive(Clone, Debug)]
struct Known {
    amount: Money,
    asked: u32,
    paid: Option<Payment>,
}

/// One channel's sandbox.
#[derive(Clone, Debug)]
pub struct Sandbox {
    platform: SandboxPlatform,
    account: String,
    signing: hmac::Key,
    pay_url: String,
    outages: Outages,
}

/// What comes of a payer's trying to pay.
#[derive(Clone, Debug)]
pub enum Paying {
    /// The sandbox does not know the order.
    Unknown,
    /// The payer cannot pay: an outage.
    Unpayable,
    /// The payer has paid, and no notification of it will arrive: an outage.
    Lost,
    /// The payer has paid; the notification is to be delivered.
    Notified(Callback),
}

impl Sandbox {
    /// A sandbox that signs with `secret` and sends payers to `pay_url`.
    #[must_use]
    pub fn new(
        platform: SandboxPlatform,
        secret: &[u8],
        pay_url: String,
        outages: Outages,
    ) -> Self {
        Self {
            platform,
            account: pay_url.clone(),
            signing: hmac::Key::new(hmac::HMAC_SHA256, secret),
            pay_url,
            outages,
        }
    }

    fn key(&self, order_no: &str) -> (String, String) {
        (self.account.clone(), order_no.to_owned())
    }

    fn sign(&self, text: &str) -> String {
        HEXLOWER.encode(hmac::sign(&self.signing, text.as_bytes()).as_ref())
    }

    /// What the payer of an order is asked for; none where the sandbox does not know it.
    #[must_use]
    pub fn asked(&self, order_no: &str) -> Option<Money> {
        self.platform
            .payments
            .get(&self.key(order_no))
            .map(|known| known.amount)
    }

    /// The payer pays: from now on a query says so. The notification that a platform would send comes
    /// back, to be delivered, lost or sent twice. None where the sandbox does not know the order.
    pub fn pay(&self, order_no: &str, now: DateTime<Utc>) -> Option<Callback> {
        let mut known = self.platform.payments.get(&self.key(order_no))?;
        let payment = known.paid.clone().unwrap_or_else(|| Payment {
            provider_trade_no: format!("SB{order_no}"),
            amount: known.amount,
            paid_at: Some(now),
        });
        known.paid = Some(payment.clone());
        self.platform.payments.insert(self.key(order_no), known);
        Some(self.notification(
            order_no,
            &payment.provider_trade_no,
            payment.amount.to_decimal(),
        ))
    }

    /// A payer tries to pay, which an outage may keep from them, or from us.
    pub async fn try_pay(&self, order_no: &str, now: DateTime<Utc>) -> Paying {
        if self.asked(order_no).is_none() {
            return Paying::Unknown;
        }
        let fault = self.outages.fault(order_no).await;
        if fault == Some(OutageKind::Unpayable) {
            return Paying::Unpayable;
        }
        match self.pay(order_no, now) {
            None => Paying::Unknown,
            Some(_) if fault == Some(OutageKind::LostCallbacks) => Paying::Lost,
            Some(callback) => Paying::Notified(callback),
        }
    }

    /// The sandbox announces maintenance, in this process.
    pub fn announce(&self, announced: Vec<Announced>) {
        self.platform
            .announced
            .insert(self.account.clone(), announced);
    }

    /// A signed notification with any content: a second payment, another amount.
    #[must_use]
    pub fn notification(&self, order_no: &str, trade_no: &str, amount: Decimal) -> Callback {
        let text = format!("amount={amount}&order_no={order_no}&trade_no={trade_no}");
        let sign = self.sign(&text);
        Callback {
            query: format!("{text}&sign={sign}"),
            body: Vec::new(),
        }
    }
}

#[async_trait]
impl Provider for Sandbox {
    async fn create_payment(&self, request: &PaymentRequest) -> Result<PaymentCode, ProviderError> {
        self.outages.answer(&request.order_no).await?;
        let known = self.platform.payments.get(&self.key(&request.order_no));
        let asked = known.as_ref().map_or(0, |known| known.asked);
        self.platform.payments.insert(
            self.key(&request.order_no),
            Known {
                amount: request.amount,
                asked: asked + 1,
                // A payer who has paid has paid, however often the shop asks again.
                paid: known.and_then(|known| known.paid),
            },
        );
        let title = request.title.as_str();
        if title.contains("sandbox:refuse") {
            return Err(ProviderError::Refused {
                code: "SANDBOX_REFUSED".to_owned(),
                message: "refused because the title asks for it".to_owned(),
            });
        }
        let once = title.contains("sandbox:unavailable-once");
        if title.contains("sandbox:unavailable") && (!once || asked == 0) {
            return Err(ProviderError::Unavailable(
                "unavailable because the title asks for it".to_owned(),
            ));
        }
        if title.contains("sandbox:unreadable") {
            return Err(ProviderError::Unreadable(
                "unreadable because the title asks for it".to_owned(),
            ));
        }
        Ok(PaymentCode {
            provider_trade_no: None,
            kind: PaymentCodeKind::Url,
            content: format!("{}/{}", self.pay_url, request.order_no),
        })
    }

    async fn query_payment(&self, query: &PaymentQuery) -> Result<PaymentStatus, ProviderError> {
        self.outages.answer(&query.order_no).await?;
        Ok(
            match self.platform.payments.get(&self.key(&query.order_no)) {
                None => PaymentStatus::Unknown,
                Some(Known { paid: None, .. }) => PaymentStatus::Unpaid,
                Some(Known {
                    paid: Some(payment),
                    ..
                }) => PaymentStatus::Paid(payment),
            },
        )
    }

    async fn create_refund(&self, request: &RefundRequest) -> Result<RefundOutcome, ProviderError> {
        self.outages.answer(&request.refund_no).await?;
        self.platform.refunds.create(&self.account, request)
    }

    async fn query_refund(&self, query: &RefundQuery) -> Result<RefundOutcome, ProviderError> {
        self.outages.answer(&query.refund_no).await?;
        let refunds = &self.platform.refunds;
        Ok(refunds.outcome(&self.account, &query.refund_no, query.now))
    }

    async fn create_payout(&self, request: &PayoutRequest) -> Result<PayoutOutcome, ProviderError> {
        self.outages.answer(&request.payout_no).await?;
        self.platform.payouts.create(&self.account, request)
    }

    async fn query_payout(&self, query: &PayoutQuery) -> Result<PayoutOutcome, ProviderError> {
        self.outages.answer(&query.payout_no).await?;
        let payouts = &self.platform.payouts;
        payouts.outcome(&self.account, &query.payout_no, query.amount, query.now)
    }

    fn payout_abilities(&self) -> Option<PayoutAbilities> {
        Some(PayoutAbilities {
            at_work_for: TimeDelta::zero(),
            returns_within: 3,
            forgets: true,
        })
    }

    async fn check_account(
        &self,
        request: &AccountCheckRequest,
    ) -> Result<AccountCheck, ProviderError> {
        self.outages.answer(&request.check_no).await?;
        accounts::check(request)
    }

    fn checks_accounts(&self) -> bool {
        true
    }

    async fn probe(&self, _now: DateTime<Utc>) -> Result<ProbeReport, ProviderError> {
        self.outages.answer_to_probe().await?;
        let announced = self.platform.announced.get(&self.account);
        Ok(ProbeReport {
            maintenance: announced.unwrap_or_default(),
        })
    }

    fn refund_abilities(&self) -> RefundAbilities {
        RefundAbilities {
            idempotent: true,
            query: true,
            at_work_for: TimeDelta::zero(),
        }
    }

    fn verify_callback(
        &self,
        callback: &Callback,
        _now: DateTime<Utc>,
    ) -> Result<PaymentNotice, CallbackRefusal> {
        let (text, sign) = callback
            .query
            .rsplit_once("&sign=")
            .ok_or(CallbackRefusal::Malformed("sign"))?;
        let sign = HEXLOWER
            .decode(sign.as_bytes())
            .map_err(|_| CallbackRefusal::Forged)?;
        hmac::verify(&self.signing, text.as_bytes(), &sign).map_err(|_| CallbackRefusal::Forged)?;
        let value = |name: &'static str| {
            text.split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
                .ok_or(CallbackRefusal::Malformed(name))
        };
        Ok(PaymentNotice {
            order_no: value("order_no")?.to_owned(),
            provider_trade_no: value("trade_no")?.to_owned(),
            amount: value("amount")?
                .parse()
                .map_err(|_| CallbackRefusal::Malformed("amount"))?,
        })
    }
}
