//! Sending: to those who agreed, once to each, in their language, not in quiet hours, and not after it was called off.

use chrono::TimeDelta;
use data_encoding::BASE64;
use entity::membership::Role;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::messages::worker::work;

use super::{
    answered, done, made, many_members, member, reached, recipients, refused, rows, sent, shown,
    wanted, works, works_after,
};
use crate::everywhere;
use crate::support::coupons::new_key;

everywhere! {
    async fn who_agreed_is_written_to_in_their_language_and_nobody_else_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        member(&merchant, "m1", json!({ "name": "王小明" })).await;
        member(&merchant, "m2", json!({ "name": "Zoe", "locale": "EN" })).await;
        member(&merchant, "m3", json!({ "name": "李四", "consent": false })).await;
        member(&merchant, "x4", json!({ "name": "赵六" })).await;
        let message = made(&merchant, json!({
            "body": "{name}（{memberNo}）您有 {points} 积分", "titleEn": "It has been a while", "bodyEn": "Hi {name}",
        })).await;
        assert_eq!(sent(&merchant, &message, json!({})).await["state"], "SCHEDULED");
        works(&world).await;
        let now = shown(&merchant, &message).await;
        assert_eq!(now["state"], "SENT");
        assert_eq!(now["counts"], json!({ "sent": 2, "noConsent": 1, "erased": 0, "pending": 0 }));
        assert_eq!([&now["startedAt"], &now["finishedAt"]], ["2026-11-23T04:00:00.000Z"; 2]);
        assert_eq!(now["nextAt"], Value::Null);
        let owner = merchant.owner().await;
        let all = recipients(&owner, &message, "outcome locale sentAt title body message { id }").await;
        let of = |no: &str, more: Value| {
            let mut one = json!({ "member": { "memberNo": no }, "message": { "id": message["id"] } });
            crate::support::merchant::merge(&mut one, more);
            one
        };
        assert_eq!(all, [
            of("m1", json!({ "outcome": "SENT", "locale": "ZH_CN", "sentAt": "2026-11-23T04:00:00.000Z",
                "title": "好久不见", "body": "王小明（m1）您有 0 积分" })),
            of("m2", json!({ "outcome": "SENT", "locale": "EN", "sentAt": "2026-11-23T04:00:00.000Z",
                "title": "It has been a while", "body": "Hi Zoe" })),
            of("m3", json!({ "outcome": "NO_CONSENT", "locale": "ZH_CN", "sentAt": null, "title": null,
                "body": null })),
        ]);
        let marketing = merchant.client(Role::Marketing).await;
        let unnamed = recipients(&marketing, &message, "title body").await;
        assert_eq!([&unnamed[0]["title"], &unnamed[0]["body"]], [&Value::Null; 2], "without personal:read");
        for row in rows(&merchant, &message).await {
            let sealed = row.sealed.unwrap_or_default();
            assert!(!sealed.windows(9).any(|part| part == "王小明".as_bytes()), "at rest");
        }
        works_after(&world, TimeDelta::days(1)).await;
        assert_eq!(rows(&merchant, &message).await.len(), 3, "once");
        let told = merchant.events().await;
        let told: Vec<&String> = told.iter().filter(|kind| kind.starts_with("MESSAGE_")).collect();
        assert_eq!(told, [
            "MESSAGE_SCHEDULED", "MESSAGE_STARTED", "MESSAGE_DELIVERY_SENT", "MESSAGE_DELIVERY_SENT",
            "MESSAGE_FINISHED",
        ]);
        let only = "query($id: ID!) { message(id: $id) { recipients(outcome: [NO_CONSENT], first: 1) { totalCount \
            edges { node { outcome } } } } }";
        let only = owner.data(only, json!({ "id": message["id"] })).await;
        assert_eq!(only["message"]["recipients"]["totalCount"], 1);
    }

    async fn nothing_is_sent_before_its_time_nor_in_the_merchants_quiet_hours(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        member(&merchant, "m1", json!({})).await;
        let message = made(&merchant, json!({ "quietHours": { "from": "21:00", "until": "09:00" } })).await;
        // At 21:30 in Shanghai; it is noon there.
        sent(&merchant, &message, json!({ "sendAt": "2026-11-23T13:30:00Z" })).await;
        assert_eq!(work(world.app()).await, 0, "before its time");
        works_after(&world, TimeDelta::minutes(9 * 60 + 30)).await;
        let now = shown(&merchant, &message).await;
        assert_eq!([&now["state"], &now["nextAt"]], ["SCHEDULED", "2026-11-24T01:00:00.000Z"]);
        assert_eq!(now["startedAt"], Value::Null);
        works_after(&world, TimeDelta::minutes(11 * 60 + 29)).await;
        assert_eq!(rows(&merchant, &message).await.len(), 0, "at 08:59");
        works_after(&world, TimeDelta::minutes(1)).await;
        assert_eq!(reached(&merchant, &message, "SENT").await, ["m1"]);
        assert_eq!(shown(&merchant, &message).await["startedAt"], "2026-11-24T01:00:00.000Z");
    }

    async fn what_begins_before_the_quiet_hours_goes_on_behind_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        many_members(&merchant, 600).await;
        let message = made(&merchant, json!({ "quietHours": { "from": "12:01", "until": "14:00" } })).await;
        sent(&merchant, &message, json!({})).await;
        assert_eq!(work(world.app()).await, 1);
        world.clock.advance(TimeDelta::minutes(1));
        works(&world).await;
        let now = shown(&merchant, &message).await;
        assert_eq!(now["state"], "SENDING");
        assert_eq!(now["nextAt"], "2026-11-23T06:00:00.000Z");
        assert_eq!(now["counts"], json!({ "sent": 500, "noConsent": 0, "erased": 0, "pending": 100 }));
        works_after(&world, TimeDelta::hours(2)).await;
        let now = shown(&merchant, &message).await;
        assert_eq!(now["state"], "SENT");
        assert_eq!(now["counts"], json!({ "sent": 600, "noConsent": 0, "erased": 0, "pending": 0 }));
    }

    async fn a_message_is_called_off_before_it_is_sent_or_in_the_middle(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let client = merchant.client(Role::Marketing).await;
        many_members(&merchant, 600).await;
        let message = made(&merchant, json!({})).await;
        sent(&merchant, &message, json!({ "sendAt": "2026-11-23T05:00:00Z" })).await;
        let id = json!({ "id": message["id"] });
        for _ in 0..2 {
            assert_eq!(done(&client, "messageCancel", id.clone()).await["state"], "CANCELED");
        }
        works_after(&world, TimeDelta::hours(2)).await;
        assert_eq!(rows(&merchant, &message).await.len(), 0);
        let again = json!({ "idempotencyKey": new_key(), "id": message["id"] });
        assert_eq!(refused(&client, "messageSend", again).await.0, "CANCELED");
        let update = json!({ "id": message["id"], "expectedVersion": 3, "name": "x" });
        assert_eq!(refused(&client, "messageUpdate", update).await.0, "CANCELED");

        let segment = message["segment"]["id"].as_str().expect("an id");
        let other = done(&client, "messageCreate", wanted(segment, json!({}))).await;
        sent(&merchant, &other, json!({})).await;
        assert_eq!(work(world.app()).await, 1);
        let canceled = done(&client, "messageCancel", json!({ "id": other["id"] })).await;
        assert_eq!(canceled["state"], "CANCELED");
        assert_eq!(canceled["counts"], json!({ "sent": 500, "noConsent": 0, "erased": 0, "pending": 0 }));
        works_after(&world, TimeDelta::hours(1)).await;
        assert_eq!(rows(&merchant, &other).await.len(), 500, "whom it reached keep it");
        let third = done(&client, "messageCreate", wanted(segment, json!({}))).await;
        sent(&merchant, &third, json!({})).await;
        works(&world).await;
        assert_eq!(refused(&client, "messageCancel", json!({ "id": third["id"] })).await.0, "ALREADY_SENT");
        let again = json!({ "idempotencyKey": new_key(), "id": third["id"] });
        assert_eq!(refused(&client, "messageSend", again).await.0, "ALREADY_BEGUN");
    }

    async fn the_same_key_sends_once_and_who_takes_back_that_they_agreed_is_not_written_to(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let client = merchant.client(Role::Marketing).await;
        let one = member(&merchant, "m1", json!({})).await;
        member(&merchant, "m2", json!({})).await;
        let message = made(&merchant, json!({})).await;
        let key = new_key();
        let send = json!({ "idempotencyKey": key, "id": message["id"], "sendAt": "2026-11-23T05:00:00Z" });
        let first = done(&client, "messageSend", send.clone()).await;
        assert_eq!(done(&client, "messageSend", send.clone()).await, first, "nothing more happens");
        let otherwise = json!({ "idempotencyKey": key, "id": message["id"] });
        assert_eq!(refused(&client, "messageSend", otherwise).await.0, "KEY_REUSED");
        let take_back = json!({ "id": one, "consent": false });
        answered(&merchant.owner().await, "memberConsentSet", "member { id }", take_back).await;
        works_after(&world, TimeDelta::hours(1)).await;
        assert_eq!(reached(&merchant, &message, "SENT").await, ["m2"]);
        assert_eq!(reached(&merchant, &message, "NO_CONSENT").await, ["m1"]);
        assert_eq!(done(&client, "messageSend", send).await["state"], "SENT", "the same key tells how it is");
    }

    async fn who_is_erased_or_merged_while_it_is_sent_is_not_written_to(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        many_members(&merchant, 503).await;
        let message = made(&merchant, json!({})).await;
        sent(&merchant, &message, json!({})).await;
        assert_eq!(work(world.app()).await, 1);
        let change = async |no: &str, column: member::Column, value: i64| {
            member::Entity::update_of(merchant.id)
                .filter(member::Column::MemberNo.eq(no))
                .col_expr(column, Expr::value(value))
                .exec(world.app().db.writer())
                .await
                .expect("the database answers");
        };
        change("m0500", member::Column::ErasedAt, world.clock.now().timestamp_millis()).await;
        let other = member::Entity::of(merchant.id).filter(member::Column::MemberNo.eq("m0502"))
            .one(world.app().db.writer()).await.expect("the database answers").expect("a member");
        change("m0501", member::Column::MergedInto, other.id.0).await;
        works(&world).await;
        assert_eq!(reached(&merchant, &message, "ERASED").await, ["m0500"]);
        let now = shown(&merchant, &message).await;
        assert_eq!(now["counts"], json!({ "sent": 501, "noConsent": 0, "erased": 1, "pending": 0 }));
    }

    async fn what_was_sent_stays_readable_when_the_master_key_changes(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        member(&merchant, "m1", json!({ "name": "王小明" })).await;
        let message = made(&merchant, json!({})).await;
        sent(&merchant, &message, json!({})).await;
        works(&world).await;
        let keys = [[7_u8; 32], [8; 32]].map(|key| BASE64.encode(&key));
        let world = world
            .with_settings(|settings| {
                settings.secrets.master_key = Some(keys[1].clone());
                settings.secrets.previous_master_keys = vec![keys[0].clone()];
            })
            .await;
        let merchant = merchant.on(&world.gateway);
        for resealed in [1, 0] {
            let seen = recipients(&merchant.owner().await, &message, "body").await;
            assert_eq!(seen[0]["body"], "王小明，回来看看");
            let done = yigate::messages::service::reseal(world.app()).await.expect("texts");
            assert_eq!((done.seen, done.resealed, done.unreadable), (1, resealed, 0));
        }
    }
}
