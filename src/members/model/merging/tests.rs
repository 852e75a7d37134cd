//! What two members have is what the one has who stays.

use entity::point_lot::PointOrigin;
use entity::{Instant, MerchantId, OrderId, TierId};
use proptest::prelude::*;

use super::*;

fn at(ms: i64) -> Instant {
    Instant(chrono::DateTime::from_timestamp_millis(ms).unwrap())
}

fn member(id: i64) -> Model {
    Model {
        joined_at: at(id),
        ..Model::nobody(MerchantId(1), MemberId(id), format!("M-{id}"))
    }
}

fn lot(
    member: &Model,
    id: i64,
    remaining: i64,
    ends: Option<i64>,
    pending: bool,
) -> point_lot::Model {
    point_lot::Model {
        merchant_id: member.merchant_id,
        id: PointLotId(id),
        member_id: member.id,
        origin: PointOrigin::Order,
        source_id: None,
        earned: remaining + 1,
        remaining,
        releases_at: pending.then(|| at(1)),
        expires_at: ends.map(at),
    }
}

/// A member whose points are what is left of these lots.
fn holding(mut member: Model, lots: &[point_lot::Model], owed: i64) -> Model {
    let sum = |pending: bool| {
        let of = lots
            .iter()
            .filter(|lot| lot.releases_at.is_some() == pending);
        of.map(|lot| lot.remaining).sum::<i64>()
    };
    (member.points, member.points_pending, member.points_owed) = (sum(false), sum(true), owed);
    member
}

#[test]
fn what_was_merged_or_erased_or_changed_is_not_merged() {
    let (from, into) = (member(1), member(2));
    assert_eq!(check_merge(&from, &into, (1, 1)), Ok(()));
    let gone = Model {
        merged_into: Some(MemberId(3)),
        ..from.clone()
    };
    assert_eq!(
        check_merge(&gone, &into, (1, 1)),
        Err(MergeRefusal::AlreadyMerged)
    );
    assert_eq!(
        check_merge(&from, &gone, (1, 1)),
        Err(MergeRefusal::IntoMerged)
    );
    let erased = Model {
        erased_at: Some(at(9)),
        ..from.clone()
    };
    assert_eq!(
        check_merge(&erased, &into, (1, 1)),
        Err(MergeRefusal::Erased)
    );
    for versions in [(2, 1), (1, 2)] {
        assert_eq!(
            check_merge(&from, &into, versions),
            Err(MergeRefusal::VersionConflict)
        );
    }
}

#[test]
fn the_first_that_either_bought_is_the_first_of_both() {
    let bought = |id: i64, ms: i64| Model {
        first_order_id: Some(OrderId(id)),
        first_paid_at: Some(at(ms)),
        first_tier_id: Some(TierId(id)),
        last_paid_at: Some(at(ms + 5)),
        paid_orders: 2,
        spent_minor: 300,
        ..member(id)
    };
    let one = become_one(&bought(1, 10), &bought(2, 20));
    assert_eq!(
        (one.first_order_id, one.first_tier_id, one.last_paid_at),
        (Some(OrderId(1)), Some(TierId(1)), Some(at(25)))
    );
    assert_eq!(
        (one.paid_orders, one.spent_minor, one.joined_at),
        (4, 600, at(1))
    );
    let one = become_one(&bought(1, 30), &bought(2, 20));
    assert_eq!(
        (one.first_order_id, one.first_tier_id, one.last_paid_at),
        (Some(OrderId(2)), Some(TierId(2)), Some(at(35)))
    );
    let one = become_one(&bought(1, 30), &member(2));
    assert_eq!((one.first_order_id, one.paid_orders), (Some(OrderId(1)), 2));
    let one = become_one(&member(1), &bought(2, 20));
    assert_eq!((one.first_order_id, one.paid_orders), (Some(OrderId(2)), 2));
    let without_tier = Model {
        first_tier_id: None,
        ..bought(1, 10)
    };
    let one = become_one(&without_tier, &bought(2, 20));
    assert_eq!(one.first_tier_id, None, "the first order was of no tier");
}

