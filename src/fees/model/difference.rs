//! Finds out whether a fee is what its rule says.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{FeeRuleId, fee_rule, payment};

use super::fee::Tariff;
use super::rule::{Assessed, choose};

/// How long a payment may have been under way that was credited just after a version was set: rules are
/// read before it is credited, so that it may carry the version before.
const UNDER_WAY: TimeDelta = TimeDelta::seconds(60);

/// What is wrong with a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceReason {
    /// Another rule, or version, held when it was taken.
    Rule,
    /// It is not what its rule gives.
    Tariff,
    /// Refunds should have returned another part of it.
    Returned,
}

/// What is wrong with a fee, and what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What is wrong.
    pub reason: DifferenceReason,
    /// The fee as it is, or what was returned of it, in minor units.
    pub actual_minor: i64,
    /// What it would be, in minor units.
    pub expected_minor: i64,
}

/// What is wrong with a payment's fee, first the rule, then the tariff, then what was returned; none where
/// everything is right. `refunded_minor` is what succeeded refunds of the order have given back.
#[must_use]
pub fn difference(
    rules: &[fee_rule::Model],
    payment: &payment::Model,
    refunded_minor: i64,
) -> Option<Difference> {
    let kept = payment.fee_rule_id.zip(payment.fee_rule_version);
    let assessed = Assessed {
        channel_id: payment.channel_id,
        method: payment.method,
        country: payment.country.as_deref(),
        amount_minor: payment.paid_minor,
        at: payment.credited_at.0,
    };
    let right = choose(rules, &assessed);
    if name(right) != kept && !was_right(rules, &assessed, kept) {
        return Some(Difference {
            reason: DifferenceReason::Rule,
            actual_minor: payment.fee_minor,
            expected_minor: right.map_or(0, |rule| Tariff::from(rule).fee(payment.paid_minor)),
        });
    }
    let rule = rules.iter().find(|rule| name(Some(rule)) == kept);
    let (tariff, taken) = (
        rule.map(Tariff::from).unwrap_or_default(),
        Tariff::from(payment),
    );
    let expected_minor = tariff.fee(payment.paid_minor);
    if taken != tariff || payment.fee_minor != expected_minor {
        return Some(Difference {
            reason: DifferenceReason::Tariff,
            actual_minor: payment.fee_minor,
            expected_minor,
        });
    }
    let expected_minor = if payment.returns_fee {
        tariff.returned(payment.paid_minor, refunded_minor)
    } else {
        0
    };
    (payment.fee_returned_minor != expected_minor).then_some(Difference {
        reason: DifferenceReason::Returned,
        actual_minor: payment.fee_returned_minor,
        expected_minor,
    })
}

fn name(rule: Option<&fee_rule::Model>) -> Option<(FeeRuleId, i32)> {
    rule.map(|rule| (rule.id, rule.version))
}

/// Whether a rule held but for versions that were set while the payment was under way.
fn was_right(
    rules: &[fee_rule::Model],
    payment: &Assessed<'_>,
    kept: Option<(FeeRuleId, i32)>,
) -> bool {
    let under_way = |at: DateTime<Utc>| at <= payment.at && payment.at - UNDER_WAY < at;
    let recent = rules.iter().map(|rule| rule.created_at.0);
    let mut recent = recent.filter(|at| under_way(*at));
    recent.any(|read_at| {
        let known = rules.iter().filter(|rule| rule.created_at.0 < read_at);
        let known: Vec<fee_rule::Model> = known.cloned().collect();
        name(choose(&known, payment)) == kept
    })
}
