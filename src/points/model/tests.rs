//! How points are counted, and which lots they come from.

use chrono::{DateTime, TimeDelta, Utc};
use entity::point_entry::PointKind;
use entity::point_lot::PointOrigin;
use entity::{Instant, MemberId, MerchantId, PointLotId, member};

use super::*;

/// A member who has no points.
pub(super) fn nobody() -> member::Model {
    member::Model::nobody(MerchantId(1), MemberId(2), "m".to_owned())
}

/// So many days after a day.
pub(super) fn day(days: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000).unwrap() + TimeDelta::days(days)
}

/// Points that come.
pub(super) fn fresh(id: i64, points: i64, ends: Option<i64>) -> Fresh {
    Fresh {
        id: PointLotId(id),
        origin: PointOrigin::Order,
        source_id: Some(id),
        points,
        releases_at: None,
        expires_at: ends.map(|days| Instant(day(days))),
    }
}

fn purse(lots: &[(i64, i64, Option<i64>)]) -> Purse {
    let mut purse = Purse::of(nobody(), Vec::new());
    for (id, points, ends) in lots {
        purse.come(fresh(*id, *points, *ends), PointKind::Earned);
    }
    Purse::of(purse.member, purse.lots)
}

fn told(purse: &Purse) -> Vec<(i64, PointKind, i64)> {
    let moves = purse.moves.iter();
    let lot = |step: &Move| step.lot_id.map_or(0, |id| id.0);
    moves
        .map(|step| (lot(step), step.kind, step.points + step.pending - step.owed))
        .collect()
}

const YUAN: EarnRule = EarnRule {
    points: 1,
    per_minor: 100,
    multiplier_ppm: ONE_PPM,
};

#[test]
fn points_are_rounded_down_once() {
    assert_eq!(earned(1_999, YUAN), 19);
    assert_eq!(earned(0, YUAN), 0);
    assert_eq!(earned(-5, YUAN), 0);
    let gold = EarnRule {
        multiplier_ppm: 1_500_000,
        ..YUAN
    };
    // 19.99 yuan times one and a half is 29.985: not 19 times one and a half.
    assert_eq!(earned(1_999, gold), 29);
    assert_eq!(earned(i64::MAX, gold), MOST_POINTS);
}

#[test]
fn what_is_left_has_earned_what_it_would_have_earned_alone() {
    for refunded in 0..=1_999 {
        let clawed = clawed_total(1_999, refunded, YUAN);
        assert_eq!(19 - clawed, earned(1_999 - refunded, YUAN), "{refunded}");
    }
}

#[test]
fn points_come_back_in_proportion_and_all_with_the_last() {
    assert_eq!(restored_total(100, 0, 999), 0);
    assert_eq!(restored_total(100, 333, 999), 33);
    assert_eq!(restored_total(100, 998, 999), 99);
    assert_eq!(restored_total(100, 999, 999), 100);
    assert_eq!(restored_total(100, 0, 0), 100);
}

#[test]
fn what_ends_first_is_spent_first_and_what_never_ends_last() {
    let mut purse = purse(&[(1, 10, None), (2, 10, Some(30)), (3, 10, Some(20))]);
    purse.spend(25, PointKind::Spent, day(1)).unwrap();
    let spent = PointKind::Spent;
    assert_eq!(
        told(&purse),
        [(3, spent, -10), (2, spent, -10), (1, spent, -5)]
    );
}

#[test]
fn what_has_ended_is_not_spent_though_nobody_has_come_for_it() {
    let mut purse = purse(&[(1, 10, Some(5)), (2, 10, Some(30))]);
    let refused = purse.clone().spend(11, PointKind::Spent, day(5));
    assert_eq!(refused, Err(NotEnough { available: 10 }));
    purse.spend(10, PointKind::Spent, day(5)).unwrap();
    assert_eq!(
        told(&purse),
        [(1, PointKind::Expired, -10), (2, PointKind::Spent, -10)]
    );
    assert_eq!(purse.member.points, 0);
}

#[test]
fn what_is_pending_is_not_spent_before_its_day() {
    let mut purse = Purse::of(nobody(), Vec::new());
    let pending = Fresh {
        releases_at: Some(Instant(day(7))),
        ..fresh(1, 10, Some(30))
    };
    purse.come(pending, PointKind::Earned);
    assert_eq!((purse.member.points, purse.member.points_pending), (0, 10));
    let refused = purse.clone().spend(1, PointKind::Spent, day(6));
    assert_eq!(refused, Err(NotEnough { available: 0 }));
    purse.spend(4, PointKind::Spent, day(7)).unwrap();
    assert_eq!((purse.member.points, purse.member.points_pending), (6, 0));
}

#[test]
fn what_was_spent_already_is_owed_and_paid_by_what_comes_next() {
    let mut purse = purse(&[(1, 10, Some(30))]);
    purse.spend(8, PointKind::Spent, day(1)).unwrap();
    purse.claw_back(Some(PointLotId(1)), 10, day(1));
    assert_eq!((purse.member.points, purse.member.points_owed), (0, 8));
    purse.come(fresh(2, 5, None), PointKind::Earned);
    assert_eq!((purse.member.points, purse.member.points_owed), (0, 3));
    purse.come(fresh(3, 5, None), PointKind::Earned);
    assert_eq!((purse.member.points, purse.member.points_owed), (2, 0));
    let repaid: i64 = purse
        .moves
        .iter()
        .filter(|step| step.kind == PointKind::Repaid)
        .map(|step| step.owed)
        .sum();
    assert_eq!(repaid, -8);
}

#[test]
fn points_are_taken_back_from_the_lot_that_they_came_with_first() {
    let mut purse = purse(&[(1, 10, Some(30)), (2, 10, Some(20))]);
    purse.claw_back(Some(PointLotId(1)), 12, day(1));
    let clawed = PointKind::ClawedBack;
    assert_eq!(told(&purse), [(1, clawed, -10), (2, clawed, -2)]);
}

#[test]
fn points_come_back_to_their_lot_and_as_a_new_one_where_it_has_ended() {
    let mut purse = purse(&[(1, 10, Some(30)), (2, 10, Some(5))]);
    purse.spend(15, PointKind::Spent, day(1)).unwrap();
    let when = (day(6), Instant(day(36)));
    purse.give_back(Some(PointLotId(1)), 5, PointKind::Restored, when, || {
        PointLotId(8)
    });
    purse.give_back(Some(PointLotId(2)), 10, PointKind::Restored, when, || {
        PointLotId(9)
    });
    assert_eq!(purse.member.points, 20);
    let new: Vec<_> = purse.lots.iter().filter(|lot| lot.id.0 > 2).collect();
    assert_eq!(new.len(), 1);
    assert_eq!((new[0].id.0, new[0].remaining), (9, 10));
    assert_eq!(new[0].expires_at, Some(Instant(day(36))));
    assert_eq!(new[0].origin, PointOrigin::Restored);
}
