//! Each list in each format holds what the list shows.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{CREATE, Table, asked, fen, file, objects};
use crate::everywhere;
use crate::orders::rows::{before_noon, insert, order};
use crate::support::{Merchant, World};

/// A shop that has sold and given back.
async fn shop(world: &World) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    merchant.paid_order("36.00").await;
    let order = merchant.paid_order("1234.50").await;
    let money = |amount: &str| json!({ "amount": { "amount": amount, "currency": "CNY" } });
    order.refund(money("34.50")).await;
    world.clock.advance(TimeDelta::minutes(2));
    order.refund(money("0.05")).await;
    merchant.refunds_go_through().await;
    merchant.order("18.80").await;
    merchant
}

/// What a list shows: how many rows, and a sum in fen.
async fn shown(merchant: &Merchant, document: &str) -> (usize, i64) {
    let answer = merchant.owner().await.data(document, Value::Null).await;
    let list = answer
        .as_object()
        .expect("data")
        .values()
        .next()
        .expect("a list");
    let amount = list["totals"]["sum"]["amount"].as_str().expect("an amount");
    let count = list["totalCount"]
        .as_u64()
        .or(list["totals"]["count"].as_u64());
    let count = count.unwrap_or_else(|| panic!("no count: {answer}"));
    (usize::try_from(count).expect("few"), fen(amount))
}

