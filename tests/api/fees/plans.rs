//! What PostgreSQL does for fees: by which index, and in how many statements.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::SET;
use crate::orders::plans::{Busy, RUNS, Ran, assert_by_index, busy};

/// Orders of several merchants with their payments, by a rule of the one that asks.
async fn busy_with_payments() -> Option<Busy> {
    let busy = busy().await?;
    let input = json!({ "input": { "name": "全部", "rate": "0.006" } });
    let made = busy.client.data(SET, input).await;
    let rule: entity::FeeRuleId = made["feeRuleSet"]["feeRule"]["ruleId"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id");
    let db = &busy.world.app().db;
    for text in [
        "TRUNCATE payments CASCADE".to_owned(),
        format!(
            "INSERT INTO payments (merchant_id, order_id, channel_id, method, country, currency, paid_minor,
                credited_at, funds_mode, fee_rule_id, fee_rule_version, fee_rate_ppm, fee_fixed_minor,
                fee_minor, returns_fee, fee_returned_minor, unsettled_minor, pending_reserved_minor)
            SELECT merchant_id, id, channel_id, method, country, currency, paid_minor, paid_at, 'COLLECT', {},
                1, 6000, 0, (paid_minor * 6000 + 500000) / 1000000, TRUE, 0, 0, 0
            FROM orders WHERE payment_state = 'PAID'",
            rule.0
        ),
        "ANALYZE payments".to_owned(),
    ] {
        let statement = Statement::from_string(db.backend(), text);
        db.writer().execute_raw(statement).await.expect("a statement");
    }
    Some(busy)
}

fn texts(ran: &[Ran]) -> Vec<&str> {
    ran.iter().map(Ran::text).collect()
}

#[tokio::test]
async fn fees_are_read_by_index_in_a_few_statements() {
    let Some(busy) = busy_with_payments().await else {
        return;
    };
    let page = |parts: &str| {
        format!(
            "query($first: Int, $after: String, $last: Int, $filter: FeeFilterInput) {{
                fees(first: $first, after: $after, last: $last, filter: $filter) {{
                    edges {{ cursor node {{ amount {{ amount }} {parts} }} }} }} }}"
        )
    };
    let (first, _) = busy.ask(&page(""), &json!({ "first": 50 })).await;
    let cursor = first["fees"]["edges"][49]["cursor"].clone();
    let month = json!({ "takenAt": { "preset": "LAST_MONTH" } });
    for (what, variables) in [
        ("newest", json!({ "first": 50 })),
        ("after a cursor", json!({ "first": 50, "after": cursor })),
        ("oldest", json!({ "last": 50 })),
        ("of last month", json!({ "first": 50, "filter": month })),
    ] {
        for run in 1..=RUNS {
            let (_, ran) = busy.ask(&page(""), &variables).await;
            assert_eq!(ran.len(), 1, "{what}: {:#?}", texts(&ran));
            assert_by_index(&format!("{what}, run {run}"), &ran, 51.0);
        }
    }
    for (parts, statements) in [
        ("explanation", 1),
        ("rule { version channel { id } versions { version } }", 2),
        ("order { title }", 2),
        (
            "order { title } rule { name } channel { name } explanation",
            3,
        ),
    ] {
        for first in [5, 50] {
            let (answer, ran) = busy.ask(&page(parts), &json!({ "first": first })).await;
            assert_eq!(
                answer["fees"]["edges"].as_array().map(Vec::len),
                Some(first)
            );
            assert_eq!(
                ran.len(),
                statements,
                "{parts} of {first}: {:#?}",
                texts(&ran)
            );
            assert_by_index(&format!("{parts} of {first}"), &ran, 60.0);
        }
    }
    let totals = "{ fees(first: 3) { totals { count } } }";
    assert_eq!(busy.ask(totals, &Value::Null).await.1.len(), 2);
}

#[tokio::test]
async fn the_fees_of_a_page_of_orders_come_in_one_statement() {
    let Some(busy) = busy_with_payments().await else {
        return;
    };
    for parts in [
        "fee { amount { amount } }",
        "fee { amount { amount } explanation }",
        "fee { rate } ... { fee { net { amount } } }",
    ] {
        for first in [5, 50] {
            let document = format!(
                "query($first: Int) {{ orders(first: $first, filter: {{ paymentState: [PAID] }}) {{
                    edges {{ node {{ id {parts} }} }} }} }}"
            );
            let (answer, ran) = busy.ask(&document, &json!({ "first": first })).await;
            assert!(
                answer["orders"]["edges"][0]["node"]["fee"].is_object(),
                "{answer}"
            );
            assert_eq!(ran.len(), 2, "{parts} of {first}: {:#?}", texts(&ran));
            assert_by_index(&format!("{parts} of {first}"), &ran, 120.0);
        }
    }
}

#[tokio::test]
async fn a_quote_a_statement_and_the_check_ask_a_few_statements() {
    let Some(busy) = busy_with_payments().await else {
        return;
    };
    let channels = busy.client.data("{ channels { id } }", Value::Null).await;
    let channel = &channels["channels"][0]["id"];
    let quote = "query($id: ID!) { feeQuote(input: { channelId: $id, \
        amount: { amount: \"1.00\", currency: \"CNY\" } }) { fee { amount } rule { name } explanation } }";
    assert_eq!(busy.ask(quote, &json!({ "id": channel })).await.1.len(), 1);
    let statement =
        "{ feeStatement(month: \"2026-10-01\") { rows { channel { name } fee { amount } } } }";
    let (_, ran) = busy.ask(statement, &Value::Null).await;
    assert_eq!(ran.len(), 2, "{:#?}", texts(&ran));
    assert_by_index("a statement", &ran, 3_000.0);
    // All payments of a year in chunks of a thousand, each in one statement, and the rules.
    let count = "{ fees(filter: { takenAt: { preset: LAST_365_DAYS } }) { totals { count } } }";
    let count = busy.client.data(count, Value::Null).await;
    let count = count["fees"]["totals"]["count"].as_u64().expect("a count");
    let check = "{ feeDifferences(range: { preset: LAST_365_DAYS }, first: 1) { pageInfo { hasNextPage } } }";
    let (answer, ran) = busy.ask(check, &Value::Null).await;
    // The rule was set after all of them.
    assert_eq!(
        answer["feeDifferences"]["pageInfo"]["hasNextPage"],
        json!(true)
    );
    assert_eq!(ran.len(), 2, "{:#?}", texts(&ran));
    assert_by_index("the check", &ran, 1_000.0);
    assert!(count > 1_000, "there is more than one chunk");
}
