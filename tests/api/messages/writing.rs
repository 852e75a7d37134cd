//! A message is made, changed and looked at; what cannot be meant is told.

use entity::membership::Role;
use serde_json::{Value, json};

use super::{asked, done, made, member, refused, segment, sent, shown, wanted};
use crate::everywhere;
use crate::support::coupons::new_key;

const PREVIEW: &str = "query($input: MessagePreviewInput!) { messagePreview(input: $input) { size consented \
    samples { member { memberNo } locale zh { title body } en { title body } } } }";

everywhere! {
    async fn a_message_is_a_draft_until_it_is_sent_and_nobodys_change_is_lost(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let client = merchant.client(Role::Marketing).await;
        let message = made(&merchant, json!({ "quietHours": { "from": "21:00", "until": "09:00" } })).await;
        assert_eq!(message["state"], "DRAFT");
        assert_eq!(message["version"], 1);
        assert_eq!(message["effectDays"], 7);
        assert_eq!(message["quietHours"], json!({ "from": "21:00", "until": "09:00" }));
        assert_eq!(message["counts"], json!({ "sent": 0, "noConsent": 0, "erased": 0, "pending": 0 }));
        let change = json!({ "id": message["id"], "expectedVersion": 1, "title": "新品上市", "quietHours": null });
        let changed = done(&client, "messageUpdate", change.clone()).await;
        assert_eq!([&changed["title"], &changed["quietHours"]], [&json!("新品上市"), &Value::Null]);
        assert_eq!(changed["version"], 2);
        assert_eq!(changed["body"], message["body"], "what is not named stays");
        assert_eq!(refused(&client, "messageUpdate", change).await.0, "VERSION_CONFLICT");
        let same = json!({ "id": message["id"], "expectedVersion": 2, "title": "新品上市" });
        assert_eq!(done(&client, "messageUpdate", same).await["version"], 2, "nothing changes");

        sent(&merchant, &message, json!({ "sendAt": "2026-11-24T02:00:00Z" })).await;
        let now = shown(&merchant, &message).await;
        assert_eq!([&now["state"], &now["sendAt"]], ["SCHEDULED", "2026-11-24T02:00:00.000Z"]);
        let change = json!({ "id": message["id"], "expectedVersion": now["version"], "name": "再改" });
        assert_eq!(done(&client, "messageUpdate", change).await["state"], "SCHEDULED");
        let list = "{ messages(filter: { state: [SCHEDULED] }) { totalCount edges { node { name state } } } }";
        let list = client.data(list, Value::Null).await;
        assert_eq!(list["messages"]["edges"], json!([{ "node": { "name": "再改", "state": "SCHEDULED" } }]));
        let told: Vec<String> = merchant.events().await;
        let told: Vec<&String> = told.iter().filter(|kind| kind.starts_with("MESSAGE_")).collect();
        assert_eq!(told, ["MESSAGE_SCHEDULED", "MESSAGE_SCHEDULED"], "of a draft nobody is told");
        let log = "{ auditLog { edges { node { action target { id } } } } }";
        let log = merchant.owner().await.data(log, Value::Null).await;
        let edges = log["auditLog"]["edges"].as_array().expect("edges");
        let of_it = edges.iter().filter(|edge| edge["node"]["target"]["id"] == message["id"]);
        let actions: Vec<&str> = of_it.filter_map(|edge| edge["node"]["action"].as_str()).collect();
        assert_eq!(actions, ["messageUpdate", "messageSend", "messageUpdate", "messageCreate"]);
    }

    async fn what_cannot_be_meant_is_named_by_its_field(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let client = merchant.client(Role::Marketing).await;
        let segment = segment(&merchant, "m").await;
        for (input, field) in [
            (json!({ "name": " " }), "name"),
            (json!({ "title": "{nmae}" }), "title"),
            (json!({ "body": "{name" }), "body"),
            (json!({ "titleEn": "Hello" }), "bodyEn"),
            (json!({ "titleEn": "Hello", "bodyEn": "{phone}" }), "bodyEn"),
            (json!({ "quietHours": { "from": "09:00", "until": "09:00" } }), "quietHours.until"),
            (json!({ "effectDays": 91 }), "effectDays"),
        ] {
            let told = refused(&client, "messageCreate", wanted(&segment, input.clone())).await;
            assert_eq!(told, ("INVALID".to_owned(), field.to_owned()), "{input}");
        }
        for segment in ["nonsense", "seg_zzzz"] {
            let told = refused(&client, "messageCreate", wanted(segment, json!({}))).await;
            assert_eq!(told, ("SEGMENT_NOT_FOUND".to_owned(), "segmentId".to_owned()));
        }
        let input = wanted(&segment, json!({ "title": "{phone}" }));
        let payload = asked(&client.clone().in_chinese(), "messageCreate", input).await;
        let message = payload["userErrors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains("未知占位符 {phone}"), "{message}");
        let message = made(&merchant, json!({})).await;
        let send = |more: Value| {
            let mut input = json!({ "idempotencyKey": new_key(), "id": message["id"] });
            crate::support::merchant::merge(&mut input, more);
            input
        };
        let past = send(json!({ "sendAt": "2026-11-23T03:59:59Z" }));
        assert_eq!(refused(&client, "messageSend", past).await, ("INVALID".to_owned(), "sendAt".to_owned()));
        let stale = send(json!({ "expectedVersion": 7 }));
        assert_eq!(refused(&client, "messageSend", stale).await.0, "VERSION_CONFLICT");
    }

    async fn a_preview_counts_who_agreed_and_shows_what_some_would_read(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        member(&merchant, "m1", json!({ "name": "王小明" })).await;
        member(&merchant, "m2", json!({ "name": "Zoe", "locale": "EN" })).await;
        member(&merchant, "m3", json!({ "name": "李四", "consent": false })).await;
        member(&merchant, "m4", json!({})).await;
        member(&merchant, "x5", json!({})).await;
        let segment = segment(&merchant, "m").await;
        let input = json!({ "input": {
            "segmentId": segment, "title": "{name}，好久不见", "body": "{{{memberNo} {points} {tier}",
            "titleEn": "Dear {name}", "bodyEn": "{memberNo}: {tier}",
        } });
        let seen = merchant.owner().await.data(PREVIEW, input.clone()).await;
        let seen = &seen["messagePreview"];
        assert_eq!([&seen["size"], &seen["consented"]], [4, 3]);
        assert_eq!(seen["samples"], json!([
            { "member": { "memberNo": "m1" }, "locale": "ZH_CN",
              "zh": { "title": "王小明，好久不见", "body": "{m1 0 会员" },
              "en": { "title": "Dear 王小明", "body": "m1: member" } },
            { "member": { "memberNo": "m2" }, "locale": "EN",
              "zh": { "title": "Zoe，好久不见", "body": "{m2 0 会员" },
              "en": { "title": "Dear Zoe", "body": "m2: member" } },
            { "member": { "memberNo": "m4" }, "locale": "ZH_CN",
              "zh": { "title": "会员，好久不见", "body": "{m4 0 会员" },
              "en": { "title": "Dear member", "body": "m4: member" } },
        ]));
        let viewer = merchant.client(Role::Viewer).await;
        let masked = viewer.data(PREVIEW, input.clone()).await;
        assert_eq!(masked["messagePreview"]["samples"][0]["zh"]["title"], "王**，好久不见");
        let mut wrong = input.clone();
        wrong["input"]["body"] = json!("{who}");
        let (code, message) = viewer.error(PREVIEW, wrong).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.contains("{who}"), "{message}");
        let other = world.merchant("云裳时装").await;
        let (code, _) = other.owner().await.error(PREVIEW, input).await;
        assert_eq!(code, "NOT_FOUND", "another merchant's segment");
    }

    async fn nobody_reaches_another_merchants_messages(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let message = made(&merchant, json!({})).await;
        let stranger = other.owner().await;
        for field in ["message", "node"] {
            let document = format!("query($id: ID!) {{ {field}(id: $id) {{ id }} }}");
            let (code, _) = stranger.error(&document, json!({ "id": message["id"] })).await;
            assert_eq!(code, "NOT_FOUND", "{field}");
        }
        let id = &message["id"];
        for (field, input) in [
            ("messageUpdate", json!({ "id": id, "expectedVersion": 1, "name": "x" })),
            ("messageSend", json!({ "id": id, "idempotencyKey": new_key() })),
            ("messageCancel", json!({ "id": id })),
        ] {
            assert_eq!(refused(&stranger, field, input).await.0, "NOT_FOUND", "{field}");
        }
        let segment = segment(&merchant, "x").await;
        let told = refused(&stranger, "messageCreate", wanted(&segment, json!({}))).await;
        assert_eq!(told.0, "SEGMENT_NOT_FOUND");
        let seen = stranger.data("{ messages { totalCount edges { cursor } } }", Value::Null).await;
        assert_eq!(seen["messages"], json!({ "totalCount": 0, "edges": [] }));
        for role in [Role::Viewer, Role::Finance, Role::Support] {
            let client = merchant.client(role).await;
            let document = "mutation($id: ID!) { messageCancel(input: { id: $id }) { userErrors { code } } }";
            let (code, _) = client.error(document, json!({ "id": id })).await;
            assert_eq!(code, "FORBIDDEN", "{role:?}");
        }
    }
}
