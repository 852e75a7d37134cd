//! Members who are made by name.

use chrono::TimeDelta;
use entity::member_change::{self, MemberChangeKind};
use entity::membership::Role;
use serde_json::{Value, json};

use super::{FIELDS, done, refused, seen, sold, with_scopes, zhang};
use crate::everywhere;
use crate::support::{Merchant, World};

/// What was done with the members of a merchant, the oldest first.
pub async fn history(world: &World, merchant: &Merchant) -> Vec<member_change::Model> {
    let rows = member_change::Entity::of(merchant.id);
    let mut rows = rows.all(world.app().db.reads_across()).await.unwrap();
    rows.sort_by_key(|row| row.id);
    rows
}

/// What the audit log tells of a deed, as one text.
pub async fn audited(merchant: &Merchant, action: &str) -> String {
    let document = "query($action: String!) { auditLog(filter: { actions: [$action] }) \
        { edges { node { action actor { name } changes { field before after } } } } }";
    let owner = merchant.owner().await;
    let log = owner.data(document, json!({ "action": action })).await;
    log["auditLog"]["edges"].to_string()
}

everywhere! {
    async fn a_member_is_made_with_all_that_is_known_of_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let mut input = zhang();
        input["joinedOn"] = json!("2025-01-02");
        input["consent"] = json!(true);
        input["consentSource"] = json!("门店签署");
        let member = done(&owner, "memberCreate", input).await;
        let wanted = json!({ "id": member["id"], "memberNo": "M-1", "version": 1, "name": "张伟", "phone": "13800005678",
            "email": "zhang.wei@example.com", "birthday": { "month": 2, "day": 29, "year": 2000 }, "remark": "不吃香菜",
            "tags": ["VIP", "常客"], "locale": "ZH_CN", "masked": false });
        assert_eq!(member, wanted);
        assert_eq!(seen(&owner, "M-1", FIELDS).await, wanted);
        let more = seen(&owner, "M-1", "joinedAt consentedAt paidOrders lastPaidAt spent { amount }").await;
        let now = world.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        assert_eq!(more, json!({ "joinedAt": "2025-01-01T16:00:00.000Z", "consentedAt": now, "paidOrders": 0,
            "lastPaidAt": null, "spent": { "amount": "0.00" } }));
        assert_eq!(merchant.events().await, ["MEMBER_CREATED"]);
        let rows = history(&world, &merchant).await;
        let told: Vec<_> = rows.iter().map(|row| (row.kind, row.fields.as_str(), row.note.as_deref())).collect();
        assert_eq!(told, [
            (MemberChangeKind::Created, "name,phone,email,birthday,remark,tags,locale,joinedOn", None),
            (MemberChangeKind::Consented, "consent", Some("门店签署")),
        ]);
        let log = audited(&merchant, "memberCreate").await;
        assert!(log.contains("phone") && !log.contains("M-1"), "numbers may be erased: {log}");
        for personal in ["张伟", "5678", "example.com", "香菜", "2000"] {
            assert!(!log.contains(personal), "the log holds {personal}: {log}");
        }
    }

    async fn who_is_made_without_a_number_is_given_one_and_orders_know_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let made = done(&owner, "memberCreate", json!({})).await;
        let no = made["memberNo"].as_str().unwrap().to_owned();
        let id: entity::MemberId = made["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(no, format!("M{}", id.0));
        for field in ["name", "phone", "email", "birthday", "remark", "locale"] {
            assert_eq!(made[field], Value::Null, "{field}");
        }
        assert_eq!(made["tags"], json!([]));
        sold(&merchant, &no, "36.00").await;
        let seen = seen(&owner, &no, "id paidOrders").await;
        assert_eq!(seen, json!({ "id": made["id"], "paidOrders": 1 }));
    }

    async fn a_number_is_given_once_whoever_gave_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        done(&owner, "memberCreate", zhang()).await;
        let taken = ("NUMBER_TAKEN".to_owned(), "memberNo".to_owned());
        assert_eq!(refused(&owner, "memberCreate", zhang()).await, taken);
        merchant.order_with("1.00", json!({ "memberNo": "M-2" })).await;
        assert_eq!(refused(&owner, "memberCreate", json!({ "memberNo": "M-2" })).await, taken);
        assert_eq!(history(&world, &merchant).await.len(), 1, "nothing is kept of what was refused");
        let other = world.merchant("云裳时装").await;
        done(&other.owner().await, "memberCreate", zhang()).await;
    }

    async fn what_cannot_be_meant_is_named_by_its_field(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let tomorrow = (world.clock.now() + TimeDelta::days(1)).date_naive();
        for (input, field) in [
            (json!({ "memberNo": "王" }), "memberNo"),
            (json!({ "name": "字".repeat(81) }), "name"),
            (json!({ "phone": "12" }), "phone"),
            (json!({ "email": "wang@" }), "email"),
            (json!({ "birthday": { "month": 2, "day": 30 } }), "birthday"),
            (json!({ "birthday": { "month": 2, "day": 29, "year": 2001 } }), "birthday"),
            (json!({ "birthday": { "month": -1, "day": 1 } }), "birthday"),
            (json!({ "remark": "字".repeat(501) }), "remark"),
            (json!({ "tags": ["ok", ""] }), "tags.1"),
            (json!({ "joinedOn": tomorrow }), "joinedOn"),
            (json!({ "consent": true, "consentSource": "字".repeat(81) }), "consentSource"),
        ] {
            let told = refused(&owner, "memberCreate", input.clone()).await;
            assert_eq!(told, ("INVALID".to_owned(), field.to_owned()), "{input}");
        }
        assert_eq!(merchant.events().await, Vec::<String>::new());
    }

    async fn who_may_not_see_personal_data_writes_it_and_reads_it_masked(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let till = with_scopes(&world, &merchant, "MEMBERS_READ, MEMBERS_WRITE").await;
        let masked = json!({ "name": "张**", "phone": "138****5678", "email": "z***@example.com",
            "birthday": { "month": 2, "day": null, "year": null }, "remark": "***", "masked": true });
        let made = done(&till, "memberCreate", zhang()).await;
        let shown = |member: &Value| {
            let field = |name: &str| (name.to_owned(), member[name].clone());
            Value::Object(["name", "phone", "email", "birthday", "remark", "masked"].map(field).into_iter().collect())
        };
        assert_eq!(shown(&made), masked);
        let viewer = merchant.client(Role::Viewer).await;
        assert_eq!(shown(&seen(&viewer, "M-1", FIELDS).await), masked);
        let support = merchant.client(Role::Support).await;
        assert_eq!(seen(&support, "M-1", "name").await, json!({ "name": "张伟" }));
        for role in [Role::Viewer, Role::Marketing, Role::Finance] {
            let document = "mutation { memberCreate(input: {}) { member { id } } }";
            let told = merchant.client(role).await.error(document, Value::Null).await;
            assert_eq!(told.0, "FORBIDDEN", "{role:?}");
        }
    }
}
