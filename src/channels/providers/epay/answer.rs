//! An answer of 易支付: flat JSON whose values are read as the text that PHP signed.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::callback::decimal;
use super::client::unreadable;
use super::config::misconfigured;
use super::signature::{canonical, php_trim};
use crate::channels::provider::ProviderError;

/// More of the platform's words than this goes into no error.
const MAX_MESSAGE_CHARS: usize = 200;
/// How the platforms say that the channel behind them is away.
const CHANNEL_AWAY: i64 = -2;
/// How they say that they do not take the signature, the key or the time.
const NOT_TAKEN: i64 = -3;
/// How the platforms say that something is not there.
const MISSING: [&str; 5] = ["不存在", "未找到", "找不到", "not exist", "not found"];

/// An answer's fields as text; nested ones are left out, since no signature covers them.
#[derive(Debug)]
pub(super) struct Answer(BTreeMap<String, String>);

impl Answer {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ProviderError> {
        let text = std::str::from_utf8(body).map_err(|_| unreadable("not UTF-8"))?;
        // PHP files saved with a byte order mark send it.
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(unreadable("an empty answer"));
        }
        if text.starts_with('<') {
            return Err(unreadable(
                "接口地址错误: the address answers with a page, not with JSON",
            ));
        }
        let raw: BTreeMap<String, &RawValue> =
            serde_json::from_str(text).map_err(|_| unreadable("no JSON object"))?;
        let mut fields = BTreeMap::new();
        for (name, value) in raw {
            if let Some(value) = php_text(value.get())? {
                fields.insert(name, value);
            }
        }
        Ok(Self(fields))
    }

    /// A field's text, trimmed; nothing where it is missing or blank.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(|value| php_trim(value))
            .filter(|value| !value.is_empty())
    }

    pub(super) fn require(&self, name: &str) -> Result<&str, ProviderError> {
        self.text(name)
            .ok_or_else(|| unreadable(format!("the answer lacks {name}")))
    }

    /// The code, which comes as a number or as text.
    pub(super) fn code(&self) -> Result<i64, ProviderError> {
        let code = self.require("code")?;
        code.parse()
            .map_err(|_| unreadable("the answer's code is no number"))
    }

    pub(super) fn decimal(&self, name: &str) -> Result<Decimal, ProviderError> {
        decimal(self.require(name)?)
            .ok_or_else(|| unreadable(format!("the answer's {name} is no amount")))
    }

    /// The platform's no, in its own words.
    pub(super) fn refusal(&self, code: i64, secret: Option<&str>) -> ProviderError {
        ProviderError::Refused {
            code: code.to_string(),
            message: self.words(secret),
        }
    }

    /// The platform's no to an order. Where what is behind it is away (−2), or where it does not take us (−3: pid, key
    /// or clock), it is no refusal of this order: so every order ends.
    pub(super) fn order_refusal(&self, code: i64, secret: Option<&str>) -> ProviderError {
        let words = self.words(secret);
        match code {
            CHANNEL_AWAY => ProviderError::Unavailable(format!("behind the platform: {words}")),
            NOT_TAKEN => misconfigured(format!("the platform does not take us: {words}")),
            _ => self.refusal(code, secret),
        }
    }

    /// The platform's own words without the secret that they may repeat; cut only afterwards, so that no
    /// half of it stays.
    pub(super) fn words(&self, secret: Option<&str>) -> String {
        let message = self.text("msg").unwrap_or("no reason given");
        let message =
            secret.map_or_else(|| message.to_owned(), |secret| message.replace(secret, "…"));
        let message = message.chars().filter(|char| !char.is_control());
        message.take(MAX_MESSAGE_CHARS).collect()
    }

    /// Whether a refusal says that an order is not known; the code is shared with every other mistake.
    pub(super) fn says_order_unknown(&self, code: i64) -> bool {
        code == -1 && self.says_any(&["订单", "order"]) && self.says_any(&MISSING)
    }

    /// Whether a refusal says that a refund is not known, rather than refunds altogether.
    pub(super) fn says_refund_unknown(&self, code: i64) -> bool {
        let about_refund = [
            "退款记录",
            "退款单",
            "退款订单",
            "refund order",
            "refund record",
        ];
        code == -1 && self.says_any(&about_refund) && self.says_any(&MISSING)
    }

    /// Whether the platform's words contain any of these, which are in lower case.
    pub(super) fn says_any(&self, words: &[&str]) -> bool {
        let message = self.text("msg").unwrap_or_default().to_lowercase();
        words.iter().any(|word| message.contains(word))
    }

    /// What the platform signed of this answer.
    pub(super) fn canonical(&self) -> String {
        canonical(
            self.0
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }
}

