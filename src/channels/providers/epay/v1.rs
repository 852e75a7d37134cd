//! The first generation of 易支付: `mapi.php` and `api.php`, signed with MD5; success is code 1.

use super::Site;
use super::answer::Answer;
use super::callback::Received;
use super::client::unreadable;
use super::config::{EpayV1Config, refund_success_codes};
use super::probe::{refused, require_open};
use super::refund::{refund_parameters, refund_refusal, require_about, require_amount};
use super::request::{order_no, order_parameters, payment_code, payment_status};
use super::signature::{Md5Key, canonical};
use crate::channels::provider::{
    CallbackRefusal, Device, PaymentCode, PaymentCodeKind, PaymentQuery, PaymentRequest,
    PaymentStatus, ProviderError, RefundOutcome, RefundRequest,
};

const SUCCESS: i64 = 1;

/// What V1 needs beyond the site.
#[derive(Debug)]
pub(super) struct V1 {
    key: Md5Key,
    pub(super) confirm_by_query: bool,
    refund_success_codes: Vec<i64>,
}

impl V1 {
    pub(super) fn new(config: &EpayV1Config) -> Result<Self, ProviderError> {
        Ok(Self {
            key: Md5Key::parse(&config.key)?,
            confirm_by_query: config.confirm_by_query,
            refund_success_codes: refund_success_codes(&config.refund_success_codes)?,
        })
    }

    pub(super) fn key_hint(&self) -> String {
        self.key.hint()
    }

    pub(super) async fn create_payment(
        &self,
        site: &Site,
        request: &PaymentRequest,
    ) -> Result<PaymentCode, ProviderError> {
        let mut parameters = order_parameters(site, request)?;
        let signed = canonical(
            parameters
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        parameters.push(("sign", self.key.sign(&signed)));
        parameters.push(("sign_type", "MD5".to_owned()));
        let url = site.base.endpoint("mapi.php");
        let answer = Answer::parse(&site.client.post(url, &parameters).await?)?;
        match answer.code()? {
            SUCCESS => shown(site, &answer, request.device),
            code => Err(answer.order_refusal(code, Some(self.key.expose()))),
        }
    }

    pub(super) async fn query_payment(
        &self,
        site: &Site,
        query: &PaymentQuery,
    ) -> Result<PaymentStatus, ProviderError> {
        let mut url = site.base.endpoint("api.php");
        url.query_pairs_mut()
            .append_pair("act", "order")
            .append_pair("pid", &site.pid)
            .append_pair("key", self.key.expose())
            .append_pair("out_trade_no", order_no(&query.order_no)?);
        let answer = Answer::parse(&site.client.get(url).await?)?;
        match answer.code()? {
            SUCCESS if answer.text("pid").is_some_and(|pid| pid != site.pid) => {
                Err(unreadable("the answer is about another merchant"))
            }
            SUCCESS => payment_status(&answer, query),
            code if answer.says_order_unknown(code) => Ok(PaymentStatus::Unknown),
            code => Err(answer.refusal(code, Some(self.key.expose()))),
        }
    }

    /// The platform refunds before it answers, each time that it is asked, and cannot be asked about it.
    pub(super) async fn create_refund(
        &self,
        site: &Site,
        request: &RefundRequest,
    ) -> Result<RefundOutcome, ProviderError> {
        let mut parameters = refund_parameters(site, request)?;
        parameters.push(("key", self.key.expose().to_owned()));
        let mut url = site.base.endpoint("api.php");
        url.query_pairs_mut().append_pair("act", "refund");
        let answer = Answer::parse(&site.client.post(url, &parameters).await?)?;
        let code = answer.code()?;
        if !self.refund_success_codes.contains(&code) {
            return Err(refund_refusal(&answer, code, Some(self.key.expose())));
        }
        require_about(site, &answer, request)?;
        // Clones say yes with 1 and nothing beside it; with 0 alone, some of them say no.
        if code == 0 || answer.text("money").is_some() {
            require_amount(&answer, request.amount)?;
        }
        Ok(RefundOutcome::Succeeded {
            provider_refund_no: answer.text("refund_no").map(str::to_owned),
        })
    }

    /// Asks about our account. The answer repeats the key: nothing of it is kept.
    pub(super) async fn probe(&self, site: &Site) -> Result<(), ProviderError> {
        let mut url = site.base.endpoint("api.php");
        url.query_pairs_mut()
            .append_pair("act", "query")
            .append_pair("pid", &site.pid)
            .append_pair("key", self.key.expose());
        let answer = Answer::parse(&site.client.get(url).await?)?;
        match answer.code()? {
            SUCCESS => require_open(site, &answer, "active"),
            code => refused(code),
        }
    }

    pub(super) fn check(&self, received: &Received) -> Result<(), CallbackRefusal> {
        let sign = received.require("sign")?;
        let sign_type = received.text("sign_type").unwrap_or("MD5");
        if sign_type.eq_ignore_ascii_case("MD5") && self.key.verify(&received.canonical(), sign) {
            Ok(())
        } else {
            Err(CallbackRefusal::Forged)
        }
    }
}

/// Of what the answer offers, what the payer's device does best: a desktop shows, a phone follows.
fn shown(site: &Site, answer: &Answer, device: Device) -> Result<PaymentCode, ProviderError> {
    let url = ("payurl", PaymentCodeKind::Url);
    let code = ("qrcode", PaymentCodeKind::QrCode);
    let scheme = ("urlscheme", PaymentCodeKind::Scheme);
    let page = ("html", PaymentCodeKind::Html);
    let order = match device {
        Device::Desktop => [code, url, page, scheme],
        Device::Mobile => [url, scheme, page, code],
    };
    let (kind, content) = order
        .into_iter()
        .find_map(|(name, kind)| answer.text(name).map(|content| (kind, content)))
        .ok_or_else(|| unreadable("the answer shows the payer nothing"))?;
    payment_code(site, answer, kind, content)
}
