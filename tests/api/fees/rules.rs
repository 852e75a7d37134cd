//! Rules: made, followed by their next versions, and what is refused.

use chrono::TimeDelta;
use entity::{Instant, fee_rule};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, Statement};
use serde_json::{Value, json};

use super::{money, next_version, refusal, rule, set_by};
use crate::everywhere;
use crate::support::{Merchant, noon};

/// So many milliseconds after noon, as clients write it.
fn at(milliseconds: i64) -> Value {
    let at = noon() + TimeDelta::milliseconds(milliseconds);
    json!(at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}

async fn count(merchant: &Merchant) -> u64 {
    let all = fee_rule::Entity::of(merchant.id);
    all.count(merchant.app().db.reads_across())
        .await
        .expect("a count")
}

/// Name, version and state of the rules that an argument asks for.
async fn seen(merchant: &Merchant, argument: &str) -> Vec<String> {
    let document = format!("{{ feeRules{argument} {{ name version state }} }}");
    let answer = merchant.owner().await.data(&document, Value::Null).await;
    let rules = answer["feeRules"].as_array().expect("rules").iter();
    let text = |rule: &Value| {
        let name = rule["name"].as_str().expect("a name");
        let state = rule["state"].as_str().expect("a state");
        format!("{name} {} {state}", rule["version"])
    };
    rules.map(text).collect()
}

everywhere! {
    async fn a_rule_is_made_and_followed_by_its_next_versions(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let first = rule(&merchant, json!({ "name": "一", "rate": "0.006000" })).await;
        assert_eq!(first["version"], 1);
        assert_eq!(first["rate"], "0.006");
        assert_eq!(first["state"], "IN_EFFECT");
        assert_eq!(first["effectiveFrom"], at(0));
        assert_eq!(first["createdBy"], merchant.staff(entity::membership::Role::Owner).to_string());
        assert_eq!(first["id"], format!("{}.1", first["ruleId"].as_str().expect("an id")));

        let later = json!({ "name": "二", "effectiveFrom": at(60_000), "effectiveTo": at(120_000) });
        let second = next_version(&merchant, &first["ruleId"], later).await;
        assert_eq!((&second["version"], &second["state"]), (&json!(2), &json!("SCHEDULED")));
        assert_eq!(seen(&merchant, "").await, ["一 1 IN_EFFECT"]);
        assert_eq!(seen(&merchant, "(allVersions: true)").await, ["二 2 SCHEDULED", "一 1 IN_EFFECT"]);
        // The state is that of now, whatever instant is asked about.
        assert_eq!(seen(&merchant, &format!("(at: {})", at(60_000))).await, ["二 2 SCHEDULED"]);

        world.clock.advance(TimeDelta::milliseconds(59_999));
        assert_eq!(seen(&merchant, "").await, ["一 1 IN_EFFECT"]);
        world.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(seen(&merchant, "").await, ["二 2 IN_EFFECT"]);
        assert_eq!(seen(&merchant, "(allVersions: true)").await, ["二 2 IN_EFFECT", "一 1 REPLACED"]);
        world.clock.advance(TimeDelta::minutes(1));
        // The rule has ended: the version before does not come back.
        assert_eq!(seen(&merchant, "").await, Vec::<String>::new());
        assert_eq!(seen(&merchant, "(allVersions: true)").await, ["二 2 ENDED", "一 1 REPLACED"]);
        assert_eq!(seen(&merchant, &format!("(at: {})", at(0))).await, ["一 1 REPLACED"]);

        let answer = merchant.owner().await.data(
            &format!("{{ feeRules(at: {}) {{ versions {{ version }} channel {{ id }} }} }}", at(0)),
            Value::Null,
        ).await;
        let versions = json!([{ "version": 2 }, { "version": 1 }]);
        assert_eq!(answer["feeRules"], json!([{ "versions": versions, "channel": null }]));
    }

    async fn each_version_is_found_by_an_id_of_its_own(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let first = rule(&merchant, json!({ "rate": "0.01" })).await;
        next_version(&merchant, &first["ruleId"], json!({ "rate": "0.02" })).await;
        let rule_id = first["ruleId"].as_str().expect("an id");
        let owner = merchant.owner().await;
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on FeeRule { version rate } } }";
        let ids = [format!("{rule_id}.1"), format!("{rule_id}.2")];
        let answer = owner.data(document, json!({ "ids": ids })).await;
        let found = json!([
            { "id": ids[0], "version": 1, "rate": "0.01" },
            { "id": ids[1], "version": 2, "rate": "0.02" },
        ]);
        assert_eq!(answer["nodes"], found);
        for id in [rule_id.to_owned(), format!("{rule_id}.3"), format!("{rule_id}.01"), format!("{rule_id}.+1")] {
            let node = "query($id: ID!) { node(id: $id) { id } }";
            assert_eq!(owner.error(node, json!({ "id": id })).await.0, "NOT_FOUND", "{id}");
        }
    }

    async fn a_mistake_is_put_right_before_it_holds(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let first = rule(&merchant, json!({ "name": "一", "effectiveFrom": at(60_000) })).await;
        next_version(&merchant, &first["ruleId"], json!({ "name": "二", "effectiveFrom": at(60_000) })).await;
        assert_eq!(seen(&merchant, "(allVersions: true)").await, ["二 2 SCHEDULED", "一 1 REPLACED"]);
        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(seen(&merchant, "").await, ["二 2 IN_EFFECT"]);
    }

    async fn what_cannot_hold_is_refused_by_its_code_and_field(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let other = world.merchant("云裳时装").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id.to_string());
        let known = rule(&merchant, json!({ "country": "CN", "effectiveFrom": at(60_000) })).await;
        let id = &known["ruleId"];
        let dollars = json!({ "amount": "1.00", "currency": "USD" });
        for (code, field, input) in [
            ("INVALID", "name", json!({ "name": "  " })),
            ("INVALID", "name", json!({ "name": "名".repeat(101) })),
            ("INVALID", "name", json!({ "name": "a\nb" })),
            ("CHANNEL_NOT_FOUND", "channelId", json!({ "channelId": other.channel_id.to_string() })),
            ("CHANNEL_NOT_FOUND", "channelId", json!({ "channelId": "no id" })),
            ("METHOD_NOT_OF_CHANNEL", "method", json!({ "channelId": channel, "method": "ALIPAY" })),
            ("RATE_OUT_OF_RANGE", "rate", json!({ "rate": "1.000001" })),
            ("RATE_OUT_OF_RANGE", "rate", json!({ "rate": "-0.000001" })),
            ("RATE_TOO_PRECISE", "rate", json!({ "rate": "0.0060001" })),
            ("BAND_EMPTY", "amountBelow", json!({ "amountFrom": money("5.00"), "amountBelow": money("5.00") })),
            ("BAND_EMPTY", "amountBelow", json!({ "amountBelow": money("0.01") })),
            ("MIN_ABOVE_MAX", "minFee", json!({ "minFee": money("0.11"), "maxFee": money("0.10") })),
            ("INVALID", "fixed", json!({ "fixed": money("-0.01") })),
            ("INVALID", "fixed", json!({ "fixed": money("0.001") })),
            ("INVALID", "fixed.currency", json!({ "fixed": dollars })),
            ("INVALID", "maxFee", json!({ "maxFee": money("10000000000.01") })),
            ("EFFECTIVE_IN_PAST", "effectiveFrom", json!({ "effectiveFrom": at(-1) })),
            ("ENDS_BEFORE_BEGIN", "effectiveTo", json!({ "effectiveTo": at(0) })),
            ("ENDS_BEFORE_BEGIN", "effectiveTo", json!({ "effectiveFrom": at(5), "effectiveTo": at(5) })),
            ("INVALID", "expectedVersion", json!({ "ruleId": id })),
            ("INVALID", "expectedVersion", json!({ "expectedVersion": 1 })),
            ("RULE_NOT_FOUND", "ruleId", json!({ "ruleId": "fee_0000000000001", "expectedVersion": 1 })),
            ("RULE_NOT_FOUND", "ruleId", json!({ "ruleId": "no id", "expectedVersion": 1 })),
            ("VERSION_CONFLICT", "expectedVersion", json!({ "ruleId": id, "expectedVersion": 2 })),
            ("EFFECTIVE_BEFORE_PREVIOUS", "effectiveFrom", json!({ "ruleId": id, "expectedVersion": 1 })),
            ("EFFECTIVE_BEFORE_PREVIOUS", "effectiveFrom",
                json!({ "ruleId": id, "expectedVersion": 1, "effectiveFrom": at(59_999) })),
            ("AMBIGUOUS", "", json!({ "country": "CN" })),
        ] {
            let payload = set_by(&owner, &input).await;
            assert_eq!(refusal(&payload), (code, field), "{input}: {payload}");
            assert_eq!(payload["feeRule"], Value::Null);
        }
        assert_eq!(count(&merchant).await, 1, "nothing was made of what was refused");
        // The rule of another merchant is not found.
        let theirs = json!({ "ruleId": id, "expectedVersion": 1, "effectiveFrom": at(60_000) });
        let payload = set_by(&other.owner().await, &theirs).await;
        assert_eq!(refusal(&payload), ("RULE_NOT_FOUND", "ruleId"));
        // The edges of what is taken.
        for input in [
            json!({ "rate": "0", "country": "US", "maxFee": money("0.00") }),
            json!({ "rate": "1", "country": "JP", "minFee": money("0.10"), "maxFee": money("0.10") }),
            json!({ "rate": "0.000001", "amountBelow": money("0.02") }),
            json!({ "channelId": channel, "method": "WECHAT_PAY", "effectiveTo": at(1) }),
        ] {
            rule(&merchant, input).await;
        }
    }

    async fn refusals_are_told_in_both_languages(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let made = rule(&merchant, json!({ "name": "国内" })).await;
        let (owner, chinese) = (merchant.owner().await, merchant.owner().await.in_chinese());
        let id = made["ruleId"].as_str().expect("an id");
        for (input, en, zh) in [
            (json!({ "rate": "2" }), "from 0 to 1".to_owned(), "0 到 1 之间".to_owned()),
            (json!({}), format!("\"国内\" ({id})"), format!("“国内”（{id}）")),
            (json!({ "ruleId": id, "expectedVersion": 7 }), "version is 1".to_owned(), "当前为第 1 版".to_owned()),
        ] {
            for (client, words) in [(&owner, en), (&chinese, zh)] {
                let payload = set_by(client, &input).await;
                let message = payload["userErrors"][0]["message"].as_str().expect("a message");
                assert!(message.contains(&words), "{message}");
            }
        }
    }

    async fn two_rules_never_have_the_same_conditions_at_the_same_time(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let band = |from: &str, below: &str| json!({ "amountFrom": money(from), "amountBelow": money(below) });
        // It holds in the first minute and, by its second version, in the third.
        let first = rule(&merchant, json!({ "effectiveTo": at(60_000) })).await;
        let again = json!({ "effectiveFrom": at(120_000), "effectiveTo": at(180_000) });
        next_version(&merchant, &first["ruleId"], again).await;
        for (from, to, free) in [
            (at(0), at(1), false),
            (at(59_999), at(60_001), false),
            (at(60_000), at(120_000), true),
            (at(119_999), at(120_001), false),
            (at(60_000), Value::Null, false),
            (at(179_999), Value::Null, false),
            (at(180_000), Value::Null, true),
        ] {
            let input = json!({ "effectiveFrom": from, "effectiveTo": to });
            let payload = set_by(&owner, &input).await;
            let code = if free { "" } else { "AMBIGUOUS" };
            assert_eq!(refusal(&payload).0, code, "{input}");
        }
        // Other conditions are other rules; "from zero" is no condition.
        for (input, free) in [
            (json!({ "method": "WECHAT_PAY" }), true),
            (json!({ "amountFrom": money("0.00"), "effectiveTo": at(1) }), false),
            (band("1.00", "5.00"), true),
            (band("1.00", "5.00"), false),
            (band("1.00", "5.01"), true),
        ] {
            let code = if free { "" } else { "AMBIGUOUS" };
            assert_eq!(refusal(&set_by(&owner, &input).await).0, code, "{input}");
        }
    }

    async fn the_same_request_twice_makes_one_version(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let made = rule(&merchant, json!({})).await;
        assert_eq!(refusal(&set_by(&owner, &json!({})).await).0, "AMBIGUOUS");
        let next = json!({ "ruleId": made["ruleId"], "expectedVersion": 1, "rate": "0.02" });
        assert_eq!(refusal(&set_by(&owner, &next).await).0, "");
        assert_eq!(refusal(&set_by(&owner, &next).await).0, "VERSION_CONFLICT");
        assert_eq!(count(&merchant).await, 2);
    }

    async fn sets_at_once_make_versions_or_conflicts_and_none_is_lost(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = world.another_instance().await;
        let instances = [merchant.clone(), merchant.on(&second)];
        let made = rule(&merchant, json!({})).await;
        let owners = join_all(instances.iter().map(Merchant::owner)).await;
        let set = async |turn: usize, input: Value| set_by(&owners[turn % 2], &input).await;
        // Everybody knows version 1: one makes version 2, the others are told.
        let next = json!({ "ruleId": made["ruleId"], "expectedVersion": 1 });
        let payloads = join_all((0..8).map(|turn| set(turn, next.clone()))).await;
        let codes: Vec<&str> = payloads.iter().map(|payload| refusal(payload).0).collect();
        assert_eq!(codes.iter().filter(|code| code.is_empty()).count(), 1, "{codes:?}");
        assert_eq!(codes.iter().filter(|code| **code == "VERSION_CONFLICT").count(), 7);
        // New rules with the same conditions: one is made.
        let new = json!({ "country": "CN" });
        let payloads = join_all((0..8).map(|turn| set(turn, new.clone()))).await;
        let codes: Vec<&str> = payloads.iter().map(|payload| refusal(payload).0).collect();
        assert_eq!(codes.iter().filter(|code| code.is_empty()).count(), 1, "{codes:?}");
        assert_eq!(codes.iter().filter(|code| **code == "AMBIGUOUS").count(), 7);
        assert_eq!(count(&merchant).await, 3);
    }

    async fn no_more_than_500_versions_are_kept(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let made = rule(&merchant, json!({})).await;
        let db = world.app().db.writer();
        let row = fee_rule::Entity::of(merchant.id).one(db).await.unwrap().unwrap();
        for part in (2..500).collect::<Vec<i32>>().chunks(100) {
            let rows = part.iter().map(|version| {
                fee_rule::Model { version: *version, ..row.clone() }.into_active_model()
            });
            fee_rule::Entity::insert_many(rows).exec_without_returning(db).await.unwrap();
        }
        next_version(&merchant, &made["ruleId"], json!({})).await;
        let owner = merchant.owner().await;
        for input in [
            json!({ "ruleId": made["ruleId"], "expectedVersion": 500 }),
            json!({ "country": "CN" }),
        ] {
            assert_eq!(refusal(&set_by(&owner, &input).await).0, "TOO_MANY_VERSIONS");
        }
        assert_eq!(count(&merchant).await, 500);
    }

    async fn the_database_refuses_to_edit_a_version(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        rule(&merchant, json!({})).await;
        let db = world.app().db.writer();
        let before = fee_rule::Entity::of(merchant.id).all(db).await.unwrap();
        for text in [
            "UPDATE fee_rules SET rate_ppm = 1",
            "UPDATE fee_rules SET effective_to = effective_from + 1",
            "DELETE FROM fee_rules",
        ] {
            let statement = Statement::from_string(world.app().db.backend(), text);
            assert!(db.execute_raw(statement).await.is_err(), "{text}");
        }
        // Nor is there a second row of one version.
        let again = fee_rule::Model { effective_from: Instant(noon()), ..before[0].clone() };
        let again = fee_rule::Entity::insert(again.into_active_model());
        assert!(again.exec_without_returning(db).await.is_err());
        assert_eq!(fee_rule::Entity::of(merchant.id).all(db).await.unwrap(), before);
    }
}
