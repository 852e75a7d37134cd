//! Examples of prices: each way of giving, each hindrance, what stands beside what.

use chrono::TimeZone;

use super::*;
use crate::campaigns::model::{Audience, Benefit, Hours, Limits, Scope, Stacking, Step};
use crate::checkout::model::choose;

mod regulars;

/// Friday, 18:30 in Shanghai.
fn friday_evening() -> DateTime<Tz> {
    let zone = chrono_tz::Asia::Shanghai;
    zone.with_ymd_and_hms(2026, 11, 27, 18, 30, 0).unwrap()
}

pub(super) fn line(product: i64, category: &str, amount_minor: i64) -> CartLine {
    CartLine {
        title: format!("商品{product}"),
        category: category.to_owned(),
        amount_minor,
    }
}

pub(super) fn cart(lines: Vec<CartLine>) -> Cart {
    Cart {
        lines,
        channel: None,
        method: None,
        buyer: None,
        at: friday_evening(),
    }
}

pub(super) fn rules(benefit: Benefit) -> Rules {
    Rules {
        benefit,
        scope: Scope::default(),
        audience: Audience::default(),
        hours: Vec::new(),
        stacking: Stacking::default(),
        limits: Limits::default(),
    }
}

fn steps(steps: &[(i64, i64)]) -> Benefit {
    let steps = steps.iter().map(|(threshold_minor, off_minor)| Step {
        threshold_minor: *threshold_minor,
        off_minor: *off_minor,
    });
    Benefit::FullReduction(steps.collect())
}

fn percent_off(percent: i64) -> Benefit {
    Benefit::Discount {
        off_ppm: percent * 10_000,
        threshold_minor: 0,
        cap_minor: None,
    }
}

pub(super) fn campaign(id: i64, rules: &Rules) -> Offer<'_> {
    Offer {
        id: OfferId::Campaign(CampaignId(id)),
        from: friday_evening().with_timezone(&Utc),
        to: None,
        rules,
        taken: Taken::default(),
        held_out: false,
    }
}

pub(super) fn coupon(id: i64, rules: &Rules) -> Offer<'_> {
    Offer {
        id: OfferId::Coupon(CouponId(id)),
        ..campaign(id, rules)
    }
}

/// The discount of a tier, as the checkout offers it.
pub(super) fn tier(id: i64, rules: &Rules) -> Offer<'_> {
    Offer {
        id: OfferId::Tier(TierId(id)),
        ..campaign(id, rules)
    }
}

fn why(price: &Price, id: i64) -> Option<NotApplied> {
    let id = OfferId::Campaign(CampaignId(id));
    let found = price.not_applied.iter().find(|(known, _)| *known == id);
    found.map(|(_, why)| *why)
}

#[test]
fn the_highest_step_that_is_reached_comes_off() {
    let rules = rules(steps(&[(10_000, 2_000), (30_000, 8_000)]));
    for (amount, off) in [
        (9_999, 0),
        (10_000, 2_000),
        (29_999, 2_000),
        (30_000, 8_000),
    ] {
        let price = price(&cart(vec![line(1, "热菜", amount)]), &[campaign(1, &rules)]);
        assert_eq!(price.off_minor, off, "{amount}");
    }
    let price = price(&cart(vec![line(1, "热菜", 9_000)]), &[campaign(1, &rules)]);
    assert_eq!(why(&price, 1), Some(NotApplied::BelowThreshold(1_000)));
}

#[test]
fn every_full_hundred_takes_ten_off_up_to_the_cap() {
    let step = Step {
        threshold_minor: 10_000,
        off_minor: 1_000,
    };
    let rules = rules(Benefit::EveryFull {
        step,
        cap_minor: Some(2_500),
    });
    for (amount, off) in [
        (9_999, 0),
        (19_999, 1_000),
        (20_000, 2_000),
        (50_000, 2_500),
    ] {
        let price = price(&cart(vec![line(1, "", amount)]), &[campaign(1, &rules)]);
        assert_eq!(price.off_minor, off, "{amount}");
    }
}

#[test]
fn what_is_left_out_counts_for_no_threshold_and_bears_no_share() {
    let mut rules = rules(steps(&[(10_000, 1_000)]));
    rules.scope.categories = vec!["热菜".to_owned()];
    rules.scope.without_products = vec!["商品2".to_owned()];
    let lines = vec![
        line(1, "热菜", 9_000),
        line(2, "热菜", 9_000),
        line(3, "酒水", 9_000),
    ];
    let short = price(&cart(lines), &[campaign(1, &rules)]);
    assert_eq!(why(&short, 1), Some(NotApplied::BelowThreshold(1_000)));
    let lines = vec![
        line(1, "热菜", 12_000),
        line(2, "热菜", 9_000),
        line(3, "酒水", 9_000),
    ];
    let price = price(&cart(lines), &[campaign(1, &rules)]);
    assert_eq!(price.line_offs, [1_000, 0, 0]);
}