/// A JSON token as PHP's text: numbers as they stand, `true` as `1`, `false` and `null` as nothing.
fn php_text(token: &str) -> Result<Option<String>, ProviderError> {
    Ok(match token.as_bytes().first() {
        Some(b'"') => {
            Some(serde_json::from_str(token).map_err(|_| unreadable("text that is no Unicode"))?)
        }
        Some(b'{' | b'[') => None,
        Some(b't') => Some("1".to_owned()),
        Some(b'f' | b'n') => Some(String::new()),
        _ => Some(token.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        Answer::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn values_are_signed_as_php_text_over_the_raw_token() {
        let answer = answer(
            r#"{"code":0,"money":1.10,"big":12345678901234567890,"yes":true,"no":false,"nil":null,
                "data":[{"a":1}],"info":{"b":2},"url":"https:\/\/a\/?x=1","name":"\u4f1a\u5458","sign":"s","sign_type":"RSA"}"#,
        );
        assert_eq!(
            answer.canonical(),
            "big=12345678901234567890&code=0&money=1.10&name=会员&url=https://a/?x=1&yes=1"
        );
    }

    #[test]
    fn a_code_is_read_from_a_number_and_from_text() {
        assert_eq!(answer(r#"{"code":1}"#).code().unwrap(), 1);
        assert_eq!(answer(r#"{"code":"1"}"#).code().unwrap(), 1);
        assert_eq!(answer(r#"{"code":" -3 "}"#).code().unwrap(), -3);
        for text in [
            "{}",
            r#"{"code":null}"#,
            r#"{"code":"ok"}"#,
            r#"{"code":1.5}"#,
            r#"{"code":[1]}"#,
        ] {
            assert!(answer(text).code().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_object_is_unreadable() {
        for text in ["", "  ", "[]", "1", "null", "success", "{", "\"{}\""] {
            let error = Answer::parse(text.as_bytes()).unwrap_err();
            assert!(matches!(error, ProviderError::Unreadable(_)), "{text}");
        }
        assert!(Answer::parse(&[0xff, 0xfe]).is_err());
        assert!(Answer::parse("\u{feff} {\"code\":1}\n".as_bytes()).is_ok());
    }

    #[test]
    fn a_page_is_told_from_an_answer() {
        for text in ["<!DOCTYPE html><html>", "\u{feff}\n<br />\n<b>Warning</b>"] {
            let error = Answer::parse(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("接口地址错误"), "{error}");
        }
    }

    #[test]
    fn a_refusal_shows_no_part_of_a_secret() {
        let message = format!("{}s3cr3t", "x".repeat(MAX_MESSAGE_CHARS - 3));
        let answer = answer(&format!(r#"{{"code":-1,"msg":"{message}"}}"#));
        let error = answer.refusal(-1, Some("s3cr3t")).to_string();
        assert!(error.ends_with("xx…"), "{error}");
    }

    #[test]
    fn a_platform_without_a_channel_or_that_does_not_take_us_refuses_no_order() {
        let said = |code| answer(r#"{"msg":"s3cr3t 不可用"}"#).order_refusal(code, Some("s3cr3t"));
        assert!(matches!(said(-1), ProviderError::Refused { .. }));
        assert!(matches!(said(-4), ProviderError::Refused { .. }));
        assert!(matches!(said(-2), ProviderError::Unavailable(_)));
        assert!(matches!(said(-3), ProviderError::Misconfigured(_)));
        for code in [-2, -3] {
            let told = said(code).to_string();
            assert!(told.ends_with("… 不可用"), "{told}");
        }
    }

    #[test]
    fn only_an_unknown_order_reads_as_unknown() {
        let unknown = |text: &str| answer(text).says_order_unknown(answer(text).code().unwrap());
        assert!(unknown(r#"{"code":-1,"msg":"订单号不存在"}"#));
        assert!(unknown(r#"{"code":"-1","msg":"Order not found"}"#));
        assert!(!unknown(r#"{"code":-1,"msg":"商户不存在！"}"#));
        assert!(!unknown(r#"{"code":-3,"msg":"订单号不存在"}"#));
        assert!(!unknown(r#"{"code":-1}"#));
    }
    #[test]
    fn only_an_unknown_refund_reads_as_unknown() {
        let unknown = |text: &str| answer(text).says_refund_unknown(answer(text).code().unwrap());
        assert!(unknown(r#"{"code":-1,"msg":"退款记录不存在"}"#));
        assert!(unknown(r#"{"code":"-1","msg":"商户退款单号不存在"}"#));
        assert!(unknown(r#"{"code":-1,"msg":"Refund record not found"}"#));
        for other in [
            r#"{"code":-1,"msg":"商户退款单号不能为空"}"#,
            r#"{"code":-1,"msg":"退款接口不存在"}"#,
            r#"{"code":-1,"msg":"订单号不存在"}"#,
            r#"{"code":-1,"msg":"商户不存在！"}"#,
            r#"{"code":-1,"msg":"管理员未开启商户后台自助退款"}"#,
            r#"{"code":-3,"msg":"退款记录不存在"}"#,
            r#"{"code":0,"msg":"退款记录不存在"}"#,
            r#"{"code":-1}"#,
        ] {
            assert!(!unknown(other), "{other}");
        }
    }
}
