//! What a channel's sealed credentials hold for 易支付, and what is refused of it.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::reach::{Reach, permit};
use crate::channels::provider::ProviderError;

/// The credentials of a channel, as JSON: `{"generation": "v1", "base_url": …}`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "generation", rename_all = "lowercase")]
pub enum EpayConfig {
    /// `mapi.php` and `api.php`, signed with MD5 and a shared key.
    V1(EpayV1Config),
    /// `api/pay/…`, signed with RSA.
    V2(EpayV2Config),
}

/// The credentials of the first generation. `Debug` shows no key.
#[derive(Clone, Deserialize, Serialize)]
pub struct EpayV1Config {
    /// Where the platform is, such as `https://pay.example.com/`; an endpoint's name at its end is cut.
    pub base_url: String,
    /// Our merchant number there.
    pub pid: String,
    /// The shared key, 商户密钥.
    pub key: String,
    /// Whether a callback counts only after a query confirms it: MD5 with a shared key deserves little trust.
    #[serde(default = "yes")]
    pub confirm_by_query: bool,
    /// The codes with which the platform says that it has refunded: 0 in the protocol, 1 at many of its
    /// clones.
    #[serde(default = "nought_and_one")]
    pub refund_success_codes: Vec<i64>,
}

/// The credentials of the second generation. `Debug` shows no key.
#[derive(Clone, Deserialize, Serialize)]
pub struct EpayV2Config {
    /// Where the platform is, such as `https://pay.example.com/`; an endpoint's name at its end is cut.
    pub base_url: String,
    /// Our merchant number there.
    pub pid: String,
    /// Our own RSA key, 商户私钥: PKCS#8 or PKCS#1, as PEM or as the base64 of its DER.
    pub merchant_private_key: String,
    /// The platform's RSA key, 平台公钥: SPKI, as PEM or as the base64 of its DER.
    pub platform_public_key: String,
}

impl EpayConfig {
    pub(super) fn base_url(&self) -> &str {
        match self {
            Self::V1(config) => &config.base_url,
            Self::V2(config) => &config.base_url,
        }
    }

    pub(super) fn pid(&self) -> &str {
        match self {
            Self::V1(config) => &config.pid,
            Self::V2(config) => &config.pid,
        }
    }
}

impl fmt::Debug for EpayV1Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EpayV1Config")
            .field("pid", &self.pid)
            .field("confirm_by_query", &self.confirm_by_query)
            .field("refund_success_codes", &self.refund_success_codes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EpayV2Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EpayV2Config")
            .field("pid", &self.pid)
            .finish_non_exhaustive()
    }
}

fn yes() -> bool {
    true
}

fn nought_and_one() -> Vec<i64> {
    vec![0, 1]
}

pub(super) fn misconfigured(what: impl Into<String>) -> ProviderError {
    ProviderError::Misconfigured(what.into())
}

/// The platform compares numbers; some clones have letters in theirs.
pub(super) fn pid(text: &str) -> Result<String, ProviderError> {
    let pid = text.trim();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if pid.is_empty() || pid.len() > 64 || !pid.bytes().all(fits) {
        return Err(misconfigured(
            "pid: a merchant number of 1 to 64 characters",
        ));
    }
    Ok(pid.to_owned())
}

/// The codes of success as they were given; what is below nought refuses, at every platform.
pub(super) fn refund_success_codes(codes: &[i64]) -> Result<Vec<i64>, ProviderError> {
    if codes.is_empty() || codes.len() > 16 || codes.iter().any(|code| *code < 0) {
        return Err(misconfigured(
            "refund_success_codes: 1 to 16 codes, none below 0",
        ));
    }
    Ok(codes.to_vec())
}

/// The names that people copy along with the address.
const ENDPOINTS: [&str; 8] = [
    "/submit.php",
    "/mapi.php",
    "/api.php",
    "/api/pay/submit",
    "/api/pay/create",
    "/api/pay/query",
    "/api/pay/refund",
    "/api/pay/refundquery",
];

