//! Rules are read as they were meant, and what cannot be meant is named by its field, in both languages.

use entity::membership::Role;
use serde_json::{Value, json};

use super::{asked, full, made, money, refused, wanted};
use crate::everywhere;
use crate::support::merchant::merge;

/// Rules with everything, as they are sent.
fn everything(channel: &str) -> Value {
    json!({
        "benefit": { "everyFull": { "threshold": money("100.00"), "off": money("10.00"), "cap": money("50.00") } },
        "scope": {
            "products": ["护发套餐"], "categories": ["美发", "美甲"], "withoutProducts": ["剪发"],
            "withoutCategories": ["特价"], "channelIds": [channel], "methods": ["ALIPAY"],
        },
        "audience": { "members": true, "newcomers": false },
        "hours": [
            { "weekdays": ["MONDAY", "SUNDAY"], "from": "10:00", "until": "24:00" },
            { "from": "22:00", "until": "02:00" },
        ],
        "stacking": { "priority": -5, "group": "满减", "exclusive": true },
        "limits": { "total": 500, "perDay": 50, "perMember": 2, "budget": money("5000.00") },
    })
}

/// Asks for everything of the rules.
const RULES: &str = "query($id: ID!) { campaign(id: $id) { kind rules { \
    benefit { kind steps { threshold { amount } off { amount } } percentOff threshold { amount } cap { amount } off { amount } } \
    scope { products categories withoutProducts withoutCategories channels { id } methods } \
    audience { members newcomers } hours { weekdays from until } stacking { priority group exclusive } \
    limits { total perDay perMember budget { amount currency } } } } }";

