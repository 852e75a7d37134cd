//! Decides whether a rule may be set, and what its next version is.

use chrono::{DateTime, Utc};
use entity::channel::{self, PaymentMethod};
use entity::{ChannelId, FeeRuleId, Instant, MerchantId, fee_rule};
use rust_decimal::Decimal;

use super::fee::RATE_DECIMALS;
use super::rule::holds_until;
use crate::error::{Problem, Refusal};

/// How many versions of rules a merchant has at the most.
pub const MOST_VERSIONS: usize = 500;
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The largest amount, in minor units: far above any payment, far below overflow.
const LARGEST_MINOR: i64 = 1_000_000_000_000;

/// A rule as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleDraft {
    /// The rule that gets another version, and the version that it is expected to have; none for a new one.
    pub previous: Option<(FeeRuleId, i32)>,
    /// What the merchant calls it.
    pub name: String,
    /// Only payments through this channel.
    pub channel_id: Option<ChannelId>,
    /// Only payments by this method.
    pub method: Option<PaymentMethod>,
    /// Only buyers from this country.
    pub country: Option<String>,
    /// Only amounts from this one on, in minor units.
    pub min_amount_minor: Option<i64>,
    /// Only amounts below this one, in minor units.
    pub max_amount_minor: Option<i64>,
    /// The rate: 0.006 is 0.6 %.
    pub rate: Decimal,
    /// What is added to each fee, in minor units.
    pub fixed_minor: i64,
    /// The least fee, in minor units.
    pub min_fee_minor: Option<i64>,
    /// The largest fee, in minor units.
    pub max_fee_minor: Option<i64>,
    /// Since when it holds; none is at once.
    pub effective_from: Option<DateTime<Utc>>,
    /// Until when it holds; none is without end.
    pub effective_to: Option<DateTime<Utc>>,
}

/// Why a rule was not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleSetRefusal {
    /// A field of the input cannot be meant.
    Invalid {
        /// Which.
        field: String,
        /// What is wrong.
        problem: Problem,
    },
    /// There is no such channel.
    ChannelNotFound,
    /// The channel is paid by another method: the rule would never fit.
    MethodNotOfChannel,
    /// The rate is below 0 or above 1.
    RateOutOfRange,
    /// The rate has too many decimals.
    RateTooPrecise,
    /// No amount lies in the band.
    BandEmpty,
    /// The least fee is above the largest.
    MinAboveMax,
    /// It would hold before now.
    EffectiveInPast,
    /// It would hold before the version that it follows.
    EffectiveBeforePrevious {
        /// When that begins.
        begins: DateTime<Utc>,
    },
    /// It would end before it begins.
    EndsBeforeBegin,
    /// There is no such rule.
    RuleNotFound,
    /// The rule has another version by now.
    VersionConflict {
        /// The version that it has.
        current: i32,
    },
    /// Another rule has the same conditions at the same time.
    Ambiguous {
        /// Which.
        id: FeeRuleId,
        /// What it is called.
        name: String,
    },
    /// The merchant has as many versions as are kept.
    TooManyVersions,
}

