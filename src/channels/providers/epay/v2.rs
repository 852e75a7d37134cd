//! The second generation of 易支付: `api/pay/…`, signed with RSA in both directions; success is code 0.

use chrono::{DateTime, Utc};

use super::Site;
use super::answer::Answer;
use super::callback::{MAX_AGE_SECONDS, Received};
use super::client::unreadable;
use super::config::{EpayV2Config, misconfigured};
use super::probe::{refused, require_open};
use super::refund::{
    refund_no, refund_parameters, refund_refusal, refund_status, require_about, require_amount,
    require_order, require_ours, require_refund,
};
use super::request::{Parameters, order_no, order_parameters, payment_code, payment_status};
use super::signature::{RsaKeys, canonical};
use crate::channels::provider::{
    CallbackRefusal, PaymentCode, PaymentCodeKind, PaymentQuery, PaymentRequest, PaymentStatus,
    ProviderError, RefundOutcome, RefundQuery, RefundRequest,
};

/// What the platform says where it did what it was asked.
pub(super) const SUCCESS: i64 = 0;

/// What V2 needs beyond the site.
#[derive(Debug)]
pub(super) struct V2 {
    keys: RsaKeys,
}

impl V2 {
    pub(super) fn new(config: &EpayV2Config) -> Result<Self, ProviderError> {
        let keys = RsaKeys::parse(&config.merchant_private_key, &config.platform_public_key)?;
        Ok(Self { keys })
    }

    pub(super) fn key_hint(&self) -> String {
        self.keys.hint()
    }

    pub(super) async fn create_payment(
        &self,
        site: &Site,
        request: &PaymentRequest,
    ) -> Result<PaymentCode, ProviderError> {
        let mut parameters = order_parameters(site, request)?;
        parameters.push(("method", "web".to_owned()));
        let answer = self
            .call(site, "api/pay/create", parameters, request.now)
            .await?;
        match answer.code()? {
            SUCCESS => shown(site, &answer),
            code => Err(answer.order_refusal(code, None)),
        }
    }

    pub(super) async fn query_payment(
        &self,
        site: &Site,
        query: &PaymentQuery,
    ) -> Result<PaymentStatus, ProviderError> {
        let parameters = vec![
            ("pid", site.pid.clone()),
            ("out_trade_no", order_no(&query.order_no)?.to_owned()),
        ];
        let answer = self
            .call(site, "api/pay/query", parameters, query.now)
            .await?;
        match answer.code()? {
            // The platform signs for all its merchants with one key.
            SUCCESS if answer.require("pid")? != site.pid => {
                Err(unreadable("the answer is about another merchant"))
            }
            SUCCESS => payment_status(&answer, query),
            code if answer.says_order_unknown(code) => Ok(PaymentStatus::Unknown),
            code => Err(answer.refusal(code, None)),
        }
    }

    /// The platform accepts; what became of it, a query tells.
    pub(super) async fn create_refund(
        &self,
        site: &Site,
        request: &RefundRequest,
    ) -> Result<RefundOutcome, ProviderError> {
        let mut parameters = refund_parameters(site, request)?;
        let out_refund_no = refund_no(&request.refund_no)?;
        parameters.push(("out_refund_no", out_refund_no.to_owned()));
        let answer = self
            .call(site, "api/pay/refund", parameters, request.now)
            .await?;
        match answer.code()? {
            SUCCESS => {
                require_about(site, &answer, request)?;
                require_refund(&answer, out_refund_no)?;
                require_amount(&answer, request.amount)?;
                Ok(RefundOutcome::Processing {
                    provider_refund_no: answer.text("refund_no").map(str::to_owned),
                })
            }
            code => Err(refund_refusal(&answer, code, None)),
        }
    }

