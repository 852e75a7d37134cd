//! What PostgreSQL does for fees: by which index, and in how many statements.

use serde_json::{Value, json};

use crate::orders::plans::{RUNS, Ran, assert_by_index, busy};

fn texts(ran: &[Ran]) -> Vec<&str> {
    ran.iter().map(Ran::text).collect()
}

#[tokio::test]
async fn fees_are_read_by_index_in_a_few_statements() {
    let Some(busy) = busy().await else {
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
    let Some(busy) = busy().await else {
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
    let Some(busy) = busy().await else {
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
    // Refunds are so few here that PostgreSQL may read them all; what grows with every payment is not.
    for node in ran.iter().flat_map(Ran::nodes) {
        let table = node["Relation Name"].as_str().unwrap_or_default();
        let few = table.is_empty() || table == "refunds";
        assert!(few || node["Node Type"] != "Seq Scan", "{table}: {node:#}");
    }
    // All payments of a year in chunks of a thousand, each in one statement, and the rules.
    let count = "{ fees(filter: { takenAt: { preset: LAST_365_DAYS } }) { totals { count } } }";
    let count = busy.client.data(count, Value::Null).await;
    let count = count["fees"]["totals"]["count"].as_u64().expect("a count");
    assert!(count > 1_000, "there is more than one chunk");
    let check = "{ feeDifferences(range: { preset: LAST_365_DAYS }) { edges { cursor } } }";
    let (answer, ran) = busy.ask(check, &Value::Null).await;
    assert_eq!(answer["feeDifferences"]["edges"], json!([]));
    let chunks = usize::try_from(count / 1_000 + 1).expect("a few");
    assert_eq!(ran.len(), 1 + chunks, "{:#?}", texts(&ran));
    assert_by_index("the check", &ran, 1_000.0);
}
