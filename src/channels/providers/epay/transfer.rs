//! Payouts over 易支付's second generation: what a transfer (代付) is sent, and which answers are believed.
//!
//! The platform asks the bank first and writes the transfer down afterwards, so that its number is not known
//! meanwhile; and asked about our number it looks among its own, which are ours only where they have 19 digits.

use chrono::{DateTime, Utc};

use super::Site;
use super::answer::Answer;
use super::client::unreadable;
use super::config::misconfigured;
use super::refund::{refund_refusal, require_ours};
use super::request::{Parameters, require_yuan};
use super::v2::{SUCCESS, V2};
use crate::channels::provider::{PayoutOutcome, PayoutQuery, PayoutRequest, ProviderError};
use crate::money::Money;

/// Another number is replaced there by one of the platform's own, under which alone it could be asked about.
const NO_DIGITS: usize = 19;
/// The platform refuses a longer remark.
const MAX_REMARK_CHARS: usize = 32;
/// How it says that it knows a number already.
const KNOWN: [&str; 2] = ["已存在", "重复"];

impl V2 {
    /// The platform sends the money, or has accepted it.
    pub(super) async fn create_payout(
        &self,
        site: &Site,
        request: &PayoutRequest,
    ) -> Result<PayoutOutcome, ProviderError> {
        let parameters = transfer_parameters(site, request)?;
        let now = request.now;
        let answer = self
            .call(site, "api/transfer/submit", parameters, now)
            .await?;
        match answer.code()? {
            SUCCESS => {
                require_about(site, &answer, &request.payout_no)?;
                transfer_status(&answer)
            }
            // Known there already, from us or from somebody with our account: it is asked about.
            _ if answer.says_any(&KNOWN) => {
                let words = answer.words(None);
                Err(ProviderError::Unavailable(words))
            }
            code => Err(refund_refusal(&answer, code, None)),
        }
    }

    pub(super) async fn query_payout(
        &self,
        site: &Site,
        query: &PayoutQuery,
    ) -> Result<PayoutOutcome, ProviderError> {
        let payout_no = payout_no(&query.payout_no)?;
        let parameters = vec![
            ("pid", site.pid.clone()),
            ("out_biz_no", payout_no.to_owned()),
        ];
        let now: DateTime<Utc> = query.now;
        let answer = self
            .call(site, "api/transfer/query", parameters, now)
            .await?;
        match answer.code()? {
            SUCCESS => {
                require_about(site, &answer, payout_no)?;
                require_amount(&answer, query.amount)?;
                transfer_status(&answer)
            }
            code if says_transfer_unknown(&answer, code) => Ok(PayoutOutcome::Unknown),
            code => Err(refund_refusal(&answer, code, None)),
        }
    }
}

fn transfer_parameters(site: &Site, request: &PayoutRequest) -> Result<Parameters, ProviderError> {
    require_yuan(request.amount.currency)?;
    if request.amount.minor <= 0 {
        return Err(misconfigured("amount: only positive amounts are paid out"));
    }
    let mut parameters = vec![
        ("pid", site.pid.clone()),
        ("type", "bank".to_owned()),
        ("out_biz_no", payout_no(&request.payout_no)?.to_owned()),
        ("account", account(&request.number)?.to_owned()),
        ("name", plain("name", &request.holder)?),
        ("money", format!("{:.2}", request.amount.to_decimal())),
    ];
    let remark: String = request
        .remark
        .chars()
        .filter(|char| !char.is_control() && *char != '&' && char.len_utf8() <= 3)
        .take(MAX_REMARK_CHARS)
        .collect();
    if !remark.trim().is_empty() {
        parameters.push(("remark", remark.trim().to_owned()));
    }
    Ok(parameters)
}

fn payout_no(text: &str) -> Result<&str, ProviderError> {
    if text.len() == NO_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text);
    }
    Err(misconfigured("payout_no: exactly 19 digits"))
}

fn account(number: &str) -> Result<&str, ProviderError> {
    let fits = (5..=40).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if fits {
        Ok(number)
    } else {
        Err(misconfigured("account: 5 to 40 digits"))
    }
}

/// A text that is stored as it was sent, and can smuggle no parameter into a signature.
fn plain(field: &str, text: &str) -> Result<String, ProviderError> {
    let text = text.trim();
    let odd = |char: char| char.is_control() || "&<>\"'=".contains(char);
    if text.is_empty() || text.chars().count() > 64 || text.chars().any(odd) {
        return Err(misconfigured(format!(
            "{field}: 1 to 64 characters of plain text"
        )));
    }
    Ok(text.to_owned())
}

