//! Points given and taken by hand: with a reason, within a limit, each request once.

use entity::membership::Role;
use serde_json::{Value, json};

use super::scene::{
    adjusted, adjusts, happened, has, has_rules, member, ordered, points_are_right,
};
use crate::everywhere;
use crate::support::Merchant;
use crate::support::coupons::{asked, code, new_key};

const FIELDS: &str =
    "member { memberNo points { available } } entries { kind points balance note }";

async fn with_key(merchant: &Merchant, key: &str, more: Value) -> Value {
    let mut input = json!({ "idempotencyKey": key, "member": { "memberNo": "M1" }, "points": 50,
        "reason": "补偿" });
    crate::support::merchant::merge(&mut input, more);
    asked(&merchant.owner().await, "pointsAdjust", FIELDS, input).await
}

everywhere! {
    async fn points_are_given_and_taken_with_a_reason(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        ordered(&merchant, "M1", "1.00").await;
        has_rules(&merchant, json!({})).await;
        let payload = with_key(&merchant, &new_key(), json!({})).await;
        assert_eq!(payload, json!({
            "member": { "memberNo": "M1", "points": { "available": 50 } },
            "entries": [{ "kind": "ADJUSTED", "points": 50, "balance": 50, "note": "补偿" }],
            "userErrors": [],
        }));
        adjusts(&merchant, "M1", -20).await;
        assert_eq!(has(&merchant, "M1").await, [30, 0, 0]);
        let kinds = happened(&merchant, "M1").await;
        assert_eq!(kinds, [("ADJUSTED".to_owned(), 50), ("ADJUSTED".to_owned(), -20)]);
        let owner = merchant.owner().await;
        let audit = "{ auditLog(first: 1) { edges { node { action } } } }";
        let audit = owner.data(audit, json!({})).await;
        assert_eq!(audit["auditLog"]["edges"][0]["node"]["action"], json!("pointsAdjust"));
        points_are_right(&merchant).await;
    }

    async fn the_same_request_does_it_once_and_another_with_its_key_is_refused(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        ordered(&merchant, "M1", "1.00").await;
        has_rules(&merchant, json!({})).await;
        let key = new_key();
        let first = with_key(&merchant, &key, json!({})).await;
        assert_eq!(with_key(&merchant, &key, json!({})).await, first);
        for more in [json!({ "points": 51 }), json!({ "reason": "另一原因" })] {
            let payload = with_key(&merchant, &key, more).await;
            assert_eq!(code(&payload), "KEY_REUSED", "{payload}");
        }
        assert_eq!(has(&merchant, "M1").await, [50, 0, 0]);
    }

    async fn an_adjustment_keeps_to_its_limit_and_takes_no_more_than_there_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        ordered(&merchant, "M1", "1.00").await;
        let payload = adjusted(&merchant, "M1", 10).await;
        assert_eq!(code(&payload), "NO_PROGRAM", "{payload}");
        has_rules(&merchant, json!({})).await;
        for (points, refusal) in [(1_001, "ABOVE_LIMIT"), (-1_001, "ABOVE_LIMIT"), (-1, "NOT_ENOUGH"), (0, "INVALID")] {
            let payload = adjusted(&merchant, "M1", points).await;
            assert_eq!(code(&payload), refusal, "{points}: {payload}");
        }
        adjusts(&merchant, "M1", 1_000).await;
        has_rules(&merchant, json!({ "adjustLimit": 2_000 })).await;
        let payload = adjusted(&merchant, "M1", -1_001).await;
        assert_eq!(code(&payload), "NOT_ENOUGH", "{payload}");
        let message = payload["userErrors"][0]["message"].as_str().expect("a message");
        assert!(message.contains("1000"), "{message}");
        adjusts(&merchant, "M1", -1_000).await;
        assert_eq!(has(&merchant, "M1").await, [0; 3]);
        points_are_right(&merchant).await;
    }

    async fn nobody_and_no_reason_are_refused(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        ordered(&merchant, "M1", "1.00").await;
        has_rules(&merchant, json!({})).await;
        for by in [json!({ "memberNo": "M2" }), json!({ "id": "mbr_0000000000000" }), json!({ "id": "x" })] {
            let payload = with_key(&merchant, &new_key(), json!({ "member": by })).await;
            assert_eq!(code(&payload), "MEMBER_NOT_FOUND", "{payload}");
        }
        for reason in ["", "  ", "a\nb", &"长".repeat(201)] {
            let payload = with_key(&merchant, &new_key(), json!({ "reason": reason })).await;
            assert_eq!(code(&payload), "INVALID", "{payload}");
            assert_eq!(payload["userErrors"][0]["field"], json!("reason"));
        }
        assert_eq!(has(&merchant, "M1").await, [0; 3]);
    }

    async fn another_merchants_member_is_not_found(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        has_rules(&ours, json!({})).await;
        has_rules(&theirs, json!({})).await;
        ordered(&theirs, "M1", "1.00").await;
        adjusts(&theirs, "M1", 7).await;
        let id = member(&theirs, "M1", "id").await["id"].clone();
        for by in [json!({ "id": id }), json!({ "memberNo": "M1" })] {
            let payload = with_key(&ours, &new_key(), json!({ "member": by })).await;
            assert_eq!(code(&payload), "MEMBER_NOT_FOUND", "{payload}");
        }
        let owner = ours.owner().await;
        let seen = owner.data("{ pointsEntries { totalCount } pointsExpiring(days: 3650) { edges { cursor } } \
            pointsLiability { points } }", json!({})).await;
        assert_eq!(seen, json!({ "pointsEntries": { "totalCount": 0 }, "pointsExpiring": { "edges": [] },
            "pointsLiability": { "points": 0 } }));
        assert_eq!(has(&theirs, "M1").await, [7, 0, 0]);
    }

    async fn whoever_may_not_adjusts_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let viewer = merchant.client(Role::Viewer).await;
        let document = "mutation($input: PointsAdjustInput!) { pointsAdjust(input: $input) { \
            userErrors { code } } }";
        let input = json!({ "idempotencyKey": new_key(), "member": { "memberNo": "M1" }, "points": 1,
            "reason": "补偿" });
        let (code, _) = viewer.error(document, json!({ "input": input })).await;
        assert_eq!(code, "FORBIDDEN");
    }
}
