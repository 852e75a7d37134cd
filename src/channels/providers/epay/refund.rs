//! What both generations of 易支付 are sent about a refund, and which of their answers are believed.

use rust_decimal::Decimal;

use super::Site;
use super::answer::Answer;
use super::client::unreadable;
use super::config::misconfigured;
use super::request::{Parameters, number, order_no, require_yuan};
use crate::channels::provider::{ProviderError, RefundOutcome, RefundRequest};
use crate::money::Money;

/// The platform takes a shorter number for none, and refunds each time that it comes.
const MIN_REFUND_NO_CHARS: usize = 6;

/// How a platform words that the channel behind it gave no clear answer.
const UNCLEAR: [&str; 16] = [
    "超时",
    "繁忙",
    "网络",
    "稍后",
    "处理中",
    "系统错误",
    "系统异常",
    "未知错误",
    "timeout",
    "timed out",
    "time out",
    "curl",
    "connect",
    "busy",
    "system_error",
    "systemerror",
];

/// The parameters of a refund that V1 and V2 share; exactly one number names the order.
pub(super) fn refund_parameters(
    site: &Site,
    request: &RefundRequest,
) -> Result<Parameters, ProviderError> {
    require_yuan(request.amount.currency)?;
    require_yuan(request.paid.currency)?;
    if request.amount.minor <= 0 || request.amount.minor > request.paid.minor {
        return Err(misconfigured("amount: above 0, and no more than was paid"));
    }
    // Our number may name two orders there after ten days; the platform's own names one.
    let order = match trade_no(request) {
        Some(trade_no) => ("trade_no", number("trade_no", trade_no)?),
        None => ("out_trade_no", order_no(&request.order_no)?),
    };
    Ok(vec![
        ("pid", site.pid.clone()),
        (order.0, order.1.to_owned()),
        ("money", format!("{:.2}", request.amount.to_decimal())),
    ])
}

fn trade_no(request: &RefundRequest) -> Option<&str> {
    let trade_no = request.provider_trade_no.as_deref()?.trim();
    Some(trade_no).filter(|trade_no| !trade_no.is_empty())
}

/// A refund number that the platform gives money back for only once.
pub(super) fn refund_no(text: &str) -> Result<&str, ProviderError> {
    let refund_no = number("refund_no", text)?;
    if refund_no.len() < MIN_REFUND_NO_CHARS {
        return Err(misconfigured("refund_no: at least 6 characters"));
    }
    Ok(refund_no)
}

/// A success must be about us and about the payment that was given back, as far as it says.
pub(super) fn require_about(
    site: &Site,
    answer: &Answer,
    request: &RefundRequest,
) -> Result<(), ProviderError> {
    require_ours(site, answer)?;
    require_order(answer, &request.order_no)?;
    match (answer.text("trade_no"), trade_no(request)) {
        (Some(told), Some(asked)) if told != asked => {
            Err(unreadable("the answer is about another payment"))
        }
        _ => Ok(()),
    }
}

/// The platform signs for all its merchants with one key; answers about refunds call our number `uid`.
pub(super) fn require_ours(site: &Site, answer: &Answer) -> Result<(), ProviderError> {
    let ours = ["pid", "uid"]
        .iter()
        .all(|name| answer.text(name).is_none_or(|told| told == site.pid));
    if ours {
        Ok(())
    } else {
        Err(unreadable("the answer is about another merchant"))
    }
}

pub(super) fn require_order(answer: &Answer, order_no: &str) -> Result<(), ProviderError> {
    match answer.text("out_trade_no") {
        Some(told) if told != order_no => Err(unreadable("the answer is about another order")),
        _ => Ok(()),
    }
}

pub(super) fn require_refund(answer: &Answer, refund_no: &str) -> Result<(), ProviderError> {
    if answer.require("out_refund_no")? == refund_no {
        Ok(())
    } else {
        Err(unreadable("the answer is about another refund"))
    }
}

/// Amounts lose their zeros on the way: `1` is `1.00`.
pub(super) fn require_amount(answer: &Answer, asked: Money) -> Result<(), ProviderError> {
    let told: Decimal = answer.decimal("money")?;
    if told == asked.to_decimal() {
        Ok(())
    } else {
        Err(unreadable("the answer is about another amount"))
    }
}

/// What became of a refund that the platform knows: 0 failed, 1 done.
pub(super) fn refund_status(answer: &Answer) -> Result<RefundOutcome, ProviderError> {
    match answer.require("status")? {
        "1" => Ok(RefundOutcome::Succeeded {
            provider_refund_no: answer.text("refund_no").map(str::to_owned),
        }),
        "0" => Ok(RefundOutcome::Failed {
            code: "status 0".to_owned(),
            message: "the platform says that the refund failed".to_owned(),
        }),
        _ => Err(unreadable("the refund's status is none of the protocol")),
    }
}

