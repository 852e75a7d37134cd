//! What PostgreSQL does for coupons: in how many statements, and of how many rows.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::orders::plans::{Busy, RUNS, Ran, busy};
use crate::support::coupons::{new_key, template_input};

fn texts(ran: &[Ran]) -> Vec<&str> {
    ran.iter().map(Ran::text).collect()
}

/// Calls a mutation; what `fields` ask for, with what ran for it.
async fn done(busy: &Busy, field: &str, fields: &str, input: Value) -> (Value, Vec<Ran>) {
    let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let document = format!(
        "mutation($input: {kind}!) {{ {field}(input: $input) {{ {fields} userErrors {{ code message }} }} }}"
    );
    let (mut answer, ran) = busy.ask(&document, &json!({ "input": input })).await;
    assert_eq!(answer[field]["userErrors"], json!([]), "{answer}");
    (answer[field].take(), ran)
}

async fn template(busy: &Busy) -> Value {
    let input = template_input(json!({ "quantity": 10_000, "perMember": 1 }));
    let (mut made, _) = done(busy, "couponTemplateCreate", "couponTemplate { id }", input).await;
    made["couponTemplate"]["id"].take()
}

#[tokio::test]
async fn many_new_members_are_given_coupons_in_as_many_statements_as_one() {
    let Some(busy) = busy().await else { return };
    let template = template(&busy).await;
    let mut counts = Vec::new();
    // The first time, what is held for seconds is read.
    for (beginning, count) in [("a", 2), ("b", 2), ("c", 500)] {
        let members: Vec<String> = (0..count).map(|no| format!("{beginning}-{no}")).collect();
        let input =
            json!({ "idempotencyKey": new_key(), "templateId": template, "memberNos": members });
        let (made, mut ran) = done(&busy, "couponIssue", "batch { count }", input).await;
        // Events are numbered whenever there is time.
        let tables = ["\"members\"", "\"coupons\"", "\"offer_counters\""];
        ran.retain(|ran| tables.iter().any(|table| ran.text().contains(table)));
        assert!(!ran.is_empty(), "something ran");
        assert_eq!(made["batch"]["count"], count);
        counts.push((ran.len(), format!("{:#?}", texts(&ran))));
    }
    assert_eq!(counts[1].0, counts[2].0, "{}", counts[2].1);
}

#[tokio::test]
async fn coupons_of_a_template_are_voided_without_looking_at_those_that_are_void() {
    let Some(busy) = busy().await else { return };
    let template = template(&busy).await;
    let analyze = async || {
        let db = &busy.world.app().db;
        let statement = Statement::from_string(db.backend(), "ANALYZE coupons");
        db.writer()
            .execute_raw(statement)
            .await
            .expect("statistics");
    };
    for (count, most) in [(4_000, 1_000_000.0), (7, 20.0)] {
        let input = json!({ "idempotencyKey": new_key(), "templateId": template, "count": count });
        done(&busy, "couponCodesCreate", "batch { count }", input).await;
        analyze().await;
        let input = json!({ "which": { "templateId": template }, "reason": "活动取消" });
        let (told, ran) = done(&busy, "couponVoid", "voided reserved more", input).await;
        assert_eq!(told["voided"], count);
        assert_eq!(
            [&told["reserved"], &told["more"]],
            [&json!(0), &json!(false)]
        );
        let mut seen = 0;
        for ran in &ran {
            let coupons = |node: &&Value| node["Relation Name"] == "coupons";
            for node in ran.nodes().into_iter().filter(coupons) {
                seen += 1;
                for rows in ["Actual Rows", "Rows Removed by Filter"] {
                    let rows = node[rows].as_f64().unwrap_or_default();
                    assert!(rows <= most, "{rows} rows: {}\n{node:#}", ran.text());
                }
            }
        }
        assert!(seen > 0, "{:#?}", texts(&ran));
    }
}

#[tokio::test]
async fn a_members_coupons_are_found_by_index_among_thousands() {
    let Some(busy) = busy().await else { return };
    let template = template(&busy).await;
    // The oldest of all: from the newest on, everything would be looked at.
    let input =
        json!({ "idempotencyKey": new_key(), "templateId": template, "memberNos": ["p-1"] });
    done(&busy, "couponIssue", "batch { count }", input).await;
    let input = json!({ "idempotencyKey": new_key(), "templateId": template, "count": 6_000 });
    done(&busy, "couponCodesCreate", "batch { count }", input).await;
    let db = &busy.world.app().db;
    let statement = Statement::from_string(db.backend(), "ANALYZE coupons");
    db.writer()
        .execute_raw(statement)
        .await
        .expect("statistics");
    let document =
        "query($no: String) { coupons(filter: { memberNo: $no }) { edges { node { id } } } }";
    for run in 1..=RUNS {
        let (answer, ran) = busy.ask(document, &json!({ "no": "p-1" })).await;
        assert!(answer["coupons"]["edges"][0].is_object(), "{answer}");
        for ran in &ran {
            for node in ran.nodes() {
                if node["Relation Name"] != "coupons" {
                    continue;
                }
                for rows in ["Actual Rows", "Rows Removed by Filter"] {
                    let rows = node[rows].as_f64().unwrap_or_default();
                    assert!(
                        rows <= 20.0,
                        "run {run}: {rows} rows: {}\n{node:#}",
                        ran.text()
                    );
                }
            }
        }
    }
}