#[test]
fn shares_are_by_largest_remainder() {
    let rules = rules(steps(&[(1, 100)]));
    let lines = vec![line(1, "", 333), line(2, "", 333), line(3, "", 334)];
    let price = price(&cart(lines), &[campaign(1, &rules)]);
    assert_eq!(price.line_offs, [33, 33, 34]);
}

#[test]
fn each_takes_off_what_those_of_higher_priority_have_left() {
    let (mut first, second) = (rules(steps(&[(10_000, 5_000)])), rules(percent_off(10)));
    first.stacking.priority = 1;
    let offers = [campaign(2, &second), campaign(1, &first)];
    let price = price(&cart(vec![line(1, "", 10_000)]), &offers);
    let offs: Vec<i64> = price.applied.iter().map(|it| it.off_minor).collect();
    assert_eq!((offs, price.payable_minor()), (vec![5_000, 500], 4_500));
}

#[test]
fn of_a_group_the_one_that_takes_most_off_is_given() {
    let (mut one, mut two) = (rules(percent_off(10)), rules(percent_off(20)));
    one.stacking.group = Some("周末".to_owned());
    two.stacking.group = Some("周末".to_owned());
    one.stacking.priority = 9;
    let offers = [campaign(1, &one), campaign(2, &two)];
    let price = price(&cart(vec![line(1, "", 10_000)]), &offers);
    assert_eq!(price.off_minor, 2_000);
    let better = OfferId::Campaign(CampaignId(2));
    assert_eq!(why(&price, 1), Some(NotApplied::BetterInGroup(better)));
}

#[test]
fn an_exclusive_one_is_given_alone_where_it_is_worth_more() {
    let (mut alone, other) = (rules(percent_off(30)), rules(percent_off(20)));
    alone.stacking.exclusive = true;
    let both = price(
        &cart(vec![line(1, "", 10_000)]),
        &[campaign(1, &alone), campaign(2, &other)],
    );
    assert_eq!(both.off_minor, 3_000);
    assert_eq!(why(&both, 2), Some(NotApplied::Exclusive));
    let third = rules(percent_off(20));
    let three = price(
        &cart(vec![line(1, "", 10_000)]),
        &[
            campaign(1, &alone),
            campaign(2, &other),
            campaign(3, &third),
        ],
    );
    assert_eq!(three.off_minor, 3_600);
    assert_eq!(why(&three, 1), Some(NotApplied::Exclusive));
}

#[test]
fn an_exclusive_one_that_takes_nothing_off_says_why_itself() {
    let mut alone = rules(steps(&[(50_000, 10_000)]));
    alone.stacking.exclusive = true;
    let cart = |amount| cart(vec![line(1, "", amount)]);
    let short = price(&cart(30_000), &[campaign(1, &alone)]);
    assert_eq!(why(&short, 1), Some(NotApplied::BelowThreshold(20_000)));
    let as_coupon = price(&cart(30_000), &[coupon(1, &alone)]);
    assert_eq!(
        as_coupon.not_applied[0].1,
        NotApplied::BelowThreshold(20_000)
    );
    alone.limits.budget_minor = Some(9_999);
    let dear = price(&cart(50_000), &[campaign(1, &alone)]);
    assert_eq!(why(&dear, 1), Some(NotApplied::OverBudget));
    // Those beside one that stands alone as well.
    alone.limits.budget_minor = None;
    let other = rules(steps(&[(60_000, 1_000)]));
    let beside = price(&cart(50_000), &[campaign(1, &alone), campaign(2, &other)]);
    assert_eq!(beside.off_minor, 10_000);
    assert_eq!(why(&beside, 2), Some(NotApplied::BelowThreshold(10_000)));
}

#[test]
fn coupons_come_on_what_campaigns_have_left_whatever_their_priority() {
    let (campaigns, mut of_coupon) = (rules(percent_off(50)), rules(steps(&[(6_000, 1_000)])));
    of_coupon.stacking.priority = 100;
    let offers = [coupon(1, &of_coupon), campaign(1, &campaigns)];
    let price = price(&cart(vec![line(1, "", 10_000)]), &offers);
    assert_eq!(price.off_minor, 5_000);
    let why = price.not_applied[0].1;
    assert_eq!(why, NotApplied::BelowThresholdOfRest(1_000));
}

