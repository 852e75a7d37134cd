//! What PostgreSQL does for the ledger and for settlements, among thousands of payments.

use chrono::TimeDelta;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use yigate::error::Error;
use yigate::ledger::model::{Balances, Posting};
use yigate::ledger::service::post;
use yigate::money::Currency;
use yigate::settlements::service::{due, release};

use crate::orders::plans::{RUNS, assert_by_index, busy};
use crate::support::World;

const SCHEDULE: &str =
    "{ settlementSchedule { day amount { amount } payments channels { payments } } }";

/// How many payments of the merchant wait for their day.
fn waiting(answer: &Value) -> u32 {
    let days = answer["settlementSchedule"]
        .as_array()
        .expect("days")
        .iter();
    let payments = days.map(|day| day["payments"].as_u64().expect("a number"));
    u32::try_from(payments.sum::<u64>()).expect("not too many")
}

#[tokio::test]
async fn workers_find_money_that_is_due_by_index() {
    let Some(busy) = busy().await else { return };
    let app = &busy.gateway.app;
    busy.world.clock.advance(TimeDelta::days(4));
    let mut merchants = Vec::new();
    for run in 1..=RUNS {
        busy.statements.take();
        merchants = due(app).await.expect("the database answers");
        let ran = busy.statements.take();
        // Two looks into the index for each of three merchants.
        assert_by_index(&format!("due merchants, run {run}"), &ran, 6.0);
    }
    assert!(!merchants.is_empty(), "money is due");
    for merchant_id in merchants {
        release(app, merchant_id).await.expect("released");
    }
    assert!(due(app).await.expect("the database answers").is_empty());
    // What was released is read, locked, and found again to be changed: no more than what waited.
    assert_by_index("releases", &busy.statements.take(), 2_000.0);
}

#[tokio::test]
async fn a_schedule_is_read_from_the_index_of_what_waits() {
    let Some(busy) = busy().await else { return };
    for run in 1..=RUNS {
        let (answer, ran) = busy.ask(SCHEDULE, &Value::Null).await;
        let waiting = waiting(&answer);
        assert!(waiting > 0, "{answer}");
        assert_eq!(ran.len(), 1);
        assert_by_index(&format!("run {run}"), &ran, f64::from(waiting));
    }
}

#[tokio::test]
async fn a_page_of_the_ledger_is_read_by_index_in_a_few_statements() {
    let Some(busy) = busy().await else { return };
    let document = "query($filter: LedgerFilterInput) { ledgerTransactions(first: 50, filter: $filter) { \
        edges { node { id source entries { account amount { amount } } } } } }";
    let about = "query($filter: LedgerFilterInput) { ledgerTransactions(first: 50, filter: $filter) { \
        edges { node { id source about { id } } } } }";
    let payments = json!({ "filter": { "source": ["PAYMENT"] } });
    let (page, ran) = busy.ask(about, &payments).await;
    assert_eq!(ran.len(), 2, "all orders of a page come in one statement");
    let order = page["ledgerTransactions"]["edges"][7]["node"]["about"]["id"].clone();
    assert!(order.is_string(), "{page}");
    for (what, most, statements, filter) in [
        ("all", 250.0, 2, json!({})),
        ("payments", 250.0, 2, json!({ "source": ["PAYMENT"] })),
        ("settlements", 700.0, 2, json!({ "source": ["SETTLEMENT"] })),
        ("refunds", 700.0, 2, json!({ "source": ["REFUND"] })),
        ("what waits", 400.0, 2, json!({ "account": "PENDING" })),
        (
            "what is set aside",
            1_000.0,
            2,
            json!({ "account": "RESERVED" }),
        ),
        ("an order", 12.0, 3, json!({ "orderId": order })),
    ] {
        for run in 1..=RUNS {
            let (answer, ran) = busy.ask(document, &json!({ "filter": filter })).await;
            assert!(
                answer["ledgerTransactions"]["edges"][0].is_object(),
                "{what}: {answer}"
            );
            assert_eq!(ran.len(), statements, "{what}");
            assert_by_index(&format!("{what}, run {run}"), &ran, most);
        }
    }
}

#[tokio::test]
async fn what_is_posted_first_of_all_is_written_by_index() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant_id = world.merchant("汇贤饭店").await.id;
    let app = world.app();
    // Three entries: of two, PostgreSQL would look each up by index in any case.
    let changes = Balances::default()
        .with(LedgerAccount::Pending, 3_578)
        .with(LedgerAccount::FeeIncome, 22)
        .with(LedgerAccount::ChannelClearing, -3_600);
    // PostgreSQL counts the transaction's own reads of a table from end to end.
    let counted =
        "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'ledger_transactions'";
    let scans = app.write(merchant_id, |txn| async move {
        for source_id in 1..=20 {
            let posting = Posting {
                source: LedgerSource::Payment,
                source_id,
                step: LedgerStep::Credited,
                round: 1,
                changes,
            };
            post(app, &txn, merchant_id, Currency::Cny, &posting).await?;
        }
        let statement = Statement::from_string(app.db.backend(), counted);
        let row = txn.query_one_raw(statement).await?.expect("a row");
        Ok::<i64, Error>(row.try_get("", "seq_scan")?)
    });
    assert_eq!(scans.await.expect("posted"), 0);
}