everywhere! {
    async fn rules_read_back_as_they_were_sent(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let channel = merchant.channel_id.to_string();
        let campaign = made(&owner, json!({ "rules": everything(&channel) })).await;
        let seen = owner.data(RULES, json!({ "id": campaign["id"] })).await;
        let amount = |amount: &str| json!({ "amount": amount });
        assert_eq!(seen["campaign"], json!({ "kind": "EVERY_FULL", "rules": {
            "benefit": {
                "kind": "EVERY_FULL", "steps": [{ "threshold": amount("100.00"), "off": amount("10.00") }],
                "percentOff": null, "threshold": null, "cap": amount("50.00"), "off": null,
            },
            "scope": {
                "products": ["护发套餐"], "categories": ["美发", "美甲"], "withoutProducts": ["剪发"],
                "withoutCategories": ["特价"], "channels": [{ "id": channel }], "methods": ["ALIPAY"],
            },
            "audience": { "members": true, "newcomers": false },
            "hours": [
                { "weekdays": ["MONDAY", "SUNDAY"], "from": "10:00", "until": "24:00" },
                { "weekdays": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"],
                    "from": "22:00", "until": "02:00" },
            ],
            "stacking": { "priority": -5, "group": "满减", "exclusive": true },
            "limits": { "total": 500, "perDay": 50, "perMember": 2, "budget": money("5000.00") },
        } }));
    }

    async fn each_way_of_giving_reads_back(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let amount = |amount: &str| json!({ "amount": amount });
        for (benefit, told) in [
            (
                full(&[("100.00", "20.00"), ("300.00", "80.00")]),
                json!({ "kind": "FULL_REDUCTION", "steps": [
                    { "threshold": amount("100.00"), "off": amount("20.00") },
                    { "threshold": amount("300.00"), "off": amount("80.00") },
                ], "percentOff": null, "threshold": null, "cap": null, "off": null }),
            ),
            (
                json!({ "discount": { "percentOff": "20", "threshold": money("50.00"), "cap": money("100.00") } }),
                json!({ "kind": "DISCOUNT", "steps": [], "percentOff": "20", "threshold": amount("50.00"),
                    "cap": amount("100.00"), "off": null }),
            ),
            (
                json!({ "discount": { "percentOff": "12.3456" } }),
                json!({ "kind": "DISCOUNT", "steps": [], "percentOff": "12.3456", "threshold": amount("0.00"),
                    "cap": null, "off": null }),
            ),
            (
                json!({ "cash": { "off": money("8.00") } }),
                json!({ "kind": "CASH", "steps": [], "percentOff": null, "threshold": null, "cap": null,
                    "off": amount("8.00") }),
            ),
        ] {
            let campaign = made(&owner, json!({ "rules": { "benefit": benefit } })).await;
            assert_eq!(campaign["rules"]["benefit"], told);
            assert_eq!(campaign["kind"], told["kind"]);
        }
    }

    async fn what_cannot_be_meant_is_named_by_its_field(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let client = merchant.client(Role::Marketing).await;
        let benefit = |benefit: Value| json!({ "rules": { "benefit": benefit } });
        let rule = |name: &str, value: Value| {
            let mut rules = json!({ "benefit": full(&[("100.00", "20.00")]) });
            rules[name] = value;
            json!({ "rules": rules })
        };
        let dollars = json!({ "amount": "8.00", "currency": "USD" });
        for (input, field) in [
            (json!({ "name": "  " }), "name"),
            (json!({ "name": "长".repeat(61) }), "name"),
            (json!({ "startsAt": "2026-11-24T00:00:00Z", "endsAt": "2026-11-24T00:00:00Z" }), "endsAt"),
            (json!({ "holdoutShare": "0.500001" }), "holdoutShare"),
            (json!({ "holdoutShare": "-0.1" }), "holdoutShare"),
            (json!({ "holdoutShare": "0.0000001" }), "holdoutShare"),
            (benefit(full(&[])), "rules.benefit.fullReduction.steps"),
            (benefit(full(&[("100.00", "100.00")])), "rules.benefit.fullReduction.steps.0.off"),
            (benefit(full(&[("100.00", "20.00"), ("90.00", "30.00")])), "rules.benefit.fullReduction.steps.1.threshold"),
            (benefit(full(&[("100.00", "20.00"), ("200.00", "20.00")])), "rules.benefit.fullReduction.steps.1.off"),
            (benefit(full(&[("100.001", "20.00")])), "rules.benefit.fullReduction.steps.0.threshold"),
            (benefit(json!({ "everyFull": { "threshold": money("100.00"), "off": money("10.00"), "cap": money("9.99") } })),
                "rules.benefit.everyFull.cap"),
            (benefit(json!({ "discount": { "percentOff": "0" } })), "rules.benefit.discount.percentOff"),
            (benefit(json!({ "discount": { "percentOff": "100" } })), "rules.benefit.discount.percentOff"),
            (benefit(json!({ "discount": { "percentOff": "1.00001" } })), "rules.benefit.discount.percentOff"),
            (benefit(json!({ "discount": { "percentOff": "99999999999999999999" } })), "rules.benefit.discount.percentOff"),
            (benefit(json!({ "cash": { "off": money("0") } })), "rules.benefit.cash.off"),
            (benefit(json!({ "cash": { "off": dollars } })), "rules.benefit.cash.off.currency"),
            (rule("scope", json!({ "products": [""] })), "rules.scope.products.0"),
            (rule("scope", json!({ "withoutCategories": vec!["烫发"; 101] })), "rules.scope.withoutCategories"),
            (rule("scope", json!({ "channelIds": ["ord_00000000000a1"] })), "rules.scope.channelIds.0"),
            (rule("scope", json!({ "channelIds": [merchant.channel_id.to_string(), "chn_00000000000a1"] })),
                "rules.scope.channelIds.1"),
            (rule("hours", json!([{ "weekdays": [] }])), "rules.hours.0.weekdays"),
            (rule("hours", json!([{ "from": "09:00", "until": "09:00" }])), "rules.hours.0.until"),
            (rule("stacking", json!({ "priority": 1001 })), "rules.stacking.priority"),
            (rule("stacking", json!({ "priority": 99999 })), "rules.stacking.priority"),
            (rule("stacking", json!({ "group": "" })), "rules.stacking.group"),
            (rule("limits", json!({ "total": 0 })), "rules.limits.total"),
            (rule("limits", json!({ "perMember": -1 })), "rules.limits.perMember"),
            (rule("limits", json!({ "budget": money("0.00") })), "rules.limits.budget"),
        ] {
            let told = refused(&client, "campaignCreate", wanted(input.clone())).await;
            assert_eq!(told, ("INVALID".to_owned(), field.to_owned()), "{input}");
        }
        let seen = merchant.owner().await.data("{ campaigns { totalCount } }", Value::Null).await;
        assert_eq!(seen["campaigns"]["totalCount"], 0, "nothing was made");
    }

    async fn what_cannot_be_meant_is_told_in_both_languages_and_changes_nothing(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let campaign = made(&owner, json!({})).await;
        let mut input = json!({ "id": campaign["id"], "expectedVersion": 1 });
        merge(&mut input, json!({ "rules": { "benefit": full(&[("100.00", "100.00")]) } }));
        let english = asked(&owner, "campaignUpdate", input.clone()).await;
        let field = "rules.benefit.fullReduction.steps.0.off";
        assert_eq!(english["userErrors"][0]["message"], format!("`{field}` must be less than the threshold."));
        let chinese = asked(&owner.clone().in_chinese(), "campaignUpdate", input).await;
        assert_eq!(chinese["userErrors"][0]["message"], format!("`{field}` 须小于门槛金额。"));
        let both = json!({ "id": campaign["id"], "expectedVersion": 1, "rules": {
            "benefit": { "cash": { "off": money("1.00") }, "discount": { "percentOff": "20" } } } });
        let document = "mutation($input: CampaignUpdateInput!) { campaignUpdate(input: $input) { userErrors { code } } }";
        let (code, _) = owner.error(document, json!({ "input": both })).await;
        assert_eq!(code, "BAD_USER_INPUT", "exactly one way of giving");
        let seen = owner.data(RULES, json!({ "id": campaign["id"] })).await;
        assert_eq!(seen["campaign"]["rules"]["benefit"]["steps"][0]["off"]["amount"], "20.00");
    }
}