#[test]
fn something_always_remains_to_be_paid() {
    let rules = rules(Benefit::Cash { off_minor: 10_000 });
    let price = price(&cart(vec![line(1, "", 800)]), &[coupon(1, &rules)]);
    assert_eq!((price.off_minor, price.payable_minor()), (799, 1));
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table names each case")]
fn each_hindrance_is_named() {
    let plain = rules(percent_off(10));
    let with = |change: &dyn Fn(&mut Rules)| {
        let mut rules = plain.clone();
        change(&mut rules);
        rules
    };
    let weekend = with(&|it| {
        it.hours = vec![Hours {
            weekdays: 0b110_0000,
            from_minute: 0,
            to_minute: 1_440,
        }];
    });
    let by_card = with(&|it| it.scope.methods = vec![PaymentMethod::Alipay]);
    let members = with(&|it| it.audience.members = true);
    let newcomers = with(&|it| it.audience.newcomers = true);
    let elsewhere = with(&|it| it.scope.products = vec!["商品9".to_owned()]);
    let limited = with(&|it| {
        it.limits = Limits {
            total: Some(10),
            per_day: Some(5),
            per_member: Some(2),
            budget_minor: Some(1_500),
        };
    });
    let none = Taken::default();
    let known = || Some(regulars::buyer(None, &[]));
    let cases = [
        (&weekend, None, Taken::default(), NotApplied::OutsideHours),
        (&by_card, None, Taken::default(), NotApplied::OtherChannel),
        (&members, None, Taken::default(), NotApplied::MembersOnly),
        (&newcomers, known(), none, NotApplied::NewcomersOnly),
        (&newcomers, None, none, NotApplied::NewcomersOnly),
        (&elsewhere, None, none, NotApplied::NothingInScope),
        (&limited, None, Taken::default(), NotApplied::MembersOnly),
        (
            &limited,
            known(),
            Taken { total: 10, ..none },
            NotApplied::UsedUp,
        ),
        (
            &limited,
            known(),
            Taken { today: 5, ..none },
            NotApplied::UsedUpToday,
        ),
        (
            &limited,
            known(),
            Taken {
                by_member: 2,
                ..Taken::default()
            },
            NotApplied::UsedUpByMember,
        ),
        (
            &limited,
            known(),
            Taken {
                spent_minor: 501,
                ..Taken::default()
            },
            NotApplied::OverBudget,
        ),
    ];
    for (rules, buyer, taken, expected) in cases {
        let mut cart = cart(vec![line(1, "热菜", 10_000)]);
        cart.buyer = buyer;
        let offer = Offer {
            taken,
            ..campaign(1, rules)
        };
        assert_eq!(why(&price(&cart, &[offer]), 1), Some(expected));
    }
    let (before, after) = (
        Offer {
            from: Utc.with_ymd_and_hms(2026, 11, 28, 0, 0, 0).unwrap(),
            ..campaign(1, &plain)
        },
        Offer {
            to: Some(friday_evening().with_timezone(&Utc)),
            ..campaign(1, &plain)
        },
    );
    let cart = cart(vec![line(1, "热菜", 10_000)]);
    assert_eq!(
        why(&price(&cart, &[before]), 1),
        Some(NotApplied::NotStarted)
    );
    assert_eq!(why(&price(&cart, &[after]), 1), Some(NotApplied::Ended));
}

#[test]
fn of_what_would_not_be_given_anyway_it_is_not_said_that_it_is_used_up() {
    let mut rules = rules(steps(&[(10_000, 1_000)]));
    rules.scope.categories = vec!["热菜".to_owned()];
    rules.limits.total = Some(1);
    let used_up = Offer {
        taken: Taken {
            total: 1,
            ..Taken::default()
        },
        ..campaign(1, &rules)
    };
    for (category, amount, expected) in [
        ("酒水", 20_000, NotApplied::NothingInScope),
        ("热菜", 9_000, NotApplied::BelowThreshold(1_000)),
        ("热菜", 10_000, NotApplied::UsedUp),
    ] {
        let cart = cart(vec![line(1, category, amount)]);
        assert_eq!(why(&price(&cart, &[used_up]), 1), Some(expected));
    }
}

#[test]
fn of_copies_of_a_coupon_the_one_that_ends_first_is_chosen() {
    let (mut grouped, beside) = (
        rules(Benefit::Cash { off_minor: 500 }),
        rules(Benefit::Cash { off_minor: 300 }),
    );
    grouped.stacking.group = Some("coupon".to_owned());
    let ends = |id: i64, rules, day| Offer {
        to: Some(Utc.with_ymd_and_hms(2026, 12, day, 0, 0, 0).unwrap()),
        ..coupon(id, rules)
    };
    let coupons = [
        ends(1, &grouped, 3),
        ends(2, &grouped, 1),
        ends(3, &grouped, 2),
        ends(4, &beside, 9),
    ];
    let cart = cart(vec![line(1, "", 10_000)]);
    let chosen = choose(&cart, &[], &coupons);
    assert_eq!(chosen, [CouponId(2), CouponId(4)]);
}

#[test]
fn a_coupon_in_a_campaigns_group_stands_in_for_it_where_it_takes_more_off() {
    let (mut weak, mut strong) = (rules(percent_off(10)), rules(percent_off(30)));
    weak.stacking.group = Some("周末".to_owned());
    strong.stacking.group = Some("周末".to_owned());
    let cart = cart(vec![line(1, "", 10_000)]);
    let with = price(&cart, &[campaign(1, &weak), coupon(2, &strong)]);
    assert_eq!(with.off_minor, 3_000);
    let better = NotApplied::BetterInGroup(OfferId::Coupon(CouponId(2)));
    assert_eq!(why(&with, 1), Some(better));
}