everywhere! {
    async fn each_list_in_each_format_holds_what_the_list_shows(world: World) {
        let world = world.listening().await;
        let merchant = shop(&world).await;
        for (kind, heading, name, document) in [
            ("orders", "实付金额 (CNY)", "paid", "{ orders { totalCount totals { sum: paid { amount } } } }"),
            ("refunds", "退款金额 (CNY)", "amount", "{ refunds { totalCount totals { sum: amount { amount } } } }"),
            ("fees", "手续费 (CNY)", "amount", "{ fees { totals { count sum: fee { amount } } } }"),
        ] {
            let (count, sum) = shown(&merchant, document).await;
            assert!(count >= 2, "{kind}");
            for format in ["CSV", "XLSX"] {
                let bytes = file(&world, &merchant, json!({ kind: {} }), format, json!({})).await;
                let table = if format == "CSV" { Table::of_csv(&bytes) } else { Table::of_xlsx(&bytes) };
                assert_eq!((table.rows.len(), table.sum(heading)), (count, sum), "{kind} {format}");
            }
            let bytes = file(&world, &merchant, json!({ kind: {} }), "JSONL", json!({})).await;
            let objects = objects(&bytes);
            let amounts = objects.iter().map(|it| fen(it[name]["amount"].as_str().expect("an amount")));
            assert_eq!((objects.len(), amounts.sum::<i64>()), (count, sum), "{kind} JSONL");
        }
    }

    async fn the_ledger_is_exported_entry_by_entry_and_balances(world: World) {
        let world = world.listening().await;
        let merchant = shop(&world).await;
        let document = "{ ledgerTransactions(first: 100) { edges { node { id entries { account amount { amount } } } } } }";
        let seen = merchant.owner().await.data(document, Value::Null).await;
        let mut wanted = Vec::new();
        for edge in seen["ledgerTransactions"]["edges"].as_array().expect("edges") {
            for entry in edge["node"]["entries"].as_array().expect("entries") {
                wanted.push((edge["node"]["id"].clone(), entry["account"].clone(), entry["amount"]["amount"].clone()));
            }
        }
        let bytes = file(&world, &merchant, json!({ "ledgerEntries": {} }), "JSONL", json!({})).await;
        let entries = objects(&bytes);
        let told: Vec<_> = entries.iter()
            .map(|it| (it["transactionId"].clone(), it["account"].clone(), it["amount"]["amount"].clone()))
            .collect();
        assert_eq!(told, wanted);
        let bytes = file(&world, &merchant, json!({ "ledgerEntries": {} }), "CSV", json!({})).await;
        let table = Table::of_csv(&bytes);
        let side = |side: &str| {
            let rows = table.column("借贷方向").into_iter().zip(table.column("金额 (CNY)"));
            rows.filter(|(direction, _)| *direction == side).map(|(_, amount)| fen(amount)).sum::<i64>()
        };
        assert!(side("借") > 0 && side("借") == side("贷"));
        assert!(table.column("业务类型").contains(&"退款"));
    }

    async fn the_filter_the_order_and_the_columns_are_those_that_are_asked_for(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        insert(&world, &[
            order(&merchant, "A-1", before_noon(10)).amount(3_600).paid(before_noon(9)).from("CN"),
            order(&merchant, "A-2", before_noon(8)).amount(990).paid(before_noon(5)).from("US"),
            order(&merchant, "A-3", before_noon(7)).amount(7_777),
            // Yesterday, and tomorrow.
            order(&merchant, "A-4", before_noon(24 * 60)).amount(100).paid(before_noon(23 * 60)),
            order(&merchant, "A-5", before_noon(-60)).amount(100).paid(before_noon(-61)),
        ]).await;
        let columns = json!({ "columns": ["merchantOrderNo", "paid", "paidAt", "country"] });
        let today = json!({ "createdAt": { "preset": "TODAY" }, "paymentState": ["PAID"] });
        let by_amount = json!({ "field": "AMOUNT", "direction": "ASC" });
        let rows = json!({ "orders": { "filter": today, "orderBy": by_amount } });
        let bytes = file(&world, &merchant, rows, "CSV", columns.clone()).await;
        let text = std::str::from_utf8(&bytes).expect("UTF-8").trim_start_matches('\u{feff}');
        assert_eq!(text, "商户订单号,实付金额 (CNY),支付时间 (Asia/Shanghai),国家/地区\r\n\
            A-2,9.90,2026-11-23 11:55:00,US\r\nA-1,36.00,2026-11-23 11:51:00,CN\r\n");
        // By payment, paid orders alone; what is made later is not in it.
        let rows = json!({ "orders": { "orderBy": { "field": "PAID_AT" } } });
        let bytes = file(&world, &merchant, rows, "CSV", columns).await;
        assert_eq!(Table::of_csv(&bytes).column("商户订单号"), ["A-2", "A-1", "A-4"]);
        let none = json!({ "orders": { "filter": { "search": "nothing of the kind" } } });
        for format in ["CSV", "XLSX"] {
            let bytes = file(&world, &merchant, none.clone(), format, json!({})).await;
            let table = if format == "CSV" { Table::of_csv(&bytes) } else { Table::of_xlsx(&bytes) };
            assert_eq!((table.rows.len(), table.headings[0].as_str()), (0, "平台订单号"));
        }
        assert_eq!(file(&world, &merchant, none, "JSONL", json!({})).await, b"");
    }

    async fn what_cannot_be_meant_is_refused_and_a_list_needs_its_own_scope(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        for (rows, more, field) in [
            (json!({ "orders": {} }), json!({ "columns": [] }), "columns"),
            (json!({ "orders": {} }), json!({ "columns": ["orderNo", "orderNo"] }), "columns"),
            (json!({ "fees": {} }), json!({ "columns": ["merchantOrderNo"] }), "columns"),
            (json!({ "orders": { "filter": { "channelId": ["x"] } } }), json!({}), "filter.channelId"),
            (json!({ "orders": {} }), json!({ "idempotencyKey": "short" }), "idempotencyKey"),
        ] {
            let payload = asked(&owner, rows, "CSV", more).await;
            let error = &payload["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!("INVALID"), &json!(field)), "{payload}");
        }
        let both = json!({ "input": { "idempotencyKey": "export-both", "format": "CSV",
            "rows": { "orders": {}, "fees": {} } } });
        assert_eq!(owner.error(CREATE, both).await.0, "BAD_USER_INPUT");
        let key = "mutation { apiKeyCreate(input: { name: \"报表\", scopes: [EXPORTS_WRITE, ORDERS_READ] }) { secret } }";
        let made = owner.data(key, Value::Null).await;
        let secret = made["apiKeyCreate"]["secret"].as_str().expect("a secret");
        let narrow = crate::support::Client::bearer(world.gateway.clone(), secret).await;
        let input = |rows: Value| json!({ "input": {
            "idempotencyKey": "export-narrow", "format": "CSV", "rows": rows } });
        for rows in [json!({ "refunds": {} }), json!({ "fees": {} }), json!({ "ledgerEntries": {} }), json!({ "payouts": {} })] {
            assert_eq!(narrow.error(CREATE, input(rows)).await.0, "FORBIDDEN");
        }
        let payload = asked(&narrow, json!({ "orders": {} }), "CSV", json!({})).await;
        assert_eq!(payload["export"]["state"], "QUEUED", "{payload}");
        let viewer = merchant.client(Role::Viewer).await;
        assert_eq!(viewer.error(CREATE, input(json!({ "orders": {} }))).await.0, "FORBIDDEN");
    }

    async fn the_columns_that_are_told_are_those_that_are_written(world: World) {
        let world = world.listening().await;
        let merchant = shop(&world).await;
        for (kind, list) in [("ORDERS", "orders"), ("REFUNDS", "refunds"), ("LEDGER_ENTRIES", "ledgerEntries"), ("FEES", "fees"),
            ("PAYOUTS", "payouts"), ("MEMBERS", "members")] {
            let document = "query($kind: ExportKind!) { exportColumns(kind: $kind) { name headingZh headingEn } }";
            let told = merchant.owner().await.data(document, json!({ "kind": kind })).await;
            let told = told["exportColumns"].as_array().expect("columns").clone();
            let bytes = file(&world, &merchant, json!({ list: {} }), "JSONL", json!({})).await;
            for object in objects(&bytes) {
                assert_eq!(object.as_object().expect("an object").len(), told.len());
                assert!(told.iter().all(|it| object.get(it["name"].as_str().expect("a name")).is_some()));
            }
            for (language, name) in [("ZH_CN", "headingZh"), ("EN", "headingEn")] {
                let bytes = file(&world, &merchant, json!({ list: {} }), "CSV", json!({ "language": language })).await;
                for (heading, column) in Table::of_csv(&bytes).headings.iter().zip(&told) {
                    assert!(heading.starts_with(column[name].as_str().expect("a heading")), "{heading} {column}");
                }
            }
        }
    }
}
