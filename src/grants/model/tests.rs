//! Days and gifts: year ends, leap years, days that were missed, and what tiers bring.

use chrono::NaiveDate;
use entity::grant_rule::{self, GrantKind};
use entity::tier::{self, DowngradeRule};
use entity::{CouponTemplateId, Instant, MerchantId, TierId};
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn spans(text: &str, days_before: i32) -> Vec<(i32, (i32, i32))> {
    let spans = spans_on(day(text), days_before);
    spans
        .into_iter()
        .map(|span| (span.year(), span.birthdays()))
        .collect()
}

#[test]
fn the_day_itself_is_kept_and_the_days_ahead_are_year_by_year() {
    assert_eq!(spans("2026-11-23", 0), [(2026, (1123, 1123))]);
    assert_eq!(spans("2026-11-23", 7), [(2026, (1123, 1130))]);
    let over = [(2026, (1228, 1231)), (2027, (101, 104))];
    assert_eq!(spans("2026-12-28", 7), over);
    assert_eq!(spans("2026-12-31", 0), [(2026, (1231, 1231))]);
    assert_eq!(
        spans("2026-12-31", 1),
        [(2026, (1231, 1231)), (2027, (101, 101))]
    );
}

#[test]
fn the_29th_of_february_is_kept_on_the_28th_in_years_without_one() {
    assert_eq!(spans("2027-02-28", 0), [(2027, (228, 229))]);
    assert_eq!(spans("2027-02-27", 1), [(2027, (227, 229))]);
    assert_eq!(spans("2027-02-27", 0), [(2027, (227, 227))]);
    assert_eq!(spans("2027-03-01", 0), [(2027, (301, 301))]);
    assert_eq!(spans("2028-02-28", 0), [(2028, (228, 228))]);
    assert_eq!(spans("2028-02-29", 0), [(2028, (229, 229))]);
    assert_eq!(spans("2028-02-28", 1), [(2028, (228, 229))]);
    // 2100 is no leap year.
    assert_eq!(spans("2100-02-28", 0), [(2100, (228, 229))]);
}

#[test]
fn anniversaries_are_kept_from_the_first_year_on_and_in_leap_years() {
    let joined = |kept: &str, first: &str| {
        let [span] = spans_on(day(kept), 0)[..] else {
            panic!("one year");
        };
        span.joined(day(first))
    };
    let one = |text: &str| (day(text), day(text));
    assert_eq!(
        joined("2028-05-01", "2026-05-01"),
        [one("2026-05-01"), one("2027-05-01")]
    );
    assert_eq!(joined("2026-05-01", "2026-05-01"), []);
    assert_eq!(joined("2027-05-01", "2026-05-02"), []);
    // Who joined on 29 February keeps the day on the 28th, or on the 29th where there is one.
    let leap = (day("2024-02-28"), day("2024-02-29"));
    assert_eq!(
        joined("2027-02-28", "2024-01-01"),
        [leap, one("2025-02-28"), one("2026-02-28")]
    );
    assert_eq!(joined("2028-02-29", "2024-02-29"), [one("2024-02-29")]);
    assert_eq!(
        joined("2028-02-28", "2024-02-01"),
        ["2024-02-28", "2025-02-28", "2026-02-28", "2027-02-28"].map(one)
    );
}

#[test]
fn each_day_is_looked_at_once_and_a_month_is_made_up_for() {
    let today = day("2026-11-23");
    assert_eq!(turn(today, today), Turn::Due(today));
    let tomorrow = day("2026-11-24");
    assert_eq!(turn(tomorrow, today), Turn::Wait(tomorrow));
    assert_eq!(turn(day("2026-11-20"), today), Turn::Due(day("2026-11-20")));
    assert_eq!(turn(day("2025-01-01"), today), Turn::Due(day("2026-10-23")));
}

fn rule(enabled: bool, points: Option<i64>, template: Option<i64>) -> grant_rule::Model {
    grant_rule::Model {
        merchant_id: MerchantId(1),
        kind: GrantKind::Birthday,
        version: 1,
        enabled,
        points,
        template_id: template.map(CouponTemplateId),
        days_before: 0,
        updated_at: Instant(chrono::DateTime::UNIX_EPOCH),
    }
}

