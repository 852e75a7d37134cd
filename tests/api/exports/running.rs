//! How exports run: one of a merchant at a time, followed live, called off, taken over, and gone after a day.

use chrono::TimeDelta;
use entity::{export, export_piece};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::exports::service;
use yigate::exports::worker;

use super::{Table, asked, asked_for, downloaded, seen, workers_work};
use crate::everywhere;
use crate::support::instances::browser;
use crate::support::{Merchant, World, next};

const EVENTS: &str = "subscription($after: String) { exportUpdated(after: $after) { \
    cursor type export { id state rowsDone progress } } }";

fn orders() -> Value {
    json!({ "orders": {} })
}

async fn pieces(world: &World, merchant: &Merchant) -> u64 {
    let all = export_piece::Entity::of(merchant.id);
    all.count(world.app().db.reads_across())
        .await
        .expect("a count")
}

async fn row(world: &World, merchant: &Merchant, id: &str) -> export::Model {
    let id = id.parse().expect("an id");
    service::find(world.app(), merchant.id, id)
        .await
        .expect("an export")
}

everywhere! {
    async fn progress_is_told_live(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let owner = merchant.owner().await;
        let mut live = owner.subscribe(EVENTS, json!({ "after": "e0" }));
        let id = asked_for(&owner, orders(), "CSV", json!({})).await;
        workers_work(&world).await;
        let mut cursors = Vec::new();
        for kind in ["EXPORT_CREATED", "EXPORT_PROGRESSED", "EXPORT_FINISHED"] {
            let answer = next(&mut live).await;
            let event = &answer["data"]["exportUpdated"];
            assert_eq!((&event["type"], &event["export"]["id"]), (&json!(kind), &json!(id)), "{answer}");
            cursors.push(event["cursor"].clone());
        }
        let mut resumed = owner.subscribe(EVENTS, json!({ "after": cursors[1] }));
        let answer = next(&mut resumed).await;
        let told = &answer["data"]["exportUpdated"];
        assert_eq!(told["type"], "EXPORT_FINISHED");
        assert_eq!(told["export"], json!({ "id": id, "state": "DONE", "rowsDone": 1, "progress": 100 }));
        let list = owner.data("{ exports { edges { node { id requestedBy } } } }", Value::Null).await;
        assert_eq!(list["exports"]["edges"][0]["node"]["id"], id);
        let node = owner.data("query($id: ID!) { node(id: $id) { __typename id } }", json!({ "id": id })).await;
        assert_eq!(node["node"]["__typename"], "Export");
    }

    async fn one_of_a_merchant_is_written_at_a_time(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let owner = merchant.owner().await;
        let first = asked_for(&owner, orders(), "CSV", json!({})).await;
        world.clock.advance(TimeDelta::milliseconds(10));
        let second = asked_for(&owner, orders(), "CSV", json!({})).await;
        world.clock.advance(TimeDelta::milliseconds(10));
        let theirs = asked_for(&other.owner().await, orders(), "CSV", json!({})).await;
        let app = world.app();
        let mut claimed = Vec::new();
        for _ in 0..2 {
            claimed.push(service::claim(app).await.expect("the database answers").expect("one is due"));
        }
        let ids: Vec<String> = claimed.iter().map(|row| row.id.to_string()).collect();
        assert_eq!(ids, [first.clone(), theirs]);
        assert!(service::claim(app).await.expect("the database answers").is_none(), "its merchant's first is under way");
        service::run(app, &world.gateway.auth, claimed.remove(0)).await.expect("written");
        let next = service::claim(app).await.expect("the database answers").expect("one is due");
        assert_eq!(next.id.to_string(), second);
    }

    async fn so_many_wait_and_so_many_files_are_kept(world: World) {
        let world = world.with_settings(|settings| {
            settings.exports.most_waiting = 2;
            settings.exports.most_kept = 2;
        }).await;
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.push(asked_for(&owner, orders(), "CSV", json!({})).await);
        }
        let code = async || asked(&owner, orders(), "CSV", json!({})).await["userErrors"][0]["code"].clone();
        assert_eq!(code().await, "QUEUE_FULL");
        // Another merchant's queue is another one.
        asked_for(&world.merchant("云裳时装").await.owner().await, orders(), "CSV", json!({})).await;
        workers_work(&world).await;
        assert_eq!(code().await, "TOO_MANY");
        world.clock.advance(TimeDelta::hours(25));
        assert_eq!(service::expire(world.app()).await.expect("the database answers"), 3);
        asked_for(&owner, orders(), "CSV", json!({})).await;
    }

    async fn the_same_key_is_the_same_export(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let today = json!({ "orders": { "filter": { "createdAt": { "preset": "TODAY" } } } });
        let key = json!({ "idempotencyKey": "export-of-today" });
        let first = asked(&owner, today.clone(), "CSV", key.clone()).await;
        // Tomorrow, "today" is another day; what was sent is the same.
        world.clock.advance(TimeDelta::days(1));
        let owner = merchant.owner().await;
        let again = asked(&owner, today, "CSV", key.clone()).await;
        assert_eq!(again["export"]["id"], first["export"]["id"]);
        let other = asked(&owner, orders(), "CSV", key).await;
        assert_eq!(other["userErrors"][0]["code"], "KEY_REUSED");
    }

    async fn an_export_is_called_off_while_it_waits_and_while_it_is_written(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let cancel = "mutation($id: ID!) { exportCancel(input: { exportId: $id }) { export { state } userErrors { code } } }";
        let waiting = asked_for(&owner, orders(), "CSV", json!({})).await;
        let told = owner.data(cancel, json!({ "id": waiting })).await;
        assert_eq!(told["exportCancel"], json!({ "export": { "state": "CANCELED" }, "userErrors": [] }));
        let told = owner.data(cancel, json!({ "id": waiting })).await;
        assert_eq!(told["exportCancel"]["userErrors"][0]["code"], "OVER");
        let written = asked_for(&owner, orders(), "CSV", json!({})).await;
        let claimed = service::claim(world.app()).await.expect("the database answers").expect("one is due");
        assert_eq!(claimed.id.to_string(), written);
        owner.data(cancel, json!({ "id": written })).await;
        service::run(world.app(), &world.gateway.auth, claimed).await.expect("it stops");
        assert_eq!(seen(&owner, &written).await["state"], "CANCELED");
        assert_eq!(pieces(&world, &merchant).await, 0);
        assert!(!worker::work(world.app(), &world.gateway.auth).await, "nothing waits");
    }

    async fn another_instance_takes_over_and_the_slow_one_writes_nothing_over_it(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let owner = merchant.owner().await;
        let id = asked_for(&owner, orders(), "CSV", json!({})).await;
        let slow = service::claim(world.app()).await.expect("the database answers").expect("one is due");
        assert!(service::claim(world.app()).await.expect("the database answers").is_none(), "it is held");
        world.clock.advance(TimeDelta::seconds(31));
        let other = world.another_instance().await;
        let taken = service::claim(&other.app).await.expect("the database answers").expect("it is due again");
        assert_eq!((taken.id, taken.lease), (slow.id, 2));
        service::run(world.app(), &world.gateway.auth, slow.clone()).await.expect("it stops");
        assert_eq!(row(&world, &merchant, &id).await.state, export::ExportState::Running);
        assert_eq!(pieces(&world, &merchant).await, 0);
        service::run(&other.app, &other.auth, taken).await.expect("written");
        service::run(world.app(), &world.gateway.auth, slow).await.expect("it stops");
        let export = seen(&owner, &id).await;
        assert_eq!((&export["state"], &export["rowsDone"]), (&json!("DONE"), &json!(1)));
        assert_eq!(Table::of_csv(&downloaded(&export).await).rows.len(), 1);
    }

    async fn what_kills_every_instance_is_given_up(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let id = asked_for(&owner, orders(), "CSV", json!({})).await;
        for attempt in 1..=5 {
            let claimed = service::claim(world.app()).await.expect("the database answers").expect("it is due");
            assert_eq!(claimed.attempts, attempt);
            world.clock.advance(TimeDelta::seconds(31));
        }
        assert!(service::claim(world.app()).await.expect("the database answers").is_none());
        let export = seen(&owner, &id).await;
        assert_eq!((&export["state"], &export["failure"]), (&json!("FAILED"), &json!("GAVE_UP")));
        assert!(export["error"].as_str().expect("words").contains("several times"));
    }

    async fn a_file_that_would_be_too_long_is_none(world: World) {
        let world = world.with_settings(|settings| settings.exports.max_bytes = 1_000).await;
        let merchant = world.merchant("汇贤饭店").await;
        for _ in 0..10 {
            merchant.order("36.00").await;
        }
        let owner = merchant.owner().await.in_chinese();
        let id = asked_for(&owner, orders(), "CSV", json!({})).await;
        workers_work(&world).await;
        let export = seen(&owner, &id).await;
        assert_eq!((&export["state"], &export["failure"]), (&json!("FAILED"), &json!("TOO_LARGE")));
        assert!(export["error"].as_str().expect("words").contains("1000 字节"), "{export:#}");
        assert_eq!(pieces(&world, &merchant).await, 0);
    }

    async fn a_merchants_files_take_so_much_room_together(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let first = asked_for(&merchant.owner().await, orders(), "XLSX", json!({})).await;
        workers_work(&world).await;
        let kept = u64::try_from(row(&world, &merchant, &first).await.stored_bytes).expect("a length");
        assert!(kept > 1_000, "{kept}");
        // There is room for one and a half.
        let world = world.with_settings(|settings| settings.exports.most_kept_bytes = kept * 3 / 2).await;
        let merchant = merchant.on(&world.gateway);
        let owner = merchant.owner().await.in_chinese();
        // It begins with room, and finds that it has too little.
        let second = asked_for(&owner, orders(), "XLSX", json!({})).await;
        workers_work(&world).await;
        let export = seen(&owner, &second).await;
        assert_eq!((&export["state"], &export["failure"]), (&json!("FAILED"), &json!("NO_SPACE")));
        assert!(export["error"].as_str().expect("words").contains("占用空间"), "{export:#}");
        // Another merchant's room is another one.
        let other = world.merchant("云裳时装").await.owner().await;
        let theirs = asked_for(&other, orders(), "XLSX", json!({})).await;
        workers_work(&world).await;
        assert_eq!(seen(&other, &theirs).await["state"], "DONE");
        // Where there is none left, none is taken up.
        let world = world.with_settings(|settings| settings.exports.most_kept_bytes = kept).await;
        let merchant = merchant.on(&world.gateway);
        let payload = asked(&merchant.owner().await, orders(), "CSV", json!({})).await;
        assert_eq!(payload["userErrors"][0]["code"], "NO_SPACE", "{payload}");
        world.clock.advance(TimeDelta::hours(25));
        service::expire(world.app()).await.expect("the database answers");
        asked_for(&merchant.owner().await, orders(), "CSV", json!({})).await;
    }

    async fn what_became_of_an_export_is_told_for_ninety_days(world: World) {
        let world = world.with_settings(|settings| settings.exports.kept_s = 100 * 86_400).await;
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let canceled = asked_for(&owner, orders(), "CSV", json!({})).await;
        let cancel = "mutation($id: ID!) { exportCancel(input: { exportId: $id }) { userErrors { code } } }";
        owner.data(cancel, json!({ "id": canceled })).await;
        let kept = asked_for(&owner, orders(), "CSV", json!({})).await;
        workers_work(&world).await;
        let told = async || {
            let list = "{ exports(first: 100) { edges { node { id } } } }";
            let list = merchant.owner().await.data(list, Value::Null).await;
            let edges = list["exports"]["edges"].as_array().expect("edges").clone();
            edges.iter().map(|edge| edge["node"]["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
        };
        let prune = async || service::prune(world.app(), merchant.id).await.expect("the database answers");
        world.clock.advance(TimeDelta::days(90) - TimeDelta::minutes(1));
        prune().await;
        assert_eq!(told().await.len(), 2);
        world.clock.advance(TimeDelta::minutes(2));
        prune().await;
        assert_eq!(told().await, [kept], "what is kept stays");
        world.clock.advance(TimeDelta::days(11));
        service::expire(world.app()).await.expect("the database answers");
        prune().await;
        assert_eq!(told().await, Vec::<String>::new());
    }

    async fn a_file_goes_after_a_day(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let id = asked_for(&merchant.owner().await, orders(), "CSV", json!({})).await;
        workers_work(&world).await;
        world.clock.advance(TimeDelta::hours(24) - TimeDelta::minutes(1));
        let owner = merchant.owner().await;
        let export = seen(&owner, &id).await;
        downloaded(&export).await;
        assert_eq!(service::expire(world.app()).await.expect("the database answers"), 0);
        world.clock.advance(TimeDelta::minutes(1));
        let gone = browser().get(export["url"].as_str().expect("a link")).send().await.expect("an answer");
        assert_eq!(gone.status(), 404, "its time is over, whether it was removed or not");
        assert_eq!(service::expire(world.app()).await.expect("the database answers"), 1);
        assert_eq!(service::expire(world.app()).await.expect("the database answers"), 0);
        assert_eq!(pieces(&world, &merchant).await, 0);
        let export = seen(&merchant.owner().await, &id).await;
        assert_eq!((&export["state"], &export["url"]), (&json!("EXPIRED"), &json!(null)));
        assert_eq!(merchant.events().await.last().map(String::as_str), Some("EXPORT_EXPIRED"));
        let kept = export::Entity::of(merchant.id).filter(export::Column::ExpiresAt.is_not_null());
        assert_eq!(kept.count(world.app().db.reads_across()).await.expect("a count"), 1, "what is gone is remembered");
    }
}
