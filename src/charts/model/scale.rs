//! Numbers as people read them: with their currency, in groups, and short on an axis.

use rust_decimal::Decimal;

use super::measure::Counted;
use super::picture::Unit;
use crate::locale::Locale;
use crate::money::Currency;

/// By how much values are divided for an axis, and how its labels are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// What values are divided by.
    pub divisor: Decimal,
    /// What stands before a number.
    pub prefix: &'static str,
    /// What stands behind it.
    pub suffix: &'static str,
    /// Whether numbers are large enough for groups of three digits.
    pub is_grouped: bool,
}

impl Scale {
    /// The scale for values up to this, in a language.
    #[must_use]
    pub fn of(unit: Unit, reach: Decimal, locale: Locale) -> Self {
        let plain = Self {
            divisor: Decimal::ONE,
            prefix: "",
            suffix: "",
            is_grouped: reach >= Decimal::ONE_THOUSAND,
        };
        match unit.counted {
            Counted::Share => Self {
                divisor: Decimal::new(1, 2),
                suffix: "%",
                is_grouped: false,
                ..plain
            },
            Counted::Seconds => Self {
                suffix: match locale {
                    Locale::En => " s",
                    Locale::ZhCn => "秒",
                },
                ..plain
            },
            Counted::Pieces | Counted::Money => {
                let steps: [(i64, i64, &str); 3] = match locale {
                    Locale::ZhCn => [
                        (100_000_000, 100_000_000, "亿"),
                        (100_000, 10_000, "万"),
                        (0, 1, ""),
                    ],
                    Locale::En => [
                        (1_000_000_000, 1_000_000_000, "B"),
                        (1_000_000, 1_000_000, "M"),
                        (10_000, 1_000, "K"),
                    ],
                };
                let mut steps = steps.into_iter();
                let step = steps.find(|(from, _, _)| reach >= Decimal::from(*from));
                let (_, divisor, suffix) = step.unwrap_or((0, 1, ""));
                Self {
                    divisor: Decimal::from(divisor),
                    prefix: match unit.counted {
                        Counted::Money => symbol(unit.currency),
                        _ => "",
                    },
                    suffix,
                    is_grouped: reach / Decimal::from(divisor) >= Decimal::ONE_THOUSAND,
                }
            }
        }
    }

    /// Where an axis from zero ends that reaches this, and into how many even steps it is split, after which
    /// its labels are round numbers.
    #[must_use]
    pub fn steps(&self, reach: Decimal, unit: Unit) -> (Decimal, usize) {
        let reach = reach.checked_div(self.divisor).unwrap_or_default();
        if reach.is_zero() {
            return (Decimal::from(4), 4);
        }
        let mut power = Decimal::new(1, 2);
        let is_whole = unit.counted == Counted::Pieces && self.divisor == Decimal::ONE;
        for _ in 0..30 {
            for tenths in [10, 20, 25, 50] {
                let step = power * Decimal::new(tenths, 1);
                if is_whole && !step.fract().is_zero() {
                    continue;
                }
                for count in 4..=5_usize {
                    let end = step * Decimal::from(count);
                    if end >= reach {
                        return (end, count);
                    }
                }
            }
            power *= Decimal::TEN;
        }
        (reach, 5)
    }

    /// What numbers without it are in, where that does not go without saying: `in ¥K`, `单位 ¥万`.
    #[must_use]
    pub fn word(&self, locale: Locale) -> Option<String> {
        let unit = format!("{}{}", self.prefix, self.suffix.trim());
        let word = match locale {
            Locale::En => "in",
            Locale::ZhCn => "单位",
        };
        (!unit.is_empty()).then(|| format!("{word} {unit}"))
    }

    /// How the chart writes a label: its own word for the number, between ours.
    #[must_use]
    pub fn formatter(&self) -> String {
        let number = if self.is_grouped { "{t}" } else { "{c}" };
        format!("{}{number}{}", self.prefix, self.suffix)
    }
}