/// The platform's no to a refund or a payout, where it is one. It refuses with codes below 0; and where it asked the
/// channel behind it and got no clear answer, its own no is none either: the payer may have the money.
pub(super) fn refund_refusal(answer: &Answer, code: i64, secret: Option<&str>) -> ProviderError {
    if code >= 0 {
        return unreadable("the answer's code is neither a success nor a refusal");
    }
    // Who we are, what we sent and which endpoint is looked at before any channel is asked.
    let own = matches!(code, -5..=-3);
    if !own && (answer.says_any(&UNCLEAR) || repeats_nothing(answer)) {
        let words = answer.words(secret);
        return ProviderError::Unavailable(format!("behind the platform: {words}"));
    }
    answer.refusal(code, secret)
}

/// Whether the platform says that the channel behind it failed, and that the channel said nothing.
fn repeats_nothing(answer: &Answer) -> bool {
    let message = answer.text("msg").unwrap_or_default();
    let words = message.trim_end_matches([':', '：', '！', ' ']);
    matches!(words, "退款失败" | "转账失败")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn answer(text: &str) -> Answer {
        Answer::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn an_amount_is_compared_as_a_number_and_never_guessed() {
        let told = |money: &str| {
            let answer = answer(&format!(r#"{{"money":{money}}}"#));
            require_amount(&answer, Money::of_minor(100, Currency::Cny))
        };
        for same in ["1", "\"1\"", "1.0", "\"1.00\"", "\" 1.000 \""] {
            assert!(told(same).is_ok(), "{same}");
        }
        for other in [
            "100",
            "\"1.01\"",
            "0.999",
            "\"\"",
            "null",
            "-1",
            "1e0",
            "\"¥1.00\"",
            "[1]",
        ] {
            let error = told(other).unwrap_err();
            assert!(matches!(error, ProviderError::Unreadable(_)), "{other}");
        }
    }

    #[test]
    fn a_state_is_one_of_the_protocol() {
        let status = |status: &str| {
            refund_status(&answer(&format!(
                r#"{{"refund_no":"T1","status":{status}}}"#
            )))
        };
        let done = RefundOutcome::Succeeded {
            provider_refund_no: Some("T1".to_owned()),
        };
        assert_eq!(status("1").unwrap(), done);
        assert_eq!(status("\"1\"").unwrap(), done);
        for failed in ["0", "\"0\""] {
            let outcome = status(failed).unwrap();
            assert!(matches!(outcome, RefundOutcome::Failed { .. }), "{failed}");
        }
        for odd in ["2", "\"\"", "null", "[1]", "1.0", "\"success\""] {
            let error = status(odd).unwrap_err();
            assert!(matches!(error, ProviderError::Unreadable(_)), "{odd}");
        }
    }

    #[test]
    fn a_no_is_clear_only_where_the_platform_itself_says_it() {
        let said = |code: i64, message: &str| {
            let text = serde_json::json!({"code": code, "msg": message}).to_string();
            refund_refusal(&answer(&text), code, Some("s3cr3t"))
        };
        for (code, message) in [
            (-1, "当前订单不存在！"),
            (-1, "退款金额不能超过该订单剩余可退款金额！"),
            (-1, "商户余额不足，请先充值"),
            (-1, "退款失败：余额不足"),
            (-2, "商户未开启订单退款API接口"),
            (-3, "时间戳超时"),
            (-4, "未开启商户后台自助退款"),
            (-5, "No Act!"),
        ] {
            let error = said(code, message);
            assert!(matches!(error, ProviderError::Refused { .. }), "{message}");
        }
        for message in [
            "退款失败：",
            "退款失败",
            "退款失败：cURL error 28: Operation timed out s3cr3t",
            "退款失败：[SYSTEM_ERROR]接口返回错误",
            "退款失败：系统繁忙，请稍后再试",
            "退款处理中",
        ] {
            let error = said(-1, message);
            assert!(matches!(error, ProviderError::Unavailable(_)), "{message}");
            assert!(!error.to_string().contains("s3cr3t"), "{error}");
        }
        for code in [0, 1, 200] {
            let error = said(code, "退款失败：余额不足");
            assert!(matches!(error, ProviderError::Unreadable(_)), "{code}");
        }
    }

    #[test]
    fn a_number_that_the_platform_would_overlook_is_not_sent() {
        assert_eq!(refund_no("123456").unwrap(), "123456");
        for text in ["", "12345", "12345 6", "退款单号一二三四", &"1".repeat(151)] {
            assert!(refund_no(text).is_err(), "{text}");
        }
    }
}
