//! What both generations of 易支付 are sent about an order, and how both tell its state.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};
use rust_decimal::Decimal;

use super::Site;
use super::answer::Answer;
use super::client::unreadable;
use super::config::misconfigured;
use crate::channels::provider::{
    Device, Payment, PaymentCode, PaymentCodeKind, PaymentMethod, PaymentQuery, PaymentRequest,
    PaymentStatus, ProviderError,
};
use crate::money::{Currency, Money};

/// The parameters of a call, in no particular order.
pub(super) type Parameters = Vec<(&'static str, String)>;

/// The platform cuts a title at 127 bytes and keeps 64 characters of it, both counted after escaping;
/// asked again for the same order, it compares what it kept with what it is sent.
const MAX_TITLE_BYTES: usize = 127;
const MAX_TITLE_CHARS: usize = 64;
/// The platform keeps this much of an address and calls what it kept.
const MAX_URL_CHARS: usize = 255;
const MAX_NUMBER_CHARS: usize = 150;

/// The parameters of a payment that V1 and V2 share.
pub(super) fn order_parameters(
    site: &Site,
    request: &PaymentRequest,
) -> Result<Parameters, ProviderError> {
    require_yuan(request.amount.currency)?;
    let amount = request.amount.to_decimal();
    if amount <= Decimal::ZERO {
        return Err(misconfigured("amount: only positive amounts are paid"));
    }
    let device = match request.device {
        Device::Desktop => "pc",
        Device::Mobile => "mobile",
    };
    let mut parameters = vec![
        ("pid", site.pid.clone()),
        ("type", payment_type(request.method)?.to_owned()),
        ("out_trade_no", order_no(&request.order_no)?.to_owned()),
        (
            "notify_url",
            callback_url(&request.callback_url)?.to_owned(),
        ),
        ("name", title(&request.title, &request.order_no)),
        ("money", format!("{amount:.2}")),
        ("clientip", request.client_ip.to_canonical().to_string()),
        ("device", device.to_owned()),
    ];
    if let Some(url) = request
        .return_url
        .as_deref()
        .filter(|url| !url.trim().is_empty())
    {
        parameters.push((
            "return_url",
            stored_url("return_url", url.trim())?.to_owned(),
        ));
    }
    Ok(parameters)
}

pub(super) fn require_yuan(currency: Currency) -> Result<(), ProviderError> {
    if currency == Currency::Cny {
        Ok(())
    } else {
        Err(misconfigured("currency: 易支付 knows yuan only"))
    }
}

/// The `type` by which a shop is told what was paid with. The protocol knows no cards: they are a bank's.
#[must_use]
pub const fn notice_type(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Alipay => "alipay",
        PaymentMethod::WechatPay => "wxpay",
        PaymentMethod::QqPay => "qqpay",
        PaymentMethod::UnionPay | PaymentMethod::Card => "bank",
    }
}

fn payment_type(method: PaymentMethod) -> Result<&'static str, ProviderError> {
    match method {
        PaymentMethod::Alipay => Ok("alipay"),
        PaymentMethod::WechatPay => Ok("wxpay"),
        PaymentMethod::QqPay => Ok("qqpay"),
        PaymentMethod::UnionPay => Ok("bank"),
        PaymentMethod::Card => Err(misconfigured("method: 易支付 takes no cards")),
    }
}

/// An order number of the form that the platform accepts.
pub(super) fn order_no(text: &str) -> Result<&str, ProviderError> {
    number("order_no", text)
}

/// A number of the alphabet that the platform has for numbers.
pub(super) fn number<'a>(field: &str, text: &'a str) -> Result<&'a str, ProviderError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-|".contains(&byte);
    if text.is_empty() || text.len() > MAX_NUMBER_CHARS || !text.bytes().all(fits) {
        return Err(misconfigured(format!(
            "{field}: 1 to 150 of A-Z a-z 0-9 . _ - |"
        )));
    }
    Ok(text)
}

/// The platform appends its parameters to this address and signs only those: a query of our own would break the signature.
fn callback_url(text: &str) -> Result<&str, ProviderError> {
    if text.contains(['?', '#']) {
        return Err(misconfigured("callback_url: must have no query"));
    }
    stored_url("callback_url", text)
}

