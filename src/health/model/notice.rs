//! What a shop writes on its front page while a way to pay does not work, ready to be pasted.

use entity::channel::PaymentMethod;
use entity::incident::Severity;

use crate::error::Problem;

/// The notice for a method that is this bad, with the method to pay by instead, where one is known.
#[must_use]
pub fn notice(
    method: PaymentMethod,
    severity: Severity,
    instead: Option<PaymentMethod>,
) -> Problem {
    let (zh, en) = name(method);
    let (trouble_zh, trouble_en) = match severity {
        Severity::Degraded => (
            format!("{zh}支付目前不稳定，付款可能较慢或失败"),
            format!("Payments by {en} are unreliable at the moment: they may be slow or fail"),
        ),
        // Another account of the method goes on: nobody is turned away.
        Severity::Down if instead == Some(method) => (
            format!("部分{zh}支付可能失败"),
            format!("Some payments by {en} may fail at the moment"),
        ),
        Severity::Down => (
            format!("{zh}支付暂时无法使用"),
            format!("Payments by {en} are not possible at the moment"),
        ),
    };
    // Another account of the same method is nothing that a payer chooses.
    let (advice_zh, advice_en) = match instead.filter(|instead| *instead != method) {
        Some(instead) => {
            let (zh, en) = name(instead);
            (
                format!("，建议您改用{zh}。"),
                format!(". Please pay by {en} instead."),
            )
        }
        None if instead.is_some() => (
            "，如遇失败请重新发起付款。".to_owned(),
            ". If yours does, please try to pay again.".to_owned(),
        ),
        None => (
            "，请稍后再试。".to_owned(),
            ". Please try again later.".to_owned(),
        ),
    };
    let regret = "给您带来不便，敬请谅解。";
    Problem::new(
        format!("{trouble_en}{advice_en} We are sorry for the inconvenience."),
        format!("{trouble_zh}{advice_zh}{regret}"),
    )
}

/// What payers call a method, in Chinese (before 支付) and in English.
const fn name(method: PaymentMethod) -> (&'static str, &'static str) {
    match method {
        PaymentMethod::WechatPay => ("微信", "WeChat Pay"),
        PaymentMethod::Alipay => ("支付宝", "Alipay"),
        PaymentMethod::UnionPay => ("云闪付", "UnionPay"),
        PaymentMethod::Card => ("银行卡", "card"),
        PaymentMethod::QqPay => ("QQ 钱包", "QQ Wallet"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_says_what_does_not_work_and_what_to_do() {
        use PaymentMethod::{Alipay, Card, WechatPay};
        for (method, severity, instead, zh, en) in [
            (
                WechatPay,
                Severity::Down,
                Some(Alipay),
                "微信支付暂时无法使用，建议您改用支付宝。给您带来不便，敬请谅解。",
                "Payments by WeChat Pay are not possible at the moment. Please pay by Alipay instead. \
                 We are sorry for the inconvenience.",
            ),
            (
                WechatPay,
                Severity::Down,
                Some(WechatPay),
                "部分微信支付可能失败，如遇失败请重新发起付款。给您带来不便，敬请谅解。",
                "Some payments by WeChat Pay may fail at the moment. If yours does, please try to pay again. \
                 We are sorry for the inconvenience.",
            ),
            (
                Card,
                Severity::Degraded,
                None,
                "银行卡支付目前不稳定，付款可能较慢或失败，请稍后再试。给您带来不便，敬请谅解。",
                "Payments by card are unreliable at the moment: they may be slow or fail. \
                 Please try again later. We are sorry for the inconvenience.",
            ),
        ] {
            let notice = notice(method, severity, instead);
            assert_eq!((notice.zh.as_str(), notice.en.as_str()), (zh, en));
        }
    }
}