fn tier(points: Option<i64>, template: Option<i64>) -> tier::Model {
    tier::Model {
        merchant_id: MerchantId(1),
        id: TierId(1),
        rank: 1,
        name: "金卡".to_owned(),
        name_en: None,
        version: 1,
        spend_minor: None,
        points: None,
        orders: None,
        window_days: None,
        retention_days: None,
        downgrade: DowngradeRule::Qualified,
        discount_ppm: 0,
        discount_exclusive: false,
        multiplier_ppm: 1_000_000,
        birthday_points: points,
        birthday_template_id: template.map(CouponTemplateId),
        priority: false,
        perks: None,
        perks_en: None,
        updated_at: Instant(chrono::DateTime::UNIX_EPOCH),
        removed_at: None,
    }
}

#[test]
fn what_a_tier_brings_takes_the_place_of_what_the_rule_says() {
    let gift = |points: Option<i64>, template: Option<i64>| Gift {
        points,
        template_id: template.map(CouponTemplateId),
    };
    let of_rule = rule(true, Some(100), Some(7));
    assert_eq!(gift_of(Some(&of_rule), None), gift(Some(100), Some(7)));
    let gold = tier(Some(500), None);
    assert_eq!(
        gift_of(Some(&of_rule), Some(&gold)),
        gift(Some(500), Some(7))
    );
    let drink = tier(None, Some(9));
    assert_eq!(
        gift_of(Some(&of_rule), Some(&drink)),
        gift(Some(100), Some(9))
    );
    assert_eq!(gift_of(None, Some(&gold)), gift(Some(500), None));
    assert!(gift_of(None, None).is_nothing());
    let off = rule(false, Some(100), Some(7));
    assert!(gift_of(Some(&off), Some(&gold)).is_nothing());
    let gone = tier::Model {
        removed_at: Some(Instant(chrono::DateTime::UNIX_EPOCH)),
        ..gold
    };
    assert_eq!(
        gift_of(Some(&of_rule), Some(&gone)),
        gift(Some(100), Some(7))
    );
}

#[test]
fn rules_that_cannot_be_meant_are_named() {
    let draft = RuleDraft {
        kind: GrantKind::Anniversary,
        enabled: true,
        points: Some(1),
        template_id: None,
        days_before: 60,
    };
    assert_eq!(draft.check(), Ok(()));
    let field = |draft: RuleDraft| draft.check().unwrap_err().field;
    let with_points = |points| RuleDraft { points, ..draft };
    assert_eq!(field(with_points(Some(0))), "points");
    assert_eq!(field(with_points(Some(1_000_001))), "points");
    assert_eq!(field(with_points(None)), "enabled");
    let days_before = 61;
    assert_eq!(
        field(RuleDraft {
            days_before,
            ..draft
        }),
        "daysBefore"
    );
    let kind = GrantKind::Birthday;
    let nothing = with_points(None);
    assert_eq!(RuleDraft { kind, ..nothing }.check(), Ok(()), "tiers give");
}

proptest! {
    /// Whoever was born on any day is kept exactly once in each year, whatever the days ahead.
    #[test]
    fn everybody_has_one_birthday_a_year(month in 1_u32..=12, date in 1_u32..=31, year in 2_025_i32..2_105) {
        // Any day of a leap year can be a birthday.
        prop_assume!(NaiveDate::from_ymd_opt(2_024, month, date).is_some());
        let birthday = i32::try_from(month * 100 + date).unwrap();
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let days = first.iter_days().take_while(|day| chrono::Datelike::year(day) == year);
        let kept = days.filter(|day| spans_on(*day, 0).iter().any(|span| span.keeps(birthday)));
        prop_assert_eq!(kept.count(), 1);
    }

    /// A member is kept on a day ahead exactly where the day itself keeps them, in its year.
    #[test]
    fn days_ahead_keep_what_the_days_keep(from in 0_u64..4_000, ahead in 0_i32..=60, back in 1_u64..9_000) {
        let start = day("2026-01-01") + chrono::Days::new(from);
        let joined = start - chrono::Days::new(back);
        let birthday = chrono::Datelike::month(&joined) * 100 + chrono::Datelike::day(&joined);
        let birthday = i32::try_from(birthday).unwrap();
        let last = start + chrono::Days::new(u64::try_from(ahead).unwrap());
        let days: Vec<Span> = start.iter_days().take_while(|day| *day <= last)
            .flat_map(|day| spans_on(day, 0)).collect();
        let spans = spans_on(start, ahead);
        let year = |spans: &[Span]| spans.iter().find(|span| span.keeps(birthday)).map(|span| span.year());
        prop_assert_eq!(year(&spans), year(&days));
        let joined = |spans: &[Span]| {
            spans.iter().find(|span| span.keeps_joined(joined)).map(|span| span.year())
        };
        prop_assert_eq!(joined(&spans), joined(&days));
    }
}
