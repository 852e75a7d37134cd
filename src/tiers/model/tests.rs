//! Which tier comes of what, in tables.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::tier::DowngradeRule;
use entity::tier_change::TierChangeReason as Reason;
use entity::{Day, Instant, MemberId, MerchantId, TierId, member_day, tier};

use super::*;

pub fn at(text: &str) -> Instant {
    Instant(text.parse::<DateTime<Utc>>().unwrap())
}

pub fn moment(text: &str) -> Moment {
    Moment {
        now: at(text),
        zone: Tz::Asia__Shanghai,
    }
}

/// A tier that takes so much spent in a year, and is kept for a year.
pub fn tier(rank: i32, spend_minor: Option<i64>) -> tier::Model {
    let wish = TierWish {
        rank,
        name: format!("T{rank}"),
        name_en: None,
        spend_minor,
        points: None,
        orders: None,
        window_days: spend_minor.map(|_| 365),
        retention_days: Some(365),
        downgrade: DowngradeRule::Qualified,
        discount_ppm: 0,
        discount_exclusive: false,
        multiplier_ppm: 1_000_000,
        birthday_points: None,
        birthday_template_id: None,
        priority: false,
        perks: None,
        perks_en: None,
    };
    assert_eq!(wish.check(), Ok(()));
    wish.tier(
        (MerchantId(1), TierId(rank.into())),
        at("2026-01-01T00:00:00Z"),
    )
}

/// Silver from 100 on, gold from 500 on, platinum from 2000 on; the highest falls by one step.
fn ladder() -> Ladder {
    let platinum = tier::Model {
        downgrade: DowngradeRule::OneStep,
        ..tier(3, Some(200_000))
    };
    Ladder::of(vec![platinum, tier(1, Some(10_000)), tier(2, Some(50_000))])
}

pub fn spent(spent_minor: i64) -> Sums {
    let figures = Figures {
        spent_minor,
        orders: 1,
        ..Figures::default()
    };
    Sums::of(vec![(Some(365), figures)])
}

fn held(rank: i64, until: Option<&str>) -> Option<Held> {
    Some(Held {
        tier_id: TierId(rank),
        since: at("2026-01-02T03:00:00Z"),
        until: until.map(at),
    })
}

/// Why, and to which tier.
type Told = Option<(Reason, Option<i64>)>;

fn told(step: Option<Step>) -> Told {
    step.map(|step| (step.reason, step.to.map(|to| to.tier_id.0)))
}

const NOW: &str = "2026-11-23T04:00:00Z";
const AHEAD: Option<&str> = Some("2026-12-01T16:00:00Z");
const OVER: Option<&str> = Some("2026-11-22T16:00:00Z");

#[test]
fn a_tier_is_reached_kept_retained_and_lost() {
    let cases: [(Option<Held>, i64, Told); 13] = [
        (None, 9_999, None),
        (None, 10_000, Some((Reason::Reached, Some(1)))),
        (None, 200_000, Some((Reason::Reached, Some(3)))),
        (held(1, AHEAD), 50_000, Some((Reason::Reached, Some(2)))),
        (held(1, None), 0, None),
        (held(2, AHEAD), 0, None),
        (held(2, AHEAD), 50_000, None),
        (held(2, OVER), 50_000, Some((Reason::Retained, Some(2)))),
        (held(2, OVER), 49_999, Some((Reason::Lapsed, Some(1)))),
        (held(2, OVER), 0, Some((Reason::Lapsed, None))),
        (held(3, OVER), 0, Some((Reason::Lapsed, Some(2)))),
        (held(1, OVER), 200_000, Some((Reason::Reached, Some(3)))),
        (held(9, AHEAD), 10_000, Some((Reason::Removed, Some(1)))),
    ];
    for (held, minor, wanted) in cases {
        let step = decide(&ladder(), held, &spent(minor), moment(NOW));
        assert_eq!(told(step), wanted, "{held:?} {minor}");
    }
}

