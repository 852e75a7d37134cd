//! What holds of every price, whatever is in the cart and whatever is offered.

use proptest::prelude::*;

use super::tests::{campaign, cart, coupon, line, rules, tier};
use super::*;
use crate::campaigns::model::{Benefit, Stacking, Step};
use crate::checkout::model::choose;

fn any_benefit() -> impl Strategy<Value = Benefit> {
    let step = (1_i64..20_000, 1_i64..20_000).prop_map(|(threshold_minor, off_minor)| Step {
        threshold_minor,
        off_minor,
    });
    let cap = prop::option::of(1_i64..10_000);
    prop_oneof![
        prop::collection::vec(step.clone(), 1..4).prop_map(Benefit::FullReduction),
        (step, cap.clone()).prop_map(|(step, cap_minor)| Benefit::EveryFull { step, cap_minor }),
        (0_i64..=1_000_000, 0_i64..10_000, cap).prop_map(
            |(off_ppm, threshold_minor, cap_minor)| {
                Benefit::Discount {
                    off_ppm,
                    threshold_minor,
                    cap_minor,
                }
            }
        ),
        (1_i64..30_000).prop_map(|off_minor| Benefit::Cash { off_minor }),
    ]
}

prop_compose! {
    fn any_rules()(
        benefit in any_benefit(),
        categories in prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 0..2),
        priority in -2_i16..3,
        group in prop::option::of(prop::sample::select(vec!["g", "h"])),
        exclusive in prop::bool::weighted(0.2),
        budget_minor in prop::option::of(0_i64..20_000),
    ) -> Rules {
        let mut rules = rules(benefit);
        rules.scope.categories = categories.into_iter().map(str::to_owned).collect();
        rules.stacking = Stacking { priority, group: group.map(str::to_owned), exclusive };
        rules.limits.budget_minor = budget_minor;
        rules
    }
}

prop_compose! {
    fn any_cart()(
        lines in prop::collection::vec(
            (1_i64..9, prop::sample::select(vec!["a", "b", "c"]), 0_i64..20_000), 1..12),
    ) -> Cart {
        let mut lines: Vec<CartLine> = lines.into_iter().map(|(id, of, amount)| line(id, of, amount)).collect();
        lines[0].amount_minor += 1;
        cart(lines)
    }
}

proptest! {
    #[test]
    fn a_price_adds_up_whatever_is_offered(
        cart in any_cart(),
        all in prop::collection::vec((any_rules(), 0..5, 0_i64..20_000), 0..12),
        seed in any::<u64>(),
    ) {
        let mut offers: Vec<Offer<'_>> = all.iter().zip(1..).map(|((rules, kind, spent), id)| {
            let offer = match kind {
                0 => tier(id, rules),
                1 | 2 => coupon(id, rules),
                _ => campaign(id, rules),
            };
            Offer { taken: Taken { spent_minor: *spent, ..Taken::default() }, ..offer }
        }).collect();
        let told = price(&cart, &offers);
        // Never nothing, never below.
        prop_assert!(told.payable_minor() >= 1);
        prop_assert_eq!(told.amount_minor, cart.lines.iter().map(|line| line.amount_minor).sum::<i64>());
        // Lines sum to the whole, and none is below zero.
        prop_assert_eq!(told.line_offs.iter().sum::<i64>(), told.off_minor);
        prop_assert_eq!(told.applied.iter().map(|it| it.off_minor).sum::<i64>(), told.off_minor);
        for (place, line) in cart.lines.iter().enumerate() {
            prop_assert!((0..=line.amount_minor).contains(&told.line_offs[place]));
            prop_assert_eq!(told.applied.iter().map(|it| it.shares[place]).sum::<i64>(), told.line_offs[place]);
        }
        // Each offer is told of once.
        let mut ids: Vec<OfferId> = told.applied.iter().map(|it| it.id)
            .chain(told.not_applied.iter().map(|(id, _)| *id)).collect();
        ids.sort_unstable();
        let mut every: Vec<OfferId> = offers.iter().map(|offer| offer.id).collect();
        every.sort_unstable();
        prop_assert_eq!(ids, every);
        // What comes by itself comes before coupons.
        let is_coupon = |it: &Applied| matches!(it.id, OfferId::Coupon(_));
        prop_assert!(told.applied.is_sorted_by_key(is_coupon));
        // No budget is passed, a group gives once, an exclusive one stands alone.
        let of = |id: OfferId| offers.iter().find(|offer| offer.id == id).unwrap();
        let mut groups: Vec<&String> = Vec::new();
        for applied in &told.applied {
            let offer = of(applied.id);
            let rest = offer.rules.limits.budget_minor.map(|budget| budget - offer.taken.spent_minor);
            prop_assert!(applied.off_minor > 0 && rest.is_none_or(|rest| applied.off_minor <= rest));
            prop_assert!(!offer.rules.stacking.exclusive || told.applied.len() == 1);
            if let Some(group) = &offer.rules.stacking.group {
                prop_assert!(!groups.contains(&group));
                groups.push(group);
            }
        }
        // The order in which they come changes nothing.
        let places = offers.len();
        for place in 0..places {
            let other = usize::try_from(seed.rotate_left(u32::try_from(place).unwrap()) % 97).unwrap() % places;
            offers.swap(place, other);
        }
        prop_assert_eq!(price(&cart, &offers), told.clone());
        // What is not applied changes nothing: an order that names what applies costs what the quote said.
        offers.retain(|offer| told.applied.iter().any(|it| it.id == offer.id));
        prop_assert_eq!(price(&cart, &offers).applied, told.applied);
    }

    #[test]
    fn the_best_coupons_are_never_worse_than_any_others(
        cart in any_cart(),
        campaigns in prop::collection::vec(any_rules(), 0..5),
        coupons in prop::collection::vec(any_rules(), 1..7),
    ) {
        let of_campaigns: Vec<Offer<'_>> =
            campaigns.iter().zip(1..).map(|(rules, id)| campaign(id, rules)).collect();
        let mut of_coupons: Vec<Offer<'_>> =
            coupons.iter().zip(1..).map(|(rules, id)| coupon(id, rules)).collect();
        let with = |ids: &[OfferId]| {
            let mut all = of_campaigns.clone();
            all.extend(of_coupons.iter().copied().filter(|it| ids.contains(&it.id)));
            price(&cart, &all)
        };
        let chosen = choose(&cart, &of_campaigns, &of_coupons);
        let ids: Vec<OfferId> = chosen.iter().map(|id| OfferId::Coupon(*id)).collect();
        let best = with(&ids);
        prop_assert!(best.off_minor >= with(&[]).off_minor);
        for set in 0..1_u32 << of_coupons.len() {
            let of_set = |(place, _): &(usize, &Offer<'_>)| set & (1 << place) != 0;
            let ids: Vec<OfferId> = of_coupons.iter().enumerate().filter(of_set).map(|(_, it)| it.id).collect();
            prop_assert!(best.off_minor >= with(&ids).off_minor, "{ids:?} are better");
        }
        // What is named takes something off.
        for id in &ids {
            prop_assert!(best.applied.iter().any(|it| it.id == *id));
        }
        of_coupons.reverse();
        prop_assert_eq!(choose(&cart, &of_campaigns, &of_coupons), chosen);
    }
}
