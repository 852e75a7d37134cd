//! Decides which rule holds for a payment, and when a version of a rule does.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::channel::PaymentMethod;
use entity::{ChannelId, FeeRuleId, fee_rule};

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
    holding(rules.iter(), payment.at)
        .filter(|rule| fits(rule, payment))
        .max_by_key(|rule| precedence(rule))
}

/// The versions in effect at an instant, in the order in which they are tried: the most exact one first.
#[must_use]
pub fn in_effect(rules: &[fee_rule::Model], at: DateTime<Utc>) -> Vec<&fee_rule::Model> {
    let mut found: Vec<_> = holding(rules.iter(), at).collect();
    found.sort_by_key(|rule| std::cmp::Reverse(precedence(rule)));
    found
}

/// The versions in effect at an instant that could hold for payments through a channel, whatever their
/// amounts and countries, in the order in which they are tried.
#[must_use]
pub fn of_channel(
    rules: &[fee_rule::Model],
    channel_id: ChannelId,
    method: PaymentMethod,
    at: DateTime<Utc>,
) -> Vec<&fee_rule::Model> {
    let mut found = in_effect(rules, at);
    found.retain(|rule| {
        rule.channel_id.is_none_or(|id| id == channel_id)
            && rule.method.is_none_or(|known| known == method)
    });
    found
}

/// Of each rule the version that holds at an instant: the last that has begun, unless it has ended.
fn holding<'a>(
    rules: impl Iterator<Item = &'a fee_rule::Model>,
    at: DateTime<Utc>,
) -> impl Iterator<Item = &'a fee_rule::Model> {
    let mut last: BTreeMap<FeeRuleId, &fee_rule::Model> = BTreeMap::new();
    for rule in rules.filter(|rule| rule.effective_from.0 <= at) {
        let known = last.entry(rule.id).or_insert(rule);
        if known.version < rule.version {
            *known = rule;
        }
    }
    last.into_values()
        .filter(move |rule| rule.effective_to.is_none_or(|end| at < end.0))
}

/// Whether and why a version holds, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleState {
    /// It has not begun.
    Scheduled,
    /// It holds.
    InEffect,
    /// A later version has taken its place.
    Replaced,
    /// It has ended, and the rule with it.
    Ended,
}

/// Where a version stands at an instant.
#[must_use]
pub fn state(rules: &[fee_rule::Model], rule: &fee_rule::Model, at: DateTime<Utc>) -> RuleState {
    let next = successor(rules, rule);
    let replaced = |by: DateTime<Utc>| by <= at || by <= rule.effective_from.0;
    if next.is_some_and(replaced) {
        RuleState::Replaced
    } else if at < rule.effective_from.0 {
        RuleState::Scheduled
    } else if rule.effective_to.is_some_and(|end| end.0 <= at) {
        RuleState::Ended
    } else {
        RuleState::InEffect
    }
}

/// When the first later version of the same rule begins.
fn successor(rules: &[fee_rule::Model], rule: &fee_rule::Model) -> Option<DateTime<Utc>> {
    rules
        .iter()
        .filter(|other| other.id == rule.id && other.version > rule.version)
        .map(|other| other.effective_from.0)
        .min()
}

/// When a version stops to hold: at its end, or where a later one begins.
pub(super) fn holds_until(
    rules: &[fee_rule::Model],
    rule: &fee_rule::Model,
) -> Option<DateTime<Utc>> {
    let end = rule.effective_to.map(|end| end.0);
    let ends = end.into_iter().chain(successor(rules, rule));
    ends.min()
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

/// Which of two rules that fit comes first: the larger.
fn precedence(rule: &fee_rule::Model) -> (u8, DateTime<Utc>, FeeRuleId) {
    (exactness(rule), rule.effective_from.0, rule.id)
}

/// Channel before method before country before amount.
fn exactness(rule: &fee_rule::Model) -> u8 {
    let band = rule.min_amount_minor.is_some() || rule.max_amount_minor.is_some();
    u8::from(rule.channel_id.is_some()) << 3
        | u8::from(rule.method.is_some()) << 2
        | u8::from(rule.country.is_some()) << 1
        | u8::from(band)
}
