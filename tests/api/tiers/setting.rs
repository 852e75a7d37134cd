//! Tiers are set, changed and taken away by who may, one change at a time.

use entity::membership::Role;
use serde_json::{Value, json};
use yigate::tiers::worker;

use super::{SHOWN, asked, history, ladder, money, refused, set, sold, tier_of, wanted};
use crate::everywhere;
use crate::support::{Merchant, next};

async fn listed(merchant: &Merchant, role: Role) -> Value {
    let client = merchant.client(role).await;
    let document = format!("{{ tiers {{ {SHOWN} }} }}");
    client.data(&document, Value::Null).await["tiers"].clone()
}

/// What somebody is told who takes a tier away.
async fn removed(merchant: &Merchant, tier: &Value, version: i64) -> Value {
    let document = "mutation($input: TierRemoveInput!) { tierRemove(input: $input) { tier { id removedAt } \
        userErrors { code field } } }";
    let input = json!({ "id": tier["id"], "expectedVersion": version });
    let client = merchant.client(Role::Marketing).await;
    let answer = client.data(document, json!({ "input": input })).await;
    answer["tierRemove"].clone()
}

everywhere! {
    async fn a_tier_is_set_in_full_listed_and_told_of(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        let marketing = merchant.client(Role::Marketing).await;
        let input = json!({
            "rank": 2, "name": " 金卡 ", "nameEn": "Gold",
            "thresholds": { "spend": money("500.00"), "points": 600, "orders": 20, "windowDays": 365 },
            "benefits": { "discountPercent": "5", "exclusive": true, "pointsMultiplier": "1.5", "birthdayPoints": 88,
                "priority": true, "perks": "免费续杯", "perksEn": "Free refills" },
            "retentionDays": 365, "downgrade": "ONE_STEP",
        });
        let payload = asked(&marketing, input).await;
        assert_eq!(payload["userErrors"], json!([]));
        // The next night in Shanghai.
        assert_eq!(payload["recalculatesAt"], "2026-11-23T18:00:00.000Z");
        let gold = payload["tier"].clone();
        assert_eq!(gold, json!({
            "id": gold["id"], "rank": 2, "name": "金卡", "nameEn": "Gold", "displayName": "Gold", "version": 1,
            "retentionDays": 365, "downgrade": "ONE_STEP", "removedAt": null, "memberCount": 0,
            "thresholds": { "spend": { "amount": "500.00" }, "points": 600, "orders": 20, "windowDays": 365 },
            "benefits": { "discountPercent": "5", "exclusive": true, "pointsMultiplier": "1.5", "birthdayPoints": 88,
                "priority": true, "perks": "免费续杯", "displayPerks": "Free refills" },
        }));
        let silver = set(&merchant, json!({ "rank": 1, "name": "银卡", "thresholds": { "orders": 1 } })).await;
        assert_eq!(silver["benefits"]["pointsMultiplier"], "1");
        sold(&merchant, "M-1", "5.00").await;
        let mut counted = silver.clone();
        counted["memberCount"] = json!(1);
        assert_eq!(listed(&merchant, Role::Viewer).await, json!([counted, gold]));
        let node = "query($id: ID!) { node(id: $id) { id ... on Tier { name } } }";
        let node = merchant.owner().await.data(node, json!({ "id": gold["id"] })).await;
        assert_eq!(node["node"], json!({ "id": gold["id"], "name": "金卡" }));
        let document = "subscription { events(after: \"e0\", types: [TIER_SET]) { type subject { id } } }";
        let mut events = merchant.owner().await.subscribe(document, Value::Null);
        let event = next(&mut events).await;
        assert_eq!(event["data"]["events"], json!({ "type": "TIER_SET", "subject": { "id": gold["id"] } }));
        let other = world.merchant("云裳时装").await;
        assert_eq!(listed(&other, Role::Owner).await, json!([]));
    }

    async fn a_tier_is_changed_where_it_is_as_one_knows_it(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        let [silver, gold] = ladder(&merchant).await;
        let change = |tier: &Value, version: i64, more: Value| {
            let mut input = wanted(1, "银卡", "100.00");
            crate::support::merchant::merge(&mut input, json!({ "id": tier["id"], "expectedVersion": version }));
            crate::support::merchant::merge(&mut input, more);
            input
        };
        // What changes nothing is no new version.
        assert_eq!(set(&merchant, change(&silver, 1, json!({}))).await["version"], 1);
        let changed = set(&merchant, change(&silver, 1, json!({ "name": "白银" }))).await;
        assert_eq!((&changed["version"], &changed["name"], &changed["id"]), (&json!(2), &json!("白银"), &silver["id"]));
        let code = async |input: Value| refused(&merchant, input).await;
        let refusal = |code: &str, field: &str| (code.to_owned(), field.to_owned());
        assert_eq!(code(change(&silver, 1, json!({}))).await, refusal("VERSION_CONFLICT", "expectedVersion"));
        let strange = json!({ "id": merchant.id.to_string() });
        assert_eq!(code(change(&strange, 1, json!({}))).await, refusal("NOT_FOUND", "id"));
        let unknown = json!({ "expectedVersion": null });
        assert_eq!(code(change(&silver, 2, unknown)).await, refusal("INVALID", "expectedVersion"));
        assert_eq!(code(change(&silver, 2, json!({ "rank": 2 }))).await, refusal("RANK_TAKEN", "rank"));
        let dear = json!({ "thresholds": { "spend": money("500.01"), "windowDays": 30 } });
        assert_eq!(code(change(&silver, 2, dear)).await, refusal("ASKS_FOR_LESS", "thresholds.spend"));
        for (more, field) in [
            (json!({ "rank": 0 }), "rank"),
            (json!({ "name": " " }), "name"),
            (json!({ "retentionDays": 0 }), "retentionDays"),
            (json!({ "thresholds": { "windowDays": 30 } }), "thresholds.windowDays"),
            (json!({ "thresholds": { "orders": 0 } }), "thresholds.orders"),
            (json!({ "thresholds": { "spend": { "amount": "1", "currency": "USD" } } }), "thresholds.spend.currency"),
            (json!({ "benefits": { "discountPercent": "99.5" } }), "benefits.discountPercent"),
            (json!({ "benefits": { "pointsMultiplier": "100.1" } }), "benefits.pointsMultiplier"),
            (json!({ "benefits": { "birthdayPoints": 0 } }), "benefits.birthdayPoints"),
        ] {
            assert_eq!(code(change(&silver, 2, more.clone())).await, refusal("INVALID", field), "{more}");
        }
        let template = json!({ "benefits": { "birthdayTemplateId": "ctp_0000000000007" } });
        let (told, field) = code(change(&silver, 2, template)).await;
        assert!(["TEMPLATE_NOT_FOUND", "INVALID"].contains(&told.as_str()), "{told}");
        assert_eq!(field, "benefits.birthdayTemplateId");
        assert_eq!(removed(&merchant, &gold, 7).await["userErrors"][0]["code"], "VERSION_CONFLICT");
        let log = "{ auditLog(first: 1) { edges { node { action target { id } changes { field } } } } }";
        let log = merchant.owner().await.data(log, Value::Null).await;
        let entry = &log["auditLog"]["edges"][0]["node"];
        assert_eq!((&entry["action"], &entry["target"]["id"]), (&json!("tierSet"), &silver["id"]));
    }

    async fn who_has_a_tier_that_is_taken_away_falls_to_what_they_reach(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        let [silver, gold] = ladder(&merchant).await;
        sold(&merchant, "M-1", "500.00").await;
        sold(&merchant, "M-2", "100.00").await;
        let payload = removed(&merchant, &gold, 1).await;
        let gone = json!({ "id": gold["id"], "removedAt": "2026-11-23T04:00:00.000Z" });
        assert_eq!(payload, json!({ "tier": gone, "userErrors": [] }));
        // At once it is nobody's any more, and soon they have what they reach.
        assert_eq!(tier_of(&merchant, "M-1").await, Value::Null);
        worker::work(world.app()).await;
        assert_eq!(tier_of(&merchant, "M-1").await, "银卡");
        assert_eq!(history(&merchant, "M-1").await, ["REACHED 金卡", "REMOVED 银卡"]);
        assert_eq!(removed(&merchant, &gold, 2).await["userErrors"], json!([{ "code": "NOT_FOUND", "field": "id" }]));
        removed(&merchant, &silver, 1).await;
        worker::work(world.app()).await;
        assert_eq!(history(&merchant, "M-2").await, ["REACHED 银卡", "REMOVED -"]);
        assert_eq!(listed(&merchant, Role::Viewer).await, json!([]));
        // Its rank is free again.
        set(&merchant, wanted(2, "金卡", "500.00")).await;
    }

    async fn marketing_sets_tiers_support_gives_them_and_viewers_only_see(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        let [silver, _] = ladder(&merchant).await;
        sold(&merchant, "M-1", "5.00").await;
        let set = "mutation($input: TierSetInput!) { tierSet(input: $input) { tier { id } } }";
        let give = "mutation($input: MemberTierSetInput!) { memberTierSet(input: $input) { member { id } } }";
        let wanted_tier = json!({ "member": { "memberNo": "M-1" }, "tierId": silver["id"], "reason": "试用" });
        let give_input = json!({ "input": wanted_tier });
        let set_input = json!({ "input": wanted(5, "黑卡", "5000.00") });
        for role in [Role::Viewer, Role::Finance, Role::Support] {
            let client = merchant.client(role).await;
            assert_eq!(client.error(set, set_input.clone()).await.0, "FORBIDDEN", "{role:?}");
        }
        for role in [Role::Viewer, Role::Finance, Role::Marketing] {
            let client = merchant.client(role).await;
            assert_eq!(client.error(give, give_input.clone()).await.0, "FORBIDDEN", "{role:?}");
        }
        assert_eq!(tier_of(&merchant, "M-1").await, Value::Null);
        merchant.client(Role::Support).await.data(give, give_input).await;
        assert_eq!(tier_of(&merchant, "M-1").await, "银卡");
    }
}