    pub(super) async fn query_refund(
        &self,
        site: &Site,
        query: &RefundQuery,
    ) -> Result<RefundOutcome, ProviderError> {
        let out_refund_no = refund_no(&query.refund_no)?;
        let parameters = vec![
            ("pid", site.pid.clone()),
            ("out_refund_no", out_refund_no.to_owned()),
        ];
        let answer = self
            .call(site, "api/pay/refundquery", parameters, query.now)
            .await?;
        match answer.code()? {
            SUCCESS => {
                require_ours(site, &answer)?;
                require_order(&answer, &query.order_no)?;
                require_refund(&answer, out_refund_no)?;
                require_amount(&answer, query.amount)?;
                refund_status(&answer)
            }
            code if answer.says_refund_unknown(code) => Ok(RefundOutcome::Unknown),
            code => Err(refund_refusal(&answer, code, None)),
        }
    }

    /// Asks about our account; keys that do not fit each other are found out by it.
    pub(super) async fn probe(&self, site: &Site, now: DateTime<Utc>) -> Result<(), ProviderError> {
        let parameters = vec![("pid", site.pid.clone())];
        let answer = self
            .send(site, "api/merchant/info", parameters, now)
            .await?;
        match answer.code()? {
            SUCCESS => {
                self.believe(&answer, now).map_err(|error| match error {
                    ProviderError::Unreadable(what) => misconfigured(what),
                    other => other,
                })?;
                require_open(site, &answer, "status")?;
                require_open(site, &answer, "pay_status")
            }
            code => refused(code),
        }
    }

    pub(super) fn check(&self, received: &Received) -> Result<(), CallbackRefusal> {
        let sign = received.require("sign")?;
        // MD5 would be a way around the platform's key.
        if received.text("sign_type") == Some("RSA")
            && self.keys.verify(&received.canonical(), sign)
        {
            Ok(())
        } else {
            Err(CallbackRefusal::Forged)
        }
    }

    /// Asks, and believes a success only with the platform's signature; refusals carry none.
    pub(super) async fn call(
        &self,
        site: &Site,
        endpoint: &str,
        parameters: Parameters,
        now: DateTime<Utc>,
    ) -> Result<Answer, ProviderError> {
        let answer = self.send(site, endpoint, parameters, now).await?;
        if answer.code()? == SUCCESS {
            self.believe(&answer, now)?;
        }
        Ok(answer)
    }

    /// Signs and asks; nothing of the answer is believed yet.
    async fn send(
        &self,
        site: &Site,
        endpoint: &str,
        mut parameters: Parameters,
        now: DateTime<Utc>,
    ) -> Result<Answer, ProviderError> {
        parameters.push(("timestamp", now.timestamp().to_string()));
        let signed = canonical(
            parameters
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        parameters.push(("sign", self.keys.sign(&signed)?));
        parameters.push(("sign_type", "RSA".to_owned()));
        let url = site.base.endpoint(endpoint);
        Answer::parse(&site.client.post(url, &parameters).await?)
    }

    fn believe(&self, answer: &Answer, now: DateTime<Utc>) -> Result<(), ProviderError> {
        let sign = answer.require("sign")?;
        if !self.keys.verify(&answer.canonical(), sign) {
            return Err(unreadable(
                "the answer's signature is wrong: check platform_public_key",
            ));
        }
        let signed_at: i64 = answer
            .require("timestamp")?
            .parse()
            .map_err(|_| unreadable("the answer's timestamp is none"))?;
        if now.timestamp().abs_diff(signed_at) > MAX_AGE_SECONDS {
            return Err(unreadable("the answer was signed at another time"));
        }
        Ok(())
    }
}

fn shown(site: &Site, answer: &Answer) -> Result<PaymentCode, ProviderError> {
    let kind = match answer.require("pay_type")? {
        "jump" => PaymentCodeKind::Url,
        "html" => PaymentCodeKind::Html,
        "qrcode" => PaymentCodeKind::QrCode,
        "urlscheme" => PaymentCodeKind::Scheme,
        // Made for WeChat's and Alipay's own browsers and apps, which never asked here.
        "jsapi" | "app" | "scan" | "wxplugin" | "wxapp" => {
            return Err(unreadable("the answer suits an app, not a browser"));
        }
        _ => return Err(unreadable("the answer's pay_type is none of the protocol")),
    };
    payment_code(site, answer, kind, answer.require("pay_info")?)
}