impl Refusal for RuleSetRefusal {
    fn message(&self) -> Problem {
        let (en, zh) = match self {
            Self::Invalid { problem, .. } => return problem.clone(),
            Self::ChannelNotFound => ("There is no such channel.", "支付渠道不存在。"),
            Self::MethodNotOfChannel => (
                "The channel is paid by another method: the rule would never fit.",
                "该渠道的支付方式不同，规则永远不会适用。",
            ),
            Self::RateOutOfRange => (
                "`rate` lies from 0 to 1: 0.006 is 0.6 %.",
                "费率须在 0 到 1 之间，例如 0.006 表示 0.6%。",
            ),
            Self::RateTooPrecise => ("`rate` has at most 6 decimals.", "费率最多 6 位小数。"),
            Self::BandEmpty => (
                "No amount is at least `amountFrom` and below `amountBelow`.",
                "金额区间为空：`amountBelow` 必须大于 `amountFrom`。",
            ),
            Self::MinAboveMax => (
                "`minFee` must not be more than `maxFee`.",
                "最低收费不能高于封顶收费。",
            ),
            Self::EffectiveInPast => (
                "`effectiveFrom` lies in the past; leave it out to begin at once.",
                "生效时间不能早于当前时间；立即生效时请省略。",
            ),
            Self::EffectiveBeforePrevious { begins } => {
                let begins = begins.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
                return Problem::new(
                    format!(
                        "The rule's current version begins only at {begins}: give that or later."
                    ),
                    format!("该规则的当前版本于 {begins} 生效，新版本不能更早生效。"),
                );
            }
            Self::EndsBeforeBegin => (
                "`effectiveTo` must lie after the begin.",
                "失效时间必须晚于生效时间。",
            ),
            Self::RuleNotFound => ("There is no such rule.", "费率规则不存在。"),
            Self::VersionConflict { current } => {
                return Problem::new(
                    format!(
                        "Somebody else has set the rule: its version is {current}. Read it again."
                    ),
                    format!("规则已被他人修改，当前为第 {current} 版，请重新读取。"),
                );
            }
            Self::Ambiguous { id, name } => {
                return Problem::new(
                    format!(
                        "The rule \"{name}\" ({id}) has the same conditions at the same time: set its next \
                         version instead."
                    ),
                    format!(
                        "规则“{name}”（{id}）在同一时间有相同的条件，请改为设置该规则的新版本。"
                    ),
                );
            }
            Self::TooManyVersions => {
                return Problem::new(
                    format!("A merchant has at most {MOST_VERSIONS} versions of fee rules."),
                    format!("每个商户最多 {MOST_VERSIONS} 个费率规则版本。"),
                );
            }
        };
        Problem::new(en, zh)
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid { field, .. } => field,
            Self::ChannelNotFound => "channelId",
            Self::MethodNotOfChannel => "method",
            Self::RateOutOfRange | Self::RateTooPrecise => "rate",
            Self::BandEmpty => "amountBelow",
            Self::MinAboveMax => "minFee",
            Self::EffectiveInPast | Self::EffectiveBeforePrevious { .. } => "effectiveFrom",
            Self::EndsBeforeBegin => "effectiveTo",
            Self::RuleNotFound => "ruleId",
            Self::VersionConflict { .. } => "expectedVersion",
            Self::Ambiguous { .. } | Self::TooManyVersions => return None,
        };
        Some(field.to_owned())
    }
}

/// Who sets a rule, and when.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Whose rule it is.
    pub merchant_id: MerchantId,
    /// Who sets it.
    pub actor: String,
    /// The id that it gets if it is new.
    pub id: FeeRuleId,
    /// Now.
    pub now: DateTime<Utc>,
}

impl RuleDraft {
    /// Checks what can be said of the draft alone, and of its channel.
    pub fn check(&self, channel: Option<&channel::Model>) -> Result<(), RuleSetRefusal> {
        let length = self.name.trim().chars().count();
        if !(1..=LONGEST_NAME).contains(&length) || self.name.chars().any(char::is_control) {
            return Err(RuleSetRefusal::Invalid {
                field: "name".to_owned(),
                problem: Problem::new(
                    format!("`name` is 1 to {LONGEST_NAME} characters of text."),
                    format!("`name` 须为 1 至 {LONGEST_NAME} 个字符。"),
                ),
            });
        }
        if let Some(id) = self.channel_id {
            let channel = channel.filter(|channel| channel.id == id);
            let channel = channel.ok_or(RuleSetRefusal::ChannelNotFound)?;
            if self.method.is_some_and(|method| method != channel.method) {
                return Err(RuleSetRefusal::MethodNotOfChannel);
            }
        }
        if self.rate.normalize().scale() > RATE_DECIMALS {
            return Err(RuleSetRefusal::RateTooPrecise);
        }
        if !(Decimal::ZERO..=Decimal::ONE).contains(&self.rate) {
            return Err(RuleSetRefusal::RateOutOfRange);
        }
        for (field, minor) in [
            ("amountFrom", self.min_amount_minor),
            ("amountBelow", self.max_amount_minor),
            ("fixed", Some(self.fixed_minor)),
            ("minFee", self.min_fee_minor),
            ("maxFee", self.max_fee_minor),
        ] {
            if !(0..=LARGEST_MINOR).contains(&minor.unwrap_or(0)) {
                return Err(RuleSetRefusal::Invalid {
                    field: field.to_owned(),
                    problem: Problem::new(
                        format!("`{field}` must not be negative, or beyond all payments."),
                        format!("`{field}` 不能为负数，也不能过大。"),
                    ),
                });
            }
        }
        // The least payment is of one minor unit.
        let least = self.min_amount_minor.unwrap_or(1).max(1);
        if self.max_amount_minor.is_some_and(|below| below <= least) {
            return Err(RuleSetRefusal::BandEmpty);
        }
        match (self.min_fee_minor, self.max_fee_minor) {
            (Some(min), Some(max)) if min > max => Err(RuleSetRefusal::MinAboveMax),
            _ => Ok(()),
        }
    }