/// The folder that the platform's endpoints are in; always ends in `/`.
#[derive(Clone, Debug)]
pub(super) struct BaseUrl(Url);

impl BaseUrl {
    pub(super) fn parse(text: &str, reach: Reach) -> Result<Self, ProviderError> {
        let mut url = Url::parse(text.trim()).map_err(|_| {
            misconfigured("base_url: not an address such as https://pay.example.com/")
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(misconfigured("base_url: carries a user name or a password"));
        }
        permit(reach, &url)?;
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/');
        let path = ENDPOINTS
            .iter()
            .find_map(|endpoint| path.strip_suffix(endpoint))
            .unwrap_or(path)
            .trim_end_matches('/');
        let path = format!("{path}/");
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The address of an endpoint, whose name is one of ours and never starts with `/`.
    pub(super) fn endpoint(&self, name: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{name}", self.0.path()));
        url
    }

    /// Whose address it is.
    pub(super) fn host(&self) -> Option<&str> {
        self.0.host_str()
    }

    /// The absolute form of a link in an answer.
    pub(super) fn resolve(&self, link: &str) -> Option<Url> {
        self.0.join(link).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> String {
        let base = BaseUrl::parse(text, Reach::PublicHttps).unwrap();
        base.endpoint("mapi.php").to_string()
    }

    #[test]
    fn an_endpoint_copied_with_the_address_is_cut() {
        for text in [
            "https://pay.example.com",
            "https://pay.example.com/",
            " https://pay.example.com/mapi.php ",
            "https://pay.example.com/submit.php?pid=1#top",
            "https://pay.example.com/api.php/",
            "https://pay.example.com/api/pay/create",
        ] {
            assert_eq!(base(text), "https://pay.example.com/mapi.php", "{text}");
        }
        assert_eq!(
            base("https://pay.example.com/xpay/epay/mapi.php"),
            "https://pay.example.com/xpay/epay/mapi.php"
        );
    }

    #[test]
    fn an_address_that_is_none_is_refused_by_name() {
        for text in [
            "",
            "pay.example.com",
            "ftp://pay.example.com",
            "https://u:p@pay.example.com",
        ] {
            let error = BaseUrl::parse(text, Reach::Anywhere).unwrap_err();
            assert!(error.to_string().contains("base_url"), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_never_shows_in_debug() {
        let config: EpayConfig = serde_json::from_str(
            r#"{"generation":"v1","base_url":"https://pay.example.com","pid":"1001","key":"s3cr3t"}"#,
        )
        .unwrap();
        assert!(matches!(&config, EpayConfig::V1(v1) if v1.confirm_by_query));
        assert!(!format!("{config:?}").contains("s3cr3t"));
        let again: EpayConfig =
            serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert!(matches!(again, EpayConfig::V1(v1) if v1.key == "s3cr3t"));
    }

    #[test]
    fn a_refund_succeeds_with_the_codes_that_were_given() {
        let codes = |more: &str| {
            let text = format!(
                r#"{{"generation":"v1","base_url":"https://pay.example.com","pid":"1001","key":"k"{more}}}"#
            );
            let EpayConfig::V1(config) = serde_json::from_str(&text).unwrap() else {
                panic!("a configuration of V1");
            };
            refund_success_codes(&config.refund_success_codes)
        };
        assert_eq!(codes("").unwrap(), [0, 1]);
        let given = codes(r#","refund_success_codes":[200]"#);
        assert_eq!(given.unwrap(), [200]);
        for wrong in ["[]", "[0,-1]"] {
            let error = codes(&format!(r#","refund_success_codes":{wrong}"#)).unwrap_err();
            assert!(error.to_string().contains("refund_success_codes"));
        }
    }

    #[test]
    fn a_merchant_number_is_plain() {
        assert_eq!(pid(" 1001 ").unwrap(), "1001");
        for text in ["", "  ", "10 01", "1001&type=x", "一"] {
            assert!(pid(text).is_err(), "{text}");
        }
    }
}
