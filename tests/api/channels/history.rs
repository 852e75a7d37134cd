//! Every change of a channel is kept with who made it, and there is a way back.

use chrono::{SecondsFormat, TimeDelta};
use entity::channel_version;
use entity::membership::Role;
use sea_orm::{ConnectionTrait, Statement};

use super::*;
use crate::everywhere;

const HISTORY: &str = "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { \
    channel(id: $id) { history(first: $first, after: $after, last: $last, before: $before) { \
        edges { cursor node { version change changedBy changedAt changes { field before after } } } \
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";

/// A part of a channel's history, as the owner sees it.
async fn history(merchant: &Merchant, id: &Value, page: &Value) -> Value {
    let variables = with(json!({ "id": id }), page);
    let seen = merchant.owner().await.data(HISTORY, variables).await;
    seen["channel"]["history"].clone()
}

/// Its versions in that part.
fn versions(history: &Value) -> Vec<i64> {
    let edges = history["edges"].as_array().expect("edges").iter();
    edges
        .map(|edge| edge["node"]["version"].as_i64().expect("a version"))
        .collect()
}

fn difference(field: &str, before: impl Into<Value>, after: impl Into<Value>) -> Value {
    json!({ "field": field, "before": before.into(), "after": after.into() })
}

everywhere! {
    async fn each_change_says_who_changed_what_and_when(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let id = made(&merchant, json!({ "maxAmount": money("500.00") })).await["id"].clone();
        let own = json!(merchant.channel_id.to_string());
        let known = |version: i32, more: Value| with(json!({ "channelId": id, "expectedVersion": version }), &more);
        let mut wanted = Vec::new();
        for (field, input, change, changes) in [
            (
                "channelUpdate",
                known(1, json!({ "name": "支付宝 B", "maxAmount": null, "dailyLimit": money("9.90"), "devices": ["MOBILE"], "hideWhen": "DOWN" })),
                "UPDATED",
                vec![
                    difference("name", "支付宝", "支付宝 B"),
                    difference("maxAmount", "500.00", Value::Null),
                    difference("dailyLimit", Value::Null, "9.90"),
                    difference("devices", "DESKTOP MOBILE", "MOBILE"),
                    difference("hideWhen", "NEVER", "DOWN"),
                ],
            ),
            (
                "channelTermsSet",
                known(2, json!({ "fundsMode": "DIRECT", "settlement": { "cycle": "T", "days": 1 },
                    "refunds": { "windowDays": 180, "maxCount": 1, "spacingSeconds": 60, "partialAllowed": false,
                        "returnsFee": false, "arrivalDays": 7 } })),
                "TERMS_SET",
                vec![
                    difference("terms.fundsMode", "COLLECT", "DIRECT"),
                    difference("terms.settlement", Value::Null, "T+1"),
                    difference("terms.refunds.windowDays", "365", "180"),
                    difference("terms.refunds.maxCount", "50", "1"),
                    difference("terms.refunds.spacingSeconds", "0", "60"),
                    difference("terms.refunds.partialAllowed", "true", "false"),
                    difference("terms.refunds.returnsFee", "true", "false"),
                    difference("terms.refunds.arrivalDays", "3", "7"),
                ],
            ),
            ("channelDisable", json!({ "channelId": id }), "DISABLED", vec![difference("enabled", "true", "false")]),
            ("channelEnable", json!({ "channelId": id }), "ENABLED", vec![difference("enabled", "false", "true")]),
        ] {
            world.clock.advance(TimeDelta::minutes(1));
            done(&owner, field, input).await;
            let at = world.clock.now().to_rfc3339_opts(SecondsFormat::Millis, true);
            wanted.push((change, at, changes));
        }
        world.clock.advance(TimeDelta::minutes(1));
        let order = json!({ "channelIds": [id, own] });
        answer(&owner, "channelsReorder", "channels", order).await;
        let at = world.clock.now().to_rfc3339_opts(SecondsFormat::Millis, true);
        wanted.push(("REORDERED", at, vec![difference("displayOrder", "2", "1")]));
        let seen = history(&merchant, &id, &json!({})).await;
        assert_eq!(versions(&seen), [6, 5, 4, 3, 2, 1]);
        let by = merchant.staff(Role::Owner).to_string();
        for (edge, (change, at, changes)) in seen["edges"].as_array().expect("edges").iter().rev().skip(1).zip(&wanted) {
            let node = &edge["node"];
            assert_eq!(node["changes"], json!(changes), "{change}");
            assert_eq!((&node["change"], &node["changedAt"]), (&json!(change), &json!(at)));
            assert_eq!(node["changedBy"], by);
        }
        let first = &seen["edges"][5]["node"];
        assert_eq!((&first["change"], &first["changedBy"]), (&json!("CREATED"), &json!(by)));
        let said = first["changes"].as_array().expect("changes");
        assert!(said.contains(&difference("maxAmount", Value::Null, "500.00")), "{first}");
        assert!(said.iter().all(|change| change["before"].is_null()), "before the first there is nothing");
    }

    async fn a_channel_from_before_there_was_a_history_has_what_it_was(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = json!(merchant.channel_id.to_string());
        let kept = async || {
            let rows = channel_version::Entity::of(merchant.id).count(world.app().db.reads_across()).await;
            rows.expect("the database answers")
        };
        let before = history(&merchant, &id, &json!({})).await;
        assert_eq!(versions(&before), [1]);
        assert_eq!(before["edges"][0]["node"]["changedBy"], "system");
        assert_eq!(kept().await, 0, "reading writes nothing");
        world.clock.advance(TimeDelta::days(1));
        let input = json!({ "channelId": id, "expectedVersion": 1, "name": "甲" });
        done(&merchant.owner().await, "channelUpdate", input).await;
        let after = history(&merchant, &id, &json!({})).await;
        assert_eq!(versions(&after), [2, 1]);
        assert_eq!(after["edges"][1], before["edges"][0], "the first is what it was");
        assert_eq!(after["edges"][0]["node"]["changes"], json!([difference("name", "WechatPay", "甲")]));
        assert_eq!(kept().await, 2);
    }

    async fn a_history_is_read_page_by_page_in_both_directions(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let id = json!(merchant.channel_id.to_string());
        for version in 1..7 {
            let input = json!({ "channelId": id, "expectedVersion": version, "name": format!("{version}") });
            done(&owner, "channelUpdate", input).await;
        }
        let whole = history(&merchant, &id, &json!({})).await;
        assert_eq!(versions(&whole), [7, 6, 5, 4, 3, 2, 1]);
        for (size, ends) in [("first", ("after", "endCursor")), ("last", ("before", "startCursor"))] {
            let mut page = json!({ size: 3 });
            let mut all = Vec::new();
            for _ in 0..3 {
                let seen = history(&merchant, &id, &page).await;
                page[ends.0] = seen["pageInfo"][ends.1].clone();
                let edges = seen["edges"].as_array().expect("edges").clone();
                all = if size == "first" { [all, edges].concat() } else { [edges, all].concat() };
            }
            assert_eq!(json!(all), whole["edges"], "{size}");
        }
        let document = "query($id: ID!) { channel(id: $id) { history(after: \"x\") { edges { cursor } } } }";
        assert_eq!(owner.error(document, json!({ "id": id })).await.0, "BAD_USER_INPUT");
    }

    async fn an_earlier_configuration_holds_again_without_its_keys_and_its_place(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let stub = EpayStub::start().await;
        let input = json!({ "kind": "EPAY_V1", "credentials": v1(&stub), "maxAmount": money("500.00") });
        let first = made(&merchant, input).await;
        let id = first["id"].clone();
        let own = json!(merchant.channel_id.to_string());
        let known = |version: i32, more: Value| with(json!({ "channelId": id, "expectedVersion": version }), &more);
        let more = json!({ "name": "乙", "maxAmount": null, "minAmount": money("1.00"), "devices": ["MOBILE"], "hideWhen": "DOWN" });
        done(&owner, "channelUpdate", known(1, more)).await;
        done(&owner, "channelTermsSet", known(2, json!({ "fundsMode": "DIRECT", "settlement": { "cycle": "D", "days": 3 } }))).await;
        answer(&owner, "channelsReorder", "channels", json!({ "channelIds": [id, own] })).await;
        let mut new = v1(&stub);
        new["epayV1"]["key"] = json!("AnotherKeyOfThirtyTwoCharacters9");
        world.clock.advance(TimeDelta::minutes(1));
        let changed = done(&owner, "channelCredentialsSet", known(4, json!({ "credentials": new }))).await;
        let sealed = row(&merchant, &id).await.sealed_credentials;
        let missing = asked(&owner, "channelRevert", known(5, json!({ "version": 9 }))).await;
        assert_eq!(refusal(&missing), ("VERSION_NOT_FOUND", "version"));
        let back = done(&owner, "channelRevert", known(5, json!({ "version": 1 }))).await;
        let wanted = json!({ "version": 6, "displayOrder": 1, "credentials": changed["credentials"] });
        assert_eq!(back, with(first, &wanted));
        let reverted = row(&merchant, &id).await;
        assert_eq!(reverted.sealed_credentials, sealed);
        assert_eq!(reverted.settlement_cycle, None);
        let seen = history(&merchant, &id, &json!({ "first": 2 })).await;
        assert_eq!(seen["edges"][0]["node"]["change"], "REVERTED");
        let fields: Vec<&Value> = seen["edges"][0]["node"]["changes"].as_array().expect("changes").iter()
            .map(|change| &change["field"]).collect();
        let wanted = ["name", "minAmount", "maxAmount", "devices", "hideWhen", "terms.fundsMode", "terms.settlement"];
        assert_eq!(json!(fields), json!(wanted));
        assert_eq!(seen["edges"][1]["node"]["change"], "CREDENTIALS_SET");
        assert_eq!(seen["edges"][1]["node"]["changes"][0]["field"], "credentials");
        // And forth again.
        let forth = done(&owner, "channelRevert", known(6, json!({ "version": 4 }))).await;
        assert_eq!((&forth["name"], &forth["version"]), (&json!("乙"), &json!(7)));
    }

    async fn a_way_back_neither_opens_a_channel_nor_closes_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let id = json!(merchant.channel_id.to_string());
        let update = json!({ "channelId": id, "expectedVersion": 1, "name": "甲" });
        done(&owner, "channelUpdate", update).await;
        done(&owner, "channelDisable", json!({ "channelId": id, "confirmLast": true })).await;
        let back = json!({ "channelId": id, "version": 1, "expectedVersion": 3 });
        let back = done(&owner, "channelRevert", back).await;
        assert_eq!((&back["name"], &back["enabled"]), (&json!("WechatPay"), &json!(false)));
        done(&owner, "channelEnable", json!({ "channelId": id })).await;
        let closed = json!({ "channelId": id, "version": 4, "expectedVersion": 5 });
        assert_eq!(done(&owner, "channelRevert", closed).await["enabled"], true);
    }

    async fn the_database_refuses_to_edit_a_version(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        made(&merchant, json!({})).await;
        let db = world.app().db.writer();
        let before = channel_version::Entity::of(merchant.id).all(db).await.unwrap();
        assert_eq!(before.len(), 1);
        for text in ["UPDATE channel_versions SET changed_by = 'system'", "DELETE FROM channel_versions"] {
            let statement = Statement::from_string(world.app().db.backend(), text);
            assert!(db.execute_raw(statement).await.is_err(), "{text}");
        }
        assert_eq!(channel_version::Entity::of(merchant.id).all(db).await.unwrap(), before);
    }
}
