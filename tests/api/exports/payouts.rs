//! Payouts in files: as their list shows them, the bank account masked, for who may see both.

use entity::membership::Role;
use serde_json::{Value, json};

use super::{CREATE, Table, asked, asked_for, downloaded, fen, file, objects, seen, workers_work};
use crate::everywhere;
use crate::support::{Client, Merchant, World};

/// A shop that has paid out to two accounts: two arrived, one was refused.
async fn shop(world: &World) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    merchant.adjusts("1000.00").await;
    merchant
        .payout_terms(|terms| terms.tariff.fixed_minor = 100)
        .await;
    let owner = merchant.payer(Role::Owner).await;
    let (first, second) = (
        merchant.payable_account().await,
        merchant.payable_account().await,
    );
    owner.pays_out(first, "10.00").await;
    owner.pays_out(second, "20.50").await;
    owner
        .pays_out_that(second, "30.00", "sandbox:payout-refuse")
        .await;
    merchant.payouts_go_through().await;
    merchant
}

/// What the list shows, the newest first.
async fn shown(merchant: &Merchant, filter: Value) -> Vec<Value> {
    let document = "query($filter: PayoutFilterInput) { payouts(filter: $filter, first: 100) { edges { node { \
        payoutNo state amount { amount currency } fee { amount } net { amount } paidAt errorCode \
        bankAccount { number holder bank { code name } } } } } }";
    let owner = merchant.owner().await;
    let answer = owner.data(document, json!({ "filter": filter })).await;
    let edges = answer["payouts"]["edges"].as_array().expect("edges");
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// An API key's client.
async fn key(world: &World, merchant: &Merchant, scopes: &str) -> Client {
    let document = format!(
        "mutation {{ apiKeyCreate(input: {{ name: \"报表\", scopes: [{scopes}] }}) {{ secret }} }}"
    );
    let made = merchant.owner().await.data(&document, Value::Null).await;
    let secret = made["apiKeyCreate"]["secret"].as_str().expect("a secret");
    Client::bearer(world.gateway.clone(), secret).await
}

everywhere! {
    async fn payouts_are_written_as_their_list_shows_them(world: World) {
        let world = world.listening().await;
        let merchant = shop(&world).await;
        let listed = shown(&merchant, json!({})).await;
        assert_eq!(listed.len(), 3);
        let sum: i64 = listed.iter().map(|it| fen(it["amount"]["amount"].as_str().expect("an amount"))).sum();
        for format in ["CSV", "XLSX"] {
            let bytes = file(&world, &merchant, json!({ "payouts": {} }), format, json!({})).await;
            let table = if format == "CSV" { Table::of_csv(&bytes) } else { Table::of_xlsx(&bytes) };
            assert_eq!((table.rows.len(), table.sum("提现金额 (CNY)")), (3, sum), "{format}");
            assert_eq!(table.column("提现状态"), ["失败", "已到账", "已到账"], "{format}");
            assert_eq!(table.column("手续费 (CNY)"), ["1.00", "1.00", "1.00"], "{format}");
            for (account, row) in table.column("账号").iter().zip(&listed) {
                assert_eq!(row["bankAccount"]["number"], *account, "{format}");
            }
        }
        let bytes = file(&world, &merchant, json!({ "payouts": {} }), "JSONL", json!({})).await;
        let written = objects(&bytes);
        for (object, row) in written.iter().zip(&listed) {
            for name in ["payoutNo", "state", "amount", "paidAt", "errorCode"] {
                assert_eq!(object[name], row[name], "{name}");
            }
            assert_eq!(object["account"], row["bankAccount"]["number"]);
            assert_eq!(object["holder"], row["bankAccount"]["holder"]);
            assert_eq!(object["bank"], row["bankAccount"]["bank"]["code"]);
        }
        let paid = json!({ "state": ["PAID"], "amount": { "min": { "amount": "20.00", "currency": "CNY" } } });
        let columns = json!({ "columns": ["payoutNo", "net"] });
        let bytes = file(&world, &merchant, json!({ "payouts": { "filter": paid } }), "CSV", columns).await;
        let table = Table::of_csv(&bytes);
        assert_eq!(table.headings, ["提现单号", "到账金额 (CNY)"]);
        let listed = shown(&merchant, paid).await;
        assert_eq!(table.column("到账金额 (CNY)"), ["19.50"]);
        assert!(table.rows[0][0].trim_end() == listed[0]["payoutNo"], "{table:?}", table = table.rows);
    }

    async fn who_may_not_see_bank_accounts_has_none_written(world: World) {
        let world = world.listening().await;
        let merchant = shop(&world).await;
        let narrow = key(&world, &merchant, "EXPORTS_WRITE, PAYOUTS_READ").await;
        let input = |columns: Value| json!({ "input": { "idempotencyKey": "export-accounts", "format": "CSV",
            "rows": { "payouts": {} }, "columns": columns } });
        for columns in [json!(null), json!(["payoutNo", "account"]), json!(["holder"]), json!(["bankAccountId"])] {
            let (code, message) = narrow.error(CREATE, input(columns.clone())).await;
            assert_eq!(code, "FORBIDDEN", "{columns}");
            assert!(message.contains("bank-accounts:read"), "{message}");
        }
        let some = json!({ "columns": ["payoutNo", "amount", "state"] });
        let payload = asked(&narrow, json!({ "payouts": {} }), "CSV", some).await;
        assert_eq!(payload["export"]["state"], "QUEUED", "{payload}");
        workers_work(&world).await;
        let export = seen(&narrow, payload["export"]["id"].as_str().expect("an id")).await;
        assert_eq!(Table::of_csv(&downloaded(&export).await).rows.len(), 3);
        // Nor a link to a file that tells of them, whoever asked for that.
        let owner = merchant.owner().await;
        let id = asked_for(&owner, json!({ "payouts": {} }), "CSV", json!({})).await;
        workers_work(&world).await;
        downloaded(&seen(&owner, &id).await).await;
        let document = "query($id: ID!) { export(id: $id) { url } }";
        assert_eq!(narrow.error(document, json!({ "id": id })).await.0, "FORBIDDEN");
    }
}
