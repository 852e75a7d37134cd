//! What PostgreSQL does for campaigns whose redemptions are many: by which index, and of how many rows.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::begun;
use crate::orders::plans::{Busy, RUNS, busy};

/// A campaign of which all orders of the merchant had something; all but one of a hundred were rolled back.
async fn taken(busy: &Busy) -> Value {
    let id = begun(&busy.client, json!({})).await["id"].clone();
    let campaign: entity::CampaignId = id.as_str().expect("an id").parse().expect("an id");
    let db = &busy.world.app().db;
    let run = async |text: String| {
        let statement = Statement::from_string(db.backend(), text);
        db.writer()
            .execute_raw(statement)
            .await
            .expect("a statement");
    };
    // A merchant's own, as the others' would be of nobody's campaign.
    run(format!(
        "INSERT INTO redemptions (merchant_id, id, order_id, offer, offer_id, version, state, off_minor, shares, day, \
            counted, sales_minor, newcomer, reserved_at, committed_at, rolled_back_at) \
         SELECT merchant_id, row_number() OVER (), id, 'CAMPAIGN', {0}, 1, \
            CASE WHEN row_number() OVER () % 100 = 0 THEN 'COMMITTED' ELSE 'ROLLED_BACK' END, 100, '[]', 20000, \
            FALSE, 1000, FALSE, 0, CASE WHEN row_number() OVER () % 100 = 0 THEN 1 END, \
            CASE WHEN row_number() OVER () % 100 <> 0 THEN 1 END \
         FROM orders WHERE merchant_id = (SELECT merchant_id FROM campaigns WHERE id = {0})",
        campaign.0
    ))
    .await;
    run("ANALYZE redemptions".to_owned()).await;
    id
}

#[tokio::test]
async fn what_stands_is_summed_by_its_index_and_what_was_rolled_back_is_not_looked_at() {
    let Some(busy) = busy().await else { return };
    let id = taken(&busy).await;
    let document = "query($id: ID!) { campaign(id: $id) { effect { totals { orders discountCost { amount } } } } }";
    for run in 1..=RUNS {
        let (answer, ran) = busy.ask(document, &json!({ "id": id })).await;
        let orders = &answer["campaign"]["effect"]["totals"]["orders"];
        assert!(orders.as_i64() > Some(5), "{answer}");
        let nodes = ran.iter().flat_map(|ran| ran.nodes());
        let used: Vec<&Value> = nodes
            .filter(|node| {
                node["Relation Name"] == "redemptions"
                    || node["Index Name"] == "redemptions_committed"
            })
            .collect();
        assert!(!used.is_empty(), "run {run}");
        for node in &used {
            let thrown = node["Rows Removed by Filter"].as_f64().unwrap_or_default();
            assert!(thrown < 1.0, "run {run}: {node:#}");
        }
        let named = used
            .iter()
            .any(|node| node["Index Name"] == "redemptions_committed");
        assert!(named, "run {run}: {used:#?}");
    }
}
