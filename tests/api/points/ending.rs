//! Points end with their day; who has points that end soon is listed, and what all of them would cost is told.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::scene::{
    adjusts, bought, cny, happened, has, has_rules, member, ordered, points_are_right,
    points_workers_work,
};
use crate::everywhere;
use crate::support::Merchant;

async fn asked(merchant: &Merchant, document: &str) -> Value {
    merchant.owner().await.data(document, json!({})).await
}

everywhere! {
    async fn points_end_with_the_merchants_day(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({ "validDays": 1 })).await;
        bought(&merchant, "M1", "36.00").await;
        // Noon in Shanghai; the day after tomorrow begins 36 hours later.
        world.clock.advance(TimeDelta::hours(36) - TimeDelta::milliseconds(1));
        points_workers_work(&merchant).await;
        assert_eq!(has(&merchant, "M1").await, [36, 0, 0]);
        world.clock.advance(TimeDelta::milliseconds(1));
        points_workers_work(&merchant).await;
        assert_eq!(has(&merchant, "M1").await, [0; 3]);
        let told = happened(&merchant, "M1").await;
        assert_eq!(told, [("EARNED".to_owned(), 36), ("EXPIRED".to_owned(), -36)]);
        assert_eq!(yigate::points::worker::work(merchant.app()).await, 0, "once");
        points_are_right(&merchant).await;
    }

    async fn what_never_ends_stays(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({ "validDays": null })).await;
        bought(&merchant, "M1", "36.00").await;
        world.clock.advance(TimeDelta::days(5_000));
        points_workers_work(&merchant).await;
        assert_eq!(has(&merchant, "M1").await, [36, 0, 0]);
    }

    async fn many_end_at_once_each_with_an_entry_and_an_event(world: World) {
        let (one, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        for merchant in [&one, &other] {
            has_rules(merchant, json!({ "validDays": 1 })).await;
            for no in 0..7 {
                bought(merchant, &format!("M{no}"), "3.00").await;
                bought(merchant, &format!("M{no}"), "4.00").await;
            }
        }
        let before = one.events().await.len();
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(yigate::points::worker::work(world.app()).await, 14);
        for merchant in [&one, &other] {
            for no in 0..7 {
                assert_eq!(has(merchant, &format!("M{no}")).await, [0; 3]);
            }
            points_are_right(merchant).await;
        }
        let events = one.events().await;
        assert_eq!(events.len() - before, 7, "{events:?}");
        let seen = asked(&one, "{ pointsEntries(filter: { kind: [EXPIRED] }) { totalCount } }").await;
        assert_eq!(seen["pointsEntries"]["totalCount"], json!(14));
    }

    async fn what_ends_soon_is_listed_in_the_order_in_which_it_ends(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for (days, no) in [(20, "M1"), (10, "M2"), (40, "M3"), (5, "M1")] {
            has_rules(&merchant, json!({ "validDays": days })).await;
            bought(&merchant, no, &format!("{days}.00")).await;
        }
        let all = "{ pointsExpiring { edges { cursor node { remaining lastDay member { memberNo } } } \
            pageInfo { hasNextPage } } }";
        let seen = asked(&merchant, all).await;
        let edges = seen["pointsExpiring"]["edges"].as_array().expect("edges");
        let left: Vec<&Value> = edges.iter().map(|edge| &edge["node"]["remaining"]).collect();
        assert_eq!(left, [&json!(5), &json!(10), &json!(20)]);
        assert_eq!(edges[0]["node"], json!({ "remaining": 5, "lastDay": "2026-11-28",
            "member": { "memberNo": "M1" } }));
        let cursor = edges[0]["cursor"].as_str().expect("a cursor");
        let page = format!("{{ pointsExpiring(first: 1, after: \"{cursor}\") {{ edges {{ node {{ remaining }} }} \
            pageInfo {{ hasNextPage hasPreviousPage }} }} }}");
        let seen = asked(&merchant, &page).await;
        assert_eq!(seen["pointsExpiring"], json!({ "edges": [{ "node": { "remaining": 10 } }],
            "pageInfo": { "hasNextPage": true, "hasPreviousPage": true } }));
        let page = format!("{{ pointsExpiring(last: 1, before: \"{}\") {{ edges {{ node {{ remaining }} }} }} }}",
            edges[2]["cursor"].as_str().expect("a cursor"));
        let seen = asked(&merchant, &page).await;
        assert_eq!(seen["pointsExpiring"]["edges"], json!([{ "node": { "remaining": 10 } }]));
        let fields = "points { expiringSoon { points on } far: expiringSoon(days: 3) { points on } }";
        let seen = member(&merchant, "M1", fields).await;
        assert_eq!(seen["points"], json!({ "expiringSoon": { "points": 25, "on": "2026-11-28" },
            "far": { "points": 0, "on": null } }));
        let owner = merchant.owner().await;
        for document in ["{ pointsExpiring(days: 0) { edges { cursor } } }",
            "{ pointsExpiring(after: \"x\") { edges { cursor } } }"] {
            let (code, _) = owner.error(document, json!({})).await;
            assert_eq!(code, "BAD_USER_INPUT", "{document}");
        }
    }

    async fn what_all_points_would_cost_is_told_by_the_month_in_which_they_end(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let document = "{ pointsLiability { points pending worth { amount } \
            byMonth { month points pending worth { amount } } } }";
        let none = asked(&merchant, document).await;
        assert_eq!(none["pointsLiability"], json!({ "points": 0, "pending": 0, "worth": null, "byMonth": [] }));
        ordered(&merchant, "M1", "1.00").await;
        for (days, points) in [(json!(7), 101), (json!(8), 202), (json!(5), 40), (Value::Null, 33)] {
            has_rules(&merchant, json!({ "validDays": days })).await;
            adjusts(&merchant, "M1", points).await;
        }
        has_rules(&merchant, json!({ "validDays": 8, "pendingDays": 7 })).await;
        bought(&merchant, "M2", "50.00").await;
        let seen = asked(&merchant, document).await;
        assert_eq!(seen["pointsLiability"], json!({
            "points": 376, "pending": 50, "worth": { "amount": "4.26" },
            "byMonth": [
                { "month": "2026-11-01", "points": 141, "pending": 0, "worth": { "amount": "1.41" } },
                { "month": "2026-12-01", "points": 202, "pending": 50, "worth": { "amount": "2.52" } },
                { "month": null, "points": 33, "pending": 0, "worth": { "amount": "0.33" } },
            ],
        }));
        // What has ended is not among it, though nobody has come for it.
        world.clock.advance(TimeDelta::days(6));
        let seen = asked(&merchant, "{ pointsLiability { points } }").await;
        assert_eq!(seen["pointsLiability"]["points"], json!(336));
        has_rules(&merchant, json!({ "pay": { "enabled": false, "points": 10, "worth": cny("1.00"),
            "maxShare": "1" } })).await;
        let seen = asked(&merchant, "{ pointsLiability { worth { amount } } }").await;
        assert_eq!(seen["pointsLiability"]["worth"]["amount"], json!("38.60"));
    }

    async fn the_ledger_is_filtered_and_paged(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        for no in ["M1", "M2", "M1"] {
            bought(&merchant, no, "10.00").await;
            world.clock.advance(TimeDelta::days(1));
        }
        adjusts(&merchant, "M2", -3).await;
        let count = async |filter: &str| {
            let document = format!("{{ pointsEntries(filter: {filter}) {{ totalCount }} }}");
            asked(&merchant, &document).await["pointsEntries"]["totalCount"].as_i64().expect("a count")
        };
        assert_eq!(count("{}").await, 4);
        assert_eq!(count("{ memberNo: \"M1\" }").await, 2);
        assert_eq!(count("{ memberNo: \"M3\" }").await, 0);
        assert_eq!(count("{ kind: [EARNED, EXPIRED] }").await, 3);
        assert_eq!(count("{ kind: [EARNED], memberNo: \"M2\" }").await, 1);
        assert_eq!(count("{ createdAt: { preset: TODAY } }").await, 1);
        let first = asked(&merchant, "{ pointsEntries(first: 3) { edges { cursor node { points } } } }").await;
        let edges = first["pointsEntries"]["edges"].as_array().expect("edges");
        assert_eq!(edges[0]["node"]["points"], json!(-3));
        let next = format!("{{ pointsEntries(after: {}) {{ edges {{ node {{ member {{ memberNo }} }} }} }} }}",
            edges[2]["cursor"]);
        let next = asked(&merchant, &next).await;
        assert_eq!(next["pointsEntries"]["edges"], json!([{ "node": { "member": { "memberNo": "M1" } } }]));
    }
}
