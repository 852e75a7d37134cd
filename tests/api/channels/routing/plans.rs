//! What PostgreSQL does for routes: next to nothing for a payment page, and what it does by index.

use entity::channel::{Column, PaymentMethod};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use yigate::auth::model::Actor;

use super::{open, policy, set};
use crate::orders::plans::{Ran, assert_by_index, busy};
use crate::support::Client;

const PAGE: &str = "{ checkoutChannels(amount: { amount: \"1.00\", currency: \"CNY\" }) { \
    method name channelId recommended state notice } }";

#[tokio::test]
async fn a_payment_page_asks_the_database_nothing_once_it_is_known() {
    let Some(busy) = busy().await else {
        return;
    };
    let merchant = busy.world.merchant("汇贤饭店").await;
    open(&merchant, PaymentMethod::Alipay, 2).await;
    policy(
        &merchant,
        "WEIGHTED",
        json!([{ "channelId": merchant.channel_id.to_string() }]),
    )
    .await;
    let client = Client::acting(busy.gateway.clone(), Some(Actor::system(merchant.id)));
    // Everything is known for a second; a machine that was slow meanwhile asks again.
    for _ in 0..20 {
        client.data(PAGE, Value::Null).await;
        busy.statements.take();
        for _ in 0..10 {
            client.data(PAGE, Value::Null).await;
        }
        let mut ran = busy.statements.take();
        ran.retain(|ran| !ran.text().contains(r#""events"."seq" IS NULL"#));
        if ran.is_empty() {
            return;
        }
    }
    panic!("it was never answered from what is known");
}

#[tokio::test]
async fn a_days_use_is_summed_up_by_index() {
    let Some(busy) = busy().await else {
        return;
    };
    let merchant = busy.world.merchant("汇贤饭店").await;
    let limit = Expr::value(1_000_000);
    set(&merchant, merchant.channel_id, Column::DailyMaxMinor, limit).await;
    // Years of hours of many channels.
    let many = format!(
        "INSERT INTO channel_traffic SELECT {}, channel, 'HOUR', hour::bigint * 3600000, 1, 1, 1, 1, 0, 0, 0, 0 \
         FROM generate_series(1, 10) AS channel, generate_series(1, 2000) AS hour",
        merchant.id.0
    );
    let db = busy.world.app().db.writer();
    for statement in [many.as_str(), "ANALYZE channel_traffic"] {
        db.execute_unprepared(statement).await.expect("it runs");
    }
    let shop = merchant.on(&busy.gateway);
    for _ in 0..7 {
        busy.statements.take();
        let payload = shop.asked_for(shop.order_input("1.00")).await;
        assert_eq!(payload["userErrors"], json!([]));
        let ran = busy.statements.take();
        let of_traffic = ran
            .iter()
            .filter(|ran| ran.text().contains(r#"FROM "channel_traffic""#));
        let of_traffic: Vec<&Ran> = of_traffic.collect();
        assert_eq!(of_traffic.len(), 1);
        for node in of_traffic[0].nodes() {
            assert_ne!(node["Node Type"], "Seq Scan", "{}", of_traffic[0].text());
        }
    }
}

#[tokio::test]
async fn a_dry_run_reads_orders_by_index() {
    let Some(busy) = busy().await else {
        return;
    };
    let document = "query($last: Int!) { routingDryRun(method: WECHAT_PAY, last: $last) { orders { count } } }";
    for last in [100, 3_000] {
        let (_, ran) = busy.ask(document, &json!({ "last": last })).await;
        let ran: Vec<Ran> = ran
            .into_iter()
            .filter(|ran| ran.text().contains(r#"FROM "orders""#))
            .collect();
        assert!(ran.len() <= 2, "{last}");
        assert_by_index(&format!("the last {last}"), &ran, 12_000.0);
    }
}