#[test]
fn a_tier_ends_at_midnight_behind_so_many_whole_days_and_who_keeps_it_has_it_since_then() {
    let step = decide(&ladder(), None, &spent(10_000), moment(NOW)).unwrap();
    let to = step.to.unwrap();
    // 2026-11-23 in Shanghai, and 365 whole days.
    assert_eq!(to.until, Some(at("2027-11-23T16:00:00Z")));
    assert_eq!(to.since, at(NOW));
    let kept = decide(&ladder(), held(2, OVER), &spent(50_000), moment(NOW)).unwrap();
    let kept = kept.to.unwrap();
    assert_eq!(kept.since, at("2026-01-02T03:00:00Z"));
    assert_eq!(kept.until, Some(at("2027-11-23T16:00:00Z")));
    assert_eq!(decide(&ladder(), Some(kept), &spent(0), moment(NOW)), None);
}

#[test]
fn a_refund_takes_away_what_was_reached_since_the_order_was_paid_and_nothing_else() {
    let undone = |held: Option<Held>, before, minor| {
        told(undone(
            &ladder(),
            held.unwrap(),
            before,
            &spent(minor),
            moment(NOW),
        ))
    };
    // Nothing before: what they reach without it.
    assert_eq!(
        undone(held(2, AHEAD), None, 0),
        Some((Reason::Refunded, None))
    );
    assert_eq!(
        undone(held(2, AHEAD), None, 10_000),
        Some((Reason::Refunded, Some(1)))
    );
    // It is reached without it.
    assert_eq!(undone(held(2, AHEAD), None, 50_000), None);
    // What was had before stays until its end, though it is not reached now.
    assert_eq!(
        undone(held(2, AHEAD), held(1, AHEAD), 0),
        Some((Reason::Refunded, Some(1)))
    );
    assert_eq!(undone(held(2, AHEAD), held(2, AHEAD), 0), None);
    // It would have been over by now: it was kept by what was refunded.
    assert_eq!(
        undone(held(2, AHEAD), held(2, OVER), 0),
        Some((Reason::Refunded, None))
    );
    assert_eq!(
        undone(held(3, AHEAD), held(3, OVER), 0),
        Some((Reason::Refunded, Some(2)))
    );
    let again = super::undone(
        &ladder(),
        held(2, AHEAD).unwrap(),
        held(1, AHEAD),
        &spent(0),
        moment(NOW),
    );
    assert_eq!(again.unwrap().to.unwrap().until, AHEAD.map(at));
}

#[test]
fn what_was_reached_on_any_day_since_without_the_order_was_not_reached_by_it() {
    let days = |spent: &[(i32, i64)]| -> Vec<member_day::Model> {
        let row = |(day, spent_minor): &(i32, i64)| member_day::Model {
            merchant_id: MerchantId(1),
            member_id: MemberId(1),
            day: Day(*day),
            orders: 1,
            spent_minor: *spent_minor,
            points: 0,
        };
        spent.iter().map(row).collect()
    };
    let ladder = ladder();
    let gold = ladder.find(TierId(2)).unwrap();
    for (spent, from, wanted) in [
        // On the day itself, by what the window held then, though it does not now.
        (&[(1_000, 50_000)][..], 1_000, true),
        (&[(1_000, 49_999)], 1_000, false),
        (&[(700, 20_000), (1_000, 30_000)], 1_000, true),
        (&[(600, 20_000), (1_000, 30_000)], 1_000, false),
        // On a later one.
        (&[(1_000, 1), (1_100, 50_000)], 1_000, true),
        // Before: that is another matter.
        (&[(500, 50_000), (1_000, 1)], 1_000, false),
        (&[], 1_000, false),
        // A higher one.
        (&[(1_000, 200_000)], 1_000, true),
    ] {
        assert_eq!(
            reached_since(&ladder, gold, &days(spent), Day(from)),
            wanted,
            "{spent:?}"
        );
    }
}

