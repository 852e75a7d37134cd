//! What names a person goes, from everywhere.

use entity::membership::Role;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use super::{by_id, give_points, how_often, merged, person, seen, sold, with_scopes};
use crate::everywhere;
use crate::messages;
use crate::support::coupons::{asked, code};
use crate::support::{Merchant, World};

/// The rows of all tables that hold one of these texts, as they are or in hexadecimal digits.
async fn holding(world: &World, texts: &[&str]) -> Vec<String> {
    let (db, mut found) = (world.app().db.writer(), Vec::new());
    let is_postgres = db.get_database_backend() == DbBackend::Postgres;
    let tables = if is_postgres {
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table'"
    };
    let ask = |text: String| Statement::from_string(db.get_database_backend(), text);
    let tables = db
        .query_all_raw(ask(tables.to_owned()))
        .await
        .expect("tables");
    for table in tables {
        let table: String = table.try_get("", "name").expect("a name");
        let whole = if is_postgres {
            format!("SELECT CAST(t.* AS TEXT) AS row FROM \"{table}\" AS t")
        } else {
            let columns = db
                .query_all_raw(ask(format!("PRAGMA table_info(\"{table}\")")))
                .await;
            let columns = columns.expect("columns").into_iter();
            let columns: Vec<String> = columns
                .map(|column| column.try_get::<String>("", "name").expect("a name"))
                .map(|name| format!("COALESCE(HEX(\"{name}\"), '')"))
                .collect();
            format!(
                "SELECT {} AS row FROM \"{table}\"",
                columns.join(" || '.' || ")
            )
        };
        for row in db.query_all_raw(ask(whole)).await.expect("rows") {
            let row: String = row.try_get("", "row").expect("a row");
            let row = row.to_lowercase();
            for text in texts {
                let digits = data_encoding::HEXLOWER.encode(text.as_bytes());
                if row.contains(&text.to_lowercase()) || row.contains(&digits) {
                    found.push(format!("{table}: {text}"));
                }
            }
        }
    }
    found
}

/// Sends a message with names to the members whose numbers begin so.
async fn written_to(world: &World, merchant: &Merchant, beginning: &str) {
    let segment = messages::segment(merchant, beginning).await;
    let owner = merchant.owner().await;
    let wanted = messages::wanted(&segment, json!({}));
    let message = messages::done(&owner, "messageCreate", wanted).await;
    messages::sent(merchant, &message, json!({})).await;
    messages::works(world).await;
}

/// How much of people is kept sealed: profiles, buyers, and what was sent.
async fn sealed(world: &World) -> [i64; 3] {
    let db = world.app().db.writer();
    let mut counts = [0; 3];
    for (count, of) in counts.iter_mut().zip([
        "member_profiles",
        "orders WHERE sealed_buyer IS NOT NULL",
        "message_recipients WHERE sealed IS NOT NULL",
    ]) {
        let text = format!("SELECT CAST(COUNT(*) AS BIGINT) AS rows_kept FROM {of}");
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), text))
            .await;
        let row = row.expect("the database answers").expect("a row");
        *count = row.try_get("", "rows_kept").expect("a number");
    }
    counts
}

async fn erased(merchant: &Merchant, id: &str, also_number: bool) -> Value {
    let input = json!({ "memberId": id, "reason": "本人要求", "alsoNumber": also_number });
    asked(
        &merchant.owner().await,
        "memberErase",
        "member { id memberNo erasedAt version }",
        input,
    )
    .await
}