fn stored_url<'a>(field: &str, text: &'a str) -> Result<&'a str, ProviderError> {
    let stored: usize = text.chars().map(escaped_len).sum();
    if text.is_empty() || stored > MAX_URL_CHARS {
        return Err(misconfigured(format!("{field}: 1 to 255 characters")));
    }
    Ok(text)
}

/// A title that the platform stores as it was sent, and that can smuggle no parameter into a signature.
fn title(text: &str, order_no: &str) -> String {
    let mut title = String::new();
    let (mut bytes, mut chars) = (0, 0);
    let cleaned = text.trim().chars().filter_map(|char| match char {
        // Titles are signed unencoded: `&` would separate parameters there.
        '&' => Some('＆'),
        char if char.is_control() => Some(' '),
        // The platform's tables hold three bytes a character, and lose what follows a longer one.
        char if char.len_utf8() > 3 => None,
        char => Some(char),
    });
    for char in cleaned {
        let escaped = escaped_len(char);
        let len = if escaped > 1 {
            escaped
        } else {
            char.len_utf8()
        };
        bytes += len;
        chars += escaped;
        if bytes > MAX_TITLE_BYTES || chars > MAX_TITLE_CHARS {
            break;
        }
        title.push(char);
    }
    let title = title.trim();
    if title.is_empty() { order_no } else { title }.to_owned()
}

/// How many characters PHP's `htmlspecialchars` makes of one.
fn escaped_len(char: char) -> usize {
    match char {
        '&' => "&amp;".len(),
        '<' | '>' => "&lt;".len(),
        '"' | '\'' => "&quot;".len(),
        _ => 1,
    }
}

/// What the payer is shown, provided that a browser may open it.
pub(super) fn payment_code(
    site: &Site,
    answer: &Answer,
    kind: PaymentCodeKind,
    content: &str,
) -> Result<PaymentCode, ProviderError> {
    let (kind, content) = match kind {
        PaymentCodeKind::Url | PaymentCodeKind::Scheme => link(site, content)?,
        PaymentCodeKind::QrCode | PaymentCodeKind::Html => (kind, content.to_owned()),
    };
    Ok(PaymentCode {
        provider_trade_no: answer.text("trade_no").map(str::to_owned),
        kind,
        content,
    })
}

/// A link by what it is, not by the field it came in: clones send app links as `payurl`, and relative ones.
fn link(site: &Site, text: &str) -> Result<(PaymentCodeKind, String), ProviderError> {
    let absolute = match url::Url::parse(text) {
        Ok(_) => text.to_owned(),
        Err(_) => site
            .base
            .resolve(text)
            .ok_or_else(|| unreadable("the payment link is none"))?
            .to_string(),
    };
    let scheme = absolute
        .split(':')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match scheme.as_str() {
        "https" | "http" => Ok((PaymentCodeKind::Url, absolute)),
        // These run in our page or open the payer's files.
        "javascript" | "data" | "vbscript" | "blob" | "file" | "about" => {
            Err(unreadable("the payment link is no payment link"))
        }
        _ => Ok((PaymentCodeKind::Scheme, absolute)),
    }
}

/// Reads a successful answer about an order: 0 unpaid, 1 paid, 2 refunded (also in part), 3 frozen, 4 pre-authorised.
pub(super) fn payment_status(
    answer: &Answer,
    query: &PaymentQuery,
) -> Result<PaymentStatus, ProviderError> {
    if answer.require("out_trade_no")? != query.order_no {
        return Err(unreadable("the answer is about another order"));
    }
    match answer.require("status")? {
        "0" | "4" => Ok(PaymentStatus::Unpaid),
        "1" | "2" => Ok(PaymentStatus::Paid(payment(answer, query.currency)?)),
        // Paid, but withheld from us: neither to be believed nor to be closed, so no state at all.
        "3" => Err(ProviderError::Refused {
            code: "status 3".to_owned(),
            message: "the platform has frozen this payment".to_owned(),
        }),
        _ => Err(unreadable("the order's status is none of the protocol")),
    }
}

