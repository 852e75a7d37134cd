//! A replay counts as the checkout would have, and never passes a limit or the budget.

use chrono::TimeZone;
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::campaigns::model::{Audience, Benefit, Limits, Scope, Stacking, Step};
use crate::checkout::model::{Buyer, CartLine};

fn full_reduction(limits: Limits) -> Rules {
    let step = |threshold_minor, off_minor| Step {
        threshold_minor,
        off_minor,
    };
    Rules {
        benefit: Benefit::FullReduction(vec![step(10_000, 2_000), step(30_000, 8_000)]),
        scope: Scope::default(),
        audience: Audience::default(),
        hours: Vec::new(),
        stacking: Stacking::default(),
        limits,
    }
}

fn order(day: u32, member: Option<i64>, amount_minor: i64) -> PastOrder {
    let zone: Tz = chrono_tz::Asia::Shanghai;
    let at = zone.with_ymd_and_hms(2026, 11, day, 18, 30, 0).unwrap();
    PastOrder {
        cart: Cart {
            lines: vec![CartLine {
                title: "红烧肉".to_owned(),
                category: "热菜".to_owned(),
                amount_minor,
            }],
            channel: None,
            method: None,
            buyer: member.map(|_| Buyer {
                has_paid: true,
                ..Buyer::default()
            }),
            at,
        },
        day: Day::from(at.date_naive()),
        member: member.map(MemberId),
    }
}

fn replayed(rules: Rules, orders: &[PastOrder]) -> Simulation {
    let mut simulator = Simulator::new(rules);
    for order in orders {
        simulator.replay(order);
    }
    simulator.end()
}

#[test]
fn orders_are_counted_by_what_they_would_have_had() {
    let orders = [
        order(2, Some(1), 9_000),
        order(2, Some(1), 12_000),
        order(2, None, 40_000),
        order(4, Some(1), 10_000),
        order(4, Some(2), 10_000),
    ];
    let told = replayed(full_reduction(Limits::default()), &orders);
    assert_eq!((told.orders, told.given, told.below_threshold), (5, 4, 1));
    assert_eq!((told.members, told.without_member), (2, 1));
    assert_eq!((told.cost_minor, told.amount_minor), (14_000, 72_000));
    assert_eq!(told.average_minor(), Some(3_500));
    assert_eq!(told.share_ppm(), Some(800_000));
    let days: Vec<(i64, i64)> = told
        .days
        .values()
        .map(|it| (it.given, it.cost_minor))
        .collect();
    assert_eq!(days, [(2, 10_000), (2, 4_000)]);
}

#[test]
fn limits_and_budget_stop_it_as_they_would_have() {
    let orders = [
        order(2, Some(1), 10_000),
        order(2, Some(1), 10_000),
        order(2, Some(2), 10_000),
        order(3, Some(3), 30_000),
        order(3, Some(4), 10_000),
        order(3, Some(5), 10_000),
    ];
    let limits = |change: &dyn Fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        replayed(full_reduction(limits), &orders)
    };
    assert_eq!(limits(&|it| it.per_member = Some(1)).given, 5);
    assert_eq!(limits(&|it| it.per_day = Some(2)).given, 4);
    let total = limits(&|it| it.total = Some(3));
    assert_eq!((total.given, total.too_late), (3, 3));
    assert_eq!(
        total.used_up_at,
        Some(orders[3].cart.at.with_timezone(&Utc))
    );
    // 60 of 80 yuan are spent when the large one comes; what is left is enough for one small one.
    let budget = limits(&|it| it.budget_minor = Some(8_000));
    assert_eq!((budget.given, budget.cost_minor), (4, 8_000));
    assert_eq!(
        budget.budget_out_at,
        Some(orders[3].cart.at.with_timezone(&Utc))
    );
}

proptest! {
    #[test]
    fn no_limit_and_no_budget_is_ever_passed(
        orders in prop::collection::vec((2_u32..9, prop::option::of(1_i64..6), 1_i64..50_000), 1..60),
        total in prop::option::of(1_i64..20),
        per_day in prop::option::of(1_i64..5),
        per_member in prop::option::of(1_i64..4),
        budget_minor in prop::option::of(1_i64..40_000),
    ) {
        let mut orders: Vec<PastOrder> = orders
            .into_iter()
            .map(|(day, member, amount)| order(day, member, amount))
            .collect();
        orders.sort_by_key(|it| it.cart.at);
        let limits = Limits { total, per_day, per_member, budget_minor };
        let mut simulator = Simulator::new(full_reduction(limits));
        let (mut cost, mut by_member) = (0, HashMap::<MemberId, i64>::new());
        for order in &orders {
            let Some(applied) = simulator.replay(order) else { continue };
            cost += applied.off_minor;
            if let Some(id) = order.member {
                *by_member.entry(id).or_default() += 1;
            }
        }
        let told = simulator.end();
        prop_assert_eq!(told.cost_minor, cost);
        prop_assert!(total.is_none_or(|most| told.given <= most));
        prop_assert!(budget_minor.is_none_or(|most| cost <= most));
        prop_assert!(told.days.values().all(|day| per_day.is_none_or(|most| day.given <= most)));
        prop_assert!(by_member.values().all(|times| per_member.is_none_or(|most| *times <= most)));
        prop_assert_eq!(told.days.values().map(|day| day.cost_minor).sum::<i64>(), cost);
        prop_assert_eq!(told.days.values().map(|day| day.orders).sum::<i64>(), told.orders);
    }
}
