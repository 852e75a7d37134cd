//! A brief in sentences.

use super::brief::{Brief, Figures};
use super::usual::{Compared, Verdict};
use crate::locale::Locale;
use crate::money::{Currency, Money};

/// What waits to be done; none where the reader may not see it. Counted up to a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Orders that are paid and not delivered.
    pub shipments: i64,
    /// Refunds that a second person has to agree to.
    pub approvals: Option<i64>,
    /// Refunds that failed, or of which nobody knows.
    pub refunds: Option<i64>,
    /// What does not fit between platforms and here.
    pub items: Option<i64>,
    /// Incidents that are not over.
    pub incidents: Option<i64>,
    /// Coupons that end soon.
    pub expiring: Option<Expiring>,
}

/// Coupons that end within three days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expiring {
    /// How many.
    pub count: i64,
    /// What they take off at the most, in minor units, as far as that can be said.
    pub value_minor: i64,
}

/// How many incidents a channel had on the day.
pub type Incidents = Vec<(String, usize)>;

/// What is worth reading, in the order of its weight: the day's sales, what is unusual, what broke, what waits.
#[must_use]
pub fn sentences(
    brief: &Brief,
    names: &[String],
    incidents: &Incidents,
    waiting: &Waiting,
    currency: Currency,
    locale: Locale,
) -> Vec<String> {
    let mut told = vec![sales(&brief.figures, currency, locale)];
    told.extend(unusual(&brief.figures, None, currency, locale));
    for (channel, name) in brief.channels.iter().zip(names) {
        let share = Figures {
            // What a channel has of the whole is news only where the share that is paid is.
            orders: quiet(channel.figures.orders),
            paid_orders: quiet(channel.figures.paid_orders),
            paid: quiet(channel.figures.paid),
            refunded: quiet(channel.figures.refunded),
            average: quiet(channel.figures.average),
            success: channel.figures.success,
        };
        told.extend(unusual(&share, Some(name), currency, locale));
    }
    for (name, count) in incidents {
        told.push(match locale {
            Locale::En => format!(
                "{name}: {count} incident{} on this day.",
                if *count == 1 { "" } else { "s" }
            ),
            Locale::ZhCn => format!("{name}：当日发生 {count} 次故障。"),
        });
    }
    told.extend(to_do(waiting, locale));
    told.extend(expiring(waiting, currency, locale));
    told
}

const fn quiet(of: Compared) -> Compared {
    Compared {
        verdict: Verdict::Usual,
        ..of
    }
}

const fn plural(count: i64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn money(minor: i64, currency: Currency) -> String {
    let money = Money::of_minor(minor, currency);
    format!("{} {}", money.to_decimal(), currency.code())
}

/// A share in percent with one decimal, half up.
fn percent(ppm: i64) -> String {
    let tenths = (i128::from(ppm) + 500).div_euclid(1_000);
    format!("{}.{}%", tenths / 10, (tenths % 10).abs())
}

/// By how much a figure lies above or below what is usual: `+12.3%`.
fn change(of: Compared) -> Option<String> {
    let (value, usual) = (of.value?, of.usual.filter(|usual| *usual > 0)?);
    let difference = i128::from(value) - i128::from(usual);
    let half = difference.signum() * i128::from(usual) / 2;
    let tenths = (difference * 1_000 + half) / i128::from(usual);
    let sign = if tenths < 0 { '-' } else { '+' };
    let tenths = tenths.abs();
    Some(format!("{sign}{}.{}%", tenths / 10, tenths % 10))
}

fn sales(of: &Figures, currency: Currency, locale: Locale) -> String {
    let orders = of.paid_orders.value.unwrap_or_default();
    let paid = money(of.paid.value.unwrap_or_default(), currency);
    let against = change(of.paid);
    match (locale, against) {
        (Locale::En, Some(change)) => format!(
            "{orders} order{} paid, {paid} in all: {change} against the usual for this weekday.",
            plural(orders)
        ),
        (Locale::En, None) => format!("{orders} order{} paid, {paid} in all.", plural(orders)),
        (Locale::ZhCn, Some(change)) => {
            format!("支付 {orders} 笔，实付 {paid}，较同星期常态 {change}。")
        }
        (Locale::ZhCn, None) => format!("支付 {orders} 笔，实付 {paid}。"),
    }
}

/// A figure's name in English and in Chinese, what it was compared with, and how it is written.
type Named<'a> = (&'a str, &'a str, Compared, &'a dyn Fn(i64) -> String);

fn unusual(of: &Figures, channel: Option<&str>, currency: Currency, locale: Locale) -> Vec<String> {
    let count = |value: i64| value.to_string();
    let amount = |value: i64| money(value, currency);
    let figures: [Named<'_>; 6] = [
        ("Orders", "下单数", of.orders, &count),
        ("Paid orders", "支付订单数", of.paid_orders, &count),
        ("Sales", "实付金额", of.paid, &amount),
        ("Refunds", "退款金额", of.refunded, &amount),
        ("The average order value", "客单价", of.average, &amount),
        ("The success rate", "支付成功率", of.success, &percent),
    ];
    let mut told = Vec::new();
    for (en, zh, compared, write) in figures {
        let is_high = match compared.verdict {
            Verdict::UnusuallyHigh => true,
            Verdict::UnusuallyLow => false,
            Verdict::Usual | Verdict::NotEnoughData => continue,
        };
        let (Some(value), Some((low, high))) = (compared.value, compared.band) else {
            continue;
        };
        let (value, low, high) = (write(value), write(low), write(high));
        told.push(match locale {
            Locale::En => {
                let whose = channel.map(|name| format!("{name}: ")).unwrap_or_default();
                let how = if is_high { "high" } else { "low" };
                format!("{whose}{en}: {value} is unusually {how}; usual is {low} to {high}.")
            }
            Locale::ZhCn => {
                let whose = channel.map(|name| format!("{name}：")).unwrap_or_default();
                let how = if is_high { "偏高" } else { "偏低" };
                format!("{whose}{zh} {value}，异常{how}（常态为 {low} 至 {high}）。")
            }
        });
    }
    told
}

