//! What is given is set, once by each version, and only what can be meant.

use entity::loyalty_run;
use serde_json::{Value, json};

use super::scene::gifts;
use crate::everywhere;
use crate::support::coupons::code;

everywhere! {
    async fn rules_are_set_and_read(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let rules = "{ grantRules { kind enabled points daysBefore version updatedAt couponTemplate { id } } }";
        let seen = owner.data(rules, Value::Null).await;
        let never = |kind: &str| json!({ "kind": kind, "enabled": false, "points": null, "daysBefore": 0, "version": 0,
            "updatedAt": null, "couponTemplate": null });
        assert_eq!(seen["grantRules"], json!([never("BIRTHDAY"), never("ANNIVERSARY")]));
        let template = merchant.coupon_template(json!({})).await;
        let wanted = json!({ "points": 100, "couponTemplateId": template, "daysBefore": 7 });
        let set = merchant.sets("BIRTHDAY", 0, wanted.clone()).await["grantRule"].clone();
        assert_eq!(set, json!({ "kind": "BIRTHDAY", "enabled": true, "points": 100, "daysBefore": 7, "version": 1,
            "updatedAt": "2026-11-23T04:00:00.000Z", "couponTemplate": { "id": template } }));
        assert_eq!(code(&merchant.sets("BIRTHDAY", 0, json!({ "points": 1 })).await), "VERSION_CONFLICT");
        let same = merchant.sets("BIRTHDAY", 1, wanted).await;
        assert_eq!(same["grantRule"]["version"], 1, "what changes nothing writes nothing");
        let off = merchant.sets("BIRTHDAY", 1, json!({ "enabled": false })).await["grantRule"].clone();
        assert_eq!([&off["enabled"], &off["points"], &off["version"]], [&json!(false), &Value::Null, &json!(2)]);
        let seen = owner.data(rules, Value::Null).await;
        assert_eq!(seen["grantRules"], json!([off, never("ANNIVERSARY")]));
        let told = merchant.events().await;
        assert_eq!(told.iter().filter(|kind| *kind == "GRANT_RULE_SET").count(), 2);
        let log = "{ auditLog(filter: { actions: [\"grantRuleSet\"] }) { totalCount } }";
        assert_eq!(owner.data(log, Value::Null).await["auditLog"]["totalCount"], 2);
    }

    async fn a_rule_that_was_written_without_looking_is_looked_at(world: World) {
        let merchant = world.merchant("木棉咖啡").await;
        let db = merchant.app().db.writer();
        for kind in ["BIRTHDAY", "ANNIVERSARY"] {
            assert_eq!(merchant.sets(kind, 0, json!({ "points": 10 })).await["userErrors"], json!([]));
        }
        loyalty_run::Entity::delete_of(merchant.id).exec(db).await.expect("nobody looks");
        merchant.tier(Some(50), None).await;
        merchant.born("M-1", 1_123).await;
        merchant.joined("M-2", "2025-11-23T04:00:00Z").await;
        gifts(merchant.app()).await;
        assert_eq!(merchant.gifts_of("M-1").await, ["BIRTHDAY 2026 10"]);
        assert_eq!(merchant.gifts_of("M-2").await, ["ANNIVERSARY 2026 10"]);
        let runs = || async { loyalty_run::Entity::of(merchant.id).all(db).await.expect("runs").len() };
        assert_eq!(runs().await, 2);
        let off = merchant.sets("ANNIVERSARY", 1, json!({ "enabled": false })).await;
        assert_eq!(off["userErrors"], json!([]));
        gifts(merchant.app()).await;
        assert_eq!(runs().await, 1, "what gives nothing is not looked at");
    }

    async fn what_cannot_be_meant_is_named(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for (kind, more, field) in [
            ("BIRTHDAY", json!({ "points": 0 }), "points"),
            ("BIRTHDAY", json!({ "points": 1_000_001 }), "points"),
            ("BIRTHDAY", json!({ "daysBefore": 61 }), "daysBefore"),
            ("BIRTHDAY", json!({ "daysBefore": -1 }), "daysBefore"),
            ("ANNIVERSARY", json!({}), "enabled"),
        ] {
            let refused = merchant.sets(kind, 0, more).await;
            assert_eq!([code(&refused), refused["userErrors"][0]["field"].as_str().unwrap()], ["INVALID", field]);
        }
        for id in ["tpl_0000000000000", "nonsense"] {
            let refused = merchant.sets("BIRTHDAY", 0, json!({ "couponTemplateId": id })).await;
            assert_eq!(code(&refused), "TEMPLATE_NOT_FOUND");
        }
    }
}
