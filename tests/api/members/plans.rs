//! What PostgreSQL does for members among thousands of orders: by which index, in how many statements.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::orders::plans::{Busy, RUNS, Ran, assert_by_index, busy};

/// Members who bought more than once, those first who were named last.
async fn regulars(busy: &Busy) -> Vec<Value> {
    let document = "{ members(last: 40, filter: { hasPaid: true }) { edges { node { memberNo paidOrders } } } }";
    let (answer, _) = busy.ask(document, &Value::Null).await;
    let edges = answer["members"]["edges"]
        .as_array()
        .expect("edges")
        .clone();
    let nodes = edges.into_iter().map(|edge| edge["node"].clone());
    nodes
        .filter(|node| node["paidOrders"].as_i64() > Some(2))
        .collect()
}

/// Whether a statement reads a table.
fn reads(ran: &Ran, table: &str) -> bool {
    ran.nodes()
        .iter()
        .any(|node| node["Relation Name"] == table)
}

#[tokio::test]
async fn orders_of_a_member_are_found_by_index() {
    let Some(busy) = busy().await else { return };
    let member = regulars(&busy).await.pop().expect("somebody came back");
    let by_number = "query($no: String) { orders(first: 5, filter: { memberNo: $no }) { edges { node { id } } } }";
    let of_member = "query($no: String!) { member(by: { memberNo: $no }) { id orders(first: 5) { edges { node { id } } } } }";
    for (what, document, statements) in
        [("by number", by_number, 1), ("of the member", of_member, 2)]
    {
        for run in 1..=RUNS {
            let (answer, ran) = busy
                .ask(document, &json!({ "no": member["memberNo"] }))
                .await;
            let orders = if what == "by number" {
                &answer["orders"]
            } else {
                &answer["member"]["orders"]
            };
            assert!(orders["edges"][2].is_object(), "{answer}");
            let texts: Vec<&str> = ran.iter().map(Ran::text).collect();
            assert_eq!(ran.len(), statements, "{what}: {texts:#?}");
            assert_by_index(&format!("{what}, run {run}"), &ran, 6.0);
        }
    }
}

#[tokio::test]
async fn a_page_of_a_timeline_is_read_by_the_indexes_of_its_sources() {
    let Some(busy) = busy().await else { return };
    let member = regulars(&busy).await.pop().expect("somebody came back");
    // All that happened in the first half of the time happened to one.
    let no = member["memberNo"].as_str().expect("a number");
    let writer = busy.world.app().db.writer();
    for table in ["orders", "refunds"] {
        let theirs = format!(
            "UPDATE {table} SET member_id = members.id FROM members
             WHERE members.member_no = '{no}' AND {table}.merchant_id = members.merchant_id AND {table}.id <
                (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY orders.id) FROM orders
                 WHERE orders.merchant_id = members.merchant_id)"
        );
        let updated = writer
            .execute_unprepared(&theirs)
            .await
            .expect("a statement");
        assert!(updated.rows_affected() > 20, "{table}");
        let vacuum = format!("VACUUM (ANALYZE) {table}");
        writer
            .execute_unprepared(&vacuum)
            .await
            .expect("a statement");
    }
    let document = "query($no: String!, $after: String) { member(by: { memberNo: $no }) { \
        timeline(first: 20, after: $after) { edges { node { kind at } } pageInfo { endCursor } } } }";
    let mut after = Value::Null;
    for run in 1..=RUNS {
        let (answer, ran) = busy
            .ask(document, &json!({ "no": no, "after": after }))
            .await;
        let timeline = &answer["member"]["timeline"];
        assert!(timeline["edges"][19].is_object(), "{answer}");
        after = timeline["pageInfo"]["endCursor"].clone();
        for (table, index) in [
            ("orders", "orders_member_paid"),
            ("refunds", "refunds_member"),
        ] {
            let told = ran.iter().filter(|ran| reads(ran, table));
            let indexes =
                told.flat_map(|ran| ran.nodes().into_iter().map(|node| &node["Index Name"]));
            let indexes: Vec<&Value> = indexes.filter(|index| index.is_string()).collect();
            assert_eq!(indexes, [index], "page {run}");
        }
        // Of the few refunds that there are, all may be sorted.
        let (_, others): (Vec<Ran>, Vec<Ran>) =
            ran.into_iter().partition(|ran| reads(ran, "refunds"));
        assert_by_index(&format!("timeline, page {run}"), &others, 21.0);
    }
}

#[tokio::test]
async fn what_twenty_members_bought_is_read_in_one_statement_by_index() {
    let Some(busy) = busy().await else { return };
    for (parts, statements) in [
        ("memberNo firstPaidAt", 1),
        ("paidOrders spent { amount }", 1),
        ("consumption { spentLastYear { amount } }", 2),
        ("name phone tags", 3),
        ("firstOrder { id title }", 2),
    ] {
        for run in 1..=RUNS {
            let document = format!(
                "{{ members(first: 20, filter: {{ hasPaid: true }}) {{ edges {{ node {{ id {parts} }} }} }} }}"
            );
            let (answer, ran) = busy.ask(&document, &Value::Null).await;
            assert!(answer["members"]["edges"][19].is_object());
            let texts: Vec<&str> = ran.iter().map(Ran::text).collect();
            assert_eq!(ran.len(), statements, "{parts}: {texts:#?}");
            assert_by_index(&format!("{parts}, run {run}"), &ran, 400.0);
        }
    }
}

#[tokio::test]
async fn who_bought_is_counted_by_index_and_only_where_it_is_selected() {
    let Some(busy) = busy().await else { return };
    // As the database does by itself before long: until then an index alone cannot tell who is there.
    let vacuum = "VACUUM (ANALYZE) orders";
    let writer = busy.world.app().db.writer();
    writer
        .execute_unprepared(vacuum)
        .await
        .expect("a statement");
    let range = "range: { preset: LAST_90_DAYS } grain: DAY";
    for (fields, dimensions, reads_orders) in [
        ("buyers", "", true),
        ("returningMembers", "[CHANNEL, COUNTRY]", true),
        ("newMembers", "[METHOD]", true),
        ("paidOrders", "[CHANNEL]", false),
        ("buyers", "[CATEGORY]", false),
    ] {
        for run in 1..=RUNS {
            let by = if dimensions.is_empty() {
                String::new()
            } else {
                format!("dimensions: {dimensions}")
            };
            // A name of its own, so that no answer is kept.
            let document = format!(
                "{{ statistics({range} {by}) {{ totals {{ r{run}: {fields} }} rows {{ startsOn measures {{ {fields} }} }} }} }}"
            );
            let (_, ran) = busy.ask(&document, &Value::Null).await;
            let told = ran
                .iter()
                .filter(|ran| reads(ran, "orders") || reads(ran, "members"));
            assert_eq!(
                told.clone().count() > 0,
                reads_orders,
                "{fields} {dimensions}"
            );
            for ran in told {
                let nodes = ran.nodes();
                let orders = nodes
                    .iter()
                    .filter(|node| node["Relation Name"] == "orders");
                let scanned = orders.clone().any(|node| node["Node Type"] == "Seq Scan");
                let by_index = nodes
                    .iter()
                    .any(|node| node["Index Name"] == "orders_buyers");
                let reads_orders = orders.count() > 0;
                assert!(
                    !scanned && by_index == reads_orders,
                    "{fields}: {}",
                    ran.text()
                );
            }
        }
    }
}