everywhere! {
    async fn a_person_who_is_erased_is_found_in_no_table(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = person(&merchant, json!({ "memberNo": "ERIKA-77", "name": "Erika Mustermann", "phone": "13812349876",
            "email": "erika@mustermann.example", "tags": ["Stammgast-77"], "remark": "trinkt Tee-77",
            "birthday": { "month": 3, "day": 14 }, "consent": true, "consentSource": "Laden-77" })).await;
        let buyer = json!({ "memberNo": "ERIKA-77", "buyer": { "name": "Erika Mustermann", "phone": "13812349876" } });
        let order = merchant.order_with("36.00", buyer).await;
        order.pay().await;
        written_to(&world, &merchant, "ERIKA").await;
        assert_eq!(sealed(&world).await, [1, 1, 1]);
        // What can be read of her, is found by the scan: it can fail.
        assert!(holding(&world, &["Stammgast-77", "Laden-77"]).await.len() >= 2);
        let done = erased(&merchant, &id, false).await;
        assert_eq!((&done["userErrors"], &done["member"]["memberNo"]), (&json!([]), &json!("ERIKA-77")), "{done}");
        let texts = ["Mustermann", "13812349876", "Stammgast-77", "Tee-77", "Laden-77"];
        assert_eq!(holding(&world, &texts).await, Vec::<String>::new());
        assert_eq!(sealed(&world).await, [0, 0, 0]);
        let fields = "name phone email remark tags birthday { month } consentedAt paidOrders spent { amount }";
        let nobody = json!({ "name": null, "phone": null, "email": null, "remark": null, "tags": [], "birthday": null,
            "consentedAt": null, "paidOrders": 1, "spent": { "amount": "36.00" } });
        assert_eq!(by_id(&merchant, &id, fields).await, nobody);
        assert_eq!(order.read("buyer { name }").await["buyer"], Value::Null);
        // Once more changes nothing, save that the number may go as well.
        assert_eq!(erased(&merchant, &id, false).await, done);
        assert_eq!(how_often(&merchant, "MEMBER_ERASED").await, 1);
        let done = erased(&merchant, &id, true).await;
        assert_eq!(done["member"]["memberNo"], format!("erased-{id}"));
        assert_eq!(erased(&merchant, &id, true).await, done);
    }

    async fn buyers_of_orders_since_then_are_erased_by_erasing_once_more_which_is_written_down(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = person(&merchant, json!({ "memberNo": "A", "name": "王小明" })).await;
        erased(&merchant, &id, false).await;
        let buyer = json!({ "memberNo": "A", "buyer": { "name": "王小明", "phone": "13800000000" } });
        let order = merchant.order_with("36.00", buyer).await;
        erased(&merchant, &id, false).await;
        assert_eq!(order.read("buyer { name }").await["buyer"], Value::Null);
        assert_eq!(how_often(&merchant, "MEMBER_ERASED").await, 2);
        erased(&merchant, &id, false).await;
        assert_eq!(how_often(&merchant, "MEMBER_ERASED").await, 2, "there was nothing left");
    }

    async fn nobody_takes_the_number_that_stands_for_who_is_erased(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = person(&merchant, json!({ "memberNo": "A" })).await;
        let input = json!({ "memberNo": format!("erased-{id}") });
        let refused = asked(&merchant.owner().await, "memberCreate", "", input).await;
        assert_eq!(refused["userErrors"][0]["field"], "memberNo", "{refused}");
        assert_eq!(erased(&merchant, &id, true).await["userErrors"], json!([]));
    }

    async fn an_order_that_names_who_was_erased_names_the_same_row(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = person(&merchant, json!({ "memberNo": "A", "name": "王小明" })).await;
        let erase = erased(&merchant, &id, false).await;
        assert_eq!(erase["userErrors"], json!([]));
        sold(&merchant, "A", "10.00").await;
        assert_eq!(seen(&merchant, "A", "id paidOrders").await, json!({ "id": id, "paidOrders": 1 }));
        let update = json!({ "id": id, "expectedVersion": erase["member"]["version"], "name": "王小明" });
        let refused = asked(&merchant.owner().await, "memberUpdate", "", update).await;
        assert_eq!(code(&refused), "ERASED", "{refused}");
        erased(&merchant, &id, true).await;
        sold(&merchant, "A", "10.00").await;
        assert_ne!(seen(&merchant, "A", "id").await["id"], id, "the number is somebody else's now");
    }

    async fn who_had_become_a_part_of_them_is_erased_with_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let from = person(&merchant, json!({ "memberNo": "Hans-55", "name": "王小明" })).await;
        give_points(&world, &merchant, &from, 100, false).await;
        let into = person(&merchant, json!({ "memberNo": "Hans-66" })).await;
        assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
        let done = erased(&merchant, &from, true).await;
        assert_eq!(done["member"]["id"], into, "they are who they have become a part of");
        assert!(by_id(&merchant, &from, "erasedAt").await["erasedAt"].is_string());
        let left = holding(&world, &["Hans-55", "Hans-66"]).await;
        assert_eq!(left, Vec::<String>::new());
    }

    async fn erasing_takes_a_scope_and_a_reason_and_is_written_down(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = person(&merchant, json!({ "memberNo": "A", "name": "王小明" })).await;
        let document = "mutation($input: MemberEraseInput!) { memberErase(input: $input) { userErrors { code field } } }";
        let input = json!({ "input": { "memberId": id, "reason": "本人要求" } });
        for role in [Role::Viewer, Role::Marketing] {
            assert_eq!(merchant.client(role).await.error(document, input.clone()).await.0, "FORBIDDEN");
        }
        let owner = merchant.owner().await;
        for reason in ["", "  ", &"长".repeat(201)] {
            let refused = asked(&owner, "memberErase", "", json!({ "memberId": id, "reason": reason })).await;
            assert_eq!((code(&refused), &refused["userErrors"][0]["field"]), ("REASON_INVALID", &json!("reason")));
        }
        let nobody = asked(&owner, "memberErase", "", json!({ "memberId": "mem_0000000000000", "reason": "x" })).await;
        assert_eq!(code(&nobody), "NOT_FOUND");
        erased(&merchant, &id, false).await;
        let log = owner.data("{ auditLog(filter: { actions: [\"memberErase\"], outcome: DONE }) { edges { node { changes { after } } } } }",
            Value::Null).await;
        let log = log["auditLog"]["edges"].to_string();
        assert!(log.contains("本人要求"), "{log}");
    }

    async fn all_that_is_held_of_a_person_is_handed_out_and_it_is_written_down(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        person(&merchant, json!({ "memberNo": "A", "name": "王小明", "phone": "13800000000", "consent": true })).await;
        let buyer = json!({ "memberNo": "A", "buyer": { "name": "王大明", "phone": "13900000000" } });
        merchant.order_with("36.00", buyer).await.pay().await;
        written_to(&world, &merchant, "A").await;
        let document = "{ memberData(by: { memberNo: \"A\" }) { generatedAt json } }";
        let answer = merchant.owner().await.data(document, Value::Null).await;
        let text = answer["memberData"]["json"].as_str().expect("a text");
        let held: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!((&held["profile"]["name"], &held["profile"]["phone"]), (&json!("王小明"), &json!("13800000000")));
        assert_eq!(held["orders"][0]["paidMinor"], 3_600);
        assert_eq!(held["orders"][0]["buyer"], json!({ "name": "王大明", "phone": "13900000000" }));
        assert!(held["messages"][0]["text"]["body"].as_str().is_some_and(|body| body.contains("王小明")), "{held}");
        assert_eq!((&held["refunds"], &held["pointLots"], &held["segments"]), (&json!([]), &json!([]), &json!([])));
        assert_eq!(held["changes"].as_array().map(Vec::len), Some(2), "made, and agreed: {held}");
        let log = merchant.owner().await
            .data("{ auditLog(filter: { actions: [\"memberData\"] }) { edges { node { id } } } }", Value::Null).await;
        assert_eq!(log["auditLog"]["edges"].as_array().map(Vec::len), Some(1));
        let narrow = with_scopes(&world, &merchant, "MEMBERS_READ, PERSONAL_READ").await;
        let answer = narrow.data(document, Value::Null).await;
        let held: Value = serde_json::from_str(answer["memberData"]["json"].as_str().unwrap()).unwrap();
        assert!(held["orders"].is_null() && held["coupons"].is_null() && held["profile"]["name"].is_string());
        let masked = with_scopes(&world, &merchant, "MEMBERS_READ").await;
        let refused = masked.ask(document, Value::Null).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
    }
}
