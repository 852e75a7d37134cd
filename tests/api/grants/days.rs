//! Days that are kept: their own, those ahead, over a year's end, in leap years, missed ones, and once a year.

use entity::member;
use sea_orm::sea_query::Expr;
use serde_json::json;

use super::scene::gifts;
use crate::everywhere;
use crate::support::coupons::code;

everywhere! {
    async fn members_are_given_something_on_their_birthday_from_midnight_on(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.born("today", 1123).await;
        merchant.born("tomorrow", 1124).await;
        merchant.born("yesterday", 1122).await;
        let template = merchant.coupon_template(json!({})).await;
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100, "couponTemplateId": template })).await;
        gifts(world.app()).await;
        assert_eq!(merchant.gifts_of("today").await, ["BIRTHDAY 2026 100+"], "whose day it is, at once");
        world.gifts_until("2026-11-23T15:59:59Z").await;
        assert_eq!(merchant.all_gifts().await.len(), 1);
        world.gifts_until("2026-11-23T16:00:00Z").await;
        assert_eq!(merchant.gifts_of("tomorrow").await, ["BIRTHDAY 2026 100+"], "midnight in Shanghai");
        assert_eq!(merchant.gifts_of("yesterday").await, [""; 0]);
        let points = "{ members { edges { node { memberNo rewardRedemptions { totalCount } } } } }";
        merchant.owner().await.data(points, serde_json::Value::Null).await;
        assert_eq!(merchant.coupons(json!({ "memberNo": "today" }), "state").await, ["AVAILABLE"]);
        let told = merchant.events().await;
        for (kind, times) in [("MEMBER_GRANTED", 2), ("MEMBER_POINTS_CHANGED", 2), ("COUPON_ISSUED", 2)] {
            assert_eq!(told.iter().filter(|told| *told == kind).count(), times, "{kind}");
        }
    }

    async fn days_ahead_reach_over_the_end_of_the_year(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.born("first", 101).await;
        merchant.born("third", 103).await;
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100, "daysBefore": 3 })).await;
        world.gifts_until("2026-12-28T15:00:00Z").await;
        assert_eq!(merchant.all_gifts().await.len(), 0, "the 28th in Shanghai");
        world.gifts_until("2026-12-28T17:00:00Z").await;
        assert_eq!(merchant.gifts_of("first").await, ["BIRTHDAY 2027 100"], "of the year of the day");
        assert_eq!(merchant.gifts_of("third").await, [""; 0]);
        world.gifts_until("2027-01-02T00:00:00Z").await;
        assert_eq!(merchant.gifts_of("third").await, ["BIRTHDAY 2027 100"]);
        world.gifts_until("2027-12-31T00:00:00Z").await;
        assert_eq!(merchant.gifts_of("first").await, ["BIRTHDAY 2028 100", "BIRTHDAY 2027 100"]);
    }

    async fn the_29th_of_february_is_kept_every_year(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.born("leap", 229).await;
        merchant.born("before", 228).await;
        merchant.joined("joined", "2024-02-29T04:00:00Z").await;
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100 })).await;
        merchant.sets("ANNIVERSARY", 0, json!({ "points": 50 })).await;
        world.gifts_until("2027-02-27T04:00:00Z").await;
        assert_eq!(merchant.all_gifts().await.len(), 0);
        world.gifts_until("2027-02-28T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("leap").await, ["BIRTHDAY 2027 100"]);
        assert_eq!(merchant.gifts_of("joined").await, ["ANNIVERSARY 2027 50"]);
        world.gifts_until("2027-03-01T04:00:00Z").await;
        assert_eq!(merchant.all_gifts().await.len(), 3);
        world.gifts_until("2028-02-28T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("before").await, ["BIRTHDAY 2028 100", "BIRTHDAY 2027 100"]);
        assert_eq!(merchant.gifts_of("leap").await, ["BIRTHDAY 2027 100"], "2028 has a 29 February");
        world.gifts_until("2028-02-29T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("leap").await, ["BIRTHDAY 2028 100", "BIRTHDAY 2027 100"]);
        assert_eq!(merchant.gifts_of("joined").await, ["ANNIVERSARY 2028 50", "ANNIVERSARY 2027 50"]);
    }

    async fn who_joined_a_year_ago_or_more_is_given_something(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.joined("now", "2026-11-23T01:00:00Z").await;
        // 23 November in Shanghai, and no longer.
        merchant.joined("one", "2025-11-22T16:00:00Z").await;
        merchant.joined("ten", "2016-11-23T15:59:59Z").await;
        merchant.joined("earlier", "2025-11-22T15:59:59Z").await;
        merchant.joined("later", "2025-11-23T16:00:00Z").await;
        merchant.sets("ANNIVERSARY", 0, json!({ "points": 50 })).await;
        gifts(world.app()).await;
        assert_eq!(merchant.gifts_of("one").await, ["ANNIVERSARY 2026 50"]);
        assert_eq!(merchant.gifts_of("ten").await, ["ANNIVERSARY 2026 50"]);
        assert_eq!(merchant.all_gifts().await.len(), 2);
        world.gifts_until("2026-11-24T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("later").await, ["ANNIVERSARY 2026 50"]);
        world.gifts_until("2027-11-23T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("now").await, ["ANNIVERSARY 2027 50"]);
    }

    async fn once_a_year_however_the_birthday_moves(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = merchant.born("m1", 1123).await;
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100 })).await;
        gifts(world.app()).await;
        merchant.has(id, member::Column::Birthday, Expr::value(1201)).await;
        world.gifts_until("2026-12-01T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("m1").await, ["BIRTHDAY 2026 100"]);
        merchant.sets("BIRTHDAY", 1, json!({ "points": 200, "daysBefore": 30 })).await;
        gifts(world.app()).await;
        assert_eq!(merchant.gifts_of("m1").await, ["BIRTHDAY 2026 100"]);
        world.gifts_until("2027-11-10T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("m1").await, ["BIRTHDAY 2027 200", "BIRTHDAY 2026 100"]);
    }

    async fn who_tells_late_and_a_rule_that_looks_further_ahead_leave_nobody_out(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.born("near", 1126).await;
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100 })).await;
        gifts(world.app()).await;
        assert_eq!(merchant.all_gifts().await.len(), 0);
        merchant.sets("BIRTHDAY", 1, json!({ "points": 100, "daysBefore": 7 })).await;
        gifts(world.app()).await;
        assert_eq!(merchant.gifts_of("near").await, ["BIRTHDAY 2026 100"], "today is looked at once more");
        merchant.born("late", 1127).await;
        world.gifts_until("2026-11-24T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("late").await, ["BIRTHDAY 2026 100"], "a day within the week, told late");
        assert_eq!(merchant.all_gifts().await.len(), 2);
    }

    async fn missed_days_are_made_up_for_a_month_at_the_most(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.born("long ago", 1125).await;
        for (no, day) in [("within", 1220), ("today", 115)] {
            merchant.born(no, day).await;
        }
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100 })).await;
        gifts(world.app()).await;
        world.gifts_until("2027-01-15T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("long ago").await, [""; 0]);
        assert_eq!(merchant.gifts_of("within").await, ["BIRTHDAY 2026 100"]);
        assert_eq!(merchant.gifts_of("today").await, ["BIRTHDAY 2027 100"]);
    }

    async fn what_is_switched_off_gives_nothing_and_makes_up_for_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.born("m1", 1125).await;
        merchant.born("m2", 1128).await;
        let gold = merchant.tier(Some(500), None).await;
        let id = merchant.born("gold", 1125).await;
        merchant.has(id, member::Column::TierId, Expr::value(gold)).await;
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100 })).await;
        gifts(world.app()).await;
        assert_eq!(code(&merchant.sets("BIRTHDAY", 1, json!({ "enabled": false })).await), "");
        world.gifts_until("2026-11-26T04:00:00Z").await;
        assert_eq!(merchant.all_gifts().await.len(), 0, "tiers give nothing then, either");
        merchant.sets("BIRTHDAY", 2, json!({ "points": 100 })).await;
        world.gifts_until("2026-11-28T04:00:00Z").await;
        assert_eq!(merchant.gifts_of("m1").await, [""; 0]);
        assert_eq!(merchant.gifts_of("m2").await, ["BIRTHDAY 2026 100"]);
    }

    async fn what_a_tier_brings_takes_the_place_of_the_rules(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({})).await;
        let gold = merchant.tier(Some(500), None).await;
        let black = merchant.tier(None, Some(&template)).await;
        for (no, tier) in [("none", None), ("gold", Some(gold)), ("black", Some(black))] {
            let id = merchant.born(no, 1123).await;
            merchant.has(id, member::Column::TierId, Expr::value(tier)).await;
        }
        // Where no rule was ever set, what tiers bring is given on the day.
        gifts(world.app()).await;
        assert_eq!(merchant.gifts_of("none").await, [""; 0]);
        assert_eq!(merchant.gifts_of("gold").await, ["BIRTHDAY 2026 500"]);
        assert_eq!(merchant.gifts_of("black").await, ["BIRTHDAY 2026 null+"]);
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100 })).await;
        world.gifts_until("2027-11-23T04:00:00Z").await;
        let last = async |no: &str| merchant.gifts_of(no).await.remove(0);
        assert_eq!(last("none").await, "BIRTHDAY 2027 100");
        assert_eq!(last("gold").await, "BIRTHDAY 2027 500");
        assert_eq!(last("black").await, "BIRTHDAY 2027 100+");
    }

    async fn who_was_erased_or_became_a_part_of_another_is_given_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let merged = merchant.born("merged", 1123).await;
        let erased = merchant.born("erased", 1123).await;
        let kept = merchant.born("kept", 1123).await;
        merchant.has(merged, member::Column::MergedInto, Expr::value(kept)).await;
        let now = world.app().clock.instant();
        merchant.has(erased, member::Column::ErasedAt, Expr::value(now)).await;
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100 })).await;
        gifts(world.app()).await;
        let given: Vec<_> = merchant.all_gifts().await.iter().map(|row| row.member_id).collect();
        assert_eq!(given, [kept]);
    }
}