fn payment(answer: &Answer, currency: Currency) -> Result<Payment, ProviderError> {
    require_yuan(currency)?;
    let amount = Money::from_decimal(answer.decimal("money")?, currency)
        .map_err(|_| unreadable("the answer's money is no amount"))?;
    Ok(Payment {
        provider_trade_no: answer.require("trade_no")?.to_owned(),
        amount,
        paid_at: answer.text("endtime").and_then(shanghai),
    })
}

/// An instant from the platform's local time; China has kept UTC+8 since 1991.
fn shanghai(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    let offset = FixedOffset::east_opt(8 * 60 * 60)?;
    let instant = local.and_local_timezone(offset).single()?;
    Some(instant.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_is_cut_where_the_platform_would_cut_it() {
        assert_eq!(title("VIP会员", "A1"), "VIP会员");
        assert_eq!(title(&"会".repeat(80), "A1"), "会".repeat(42));
        assert_eq!(title(&"a".repeat(80), "A1"), "a".repeat(64));
        assert_eq!(title("a&b\tc<d", "A1"), "a＆b c<d");
        assert_eq!(title("红包🧧大", "A1"), "红包大");
        for blank in ["", "  \n", "🧧"] {
            assert_eq!(title(blank, "A1"), "A1");
        }
    }

    #[test]
    fn a_callback_address_has_no_query_and_fits() {
        assert!(callback_url("https://g.example.com/callbacks/epay/1").is_ok());
        for text in [
            "",
            "https://g.example.com/?a=1",
            &format!("https://{}", "a".repeat(255)),
        ] {
            assert!(callback_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_order_number_is_of_the_platforms_alphabet() {
        assert!(order_no("A|1.2_3-4").is_ok());
        for text in ["", "a b", "订单", "a&b", &"1".repeat(151)] {
            assert!(order_no(text).is_err(), "{text}");
        }
    }

    #[test]
    fn local_times_are_shanghai_times() {
        assert_eq!(
            shanghai("2024-07-17 16:47:52"),
            Some("2024-07-17T08:47:52Z".parse().unwrap())
        );
        for text in ["", "0000-00-00 00:00:00", "2024-07-17", "yesterday"] {
            assert_eq!(shanghai(text), None, "{text}");
        }
    }

    #[test]
    fn a_frozen_payment_is_neither_paid_nor_unpaid() {
        let status = |status: &str| {
            let text = format!(
                r#"{{"out_trade_no":"A1","trade_no":"T1","money":"9.90","endtime":"","status":{status}}}"#
            );
            let query = PaymentQuery {
                order_no: "A1".to_owned(),
                currency: Currency::Cny,
                now: DateTime::UNIX_EPOCH,
            };
            payment_status(&Answer::parse(text.as_bytes()).unwrap(), &query)
        };
        assert_eq!(status("0").unwrap(), PaymentStatus::Unpaid);
        assert_eq!(status("\"4\"").unwrap(), PaymentStatus::Unpaid);
        for paid in ["1", "\"1\"", "2"] {
            let PaymentStatus::Paid(payment) = status(paid).unwrap() else {
                panic!("{paid} is paid");
            };
            assert_eq!(
                payment.amount,
                Money {
                    minor: 990,
                    currency: Currency::Cny
                }
            );
            assert_eq!(payment.paid_at, None);
        }
        assert!(matches!(status("3"), Err(ProviderError::Refused { .. })));
        for odd in ["5", "\"\"", "null", "[1]", "\"TRADE_SUCCESS\""] {
            assert!(
                matches!(status(odd), Err(ProviderError::Unreadable(_))),
                "{odd}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_title_always_fits_and_is_never_blank(text in "\\PC{0,200}") {
            let title = title(&text, "A1");
            prop_assert!(title.len() <= MAX_TITLE_BYTES);
            prop_assert!(title.chars().count() <= MAX_TITLE_CHARS);
            prop_assert!(!title.trim().is_empty());
            prop_assert!(!title.contains('&'));
        }
    }
}
