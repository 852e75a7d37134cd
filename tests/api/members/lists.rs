//! Lists of members and of their orders, files of them, and who may see either.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::found;
use crate::everywhere;
use crate::exports::{Table, asked_for, downloaded, file, objects, seen, workers_work};
use crate::orders::filters;
use crate::support::{Client, Merchant, World};

/// Three members: one bought twice, one once, one never.
async fn shop(world: &World) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    merchant.sold_to("A-1", "36.00").await;
    world.clock.advance(TimeDelta::days(1));
    merchant.sold_to("A-2", "20.00").await;
    merchant.sold_to("A-1", "10.00").await;
    merchant.order_by("B-1", "5.00").await;
    merchant.order("7.00").await;
    merchant
}

/// Asks with a key of these scopes alone.
async fn with_scopes(world: &World, merchant: &Merchant, scopes: &str) -> Client {
    let document = format!(
        "mutation {{ apiKeyCreate(input: {{ name: \"店铺\", scopes: [{scopes}] }}) {{ secret }} }}"
    );
    let made = merchant.owner().await.data(&document, Value::Null).await;
    let secret = made["apiKeyCreate"]["secret"].as_str().expect("a secret");
    Client::bearer(world.gateway.clone(), secret).await
}

everywhere! {
    async fn members_are_found_by_the_beginning_of_their_number_and_by_their_payments(world: World) {
        let merchant = shop(&world).await;
        let owner = merchant.owner().await;
        for (filter, wanted) in [
            (Value::Null, vec!["B-1", "A-2", "A-1"]),
            (json!({ "memberNo": "A-" }), vec!["A-2", "A-1"]),
            (json!({ "memberNo": "A-1" }), vec!["A-1"]),
            (json!({ "memberNo": "1" }), vec![]),
            (json!({ "memberNo": "a-" }), vec![]),
            (json!({ "hasPaid": true }), vec!["A-2", "A-1"]),
            (json!({ "hasPaid": false }), vec!["B-1"]),
            (json!({ "createdAt": { "preset": "YESTERDAY" } }), vec!["A-1"]),
            (json!({ "createdAt": { "preset": "TODAY" } }), vec!["B-1", "A-2"]),
            (json!({ "firstPaidAt": { "preset": "TODAY" } }), vec!["A-2"]),
            (json!({ "firstPaidAt": { "preset": "TODAY" }, "memberNo": "B" }), vec![]),
        ] {
            assert_eq!(found(&owner, filter.clone()).await, wanted, "{filter}");
        }
        assert_eq!(owner.error("{ members(filter: { memberNo: \"a b\" }) { totalCount } }", Value::Null).await.0,
            "BAD_USER_INPUT");
    }

    async fn pages_of_members_join_without_a_gap_either_way(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for no in 1..=7 {
            merchant.order_by(&format!("M-{no}"), "1.00").await;
        }
        let owner = merchant.owner().await;
        let all = found(&owner, Value::Null).await;
        assert_eq!(all, ["M-7", "M-6", "M-5", "M-4", "M-3", "M-2", "M-1"]);
        for (forth, page) in [(true, "first: 3, after: $at"), (false, "last: 3, before: $at")] {
            let document = format!("query($at: String) {{ members({page}) {{ edges {{ node {{ memberNo }} }} \
                pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}");
            let (mut seen, mut at) = (Vec::new(), Value::Null);
            loop {
                let answer = owner.data(&document, json!({ "at": at })).await;
                let edges = answer["members"]["edges"].as_array().unwrap();
                let numbers = edges.iter().map(|edge| edge["node"]["memberNo"].as_str().unwrap().to_owned());
                let info = &answer["members"]["pageInfo"];
                if forth {
                    seen.extend(numbers);
                    at = info["endCursor"].clone();
                } else {
                    seen.splice(0..0, numbers);
                    at = info["startCursor"].clone();
                }
                if info[if forth { "hasNextPage" } else { "hasPreviousPage" }] == false {
                    break;
                }
            }
            assert_eq!(seen, all, "forth: {forth}");
        }
    }

    async fn orders_are_found_by_their_members_number_alone_and_beside_other_filters(world: World) {
        let merchant = shop(&world).await;
        let owner = merchant.owner().await;
        for (filter, wanted) in [
            (json!({ "memberNo": "A-1" }), 2),
            (json!({ "memberNo": "A-1", "createdAt": { "preset": "TODAY" } }), 1),
            (json!({ "memberNo": "A-1", "paymentState": ["PENDING"] }), 0),
            (json!({ "memberNo": "B-1" }), 1),
            // The whole number, not its beginning.
            (json!({ "memberNo": "A-" }), 0),
            (json!({ "memberNo": "C-1" }), 0),
            (json!({ "not": { "memberNo": "A-1" } }), 3),
            (json!({ "or": [{ "memberNo": "A-1" }, { "memberNo": "A-2" }] }), 3),
        ] {
            assert_eq!(filters::found(&owner, filter.clone()).await.len(), wanted, "{filter}");
        }
        let wrong = "{ orders(filter: { memberNo: \"a b\" }) { totalCount } }";
        assert_eq!(owner.error(wrong, Value::Null).await.0, "BAD_USER_INPUT");
    }

    async fn a_member_is_another_one_in_another_merchant(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        ours.sold_to("M-1", "36.00").await;
        theirs.order_by("M-1", "10.00").await;
        theirs.order_by("M-2", "10.00").await;
        let fields = "id paidOrders orders { totalCount }";
        let (mine, other) = (ours.member("M-1", fields).await, theirs.member("M-1", fields).await);
        assert_ne!(mine["id"], other["id"]);
        assert_eq!((&mine["paidOrders"], &other["paidOrders"]), (&json!(1), &json!(0)));
        assert_eq!((&mine["orders"]["totalCount"], &other["orders"]["totalCount"]), (&json!(1), &json!(1)));
        assert_eq!(found(&ours.owner().await, Value::Null).await, ["M-1"]);
        assert_eq!(filters::found(&ours.owner().await, json!({ "memberNo": "M-2" })).await.len(), 0);
    }

    async fn who_may_see_orders_alone_sees_no_member_and_who_may_see_members_alone_sees_no_order(world: World) {
        let merchant = shop(&world).await;
        let orders_only = with_scopes(&world, &merchant, "ORDERS_READ").await;
        for filter in [
            r#"{ memberNo: "A-1" }"#, r#"{ or: [{ late: true }, { memberNo: "A-1" }] }"#, r#"{ not: { memberNo: "A-1" } }"#,
        ] {
            let told = format!("{{ orders(filter: {filter}) {{ totalCount }} }}");
            assert_eq!(orders_only.error(&told, Value::Null).await.0, "FORBIDDEN", "it would tell who is a member");
        }
        let answer = orders_only.ask("{ orders(last: 1) \
            { edges { node { id member { memberNo } } } } }", Value::Null).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
        let node = &answer["data"]["orders"]["edges"][0]["node"];
        assert!(node["id"].is_string() && node["member"].is_null(), "{answer}");
        let members_only = with_scopes(&world, &merchant, "MEMBERS_READ").await;
        for field in ["orders { totalCount }", "firstOrder { id }", "paidOrders", "spent { amount }"] {
            let document = format!("{{ member(by: {{ memberNo: \"A-1\" }}) {{ memberNo {field} }} }}");
            let answer = members_only.ask(&document, Value::Null).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
            assert_eq!(answer["data"]["member"]["memberNo"], "A-1");
        }
    }

    async fn a_file_of_members_holds_what_the_list_shows(world: World) {
        let world = world.listening().await;
        let merchant = shop(&world).await;
        let bytes = file(&world, &merchant, json!({ "members": {} }), "CSV", json!({})).await;
        let table = Table::of_csv(&bytes);
        assert_eq!(table.column("会员号"), ["B-1", "A-2", "A-1"]);
        assert_eq!(table.column("支付笔数"), ["0", "1", "2"]);
        assert_eq!(table.column("累计消费 (CNY)"), ["0.00", "20.00", "46.00"]);
        assert_eq!(table.column("首次支付时间 (Asia/Shanghai)")[0], "");
        let paid = json!({ "members": { "filter": { "hasPaid": true, "memberNo": "A" } } });
        let columns = json!({ "columns": ["memberNo", "firstPaidAt"] });
        let bytes = file(&world, &merchant, paid, "JSONL", columns).await;
        let told: Vec<Value> = objects(&bytes);
        let first = merchant.member("A-1", "memberNo firstPaidAt").await;
        assert_eq!((told.len(), &told[1]), (2, &first));
        let bytes = file(&world, &merchant, json!({ "orders": {} }), "CSV", json!({})).await;
        assert_eq!(Table::of_csv(&bytes).column("会员号"), ["", "B-1", "A-1", "A-2", "A-1"]);
    }

    async fn a_file_calls_tiers_in_its_language(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("木棉咖啡").await;
        let owner = merchant.owner().await;
        for (rank, name, en, orders) in [(1, "银卡", Some("Silver"), 1), (2, "黑金卡", None, 2)] {
            let input = json!({ "rank": rank, "name": name, "nameEn": en, "thresholds": { "orders": orders } });
            let set = "mutation($input: TierSetInput!) { tierSet(input: $input) { userErrors { code field message } } }";
            assert_eq!(owner.data(set, json!({ "input": input })).await["tierSet"]["userErrors"], json!([]));
        }
        merchant.sold_to("A-1", "10.00").await;
        merchant.sold_to("A-2", "10.00").await;
        merchant.sold_to("A-2", "10.00").await;
        for (language, heading, wanted) in [
            ("ZH_CN", "会员等级", ["黑金卡", "银卡"]),
            ("EN", "Tier", ["黑金卡", "Silver"]),
        ] {
            let more = json!({ "language": language, "columns": ["memberNo", "tier"] });
            let bytes = file(&world, &merchant, json!({ "members": {} }), "CSV", more).await;
            assert_eq!(Table::of_csv(&bytes).column(heading), wanted, "{language}");
        }
    }

    async fn a_file_of_members_names_them_masked_for_who_may_not_see_them(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let create = "mutation($input: MemberCreateInput!) { memberCreate(input: $input) { userErrors { code } } }";
        for input in [
            json!({ "memberNo": "M-1", "name": "张伟", "phone": "13800005678", "email": "zhang@example.com",
                "birthday": { "month": 2, "day": 29, "year": 2000 }, "tags": ["VIP", "常客"], "joinedOn": "2025-01-02" }),
            json!({ "memberNo": "M-2", "name": "李娜", "birthday": { "month": 5, "day": 1 } }),
        ] {
            owner.data(create, json!({ "input": input })).await;
        }
        let columns = json!({ "columns": ["memberNo", "name", "phone", "email", "birthday", "tags", "points", "joinedAt"] });
        let key = with_scopes(&world, &merchant, "EXPORTS_WRITE, MEMBERS_READ").await;
        let rows = json!({ "members": { "filter": { "contact": "5678" } } });
        let (open, masked) = (
            asked_for(&owner, rows.clone(), "CSV", columns.clone()).await,
            asked_for(&key, rows, "CSV", columns.clone()).await,
        );
        workers_work(&world).await;
        for (id, is_masked, wanted) in [
            (&open, false, ["M-1", "张伟", "13800005678", "zhang@example.com", "2000-02-29", "VIP; 常客", "0"]),
            (&masked, true, ["M-1", "张**", "138****5678", "z***@example.com", "02-**", "VIP; 常客", "0"]),
        ] {
            let export = seen(&owner, id).await;
            assert_eq!((&export["state"], &export["masked"]), (&json!("DONE"), &json!(is_masked)), "{export:#}");
            let table = Table::of_csv(&downloaded(&export).await);
            assert_eq!(table.rows.len(), 1, "who is searched for");
            assert_eq!(table.rows[0][..7], wanted);
            assert!(table.rows[0][7].starts_with("2025-01-02"));
        }
        let bytes = file(&world, &merchant, json!({ "members": {} }), "CSV", columns).await;
        assert_eq!(Table::of_csv(&bytes).column("生日"), ["05-01", "2000-02-29"]);
        // What is searched for is no text in the database.
        let kept = entity::export::Entity::of(merchant.id).all(world.app().db.reads_across()).await.unwrap();
        assert!(kept.iter().all(|row| !row.wanted.contains("5678")), "{kept:?}");
    }

    async fn a_file_of_members_needs_their_scope_and_one_of_orders_leaves_them_out_without_it(world: World) {
        let merchant = shop(&world).await;
        let narrow = with_scopes(&world, &merchant, "EXPORTS_WRITE, ORDERS_READ").await;
        let input = |rows: Value| json!({ "input": { "idempotencyKey": format!("export {rows}"), "format": "CSV",
            "rows": rows } });
        let refused = narrow.error(crate::exports::CREATE, input(json!({ "members": {} }))).await;
        assert_eq!(refused.0, "FORBIDDEN");
        let mut named = input(json!({ "orders": {} }));
        named["input"]["columns"] = json!(["orderNo", "memberNo"]);
        assert_eq!(narrow.error(crate::exports::CREATE, named).await.0, "FORBIDDEN");
        let made = narrow.data("mutation($input: ExportCreateInput!) { exportCreate(input: $input) \
            { export { columns } } }", input(json!({ "orders": {} }))).await;
        let columns = made["exportCreate"]["export"]["columns"].as_array().expect("columns").clone();
        assert!(columns.contains(&json!("orderNo")) && !columns.contains(&json!("memberNo")), "{columns:?}");
        let members = with_scopes(&world, &merchant, "EXPORTS_WRITE, MEMBERS_READ").await;
        let refused = members.error(crate::exports::CREATE, input(json!({ "members": {} }))).await;
        assert_eq!(refused.0, "FORBIDDEN", "what they bought needs the scope of orders");
        let viewer = merchant.client(Role::Viewer).await;
        let refused = viewer.error(crate::exports::CREATE, input(json!({ "members": {} }))).await;
        assert_eq!(refused.0, "FORBIDDEN");
    }
}
