//! What holds of every ladder, whatever a member has and has bought.

use chrono::TimeDelta;
use entity::tier::DowngradeRule;
use entity::{Instant, TierId, tier};
use proptest::prelude::*;

use super::tests::{moment, spent, tier};
use super::*;

prop_compose! {
    /// Tiers that ask for more the higher they are; some are given by people alone.
    fn any_ladder()(
        steps in prop::collection::vec(
            (1_i64..5_000, any::<bool>(), any::<bool>(), prop::option::of(1_i32..400)), 0..8),
    ) -> Ladder {
        let mut asks = 0;
        let mut tiers: Vec<tier::Model> = Vec::new();
        for (rank, (more, by_people, one_step, kept)) in (1_i32..).zip(steps) {
            asks += more;
            tiers.push(tier::Model {
                retention_days: kept,
                downgrade: if one_step { DowngradeRule::OneStep } else { DowngradeRule::Qualified },
                ..tier(rank, (!by_people).then_some(asks))
            });
        }
        Ladder::of(tiers)
    }
}

prop_compose! {
    /// What a member may have: any tier of these, one that was taken away, or none; over or not.
    fn any_held()(rank in 0_i64..10, days in prop::option::of(-400_i64..400)) -> Option<Held> {
        let now = moment(NOW).now.0;
        (rank > 0).then(|| Held {
            tier_id: TierId(rank),
            since: Instant(now - TimeDelta::days(500)),
            until: days.map(|days| Instant(now + TimeDelta::days(days))),
        })
    }
}

const NOW: &str = "2026-11-23T04:00:00Z";

fn rank(ladder: &Ladder, held: Option<Held>) -> i32 {
    held.and_then(|held| ladder.find(held.tier_id))
        .map_or(0, |tier| tier.rank)
}

fn after(ladder: &Ladder, held: Option<Held>, minor: i64) -> Option<Held> {
    decide(ladder, held, &spent(minor), moment(NOW)).map_or(held, |step| step.to)
}

proptest! {
    #[test]
    fn looking_twice_changes_nothing(ladder in any_ladder(), held in any_held(), minor in 0_i64..40_000) {
        let once = after(&ladder, held, minor);
        prop_assert_eq!(decide(&ladder, once, &spent(minor), moment(NOW)), None);
    }

    #[test]
    fn who_buys_more_never_has_less(
        ladder in any_ladder(), held in any_held(), minor in 0_i64..40_000, more in 0_i64..40_000,
    ) {
        let (less, more) = (after(&ladder, held, minor), after(&ladder, held, minor + more));
        prop_assert!(rank(&ladder, less) <= rank(&ladder, more));
    }

    #[test]
    fn nobody_has_less_than_they_reach_and_nothing_is_lost_before_its_end(
        ladder in any_ladder(), held in any_held(), minor in 0_i64..40_000,
    ) {
        let now = after(&ladder, held, minor);
        let reached = ladder.reached(&spent(minor)).map_or(0, |tier| tier.rank);
        prop_assert!(rank(&ladder, now) >= reached);
        let is_over = held.and_then(|held| held.until).is_some_and(|until| until.0 <= moment(NOW).now.0);
        if !is_over {
            prop_assert!(rank(&ladder, now) >= rank(&ladder, held));
        }
        // What is had is one of the tiers there are, and ends later than now.
        if let Some(now) = now {
            prop_assert!(ladder.find(now.tier_id).is_some());
            prop_assert!(now.until.is_none_or(|until| until.0 > moment(NOW).now.0));
        }
    }

    #[test]
    fn buying_and_giving_back_leaves_what_there_was(
        ladder in any_ladder(), held in any_held(), minor in 0_i64..20_000, more in 1_i64..40_000,
    ) {
        // As it stands without the order.
        let before = after(&ladder, held, minor);
        let bought = after(&ladder, before, minor + more);
        prop_assume!(bought != before);
        let step = undone(&ladder, bought.unwrap(), before, &spent(minor), moment(NOW));
        let given_back = step.map_or(bought, |step| step.to);
        prop_assert_eq!(given_back, before);
    }

    #[test]
    fn a_refund_never_lifts_and_never_takes_what_is_reached(
        ladder in any_ladder(), held in any_held(), before in any_held(), minor in 0_i64..40_000,
    ) {
        prop_assume!(held.is_some());
        let held = held.unwrap();
        if let Some(step) = undone(&ladder, held, before, &spent(minor), moment(NOW)) {
            let reached = ladder.reached(&spent(minor)).map_or(0, |tier| tier.rank);
            prop_assert!(rank(&ladder, step.to) < rank(&ladder, Some(held)));
            prop_assert!(rank(&ladder, step.to) >= reached);
        }
    }

    #[test]
    fn who_becomes_one_with_another_has_no_less_than_either(
        ladder in any_ladder(), mine in any_held(), other in any_held(), minor in 0_i64..40_000,
    ) {
        let step = merged(&ladder, mine, other, &spent(minor), moment(NOW));
        let both = step.map_or(mine, |step| step.to);
        let is_over = |held: Option<Held>| held.and_then(|held| held.until).is_some_and(|until| until.0 <= moment(NOW).now.0);
        if !is_over(mine) {
            prop_assert!(rank(&ladder, both) >= rank(&ladder, mine));
        }
        if !is_over(other) {
            prop_assert!(rank(&ladder, both) >= rank(&ladder, other));
        }
    }
}
