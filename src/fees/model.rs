//! Decides which rule holds, and computes fees: integers throughout.

use chrono::{DateTime, Utc};
use entity::channel::PaymentMethod;
use entity::{ChannelId, FeeRuleId, fee_rule, payment};

use crate::error::Problem;
use crate::money::{Currency, Money};

/// Millionths in a whole.
const PPM: i128 = 1_000_000;

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
        let exact = i128::from(amount_minor) * i128::from(self.rate_ppm);
        let rounded = (exact + PPM / 2).div_euclid(PPM) + i128::from(self.fixed_minor);
        let fee = rounded
            .max(i128::from(self.min_minor.unwrap_or(0)))
            .min(i128::from(self.max_minor.unwrap_or(i64::MAX)))
            .clamp(0, i128::from(amount_minor));
        i64::try_from(fee).unwrap_or(amount_minor)
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

/// A payment, as rules look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessed<'a> {
    /// The channel.
    pub channel_id: ChannelId,
    /// The method.
    pub method: PaymentMethod,
    /// The buyer's country.
    pub country: Option<&'a str>,
    /// What is paid, in minor units.
    pub amount_minor: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// The version of a rule that holds for a payment: of the versions in effect, the most exact one.
#[must_use]
pub fn choose<'a>(
    rules: &'a [fee_rule::Model],
    payment: &Assessed<'_>,
) -> Option<&'a fee_rule::Model> {
    rules
        .iter()
        .filter(|rule| is_in_effect(rules, rule, payment.at) && fits(rule, payment))
        .max_by_key(|rule| (exactness(rule), rule.effective_from.0, rule.id))
}

/// Whether a version holds at an instant: it has begun, has not ended, and no later one of its rule has
/// begun.
#[must_use]
pub fn is_in_effect(rules: &[fee_rule::Model], rule: &fee_rule::Model, at: DateTime<Utc>) -> bool {
    let begun = |one: &fee_rule::Model| one.effective_from.0 <= at;
    let ended = rule.effective_to.is_some_and(|end| end.0 <= at);
    begun(rule)
        && !ended
        && !rules
            .iter()
            .any(|other| other.id == rule.id && other.version > rule.version && begun(other))
}

fn fits(rule: &fee_rule::Model, payment: &Assessed<'_>) -> bool {
    rule.channel_id.is_none_or(|id| id == payment.channel_id)
        && rule.method.is_none_or(|method| method == payment.method)
        && (rule.country.is_none() || rule.country.as_deref() == payment.country)
        && rule
            .min_amount_minor
            .is_none_or(|min| payment.amount_minor >= min)
        && rule
            .max_amount_minor
            .is_none_or(|max| payment.amount_minor < max)
}

/// Channel before method before country before amount.
fn exactness(rule: &fee_rule::Model) -> u8 {
    let band = rule.min_amount_minor.is_some() || rule.max_amount_minor.is_some();
    u8::from(rule.channel_id.is_some()) << 3
        | u8::from(rule.method.is_some()) << 2
        | u8::from(rule.country.is_some()) << 1
        | u8::from(band)
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

    /// Why it is what it is, in one line: `100.00 × 0.6% + 0.10 = 0.70 CNY (rule …, version 2)`.
    #[must_use]
    pub fn explanation(&self, currency: Currency) -> Problem {
        let Some((rule, version)) = self.rule else {
            return Problem::new("No fee rule fits: no fee.", "无适用费率规则，不收手续费。");
        };
        let show = |minor| Money::of_minor(minor, currency).to_decimal();
        let code = currency.code();
        let rate = rust_decimal::Decimal::new(self.tariff.rate_ppm, 4).normalize();
        let mut sum = format!("{} × {rate}%", show(self.base_minor));
        if self.tariff.fixed_minor > 0 {
            sum = format!("{sum} + {}", show(self.tariff.fixed_minor));
        }
        let minor = self.minor;
        let (mut en, mut zh) = (String::new(), String::new());
        if self.tariff.min_minor == Some(minor) {
            (en, zh) = (", the least fee".to_owned(), "，按最低收费".to_owned());
        } else if self.tariff.max_minor == Some(minor) {
            (en, zh) = (", the largest fee".to_owned(), "，按封顶收费".to_owned());
        }
        let fee = show(minor);
        Problem::new(
            format!("{sum} = {fee} {code}{en} (rule {rule}, version {version})"),
            format!("{sum} = {fee} {code}{zh}（规则 {rule} 第 {version} 版）"),
        )
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