/// A success must be about us and about the payout that was asked about; the platform signs for all its merchants
/// with one key.
fn require_about(site: &Site, answer: &Answer, payout_no: &str) -> Result<(), ProviderError> {
    require_ours(site, answer)?;
    if answer.require("out_biz_no")? == payout_no {
        Ok(())
    } else {
        Err(unreadable("the answer is about another payout"))
    }
}

/// The amount, where it is told: what the bank behind the platform answers has none.
fn require_amount(answer: &Answer, asked: Money) -> Result<(), ProviderError> {
    if answer.text("amount").is_none() || answer.decimal("amount")? == asked.to_decimal() {
        Ok(())
    } else {
        Err(unreadable("the answer is about another amount"))
    }
}

/// What became of a transfer: 0 and 3 (somebody there has to agree) are under way, 1 is paid, 2 has failed.
fn transfer_status(answer: &Answer) -> Result<PayoutOutcome, ProviderError> {
    let provider_payout_no = answer.text("orderid").map(str::to_owned);
    match answer.require("status")? {
        "0" | "3" => Ok(PayoutOutcome::Processing { provider_payout_no }),
        "1" => Ok(PayoutOutcome::Paid { provider_payout_no }),
        "2" => Ok(PayoutOutcome::Failed {
            code: "status 2".to_owned(),
            message: words(answer.text("errmsg").unwrap_or("no reason given")),
        }),
        _ => Err(unreadable("the payout's status is none of the protocol")),
    }
}

fn words(text: &str) -> String {
    let words = text.chars().filter(|char| !char.is_control());
    words.take(200).collect()
}

/// Whether a refusal says that a transfer is not known, rather than transfers altogether.
fn says_transfer_unknown(answer: &Answer, code: i64) -> bool {
    let about = ["转账交易号", "转账订单", "付款记录", "转账记录"];
    let missing = ["不存在", "未找到", "找不到"];
    code == -1 && answer.says_any(&about) && answer.says_any(&missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn answer(text: &str) -> Answer {
        Answer::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_state_is_one_of_the_protocol() {
        let status = |status: &str| {
            transfer_status(&answer(&format!(
                r#"{{"orderid":"T1","status":{status},"errmsg":"户名不符"}}"#
            )))
        };
        for paid in ["1", "\"1\""] {
            assert_eq!(
                status(paid).unwrap(),
                PayoutOutcome::Paid {
                    provider_payout_no: Some("T1".to_owned())
                }
            );
        }
        for open in ["0", "3"] {
            assert!(matches!(status(open), Ok(PayoutOutcome::Processing { .. })));
        }
        assert!(matches!(
            status("2"),
            Ok(PayoutOutcome::Failed { message, .. }) if message == "户名不符"
        ));
        for odd in ["4", "\"\"", "null", "[1]", "1.0", "\"success\""] {
            assert!(
                matches!(status(odd), Err(ProviderError::Unreadable(_))),
                "{odd}"
            );
        }
    }

    #[test]
    fn only_an_unknown_transfer_reads_as_unknown() {
        let unknown =
            |text: &str| says_transfer_unknown(&answer(text), answer(text).code().unwrap());
        assert!(unknown(r#"{"code":-1,"msg":"转账交易号不存在"}"#));
        assert!(unknown(r#"{"code":"-1","msg":"付款记录不存在"}"#));
        for other in [
            r#"{"code":-1,"msg":"支付通道不存在"}"#,
            r#"{"code":-1,"msg":"转账交易号不能为空"}"#,
            r#"{"code":-1,"msg":"商户不存在！"}"#,
            r#"{"code":-3,"msg":"转账交易号不存在"}"#,
            r#"{"code":-1}"#,
        ] {
            assert!(!unknown(other), "{other}");
        }
    }

    #[test]
    fn a_number_that_the_platform_would_replace_is_not_sent() {
        assert!(payout_no("2245000000000000001").is_ok());
        for text in [
            "",
            "224500000000000000",
            "22450000000000000011",
            "A245000000000000001",
        ] {
            assert!(payout_no(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_amount_is_compared_where_it_is_told() {
        let told =
            |fields: &str| require_amount(&answer(fields), Money::of_minor(100, Currency::Cny));
        for same in ["{}", r#"{"amount":1}"#, r#"{"amount":"1.00"}"#] {
            assert!(told(same).is_ok(), "{same}");
        }
        for other in [
            r#"{"amount":100}"#,
            r#"{"amount":"1.01"}"#,
            r#"{"amount":"¥1"}"#,
        ] {
            assert!(told(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_name_smuggles_nothing_into_a_signature() {
        assert!(plain("name", "张伟").is_ok());
        for text in ["", " ", "张伟&money=1", "a<b", "a\nb"] {
            assert!(plain("name", text).is_err(), "{text}");
        }
    }
}