/// A currency's sign, where it is no other's in what merchants read here; its code otherwise.
#[must_use]
pub const fn symbol(currency: Currency) -> &'static str {
    match currency {
        Currency::Cny => "¥",
        Currency::Hkd => "HK$",
        Currency::Mop => "MOP$",
        Currency::Twd => "NT$",
        Currency::Usd => "US$",
        Currency::Eur => "€",
        Currency::Gbp => "£",
        Currency::Jpy => "JP¥",
        Currency::Krw => "₩",
        Currency::Sgd => "S$",
        Currency::Thb => "฿",
        Currency::Myr => "RM",
        Currency::Aud => "A$",
        Currency::Cad => "C$",
    }
}

/// A value in full: `¥1,234.50`, `12,345`, `96.5%`, `42 s`.
#[must_use]
pub fn written(value: Decimal, unit: Unit, locale: Locale) -> String {
    match unit.counted {
        Counted::Pieces => grouped(value),
        Counted::Money => {
            let sign = if value.is_sign_negative() && !value.is_zero() {
                "-"
            } else {
                ""
            };
            let mut amount = value.abs();
            amount.rescale(unit.currency.decimals());
            format!("{sign}{}{}", symbol(unit.currency), grouped(amount))
        }
        Counted::Share => percent(value),
        Counted::Seconds => match locale {
            Locale::En => format!("{} s", grouped(value)),
            Locale::ZhCn => format!("{}秒", grouped(value)),
        },
    }
}

/// A share in percent, with one decimal: `45.2%`.
#[must_use]
pub fn percent(share: Decimal) -> String {
    let mut percent = (share * Decimal::ONE_HUNDRED)
        .round_dp_with_strategy(1, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    percent.rescale(1);
    format!("{percent}%")
}

/// A number with a comma before each three digits.
#[must_use]
pub fn grouped(value: Decimal) -> String {
    let text = value.to_string();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let mut grouped = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !rest.is_empty() {
        grouped.push('.');
        grouped.push_str(rest);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    const CNY: Unit = Unit {
        counted: Counted::Money,
        currency: Currency::Cny,
    };

    #[test]
    fn money_is_written_with_its_currency_and_all_its_decimals() {
        for (minor, text) in [
            (0, "¥0.00"),
            (5, "¥0.05"),
            (123_456_789, "¥1,234,567.89"),
            (-100_000, "-¥1,000.00"),
        ] {
            let value = Decimal::new(minor, 2).normalize();
            assert_eq!(written(value, CNY, Locale::ZhCn), text);
        }
        let yen = Unit {
            counted: Counted::Money,
            currency: Currency::Jpy,
        };
        assert_eq!(written(Decimal::from(12_000), yen, Locale::En), "JP¥12,000");
    }

    #[test]
    fn an_axis_is_short_in_either_language() {
        for (reach, locale, formatter) in [
            (900, Locale::ZhCn, "¥{c}"),
            (99_999, Locale::ZhCn, "¥{t}"),
            (100_000, Locale::ZhCn, "¥{c}万"),
            (30_000_000, Locale::ZhCn, "¥{t}万"),
            (250_000_000, Locale::ZhCn, "¥{c}亿"),
            (9_999, Locale::En, "¥{t}"),
            (10_000, Locale::En, "¥{c}K"),
            (2_500_000, Locale::En, "¥{c}M"),
        ] {
            let scale = Scale::of(CNY, Decimal::from(reach), locale);
            assert_eq!(scale.formatter(), formatter, "{reach}");
        }
    }

    #[test]
    fn an_axis_is_split_at_round_numbers() {
        let pieces = Unit {
            counted: Counted::Pieces,
            ..CNY
        };
        for (reach, unit, end, count) in [
            (46_123, CNY, 50_000, 5),
            (0, pieces, 4, 4),
            (3, pieces, 4, 4),
            (7, pieces, 8, 4),
            (101, pieces, 125, 5),
            (980_000, CNY, 100, 5),
        ] {
            let reach = Decimal::from(reach);
            let scale = Scale::of(unit, reach, Locale::ZhCn);
            let steps = scale.steps(reach, unit);
            assert_eq!(steps, (Decimal::from(end), count), "{reach}");
        }
    }

    #[test]
    fn a_share_is_rounded_half_away_from_zero() {
        for (millionths, text) in [
            (452_500, "45.3%"),
            (0, "0.0%"),
            (-12_350, "-1.2%"),
            (1_000_000, "100.0%"),
        ] {
            assert_eq!(percent(Decimal::new(millionths, 6)), text);
        }
    }
}
