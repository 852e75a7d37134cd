//! What is said of a campaign's effect is right where the truth is known, and nothing is said where it cannot be.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::spread::{root, student};
use super::*;

fn days(from: usize, paid: &[i64]) -> Vec<DayOfSales> {
    let days = paid.iter().enumerate();
    days.map(|(place, paid_minor)| DayOfSales {
        weekday: (from + place) % 7,
        paid_minor: *paid_minor,
    })
    .collect()
}

#[test]
fn weekdays_are_compared_with_their_like() {
    // Weekends are three times as good; the campaign ran on a weekend and a Monday.
    let week = [100, 100, 100, 100, 100, 300, 300].map(|it| it * 1_000);
    let before = days(0, &week.repeat(4));
    let during = days(5, &[330_000, 330_000, 110_000]);
    let told = baseline(&before, &during).unwrap();
    assert_eq!(told.expected_minor, 700_000);
    assert_eq!(told.actual_minor, 770_000);
    // Every week was the same: nothing is uncertain.
    let all = |value| Estimate {
        value,
        low: value,
        high: value,
    };
    assert_eq!(told.uplift_minor, all(70_000));
    assert_eq!(told.uplift_ppm, all(100_000));
    assert_eq!(told.by_weekday[5], 300_000);
}

#[test]
fn the_interval_is_that_of_the_textbook() {
    // One weekday before: 90, 100, 110 (mean 100, residual 200, two degrees of freedom, variance 100).
    // Three campaign days: variance 100 × (3 + 9 / 3) = 600, and t is 4.302653.
    let monday = |paid_minor| DayOfSales {
        weekday: 0,
        paid_minor,
    };
    let before = [90, 100, 110].map(|it| monday(it * 1_000));
    let during = [120, 120, 120].map(|it| monday(it * 1_000));
    let told = baseline(&before, &during).unwrap().uplift_minor;
    assert_eq!(told.value, 60_000);
    // √600 × 4.302653 = 105.393.
    assert!((told.low - (60_000 - 105_393)).abs() <= 2, "{told:?}");
    assert!((told.high - (60_000 + 105_393)).abs() <= 2, "{told:?}");
}

#[test]
fn what_is_not_enough_is_said_with_its_reason() {
    let full = days(0, &[100; 56]);
    let said = |before: &[DayOfSales], during: &[DayOfSales]| baseline(before, during).unwrap_err();
    assert_eq!(said(&full, &days(0, &[1, 2])), NotEnough::CampaignTooShort);
    // Two Wednesdays only; and it ran on one.
    let short = days(0, &[100; 16]);
    assert_eq!(said(&short, &days(0, &[1; 3])), NotEnough::HistoryTooShort);
    // Its own weekdays are there three times: the others need not be.
    assert!(baseline(&days(0, &[100; 17]), &days(0, &[1; 3])).is_ok());
    assert_eq!(said(&[], &days(0, &[1; 3])), NotEnough::HistoryTooShort);
    let nothing = days(0, &[0; 56]);
    assert_eq!(
        said(&nothing, &days(0, &[1; 3])),
        NotEnough::NothingSoldBefore
    );
}

/// A day's sales: its weekday's mean and chance, about normal.
fn sales(rng: &mut ChaCha8Rng, weekday: usize, permille: i64) -> i64 {
    let mean = 1_000_000 + 200_000 * i64::try_from(weekday).unwrap();
    let chance: i64 = (0..12).map(|_| rng.random_range(-50_000..=50_000)).sum();
    (mean + chance) * permille / 1_000
}

#[test]
fn an_interval_holds_the_truth_in_95_of_100_cases() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let (mut held, mut above_zero) = (0, 0);
    for _ in 0..1_000 {
        let mut draw = |count: usize, permille| -> Vec<DayOfSales> {
            let days = (0..count).map(|place| DayOfSales {
                weekday: place % 7,
                paid_minor: sales(&mut rng, place % 7, permille),
            });
            days.collect()
        };
        let before = draw(56, 1_000);
        let during = draw(21, 1_150);
        let told = baseline(&before, &during).unwrap();
        // Three weeks of what 15 % more bring.
        let truth = 3 * 7 * 1_600_000 * 150 / 1_000;
        let uplift = told.uplift_minor;
        held += u32::from((uplift.low..=uplift.high).contains(&truth));
        above_zero += u32::from(uplift.low > 0);
    }
    assert!((925..=980).contains(&held), "{held} of 1000");
    assert!(above_zero > 950, "{above_zero} of 1000");
}

#[test]
fn where_nothing_was_brought_zero_is_mostly_within() {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let mut beyond = 0;
    for _ in 0..1_000 {
        let mut draw = |count: usize| -> Vec<DayOfSales> {
            let days = (0..count).map(|place| DayOfSales {
                weekday: place % 7,
                paid_minor: sales(&mut rng, place % 7, 1_000),
            });
            days.collect()
        };
        let (before, during) = (draw(56), draw(10));
        let uplift = baseline(&before, &during).unwrap().uplift_minor;
        beyond += u32::from(uplift.low > 0 || uplift.high < 0);
    }
    assert!((20..=80).contains(&beyond), "{beyond} of 1000");
}

#[test]
fn groups_are_compared_by_member_not_by_buyer() {
    let bought = |buyers: i64, each: i64| {
        let mut of = Buying::default();
        (0..buyers).for_each(|_| of.add(each));
        of
    };
    // As much each; but more of them came.
    let told = compare((1_000, bought(300, 10_000)), (100, bought(30, 5_000)));
    assert_eq!(told.given.per_member_minor, 3_000);
    assert_eq!(told.held_out.per_member_minor, 1_500);
    let difference = told.difference_minor.unwrap();
    assert_eq!(difference.value, 1_500);
    // Deviations 4,585 and 2,303: √(4585²/1000 + 2303²/100) × 1.96 ≈ 533.
    assert!((difference.low - 967).abs() < 5, "{difference:?}");
    let few = compare((1_000, bought(300, 10_000)), (100, bought(29, 5_000)));
    assert_eq!(few.difference_minor, Err(TooFewBuyers));
    assert_eq!(few.held_out.buyers, 29);
}

#[test]
fn quantiles_fall_to_the_normal_one() {
    let quantiles: Vec<i128> = (1..200).map(student).collect();
    assert!(quantiles.windows(2).all(|pair| pair[0] > pair[1]));
    // Student's with 49 and 120 degrees of freedom, from the tables.
    assert!((student(49) - 2_009_575).abs() < 50);
    assert!((student(120) - 1_979_930).abs() < 50);
    assert_eq!(root(99), 9);
    assert_eq!(root(-1), 0);
}

proptest! {
    #[test]
    fn an_estimate_lies_within_its_interval_whatever_was_sold(
        before in prop::collection::vec(0_i64..i64::MAX, 21..80),
        during in prop::collection::vec(0_i64..i64::MAX, 3..190),
    ) {
        if let Ok(told) = baseline(&days(0, &before), &days(3, &during)) {
            for it in [told.uplift_minor, told.uplift_ppm] {
                prop_assert!(it.low <= it.value && it.value <= it.high);
            }
        }
    }

    #[test]
    fn the_order_of_days_changes_nothing(
        paid in prop::collection::vec(0_i64..1_000_000, 56),
        during in prop::collection::vec(0_i64..1_000_000, 9),
    ) {
        let before = days(0, &paid);
        let turned: Vec<DayOfSales> = before.iter().rev().copied().collect();
        prop_assert_eq!(baseline(&before, &days(2, &during)), baseline(&turned, &days(2, &during)));
    }
}