fn to_do(waiting: &Waiting, locale: Locale) -> Vec<String> {
    let lines = [
        (
            Some(waiting.shipments),
            "paid and not shipped",
            "paid and not shipped",
            "笔订单已支付未发货",
        ),
        (
            waiting.approvals,
            "refund to be approved",
            "refunds to be approved",
            "笔退款待审批",
        ),
        (
            waiting.refunds,
            "refund that failed or is unclear",
            "refunds that failed or are unclear",
            "笔退款失败或结果未知",
        ),
        (
            waiting.items,
            "open item of reconciliation",
            "open items of reconciliation",
            "条对账差异待处理",
        ),
        (
            waiting.incidents,
            "incident not over",
            "incidents not over",
            "个渠道故障未恢复",
        ),
    ];
    let lines = lines.into_iter().filter_map(|(count, one, en, zh)| {
        let count = count.filter(|count| *count > 0)?;
        Some(match locale {
            Locale::En if count == 1 => format!("To do: {count} {one}."),
            Locale::En => format!("To do: {count} {en}."),
            Locale::ZhCn => format!("待办：{count} {zh}。"),
        })
    });
    lines.collect()
}

fn expiring(waiting: &Waiting, currency: Currency, locale: Locale) -> Option<String> {
    let soon = waiting.expiring.filter(|soon| soon.count > 0)?;
    let (count, value) = (soon.count, money(soon.value_minor, currency));
    Some(match (locale, soon.value_minor > 0) {
        (Locale::En, true) => {
            format!(
                "Ending within three days: {count} coupon{}, worth up to {value}.",
                plural(count)
            )
        }
        (Locale::En, false) => {
            format!("Ending within three days: {count} coupon{}.", plural(count))
        }
        (Locale::ZhCn, true) => format!("{count} 张优惠券将在三日内到期，最多可抵 {value}。"),
        (Locale::ZhCn, false) => format!("{count} 张优惠券将在三日内到期。"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overview::model::{DayFigures, WEEKS, brief};
    use crate::statistics::model::Measures;

    #[test]
    fn what_is_unusual_and_what_waits_is_said_in_both_languages() {
        let day = |orders, minor| Measures {
            orders,
            converted: orders,
            paid_orders: orders,
            gross_minor: minor,
            ..Measures::default()
        };
        let of = DayFigures {
            day: day(100, 40_000),
            before: vec![day(100, 100_000); WEEKS],
        };
        let told = brief(&of, Vec::new());
        let waiting = Waiting {
            shipments: 3,
            approvals: Some(0),
            ..Waiting::default()
        };
        let incidents = vec![("微信支付".to_owned(), 1)];
        let say = |locale| sentences(&told, &[], &incidents, &waiting, Currency::Cny, locale);
        assert_eq!(
            say(Locale::ZhCn),
            [
                "支付 100 笔，实付 400.00 CNY，较同星期常态 -60.0%。",
                "实付金额 400.00 CNY，异常偏低（常态为 750.00 CNY 至 1250.00 CNY）。",
                "微信支付：当日发生 1 次故障。",
                "待办：3 笔订单已支付未发货。",
            ]
        );
        let english = say(Locale::En);
        assert_eq!(
            english[0],
            "100 orders paid, 400.00 CNY in all: -60.0% against the usual for this weekday."
        );
        assert_eq!(english[2], "微信支付: 1 incident on this day.");
        let alone = Waiting {
            incidents: Some(1),
            ..Waiting::default()
        };
        assert_eq!(to_do(&alone, Locale::En), ["To do: 1 incident not over."]);
        let soon = |count, value_minor| Waiting {
            expiring: Some(Expiring { count, value_minor }),
            ..Waiting::default()
        };
        let say = |waiting, locale| expiring(&waiting, Currency::Cny, locale);
        assert_eq!(say(soon(0, 0), Locale::En), None);
        assert_eq!(
            say(soon(2, 1_000), Locale::En).as_deref(),
            Some("Ending within three days: 2 coupons, worth up to 10.00 CNY.")
        );
        assert_eq!(
            say(soon(1, 0), Locale::ZhCn).as_deref(),
            Some("1 张优惠券将在三日内到期。")
        );
    }

    #[test]
    fn a_change_is_rounded_half_away_from_zero() {
        let of = |value, usual| Compared {
            value: Some(value),
            usual: Some(usual),
            band: None,
            verdict: Verdict::Usual,
        };
        for (value, usual, text) in [
            (8_467, 8_735, "-3.1%"),
            (1_107, 1_000, "+10.7%"),
            (10_665, 10_000, "+6.7%"),
            (9_335, 10_000, "-6.7%"),
            (1_000, 1_000, "+0.0%"),
        ] {
            assert_eq!(change(of(value, usual)).as_deref(), Some(text), "{value}");
        }
    }
}
