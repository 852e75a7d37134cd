//! The rules for points: set by who may, seen by who may, and not over each other's heads.

use entity::membership::Role;
use serde_json::json;

use super::scene::{cny, has_rules, rules, sets};
use crate::everywhere;
use crate::support::coupons::{asked, code};

everywhere! {
    async fn rules_are_set_and_seen(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let none = owner.data("{ pointsProgram { version } }", json!({})).await;
        assert_eq!(none["pointsProgram"], json!(null));
        has_rules(&merchant, json!({ "pendingDays": 7 })).await;
        let seen = owner.data("{ pointsProgram { version enabled earn { points per { amount } } validDays \
            pendingDays pay { enabled points worth { amount } maxShare } adjustLimit } }", json!({})).await;
        assert_eq!(seen["pointsProgram"], json!({
            "version": 1, "enabled": true, "earn": { "points": 1, "per": { "amount": "1.00" } },
            "validDays": 365, "pendingDays": 7,
            "pay": { "enabled": true, "points": 100, "worth": { "amount": "1.00" }, "maxShare": "0.5" },
            "adjustLimit": 1_000,
        }));
        let mut events = merchant.events().await;
        events.retain(|kind| kind.contains("POINTS"));
        assert_eq!(events.len(), 1, "{events:?}");
        let audit = "{ auditLog(first: 1) { edges { node { action } } } }";
        let audit = owner.data(audit, json!({})).await;
        let last = &audit["auditLog"]["edges"][0]["node"];
        assert_eq!(last["action"], json!("pointsProgramSet"));
    }

    async fn what_changes_nothing_is_no_new_version(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let payload = sets(&merchant, json!({})).await;
        assert_eq!(payload["pointsProgram"]["version"], json!(1));
        let payload = sets(&merchant, json!({ "validDays": null })).await;
        assert_eq!(payload["pointsProgram"]["version"], json!(2));
    }

    async fn nobody_sets_rules_over_anothers_head(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let owner = merchant.owner().await;
        for version in [0, 2] {
            let input = rules(json!({ "expectedVersion": version }));
            let payload = asked(&owner, "pointsProgramSet", "pointsProgram { version }", input).await;
            assert_eq!(code(&payload), "VERSION_CONFLICT", "{payload}");
        }
    }

    async fn rules_that_cannot_be_meant_are_refused_by_name(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let pay = |more: serde_json::Value| {
            let mut pay = json!({ "enabled": true, "points": 100, "worth": cny("1.00"), "maxShare": "0.5" });
            crate::support::merchant::merge(&mut pay, more);
            json!({ "pay": pay })
        };
        for (more, field) in [
            (json!({ "earn": { "points": 0, "per": cny("1.00") } }), "earn.points"),
            (json!({ "earn": { "points": 1, "per": cny("0.00") } }), "earn.per"),
            (json!({ "earn": { "points": 1, "per": { "amount": "1.00", "currency": "USD" } } }), "earn.per"),
            (json!({ "validDays": 0 }), "validDays"),
            (json!({ "validDays": 7, "pendingDays": 7 }), "validDays"),
            (json!({ "pendingDays": -1 }), "pendingDays"),
            (json!({ "pendingDays": 366 }), "pendingDays"),
            (pay(json!({ "points": 0 })), "pay.points"),
            (pay(json!({ "worth": cny("-1.00") })), "pay.worth"),
            (pay(json!({ "maxShare": "0" })), "pay.maxShare"),
            (pay(json!({ "maxShare": "1.000001" })), "pay.maxShare"),
            (json!({ "adjustLimit": 0 }), "adjustLimit"),
        ] {
            let payload = asked(&owner, "pointsProgramSet", "pointsProgram { version }", rules(more)).await;
            assert_eq!(code(&payload), "INVALID", "{field}: {payload}");
            assert_eq!(payload["userErrors"][0]["field"], json!(field), "{payload}");
        }
    }

    async fn whoever_may_not_sets_no_rules(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let viewer = merchant.client(Role::Viewer).await;
        let document = "mutation($input: PointsProgramSetInput!) { pointsProgramSet(input: $input) { \
            userErrors { code } } }";
        let (code, _) = viewer.error(document, json!({ "input": rules(json!({})) })).await;
        assert_eq!(code, "FORBIDDEN");
    }
}
