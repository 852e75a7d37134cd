//! Each rule that can be broken, broken; and what trees say about themselves.

use entity::{Instant, SegmentId};

use super::super::{RfmGroup, Sums};
use super::*;

fn field(rule: &Rule) -> Option<String> {
    rule.check().err().map(|invalid| invalid.field)
}

fn not(levels: usize) -> Rule {
    (1..levels).fold(Rule::NeverPaid(true), |rule, _| Rule::Not(Box::new(rule)))
}

#[test]
fn rules_lie_at_most_six_deep_and_are_at_most_fifty() {
    assert_eq!(field(&not(DEEPEST)), None);
    assert!(field(&not(DEEPEST + 1)).is_some_and(|path| path.ends_with(".not.neverPaid")));
    let flat = |count: usize| {
        let some = vec![Rule::NeverPaid(true); count];
        Rule::All(vec![Rule::Any(some), Rule::Consented(true)])
    };
    assert_eq!(field(&flat(MOST_RULES - 3)), None);
    assert_eq!(field(&flat(MOST_RULES - 2)).as_deref(), Some("rules"));
}

#[test]
fn a_rule_is_named_by_its_path_in_the_input() {
    let orders = Rule::Orders {
        range: Range {
            min: Some(3),
            max: Some(2),
        },
        days: None,
    };
    let tree = Rule::All(vec![
        Rule::Consented(true),
        Rule::Not(Box::new(Rule::Any(vec![orders]))),
    ]);
    assert_eq!(
        field(&tree).as_deref(),
        Some("rules.and.1.not.or.0.orders.max")
    );
}

#[test]
fn rules_read_back_from_their_text() {
    let tree = Rule::Any(vec![
        not(3),
        Rule::Rfm(vec![RfmGroup::AtRisk]),
        Rule::InSnapshot(vec![SegmentId(7)]),
    ]);
    let text = tree.to_text().unwrap();
    assert_eq!(Rule::of_text(&text).unwrap(), tree);
    assert!(tree.names_rfm() && !not(3).names_rfm());
    assert!(tree.names_snapshot(SegmentId(7)) && !tree.names_snapshot(SegmentId(8)));
}

#[test]
fn the_eight_groups_are_the_eight_ways_to_compare() {
    let all: std::collections::HashSet<(bool, bool, bool)> =
        RfmGroup::ALL.into_iter().map(RfmGroup::high).collect();
    assert_eq!(all.len(), 8);
}

#[test]
fn averages_are_rounded_up_so_that_who_reaches_them_is_not_below() {
    let from = Instant(chrono::DateTime::from_timestamp_millis(1_000).unwrap());
    let sums = Sums {
        buyers: 3,
        since_ms: 10,
        orders: 4,
        spent_minor: 9,
    };
    let means = sums.means(from);
    assert_eq!(means.last_paid_at.0.timestamp_millis(), 1_004);
    assert_eq!((means.orders, means.spent_minor), (2, 3));
    assert_eq!(Sums::default().means(from).orders, 0);
}
