//! Computes fees, in integers throughout, and explains them.

use std::cmp::Ordering;

use entity::{FeeRuleId, fee_rule, payment};
use rust_decimal::Decimal;

use super::rule::{Assessed, choose};
use crate::error::Problem;
use crate::money::{Currency, Money};

/// Millionths in a whole.
const PPM: i128 = 1_000_000;
/// The decimals of a rate.
pub const RATE_DECIMALS: u32 = 6;

/// How a fee is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tariff {
    /// The rate, in millionths.
    pub rate_ppm: i64,
    /// What is added, in minor units.
    pub fixed_minor: i64,
    /// The least fee, in minor units.
    pub min_minor: Option<i64>,
    /// The largest fee, in minor units.
    pub max_minor: Option<i64>,
}

impl Tariff {
    /// The fee of an amount: `clamp(half_up(amount × rate + fixed), min, max)`, never above the amount.
    #[must_use]
    pub fn fee(&self, amount_minor: i64) -> i64 {
        if amount_minor <= 0 {
            return 0;
        }
        let fee = self
            .unlimited(amount_minor)
            .max(i128::from(self.min_minor.unwrap_or(0)))
            .min(i128::from(self.max_minor.unwrap_or(i64::MAX)))
            .clamp(0, i128::from(amount_minor));
        i64::try_from(fee).unwrap_or(amount_minor)
    }

    /// `half_up(amount × rate + fixed)`.
    fn unlimited(&self, amount_minor: i64) -> i128 {
        (self.share(amount_minor) + PPM / 2).div_euclid(PPM) + i128::from(self.fixed_minor)
    }

    /// `amount × rate`, in millionths of a minor unit.
    fn share(&self, amount_minor: i64) -> i128 {
        i128::from(amount_minor) * i128::from(self.rate_ppm)
    }

    /// The rate as a decimal: 0.006 is 0.6 %.
    #[must_use]
    pub fn rate(&self) -> Decimal {
        Decimal::new(self.rate_ppm, RATE_DECIMALS).normalize()
    }

    /// What comes back of a fee when so much of the amount was refunded: the fee of all, less the fee of
    /// what is left.
    #[must_use]
    pub fn returned(&self, amount_minor: i64, refunded_minor: i64) -> i64 {
        self.fee(amount_minor) - self.fee(amount_minor - refunded_minor)
    }
}

impl From<&fee_rule::Model> for Tariff {
    fn from(rule: &fee_rule::Model) -> Self {
        Self {
            rate_ppm: rule.rate_ppm,
            fixed_minor: rule.fixed_minor,
            min_minor: rule.min_fee_minor,
            max_minor: rule.max_fee_minor,
        }
    }
}

impl From<&payment::Model> for Tariff {
    fn from(payment: &payment::Model) -> Self {
        Self {
            rate_ppm: payment.fee_rate_ppm,
            fixed_minor: payment.fee_fixed_minor,
            min_minor: payment.fee_min_minor,
            max_minor: payment.fee_max_minor,
        }
    }
}

/// A fee, with everything that it was computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// The rule and its version; none where no rule fits, and nothing is taken.
    pub rule: Option<(FeeRuleId, i32)>,
    /// How it is computed.
    pub tariff: Tariff,
    /// What it is taken from, in minor units.
    pub base_minor: i64,
    /// The fee, in minor units.
    pub minor: i64,
}

/// The fee of a payment under a merchant's rules.
#[must_use]
pub fn assess(rules: &[fee_rule::Model], payment: &Assessed<'_>) -> Fee {
    let rule = choose(rules, payment);
    let tariff = rule.map(Tariff::from).unwrap_or_default();
    Fee {
        rule: rule.map(|rule| (rule.id, rule.version)),
        tariff,
        base_minor: payment.amount_minor,
        minor: tariff.fee(payment.amount_minor),
    }
}

impl Fee {
    /// The fee as it was kept with a payment.
    #[must_use]
    pub fn kept(payment: &payment::Model) -> Self {
        Self {
            rule: payment.fee_rule_id.zip(payment.fee_rule_version),
            tariff: payment.into(),
            base_minor: payment.paid_minor,
            minor: payment.fee_minor,
        }
    }

