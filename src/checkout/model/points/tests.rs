//! Examples of points as payment, and what holds of all of them.

use entity::{Instant, MerchantId};
use proptest::prelude::*;

use super::*;
use crate::checkout::model::CartLine;

fn program(pay_points: i64, pay_minor: i64, pay_cap_ppm: i32) -> points_program::Model {
    points_program::Model {
        merchant_id: MerchantId(1),
        version: 1,
        enabled: true,
        earn_points: 1,
        earn_per_minor: 100,
        valid_days: None,
        pending_days: 0,
        pay_enabled: true,
        pay_points,
        pay_minor,
        pay_cap_ppm,
        adjust_limit: 1_000,
        updated_at: Instant(chrono::DateTime::UNIX_EPOCH),
    }
}

fn cart(lines: &[i64]) -> Cart {
    let line = |amount: &i64| CartLine {
        title: "宫保鸡丁".to_owned(),
        category: "热菜".to_owned(),
        amount_minor: *amount,
    };
    Cart {
        lines: lines.iter().map(line).collect(),
        channel: None,
        method: None,
        buyer: None,
        at: chrono::DateTime::UNIX_EPOCH.with_timezone(&chrono_tz::Asia::Shanghai),
    }
}

/// What a cart costs of which offers have taken so much off each line.
fn priced(cart: &Cart, offs: &[i64]) -> Price {
    Price {
        amount_minor: cart.lines.iter().map(|line| line.amount_minor).sum(),
        off_minor: offs.iter().sum(),
        line_offs: offs.to_vec(),
        ..Price::default()
    }
}

#[test]
fn points_pay_for_a_part_of_what_offers_leave() {
    // A hundred points are a yuan, for up to a half.
    let program = program(100, 100, 500_000);
    let cart = cart(&[6_000, 4_000]);
    let price = priced(&cart, &[2_000, 0]);
    let told = spend(&cart, &price, 1_000, Some(5_000), Some(&program));
    let expected = Spending {
        points: 1_000,
        off_minor: 1_000,
        shares: vec![500, 500],
    };
    assert_eq!(told, Ok(expected));
    assert_eq!(usable(8_000, 5_000, Some(&program)), 4_000);
    assert_eq!(usable(8_000, 300, Some(&program)), 300);
}

#[test]
fn each_hindrance_is_told() {
    let rules = program(100, 100, 500_000);
    let cart = cart(&[10_000]);
    let price = priced(&cart, &[0]);
    let told = |points, has, program: Option<&points_program::Model>| {
        spend(&cart, &price, points, has, program).unwrap_err()
    };
    assert_eq!(told(1, None, Some(&rules)), PointsProblem::NotAMember);
    assert_eq!(told(1, Some(5), None), PointsProblem::NotAccepted);
    let mut off = rules.clone();
    off.pay_enabled = false;
    assert_eq!(told(1, Some(5), Some(&off)), PointsProblem::NotAccepted);
    assert_eq!(usable(10_000, 5, Some(&off)), 0);
    assert_eq!(
        told(6, Some(5), Some(&rules)),
        PointsProblem::NotEnough { has: 5 }
    );
    assert_eq!(
        told(5_001, Some(9_000), Some(&rules)),
        PointsProblem::OverCap { most: 5_000 }
    );
}

#[test]
fn no_point_is_wasted() {
    // Three hundred points are a cent: 299 are worth nothing, 599 as much as 300.
    let few = program(300, 1, 1_000_000);
    let cart = cart(&[100]);
    let price = priced(&cart, &[0]);
    let taken = |points, program: &points_program::Model| {
        let told = spend(&cart, &price, points, Some(1_000_000), Some(program)).unwrap();
        (told.points, told.off_minor)
    };
    assert_eq!(taken(299, &few), (0, 0));
    assert_eq!(taken(599, &few), (300, 1));
    // A point is 40 cents: two of them are as many as fit, and something remains to be paid.
    let much = program(1, 40, 1_000_000);
    assert_eq!(taken(2, &much), (2, 80));
    assert_eq!(usable(100, 9, Some(&much)), 2);
    assert_eq!(usable(1, 9, Some(&much)), 0);
}

proptest! {
    #[test]
    fn points_never_pay_too_much_and_their_shares_add_up(
        lines in prop::collection::vec((0_i64..20_000, 0_i64..=100), 1..12),
        (pay_points, pay_minor, cap) in (1_i64..500, 1_i64..500, 1_i32..=1_000_000),
        (points, has) in (0_i64..50_000, 0_i64..50_000),
    ) {
        let mut amounts: Vec<i64> = lines.iter().map(|(amount, _)| *amount).collect();
        amounts[0] += 1;
        let cart = cart(&amounts);
        // Offers leave at least one minor unit.
        let mut offs: Vec<i64> = lines.iter().map(|(amount, percent)| amount * percent / 100).collect();
        offs[0] = offs[0].min(amounts[0] - 1);
        let price = priced(&cart, &offs);
        let program = program(pay_points, pay_minor, cap);
        let most = usable(price.payable_minor(), has, Some(&program));
        prop_assert!(most <= has);
        match spend(&cart, &price, points, Some(has), Some(&program)) {
            Ok(told) => {
                prop_assert!(told.points <= points && told.points <= most);
                prop_assert!(price.payable_minor() - told.off_minor >= 1);
                let capped = i128::from(price.payable_minor()) * i128::from(cap) / 1_000_000;
                prop_assert!(i128::from(told.off_minor) <= capped);
                prop_assert_eq!(told.shares.iter().sum::<i64>(), told.off_minor);
                for (place, line) in cart.lines.iter().enumerate() {
                    prop_assert!((0..=line.amount_minor - offs[place]).contains(&told.shares[place]));
                }
                // They are worth what comes off, and one fewer is worth less.
                prop_assert_eq!(worth(told.points, &program), told.off_minor);
                prop_assert!(told.points == 0 || worth(told.points - 1, &program) < told.off_minor);
            }
            Err(PointsProblem::NotEnough { has: told }) => prop_assert!(told == has && points > has),
            Err(PointsProblem::OverCap { most: told }) => prop_assert!(told == most && points > most),
            Err(other) => prop_assert!(false, "{:?}", other),
        }
        // What is said to be usable can be used, to the last point.
        let told = spend(&cart, &price, most, Some(has), Some(&program)).unwrap();
        prop_assert_eq!(told.points, most);
    }
}
