//! What PostgreSQL does for the ledger and for settlements, among thousands of payments.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use yigate::settlements::service::{due, release};

use crate::orders::plans::{Busy, RUNS, assert_by_index, busy};

/// Every paid order with its payment, of which the newest of each merchant still wait, and its posting.
const BOOKS: [&str; 5] = [
    "INSERT INTO payments (merchant_id, order_id, channel_id, method, country, currency, paid_minor, \
        credited_at, funds_mode, fee_rate_ppm, fee_fixed_minor, fee_minor, returns_fee, \
        fee_returned_minor, settles_on, unsettled_minor, pending_reserved_minor) \
     SELECT merchant_id, id, channel_id, method, country, currency, paid_minor, paid_at, 'COLLECT', 0, 0, \
        0, TRUE, 0, paid_at / 86400000 + 1, CASE WHEN row_number() OVER \
        (PARTITION BY merchant_id ORDER BY id DESC) <= 200 THEN paid_minor ELSE 0 END, 0 \
     FROM orders WHERE payment_state = 'PAID' ON CONFLICT DO NOTHING",
    "INSERT INTO ledger_entries (merchant_id, transaction_id, account, direction, amount_minor) \
     SELECT merchant_id, order_id, account, direction, paid_minor FROM payments, (VALUES \
        ('PENDING', 'CREDIT'), ('CHANNEL_CLEARING', 'DEBIT')) sides (account, direction) \
     ON CONFLICT DO NOTHING",
    "INSERT INTO ledger_transactions (merchant_id, id, source, source_id, step, round, currency, \
        amount_minor, posted_at) \
     SELECT merchant_id, order_id, 'PAYMENT', order_id, 'CREDITED', 1, currency, paid_minor, credited_at \
     FROM payments ON CONFLICT DO NOTHING",
    "COMMIT",
    "ANALYZE",
];

async fn booked() -> Option<Busy> {
    let busy = busy().await?;
    let db = busy.world.app().db.writer();
    let backend = busy.world.app().db.backend();
    let all = format!("BEGIN; {}", BOOKS.join("; "));
    db.execute_unprepared(&all).await.expect("books");
    let count = Statement::from_string(backend, "SELECT COUNT(*) FROM payments");
    let row = db
        .query_one_raw(count)
        .await
        .expect("a count")
        .expect("a row");
    let count: i64 = row.try_get_by_index(0).expect("a number");
    assert!(count > 5_000, "{count} payments");
    Some(busy)
}

#[tokio::test]
async fn workers_find_money_that_is_due_by_index() {
    let Some(busy) = booked().await else { return };
    let app = &busy.gateway.app;
    for run in 1..=RUNS {
        busy.statements.take();
        let merchants = due(app).await.expect("the database answers");
        let ran = busy.statements.take();
        // Two looks into the index for each of three merchants.
        assert_by_index(&format!("due merchants, run {run}"), &ran, 6.0);
        if run == 1 {
            assert_eq!(merchants.len(), 3);
            for merchant_id in merchants {
                release(app, merchant_id).await.expect("released");
            }
            // What is due is read, locked, and changed.
            assert_by_index("a release", &busy.statements.take(), 900.0);
        }
    }
}

#[tokio::test]
async fn a_schedule_is_read_from_the_index_of_what_waits() {
    let Some(busy) = booked().await else { return };
    let document = "{ settlementSchedule { day amount { amount } channels { payments } } }";
    for run in 1..=RUNS {
        let (answer, ran) = busy.ask(document, &Value::Null).await;
        assert!(
            answer["settlementSchedule"][0]["day"].is_string(),
            "{answer}"
        );
        assert_eq!(ran.len(), 1);
        assert_by_index(&format!("run {run}"), &ran, 200.0);
    }
}

#[tokio::test]
async fn a_page_of_the_ledger_is_read_by_index_in_a_few_statements() {
    let Some(busy) = booked().await else { return };
    let document = "query($filter: LedgerFilterInput) { ledgerTransactions(first: 50, filter: $filter) { \
        edges { node { id source entries { account amount { amount } } } } } }";
    let about = "query($filter: LedgerFilterInput) { ledgerTransactions(first: 50, filter: $filter) { \
        edges { node { id source about { id } } } } }";
    let (page, _) = busy.ask(about, &Value::Null).await;
    let order = page["ledgerTransactions"]["edges"][7]["node"]["about"]["id"].clone();
    assert!(order.is_string(), "{page}");
    for (what, found, most, statements, filter) in [
        ("all", 50, 160.0, 2, json!({})),
        ("payments", 50, 160.0, 2, json!({ "source": ["PAYMENT"] })),
        ("an account", 50, 160.0, 2, json!({ "account": "PENDING" })),
        ("an order", 1, 3.0, 3, json!({ "orderId": order })),
        (
            "what is no payment",
            0,
            1.0,
            1,
            json!({ "source": ["SETTLEMENT", "ADJUSTMENT"] }),
        ),
        (
            "an account that payments do not touch",
            0,
            1.0,
            1,
            json!({ "account": "RESERVED" }),
        ),
    ] {
        for run in 1..=RUNS {
            let (answer, mut ran) = busy.ask(document, &json!({ "filter": filter })).await;
            let edges = answer["ledgerTransactions"]["edges"]
                .as_array()
                .expect("edges");
            assert_eq!(edges.len(), found, "{what}");
            // Nothing is asked for the entries of no transactions.
            ran.retain(|ran| found > 0 || !ran.text().starts_with("SELECT \"ledger_entries\""));
            assert_eq!(ran.len(), statements, "{what}");
            assert_by_index(&format!("{what}, run {run}"), &ran, most);
        }
    }
    let (_, ran) = busy.ask(about, &Value::Null).await;
    assert_eq!(ran.len(), 2, "all orders of a page come in one statement");
}