    /// The version that a checked draft makes beside all versions that there are.
    pub fn decide(
        &self,
        rules: &[fee_rule::Model],
        setting: &Setting,
    ) -> Result<fee_rule::Model, RuleSetRefusal> {
        let previous = self.previous(rules)?;
        if rules.len() >= MOST_VERSIONS {
            return Err(RuleSetRefusal::TooManyVersions);
        }
        let begins = in_ms(self.effective_from.unwrap_or(setting.now));
        if begins < setting.now {
            return Err(RuleSetRefusal::EffectiveInPast);
        }
        if let Some(previous) = previous
            && begins < previous.effective_from.0
        {
            return Err(RuleSetRefusal::EffectiveBeforePrevious {
                begins: previous.effective_from.0,
            });
        }
        let ends = self.effective_to.map(in_ms);
        if ends.is_some_and(|ends| ends <= begins) {
            return Err(RuleSetRefusal::EndsBeforeBegin);
        }
        let rule = fee_rule::Model {
            merchant_id: setting.merchant_id,
            id: previous.map_or(setting.id, |previous| previous.id),
            version: previous.map_or(1, |previous| previous.version + 1),
            name: self.name.trim().to_owned(),
            channel_id: self.channel_id,
            method: self.method,
            country: self.country.clone(),
            // From zero on is no bound.
            min_amount_minor: self.min_amount_minor.filter(|min| *min > 0),
            max_amount_minor: self.max_amount_minor,
            rate_ppm: ppm(self.rate)?,
            fixed_minor: self.fixed_minor,
            min_fee_minor: self.min_fee_minor,
            max_fee_minor: self.max_fee_minor,
            effective_from: Instant(begins),
            effective_to: ends.map(Instant),
            created_by: setting.actor.clone(),
            created_at: Instant(setting.now),
        };
        match rules.iter().find(|other| are_alike(rules, other, &rule)) {
            Some(other) => Err(RuleSetRefusal::Ambiguous {
                id: other.id,
                name: other.name.clone(),
            }),
            None => Ok(rule),
        }
    }

    /// The version that the draft follows.
    fn previous<'a>(
        &self,
        rules: &'a [fee_rule::Model],
    ) -> Result<Option<&'a fee_rule::Model>, RuleSetRefusal> {
        let Some((id, expected)) = self.previous else {
            return Ok(None);
        };
        let versions = rules.iter().filter(|rule| rule.id == id);
        let last = versions.max_by_key(|rule| rule.version);
        let last = last.ok_or(RuleSetRefusal::RuleNotFound)?;
        if last.version != expected {
            return Err(RuleSetRefusal::VersionConflict {
                current: last.version,
            });
        }
        Ok(Some(last))
    }
}

/// An instant as it is kept.
fn in_ms(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

/// A rate in millionths.
fn ppm(rate: Decimal) -> Result<i64, RuleSetRefusal> {
    let mut scaled = rate;
    scaled.rescale(RATE_DECIMALS);
    i64::try_from(scaled.mantissa()).map_err(|_| RuleSetRefusal::RateOutOfRange)
}

/// Whether another rule has the same conditions as a new version at a time at which both hold: nothing
/// would say which of them a payment follows.
fn are_alike(rules: &[fee_rule::Model], other: &fee_rule::Model, new: &fee_rule::Model) -> bool {
    let conditions = |rule: &fee_rule::Model| {
        (
            rule.channel_id,
            rule.method,
            rule.country.clone(),
            rule.min_amount_minor,
            rule.max_amount_minor,
        )
    };
    if other.id == new.id || conditions(other) != conditions(new) {
        return false;
    }
    let until = holds_until(rules, other);
    let begins_within = until.is_none_or(|until| new.effective_from.0 < until);
    let reaches = new
        .effective_to
        .is_none_or(|end| other.effective_from.0 < end.0);
    let holds_at_all = until.is_none_or(|until| other.effective_from.0 < until);
    begins_within && reaches && holds_at_all
}
