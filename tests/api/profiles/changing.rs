//! Members who are changed.

use entity::member::{self, Column};
use entity::member_change::MemberChangeKind;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use super::making::{audited, history};
use super::{FIELDS, asked, done, listed, refused, seen, zhang};
use crate::everywhere;

everywhere! {
    async fn what_is_missing_stays_and_null_takes_away(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let mut wanted = done(&owner, "memberCreate", zhang()).await;
        let id = wanted["id"].clone();
        let steps = [
            (json!({ "name": "张大伟" }), json!({ "name": "张大伟" }), "name"),
            (json!({ "phone": "+1 415 555 0123", "email": null }), json!({ "phone": "+14155550123", "email": null }),
                "phone,email"),
            (json!({ "birthday": { "month": 3, "day": 1 } }),
                json!({ "birthday": { "month": 3, "day": 1, "year": null } }), "birthday"),
            (json!({ "birthday": null, "remark": "" }), json!({ "birthday": null, "remark": null }), "birthday,remark"),
            (json!({ "tags": [] }), json!({ "tags": [] }), "tags"),
            (json!({ "locale": null, "joinedOn": "2024-02-29" }), json!({ "locale": null }), "locale,joinedOn"),
            (json!({ "name": null, "phone": null }), json!({ "name": null, "phone": null }), "name,phone"),
        ];
        for (version, (change, after, fields)) in (1..).zip(steps) {
            let mut input = change.clone();
            input["id"] = id.clone();
            input["expectedVersion"] = json!(version);
            let told = done(&owner, "memberUpdate", input).await;
            crate::support::merchant::merge(&mut wanted, after);
            wanted["version"] = json!(version + 1);
            assert_eq!(told, wanted, "{change}");
            assert_eq!(seen(&owner, "M-1", FIELDS).await, wanted, "{change}");
            let last = history(&world, &merchant).await.pop().unwrap();
            assert_eq!((last.kind, last.fields.as_str()), (MemberChangeKind::Updated, fields));
        }
        assert_eq!(seen(&owner, "M-1", "joinedAt").await["joinedAt"], "2024-02-28T16:00:00.000Z");
        let events = merchant.events().await;
        assert_eq!(events.iter().filter(|event| *event == "MEMBER_UPDATED").count(), 7);
        let log = audited(&merchant, "memberUpdate").await;
        for personal in ["张", "555", "example.com", "香菜"] {
            assert!(!log.contains(personal), "the log holds {personal}: {log}");
        }
    }

    async fn what_changes_nothing_writes_nothing_and_an_old_version_is_refused(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let made = done(&owner, "memberCreate", zhang()).await;
        let mut same = zhang();
        same.as_object_mut().unwrap().remove("memberNo");
        same["id"] = made["id"].clone();
        same["expectedVersion"] = json!(1);
        same["joinedOn"] = json!("2026-11-23");
        assert_eq!(done(&owner, "memberUpdate", same).await["version"], 1);
        assert_eq!(history(&world, &merchant).await.len(), 1);
        assert_eq!(merchant.events().await, ["MEMBER_CREATED"]);
        let input = |version: i32| json!({ "id": made["id"], "expectedVersion": version, "name": "李娜" });
        done(&owner, "memberUpdate", input(1)).await;
        let conflict = ("VERSION_CONFLICT".to_owned(), "expectedVersion".to_owned());
        assert_eq!(refused(&owner, "memberUpdate", input(1)).await, conflict);
        let wrong = json!({ "id": made["id"], "expectedVersion": 2, "phone": "12" });
        assert_eq!(refused(&owner, "memberUpdate", wrong).await, ("INVALID".to_owned(), "phone".to_owned()));
    }

    async fn who_was_merged_leads_to_whom_they_became_a_part_of_and_who_was_erased_is_written_no_more(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let one = done(&owner, "memberCreate", json!({ "memberNo": "A" })).await;
        let other = done(&owner, "memberCreate", json!({ "memberNo": "B" })).await;
        let id = |member: &Value| member["id"].as_str().unwrap().parse::<entity::MemberId>().unwrap();
        let set = async |of: &Value, column: Column, value: Expr| {
            let update = member::Entity::update_of(merchant.id).filter(Column::Id.eq(id(of)));
            update.col_expr(column, value).exec(world.app().db.writer()).await.unwrap();
        };
        set(&one, Column::MergedInto, Expr::value(id(&other))).await;
        let input = json!({ "id": one["id"], "expectedVersion": 1, "name": "张伟" });
        assert_eq!(done(&owner, "memberUpdate", input).await["memberNo"], "B");
        assert_eq!(listed(&owner, Value::Null, Value::Null).await, ["B"]);
        set(&other, Column::ErasedAt, Expr::value(world.app().clock.instant())).await;
        let erased = ("ERASED".to_owned(), "id".to_owned());
        let input = json!({ "id": other["id"], "expectedVersion": 2, "name": "李娜" });
        assert_eq!(refused(&owner, "memberUpdate", input).await, erased);
        let input = json!({ "id": other["id"], "consent": true });
        assert_eq!(refused(&owner, "memberConsentSet", input).await, erased);
    }

    async fn another_merchants_member_is_none(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let made = done(&theirs.owner().await, "memberCreate", zhang()).await;
        let owner = ours.owner().await;
        let none = ("NOT_FOUND".to_owned(), "id".to_owned());
        for id in [made["id"].clone(), json!("mem_1"), json!("ord_1"), json!("x")] {
            let input = json!({ "id": id, "expectedVersion": 1, "name": "李娜" });
            assert_eq!(refused(&owner, "memberUpdate", input).await, none, "{id}");
            assert_eq!(refused(&owner, "memberConsentSet", json!({ "id": id, "consent": true })).await, none);
        }
        assert_eq!(seen(&theirs.owner().await, "M-1", "name version").await, json!({ "name": "张伟", "version": 1 }));
        assert_eq!(member::Entity::of(ours.id).all(world.app().db.reads_across()).await.unwrap().len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_changes_at_once_with_one_version_one_wins() {
    let Some(world) = crate::support::World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    let owner = merchant.owner().await;
    let made = done(&owner, "memberCreate", zhang()).await;
    for version in 1..5 {
        let changes = (0..8).map(|turn| {
            let input = json!({ "id": made["id"], "expectedVersion": version, "name": format!("{version} {turn}"),
                "tags": [format!("{turn}")] });
            let owner = owner.clone();
            tokio::spawn(async move { asked(&owner, "memberUpdate", "name tags", input).await })
        });
        let mut won = Vec::new();
        for change in futures_util::future::join_all(changes).await {
            let payload = change.unwrap();
            if payload["userErrors"] == json!([]) {
                won.push(payload["member"].clone());
            } else {
                assert_eq!(
                    payload["userErrors"][0]["code"], "VERSION_CONFLICT",
                    "{payload}"
                );
            }
        }
        assert_eq!(won.len(), 1, "{won:?}");
        assert_eq!(seen(&owner, "M-1", "name tags").await, won[0]);
    }
}