#[test]
fn any_threshold_is_enough_and_one_without_is_given_by_people_alone() {
    let regular = tier::Model {
        points: Some(300),
        orders: Some(3),
        window_days: None,
        ..tier(1, Some(10_000))
    };
    let ladder = Ladder::of(vec![regular, tier(2, None)]);
    let over = |spent_minor, points, orders| {
        let figures = Figures {
            spent_minor,
            points,
            orders,
            first_day: None,
        };
        let sums = Sums::of(vec![(None, figures)]);
        ladder.reached(&sums).map(|tier| tier.rank)
    };
    assert_eq!(over(9_999, 299, 2), None);
    for (spent, points, orders) in [(10_000, 0, 0), (0, 300, 0), (0, 0, 3)] {
        assert_eq!(over(spent, points, orders), Some(1));
    }
    assert_eq!(over(i64::MAX, i64::MAX, i64::MAX), Some(1));
    assert_eq!(ladder.windows(), [None]);
    assert_eq!(ladder.above(ladder.find(TierId(1))), None);
}

#[test]
fn what_is_missing_counts_down_to_nothing_and_says_until_when() {
    let tier = tier::Model {
        orders: Some(3),
        ..tier(2, Some(50_000))
    };
    let figures = Figures {
        spent_minor: 20_000,
        points: 7,
        orders: 5,
        first_day: Some(Day(20_000)),
    };
    let told = missing(&tier, &Sums::of(vec![(Some(365), figures)]));
    let wanted = Missing {
        spend_minor: Some(30_000),
        points: None,
        orders: Some(0),
        by: Some(Day(20_364)),
    };
    assert_eq!(told, wanted);
    assert_eq!(missing(&tier, &Sums::default()).by, None);
}

#[test]
fn each_rank_is_one_tiers_and_no_higher_tier_asks_for_less() {
    let ladder = ladder();
    assert_eq!(check(&ladder, &tier(4, Some(300_000))), Ok(()));
    assert_eq!(check(&ladder, &tier(4, None)), Ok(()));
    assert_eq!(
        check(&ladder, &tier(2, Some(60_000))),
        Ok(()),
        "a tier may be changed"
    );
    let other = tier::Model {
        id: TierId(77),
        ..tier(2, Some(60_000))
    };
    assert_eq!(
        check(&ladder, &other),
        Err(SetRefusal::RankTaken {
            name: "T2".to_owned()
        })
    );
    for wrong in [
        tier(4, Some(199_999)),
        tier(1, Some(50_001)),
        tier(2, Some(200_001)),
    ] {
        assert!(
            matches!(check(&ladder, &wrong), Err(SetRefusal::AsksForLess { .. })),
            "{wrong:?}"
        );
    }
    let in_a_month = tier::Model {
        window_days: Some(30),
        ..tier(4, Some(100))
    };
    assert_eq!(check(&ladder, &in_a_month), Ok(()), "over other days");
    let many = Ladder::of(
        (1..=20)
            .map(|rank| tier(rank, Some(i64::from(rank) * 100)))
            .collect(),
    );
    assert_eq!(
        check(&many, &tier(21, Some(9_000))),
        Err(SetRefusal::TooMany { most: 20 })
    );
}

#[test]
fn the_night_is_two_hours_behind_midnight_whatever_clocks_do() {
    let next = |now: &str, zone: Tz| next_night(at(now).0, zone).to_rfc3339();
    let shanghai = Tz::Asia__Shanghai;
    assert_eq!(
        next("2026-11-23T04:00:00Z", shanghai),
        "2026-11-23T18:00:00+00:00"
    );
    assert_eq!(
        next("2026-11-23T17:59:59Z", shanghai),
        "2026-11-23T18:00:00+00:00"
    );
    assert_eq!(
        next("2026-11-23T18:00:00Z", shanghai),
        "2026-11-24T18:00:00+00:00"
    );
    // Clocks go on by an hour at two.
    assert_eq!(
        next("2026-03-28T22:30:00Z", Tz::Europe__Berlin),
        "2026-03-29T01:00:00+00:00"
    );
}