#[test]
fn what_one_says_of_themselves_holds_and_nobody_agrees_for_them() {
    let from = Model {
        birthday: Some(229),
        locale: Some("en".to_owned()),
        consented_at: Some(at(5)),
        ..member(1)
    };
    let into = Model {
        birthday: Some(1_001),
        ..member(2)
    };
    let one = become_one(&from, &into);
    assert_eq!(
        (one.birthday, one.locale.as_deref()),
        (Some(1_001), Some("en"))
    );
    assert_eq!((one.consented_at, one.version), (None, 2));
}

#[test]
fn a_profile_takes_what_it_lacks_and_the_year_goes_with_the_birthday() {
    let profile = |name: Option<&str>, phone: Option<&str>, year| Profile {
        name: name.map(str::to_owned),
        phone: phone.map(str::to_owned),
        birth_year: year,
        ..Profile::default()
    };
    let (from, into) = (
        profile(Some("王"), Some("1"), Some(1990)),
        profile(None, Some("2"), Some(2000)),
    );
    assert!(join_profiles(&from, &into, false) == profile(Some("王"), Some("2"), Some(2000)));
    assert!(join_profiles(&from, &into, true) == profile(Some("王"), Some("2"), Some(1990)));
}

#[test]
fn what_one_owes_is_paid_with_what_the_other_has_those_first_that_end_first() {
    let (from, into) = (member(1), member(2));
    let theirs = [
        lot(&from, 1, 5, None, false),
        lot(&from, 2, 5, Some(30), false),
        lot(&from, 3, 9, Some(10), true),
    ];
    let from = holding(from, &theirs, 0);
    let into = holding(into, &[], 7);
    let moved = move_points((&from, &theirs), (&into, &[]));
    assert_eq!(moved.left, [(PointLotId(2), 0), (PointLotId(1), 3)]);
    assert_eq!(
        moved.standing,
        Standing {
            points: 3,
            pending: 9,
            owed: 0
        }
    );
}

#[test]
fn what_is_owed_is_paid_with_points_that_wait_once_no_others_are_left() {
    let (from, into) = (member(1), member(2));
    let theirs = [lot(&from, 1, 9, Some(10), true)];
    let ours = [lot(&into, 2, 5, None, false)];
    let from = holding(from, &theirs, 0);
    let into = holding(into, &ours, 8);
    let moved = move_points((&from, &theirs), (&into, &ours));
    assert_eq!(moved.left, [(PointLotId(2), 0), (PointLotId(1), 6)]);
    let left = Standing {
        pending: 6,
        ..Standing::default()
    };
    assert_eq!(moved.standing, left);
}

prop_compose! {
    fn any_lots(first: i64)(
        lots in prop::collection::vec((0_i64..50, prop::option::of(0_i64..9), any::<bool>()), 0..6),
    ) -> Vec<point_lot::Model> {
        let lots = lots.into_iter().zip(first..);
        lots.map(|((remaining, ends, pending), id)| lot(&member(1), id, remaining, ends, pending)).collect()
    }
}

proptest! {
    #[test]
    fn points_are_what_is_left_of_lots_and_what_entries_sum_to_for_both(
        theirs in any_lots(1), ours in any_lots(100), owed in 0_i64..80, we_owe in 0_i64..80,
    ) {
        let from = holding(member(1), &theirs, owed);
        let into = holding(member(2), &ours, we_owe);
        let moved = move_points((&from, &theirs), (&into, &ours));
        for (member, after) in [(&from, Standing::default()), (&into, moved.standing)] {
            let mut now = Standing::of(member);
            for entry in moved.entries.iter().filter(|entry| entry.member_id == member.id) {
                prop_assert!(entry.by != Standing::default());
                now.points += entry.by.points;
                now.pending += entry.by.pending;
                now.owed += entry.by.owed;
                prop_assert!(entry.balance == now.points && now.points >= 0);
            }
            prop_assert_eq!(now, after);
        }
        let left = |lot: &point_lot::Model| {
            let mut changed = moved.left.iter();
            changed.find(|(id, _)| *id == lot.id).map_or(lot.remaining, |(_, left)| *left)
        };
        let all = || theirs.iter().chain(&ours);
        let released = all().filter(|lot| lot.releases_at.is_none()).map(left).sum::<i64>();
        let pending = all().filter(|lot| lot.releases_at.is_some()).map(left).sum::<i64>();
        prop_assert_eq!((released, pending), (moved.standing.points, moved.standing.pending));
        prop_assert!(moved.standing.owed == 0 || released + pending == 0);
    }
}
