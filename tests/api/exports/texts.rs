//! What others wrote stays a text, numbers stay numbers, and buyers are masked for who may not see them.

use chrono::TimeDelta;
use entity::membership::{self, Role};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;

use super::{Table, asked_for, downloaded, file, objects, seen, workbook, workers_work};
use crate::everywhere;
use crate::orders::rows::{before_noon, insert, order};
use crate::support::{Merchant, World};

/// Texts that a spreadsheet would run.
const FORMULAS: [&str; 7] = [
    "=HYPERLINK(\"https://evil.example\",\"订单\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1,2)",
    "＝1+1",
    "\t=1+1",
    " =1+1",
];

async fn has_role(world: &World, merchant: &Merchant, who: Role, role: Role) {
    membership::Entity::update_of(merchant.id)
        .filter(membership::Column::StaffId.eq(merchant.staff(who)))
        .col_expr(membership::Column::Role, Expr::value(role))
        .exec(world.app().db.writer())
        .await
        .expect("a membership");
    world.clock.advance(TimeDelta::seconds(6));
}

everywhere! {
    async fn what_a_spreadsheet_would_run_stays_a_text(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let rows: Vec<_> = FORMULAS.iter().zip(1..)
            .map(|(text, no)| {
                let mut row = order(&merchant, format!("=S{no}"), before_noon(no)).lines(&[*text]);
                row.order.title = (*text).to_owned();
                row
            })
            .collect();
        insert(&world, &rows).await;
        let columns = json!({ "columns": ["title", "merchantOrderNo", "lines", "orderNo"] });
        let bytes = file(&world, &merchant, json!({ "orders": {} }), "CSV", columns.clone()).await;
        let table = Table::of_csv(&bytes);
        for (cell, text) in table.column("商品").iter().zip(FORMULAS) {
            assert_eq!(*cell, format!("'{text}"));
        }
        for heading in ["商户订单号", "商品明细"] {
            assert!(table.column(heading).iter().all(|cell| cell.starts_with('\'')), "{heading}");
        }
        // Nineteen digits end with a tab, so that they are no number.
        for (cell, row) in table.column("平台订单号").iter().zip(&rows) {
            assert_eq!(*cell, format!("{}\t", row.order.id.0));
        }
        // A workbook's texts are texts by their kind, and JSON's as well.
        let bytes = file(&world, &merchant, json!({ "orders": {} }), "XLSX", columns.clone()).await;
        assert_eq!(Table::of_xlsx(&bytes).column("商品"), FORMULAS);
        let bytes = file(&world, &merchant, json!({ "orders": {} }), "JSONL", columns).await;
        let objects = objects(&bytes);
        let titles: Vec<&str> = objects.iter().map(|it| it["title"].as_str().expect("a title")).collect();
        assert_eq!(titles, FORMULAS);
        assert_eq!(objects[0]["lines"][0]["title"], FORMULAS[0]);
    }

    async fn a_workbooks_cells_are_of_their_kinds(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        insert(&world, &[order(&merchant, "A<&>\"_x0041_", before_noon(30)).amount(123_450).paid(before_noon(0))]).await;
        let columns = json!({ "columns": ["orderNo", "merchantOrderNo", "paid", "paidAt", "paymentState"] });
        let bytes = file(&world, &merchant, json!({ "orders": {} }), "XLSX", columns).await;
        let files = workbook::unpacked(&bytes);
        let (_, sheet) = files.iter().find(|(name, _)| name == "xl/worksheets/sheet1.xml").expect("a sheet");
        // The heading is bold and stays; 2026-11-23 12:00 in Shanghai is 46349.5.
        for part in ["state=\"frozen\"", "<c r=\"A1\" s=\"1\" t=\"inlineStr\">", "<c r=\"A2\" s=\"5\" t=\"inlineStr\">",
            "<c r=\"C2\" s=\"4\"><v>1234.50</v></c>", "<c r=\"D2\" s=\"2\"><v>46349.5000000000</v></c>",
            "A&lt;&amp;&gt;\"_x005F_x0041_</t>", ">已支付</t>"] {
            assert!(sheet.contains(part), "no {part} in {sheet}");
        }
        let (_, book) = files.iter().find(|(name, _)| name == "xl/workbook.xml").expect("a workbook");
        assert!(book.contains("name=\"订单\""), "{book}");
    }

    async fn buyers_are_masked_for_who_may_not_see_them(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.order_with("36.00", json!({ "buyer": { "name": "王小明", "phone": "13812345678" } })).await;
        let (owner, finance) = (merchant.owner().await, merchant.client(Role::Finance).await);
        let columns = json!({ "columns": ["buyerName", "buyerPhone"] });
        let ask = async |by| asked_for(by, json!({ "orders": {} }), "JSONL", columns.clone()).await;
        let in_full = ask(&owner).await;
        workers_work(&world).await;
        let by_finance = ask(&finance).await;
        // Who could see buyers and may not any more, and who may by now and could not then.
        let fallen = ask(&owner).await;
        has_role(&world, &merchant, Role::Owner, Role::Finance).await;
        has_role(&world, &merchant, Role::Finance, Role::Owner).await;
        workers_work(&world).await;
        let now_owner = merchant.client(Role::Finance).await;
        let masked = json!({ "buyerName": "王**", "buyerPhone": "138****5678" });
        for (id, wanted, is_masked) in [
            (&in_full, json!({ "buyerName": "王小明", "buyerPhone": "13812345678" }), false),
            (&by_finance, masked.clone(), true),
            (&fallen, masked, true),
        ] {
            let export = seen(&now_owner, id).await;
            assert_eq!(export["masked"], is_masked, "{export:#}");
            assert_eq!(objects(&downloaded(&export).await), [wanted]);
        }
        // Who may not see buyers gets no link to a file that shows them.
        let document = "query($id: ID!) { export(id: $id) { state url } }";
        let now_finance = merchant.client(Role::Owner).await;
        let answer = now_finance.ask(document, json!({ "id": in_full })).await;
        assert_eq!(answer["data"]["export"], json!({ "state": "DONE", "url": null }), "{answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let answer = now_finance.ask(document, json!({ "id": by_finance })).await;
        assert!(answer["data"]["export"]["url"].is_string(), "{answer}");
    }

    async fn a_file_that_tells_of_no_buyer_is_for_who_may_see_its_list(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let owner = merchant.owner().await;
        let mut ids = Vec::new();
        for rows in ["fees", "ledgerEntries", "refunds"] {
            ids.push(asked_for(&owner, json!({ rows: {} }), "CSV", json!({})).await);
        }
        let some = json!({ "columns": ["orderNo", "paid"] });
        ids.push(asked_for(&owner, json!({ "orders": {} }), "CSV", some).await);
        workers_work(&world).await;
        let finance = merchant.client(Role::Finance).await;
        for id in &ids {
            downloaded(&seen(&finance, id).await).await;
        }
        let told = crate::audit::log(&owner, json!({ "actions": ["exportCreate", "exportDownload"] })).await;
        let told = serde_json::to_string(&told).expect("JSON");
        assert!(told.contains("personalData") && !told.contains("true"), "{told}");
    }

    async fn who_may_not_see_a_list_any_more_gets_no_file(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let id = asked_for(&merchant.client(Role::Finance).await, json!({ "orders": {} }), "CSV", json!({})).await;
        has_role(&world, &merchant, Role::Finance, Role::Viewer).await;
        workers_work(&world).await;
        let export = seen(&merchant.owner().await, &id).await;
        assert_eq!((&export["state"], &export["failure"]), (&json!("FAILED"), &json!("NOT_ALLOWED")), "{export:#}");
        assert_eq!(export["url"], json!(null));
    }
}
