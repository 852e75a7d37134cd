//! Whom a made-up shop knows again.

use std::collections::{HashMap, HashSet};

use entity::{MemberId, member};

use super::*;

#[test]
fn almost_half_of_the_orders_name_a_member_and_many_of_them_come_back() {
    for shop in [&HUIXIAN, &YUNSHANG] {
        let mut history = year(shop, 20_000, 11);
        let plans: Vec<Plan> = history.by_ref().collect();
        let members = history.end().members;
        let named: Vec<&Plan> = plans
            .iter()
            .filter(|plan| plan.order.member_id.is_some())
            .collect();
        assert!((8_600..9_400).contains(&named.len()), "{}", named.len());
        let known: HashMap<MemberId, &member::Model> =
            members.iter().map(|row| (row.id, row)).collect();
        let numbers: HashSet<&String> = members.iter().map(|row| &row.member_no).collect();
        assert_eq!(
            (known.len(), numbers.len()),
            (members.len(), members.len()),
            "each is one"
        );
        assert!(members.windows(2).all(|pair| pair[0].id < pair[1].id));
        let mut first: HashMap<MemberId, (Instant, OrderId)> = HashMap::new();
        for plan in &named {
            let id = plan.order.member_id.unwrap();
            assert!(known[&id].id.made_at_ms() <= plan.order.id.made_at_ms());
            let Some(paid_at) = plan.order.paid_at else {
                continue;
            };
            let this = (paid_at, plan.order.id);
            let earliest = first.entry(id).or_insert(this);
            if paid_at.0 < earliest.0.0 {
                *earliest = this;
            }
        }
        for row in &members {
            let told = row.first_paid_at.zip(row.first_order_id);
            assert_eq!(told, first.get(&row.id).copied());
        }
        // Somebody is new in every month, and most who buy have bought before.
        let of_month = |month: i64| {
            let from = until() - TimeDelta::days(365 - 30 * month);
            let to = from + TimeDelta::days(30);
            let is_new = |row: &&member::Model| {
                row.first_paid_at
                    .is_some_and(|at| from <= at.0 && at.0 < to)
            };
            members.iter().filter(is_new).count()
        };
        for month in 0..12 {
            assert!(of_month(month) > 50, "{month}: {}", of_month(month));
        }
        assert!(members.len() * 2 < named.len(), "{}", members.len());
    }
}
