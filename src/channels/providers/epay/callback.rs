//! A notification of 易支付: read once into parameters, over whose raw text the signature goes.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use url::form_urlencoded;

use super::signature::{canonical, is_blank, php_trim};
use crate::channels::provider::{Callback, CallbackRefusal, PaymentNotice};

/// How far a signed instant may be from ours, in seconds, either way.
pub(super) const MAX_AGE_SECONDS: u64 = 300;
/// The protocol has a dozen parameters.
const MAX_PARAMETERS: usize = 64;
const MAX_BYTES: usize = 64 * 1024;
/// The parameters that decide; none of them may hide in another one's value.
const DECIDING: [&str; 8] = [
    "pid",
    "trade_no",
    "out_trade_no",
    "type",
    "money",
    "trade_status",
    "timestamp",
    "name",
];

/// The decoded parameters, each once.
#[derive(Debug)]
pub(super) struct Received(Vec<(String, String)>);

impl Received {
    /// Reads a POSTed form where there is one, otherwise the query string.
    pub(super) fn read(callback: &Callback) -> Result<Self, CallbackRefusal> {
        let raw = if callback.body.trim_ascii().is_empty() {
            callback.query.as_bytes()
        } else {
            callback.body.as_slice()
        };
        if raw.len() > MAX_BYTES {
            return Err(CallbackRefusal::Malformed("too long"));
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(raw.trim_ascii()) {
            if parameters.len() == MAX_PARAMETERS {
                return Err(CallbackRefusal::Malformed("too many parameters"));
            }
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(CallbackRefusal::Malformed("a parameter comes twice"));
            }
            if name.contains(['&', '=']) || hides_a_parameter(&value) {
                return Err(CallbackRefusal::Malformed("a parameter hides another"));
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(parameters))
    }

    /// A parameter as it was sent; nothing where it is missing or blank.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, value)| known == name && !is_blank(value))
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn require(&self, name: &'static str) -> Result<&str, CallbackRefusal> {
        self.text(name).ok_or(CallbackRefusal::Malformed(name))
    }

    /// What the platform signed: every parameter received, new ones included.
    pub(super) fn canonical(&self) -> String {
        canonical(
            self.0
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }

    /// Refuses a notification that was signed too long ago, or too far ahead.
    pub(super) fn require_fresh(&self, now: DateTime<Utc>) -> Result<(), CallbackRefusal> {
        let signed_at: i64 = self
            .require("timestamp")?
            .parse()
            .map_err(|_| CallbackRefusal::Malformed("timestamp"))?;
        if now.timestamp().abs_diff(signed_at) > MAX_AGE_SECONDS {
            return Err(CallbackRefusal::Stale);
        }
        Ok(())
    }

    /// The payment that a proven notification reports.
    pub(super) fn notice(&self) -> Result<PaymentNotice, CallbackRefusal> {
        if self.require("trade_status")? != "TRADE_SUCCESS" {
            return Err(CallbackRefusal::NotPaid);
        }
        let amount = decimal(self.require("money")?);
        Ok(PaymentNotice {
            order_no: self.require("out_trade_no")?.to_owned(),
            provider_trade_no: self.require("trade_no")?.to_owned(),
            amount: amount.ok_or(CallbackRefusal::Malformed("money"))?,
        })
    }
}

/// Whether the value, cut in two at an `&`, would be signed the same and read as another parameter.
/// Nothing is encoded before it is signed, so `a=1&b=2` is one parameter as well as two: a payer's title of
/// `x&out_trade_no=B&…` would make of one paid order's notification a valid one for order B.
fn hides_a_parameter(value: &str) -> bool {
    value.split('&').skip(1).any(|part| {
        part.split_once('=')
            .is_some_and(|(name, _)| DECIDING.contains(&name))
    })
}

/// An amount in yuan: digits with at most one point, since PHP sends `1` for `1.00`; never a sign or an exponent.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let text = php_trim(text);
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !plain || text.len() > 20 || !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    text.parse::<Decimal>()
        .ok()
        .map(|amount| amount.normalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from_query(query: &str) -> Result<Received, CallbackRefusal> {
        Received::read(&Callback {
            query: query.to_owned(),
            body: Vec::new(),
        })
    }

    #[test]
    fn a_form_is_read_like_a_query() {
        let received = Received::read(&Callback {
            query: "ignored=1".to_owned(),
            body: b"name=a%26amp%3Bb+c&param=x%3D1%26y%3D2\n".to_vec(),
        })
        .unwrap();
        assert_eq!(received.canonical(), "name=a&amp;b c&param=x=1&y=2");
    }

    #[test]
    fn a_parameter_that_comes_twice_is_refused() {
        for query in ["money=1&money=100", "sign=a&x=1&sign=b", "pid=1&%70id=2"] {
            assert!(
                matches!(from_query(query), Err(CallbackRefusal::Malformed(_))),
                "{query}"
            );
        }
    }

    #[test]
    fn a_parameter_that_hides_another_is_refused() {
        for query in [
            "money=1&name=a%26out_trade_no%3DB%26type%3Dx",
            "zzz=1%26pid%3D1",
            "money=1%26trade_status%3DTRADE_SUCCESS",
            "zzz%3D1%26out_trade_no=A",
        ] {
            assert!(
                matches!(from_query(query), Err(CallbackRefusal::Malformed(_))),
                "{query}"
            );
        }
        assert!(from_query("name=a%26amp%3Bout_trade_no%3DB").is_ok());
        assert!(from_query("param=x%3D1%26y%3D2").is_ok());
    }

    #[test]
    fn an_endless_callback_is_refused() {
        let many: Vec<String> = (0..65).map(|index| format!("p{index}=1")).collect();
        assert!(from_query(&many.join("&")).is_err());
        assert!(from_query(&"x".repeat(MAX_BYTES + 1)).is_err());
    }

    #[test]
    fn an_amount_is_digits_with_a_point() {
        for (text, expected) in [
            ("1", "1"),
            ("9.9", "9.9"),
            ("1.00", "1"),
            (" 0.01 ", "0.01"),
        ] {
            assert_eq!(decimal(text), Some(expected.parse().unwrap()), "{text}");
        }
        for text in [
            "", "-1", "+1", "1e3", "1.0E+14", ".5", "1_000", "1,000", "1.2.3", "一", "NaN",
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
        assert_eq!(decimal(&"9".repeat(21)), None);
    }

    #[test]
    fn a_signed_instant_holds_for_five_minutes_either_way() {
        let fresh = |timestamp: &str| {
            let now = DateTime::from_timestamp(1_721_206_072, 0).unwrap();
            from_query(&format!("timestamp={timestamp}"))
                .unwrap()
                .require_fresh(now)
        };
        assert_eq!(fresh("1721206372"), Ok(()));
        assert_eq!(fresh("1721205772"), Ok(()));
        assert_eq!(fresh("1721206373"), Err(CallbackRefusal::Stale));
        assert_eq!(fresh("1721205771"), Err(CallbackRefusal::Stale));
        assert_eq!(fresh("-9223372036854775808"), Err(CallbackRefusal::Stale));
        assert_eq!(fresh("soon"), Err(CallbackRefusal::Malformed("timestamp")));
        assert_eq!(fresh(""), Err(CallbackRefusal::Malformed("timestamp")));
    }

    proptest! {
        #[test]
        fn no_callback_makes_reading_panic(query in "\\PC{0,80}", body in prop::collection::vec(any::<u8>(), 0..80)) {
            let read = Received::read(&Callback { query, body });
            if let Ok(received) = read {
                let _ = received.canonical();
                let _ = received.notice();
                let _ = received.require_fresh(DateTime::UNIX_EPOCH);
            }
        }

        #[test]
        fn no_text_makes_an_amount_panic(text in "[0-9.eE+_-]{0,24}") {
            let _ = decimal(&text);
        }
    }
}