    /// Why it is what it is, in one line: `100.00 × 0.6% + 0.10 = 0.70 CNY (rule …, version 2)`. A sum that
    /// was rounded stands behind `≈`, one that a limit changed before `→`.
    #[must_use]
    pub fn explanation(&self, currency: Currency) -> Problem {
        let Some((rule, version)) = self.rule else {
            return Problem::new("No fee rule fits: no fee.", "无适用费率规则，不收手续费。");
        };
        let show = |minor| Money::of_minor(minor, currency).to_decimal();
        let code = currency.code();
        let rate = Decimal::new(self.tariff.rate_ppm, 4).normalize();
        let mut sum = format!("{} × {rate}%", show(self.base_minor));
        if self.tariff.fixed_minor > 0 {
            sum = format!("{sum} + {}", show(self.tariff.fixed_minor));
        }
        let is_exact = self.tariff.share(self.base_minor) % PPM == 0;
        let sign = if is_exact { '=' } else { '≈' };
        let unlimited = self.tariff.unlimited(self.base_minor);
        let shown = i64::try_from(unlimited).unwrap_or(i64::MAX);
        let fee = show(self.minor);
        sum = match unlimited.cmp(&i128::from(self.minor)) {
            Ordering::Equal => format!("{sum} {sign} {fee} {code}"),
            _ => format!("{sum} {sign} {} → {fee} {code}", show(shown)),
        };
        let (en, zh) = self.limit(unlimited);
        Problem::new(
            format!("{sum}{en} (rule {rule}, version {version})"),
            format!("{sum}{zh}（规则 {rule} 第 {version} 版）"),
        )
    }

    /// Which limit made the fee another one than the sum.
    fn limit(&self, unlimited: i128) -> (&'static str, &'static str) {
        let (fee, is) = (i128::from(self.minor), Some(self.minor));
        if fee == unlimited {
            ("", "")
        } else if fee > unlimited && is == self.tariff.min_minor {
            (", the least fee", "，按最低收费")
        } else if fee < unlimited && is == self.tariff.max_minor {
            (", the largest fee", "，按封顶收费")
        } else if self.minor == self.base_minor {
            (", never above the amount", "，不超过收款金额")
        } else {
            // A fee that its tariff does not give: the check finds it.
            ("", "")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_fee_is_rounded_half_up_and_kept_within_its_limits() {
        let percent = |rate_ppm| Tariff {
            rate_ppm,
            ..Tariff::default()
        };
        let limited = Tariff {
            rate_ppm: 6_000,
            fixed_minor: 10,
            min_minor: Some(20),
            max_minor: Some(500),
        };
        for (tariff, amount, fee) in [
            (percent(6_000), 10_000, 60),
            // 0.5 goes up, 0.499 down.
            (percent(6_000), 83, 0),
            (percent(6_000), 84, 1),
            (percent(5_000), 100, 1),
            (percent(4_999), 100, 0),
            (limited, 1_000, 20),
            (limited, 10_000, 70),
            (limited, 1_000_000, 500),
            // Never above the amount.
            (limited, 15, 15),
            (limited, 0, 0),
        ] {
            assert_eq!(tariff.fee(amount), fee, "{tariff:?} of {amount}");
        }
    }

    fn tariffs() -> impl Strategy<Value = Tariff> {
        let limit = || prop::option::of(0_i64..5_000);
        (0_i64..200_000, 0_i64..500, limit(), limit()).prop_map(|(rate_ppm, fixed_minor, a, b)| {
            let (min_minor, max_minor) = match (a, b) {
                (Some(a), Some(b)) => (Some(a.min(b)), Some(a.max(b))),
                other => other,
            };
            Tariff {
                rate_ppm,
                fixed_minor,
                min_minor,
                max_minor,
            }
        })
    }

    proptest! {
        #[test]
        fn parts_return_together_what_the_whole_returns(
            tariff in tariffs(),
            parts in prop::collection::vec(1_i64..100_000, 1..8),
        ) {
            let amount: i64 = parts.iter().sum();
            let (mut refunded, mut returned) = (0, 0);
            for part in parts {
                let more = tariff.returned(amount, refunded + part) - tariff.returned(amount, refunded);
                // A refund never costs less than nothing, and never more than its amount.
                prop_assert!((0..=part).contains(&more));
                refunded += part;
                returned += more;
            }
            prop_assert_eq!(returned, tariff.fee(amount));
        }
    }
}
