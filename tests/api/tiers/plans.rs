//! What PostgreSQL does for tiers among hundreds of members: in how many statements, by which index.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::wanted;
use crate::orders::plans::{Busy, RUNS, Ran, busy};

/// What was read of members: the tiers are kept for a second of real time, and events are numbered in the background.
fn of_members(ran: Vec<Ran>) -> Vec<Ran> {
    ran.into_iter()
        .filter(|ran| {
            let text = ran.text();
            text.starts_with("SELECT") && text.contains(" FROM \"member")
        })
        .collect()
}

/// No table of members is read from end to end.
fn assert_by_index(what: &str, ran: &[Ran]) {
    for ran in ran {
        for node in ran.nodes() {
            let table = node["Relation Name"].as_str().unwrap_or_default();
            let is_large = ["members", "member_days", "tier_changes"].contains(&table);
            assert!(
                !(is_large && node["Node Type"] == "Seq Scan"),
                "{what}: {}",
                ran.text()
            );
        }
    }
}

/// The same, with two tiers, and what members have bought by day.
async fn with_tiers() -> Option<Busy> {
    let busy = busy().await?;
    let app = busy.world.app();
    for statement in [
        "INSERT INTO member_days (merchant_id, member_id, day, orders, spent_minor, points)
         SELECT merchant_id, member_id, CAST(paid_at / 86400000 AS INTEGER), COUNT(*), SUM(paid_minor), 0
         FROM orders WHERE member_id IS NOT NULL AND payment_state = 'PAID'
         GROUP BY merchant_id, member_id, CAST(paid_at / 86400000 AS INTEGER) ON CONFLICT DO NOTHING",
        "ANALYZE member_days",
    ] {
        let statement = Statement::from_string(app.db.backend(), statement);
        app.db.writer().execute_raw(statement).await.expect("a statement");
    }
    let set = "mutation($input: TierSetInput!) { tierSet(input: $input) { userErrors { code } } }";
    for (rank, name, spend) in [(1, "银卡", "1.00"), (2, "金卡", "100000.00")] {
        let mut input = wanted(rank, name, spend);
        input["thresholds"]["windowDays"] = json!(60 * rank);
        let (answer, _) = busy.ask(set, &json!({ "input": input })).await;
        assert_eq!(answer["tierSet"]["userErrors"], json!([]));
    }
    Some(busy)
}

#[tokio::test]
async fn tiers_of_many_members_are_read_in_as_many_statements_as_of_one() {
    let Some(busy) = with_tiers().await else {
        return;
    };
    for (parts, statements) in [
        ("tier { displayName }", 1),
        (
            "tier { displayName } nextTier { missingSpend { amount } by } tierRetention { until }",
            2,
        ),
    ] {
        for run in 1..=RUNS {
            for first in [1, 40] {
                let document = format!(
                    "{{ members(first: {first}, filter: {{ hasPaid: true }}) {{ edges {{ node {{ id {parts} }} }} }} }}"
                );
                let (answer, ran) = busy.ask(&document, &Value::Null).await;
                assert!(
                    answer["members"]["edges"][first - 1].is_object(),
                    "{answer}"
                );
                let ran = of_members(ran);
                let texts: Vec<&str> = ran.iter().map(Ran::text).collect();
                assert_eq!(ran.len(), statements, "{parts}: {texts:#?}");
                assert_by_index(&format!("{parts}, run {run}"), &ran[1..]);
            }
        }
    }
    let (answer, ran) = busy
        .ask("{ tiers { displayName memberCount } }", &Value::Null)
        .await;
    assert!(answer["tiers"][1]["memberCount"].is_number(), "{answer}");
    assert_eq!(of_members(ran).len(), 1, "all are counted at once");
}
