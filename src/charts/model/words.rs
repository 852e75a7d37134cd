//! What stands over a picture and in its legend.

use super::wish::{Kind, Wish};
use crate::locale::Locale;

/// One of two texts.
pub const fn pick(locale: Locale, en: &'static str, zh: &'static str) -> &'static str {
    match locale {
        Locale::En => en,
        Locale::ZhCn => zh,
    }
}

/// What a picture shows.
pub fn title(wish: &Wish) -> String {
    let locale = wish.look.locale;
    let measure = wish.measure.title(locale);
    if wish.kind == Kind::Heatmap {
        return match locale {
            Locale::En => format!("{measure} by hour of the week"),
            Locale::ZhCn => format!("{measure} · 一周各时段"),
        };
    }
    let by = match wish.dimension.as_deref() {
        Some("CHANNEL") => pick(locale, "channel", "渠道"),
        Some("METHOD") => pick(locale, "payment method", "支付方式"),
        Some("COUNTRY") => pick(locale, "country", "国家/地区"),
        Some("CATEGORY") => pick(locale, "category", "商品分类"),
        Some("MEMBER_TIER") => pick(locale, "member tier", "会员等级"),
        _ => return measure.to_owned(),
    };
    match locale {
        Locale::En => format!("{measure} by {by}"),
        Locale::ZhCn => format!("{measure} · 按{by}"),
    }
}

/// A method of paying, for people; its own name where it is not known here.
pub fn method(name: &str, locale: Locale) -> &str {
    match name {
        "WECHAT_PAY" => pick(locale, "WeChat Pay", "微信支付"),
        "ALIPAY" => pick(locale, "Alipay", "支付宝"),
        "UNION_PAY" => pick(locale, "UnionPay", "银联云闪付"),
        "QQ_PAY" => pick(locale, "QQ Wallet", "QQ 钱包"),
        "CARD" => pick(locale, "Card", "银行卡"),
        _ => name,
    }
}

/// A name that fits into a legend: of so many columns, of which a Chinese character takes two.
pub fn shortened(name: &str, columns: usize) -> String {
    let mut taken = 0;
    let mut short = String::new();
    for letter in name.chars() {
        taken += if letter.is_ascii() { 1 } else { 2 };
        if taken > columns {
            short.push('…');
            break;
        }
        short.push(letter);
    }
    short
}

/// Who has no tier.
pub const fn no_tier(locale: Locale) -> &'static str {
    pick(locale, "No tier", "无等级")
}

/// What has no country, no category.
pub const fn unknown(locale: Locale) -> &'static str {
    pick(locale, "Unknown", "未知")
}

/// Everything beyond the first values.
pub const fn other(locale: Locale) -> &'static str {
    pick(locale, "Other", "其他")
}

/// The time that is asked for, and the one that it is compared with.
pub fn periods(wish: &Wish) -> (&'static str, &'static str) {
    let locale = wish.look.locale;
    let before = match wish.compare_to.as_deref() {
        Some("SAME_PERIOD_LAST_YEAR") => pick(locale, "Same period last year", "去年同期"),
        _ => pick(locale, "Period before", "上期"),
    };
    (pick(locale, "This period", "本期"), before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_where_it_does_not_fit() {
        for (name, short) in [
            ("微信支付", "微信支付"),
            ("微信支付海外收款账户", "微信支付海外收…"),
            ("WeChat Pay", "WeChat Pay"),
            ("WeChat Pay of the branch", "WeChat Pay of …"),
        ] {
            assert_eq!(shortened(name, 14), short);
        }
    }
}
