//! How statistics are asked for: limits, refusals, and who may see what.

use entity::membership::Role;
use serde_json::{Value, json};

use super::scene::between;
use crate::everywhere;
use crate::orders::plans::busy;
use crate::support::Client;
use yigate::statistics::service::{rebuild, unbuilt};

everywhere! {
    async fn what_makes_too_many_rows_is_refused_with_the_grain_that_fits(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.counted().await;
        let owner = merchant.owner().await;
        let years = between("1990-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
        let ages = between("0001-01-01T00:00:00Z", "9990-01-01T00:00:00Z");
        for (arguments, says) in [
            (format!("{years} grain: DAY"), "WEEK fits"),
            ("range: { preset: LAST_365_DAYS } grain: HOUR".to_owned(), "DAY fits"),
            (format!("{years} grain: HOUR"), "WEEK fits"),
            (format!("{ages} grain: DAY"), "YEAR fits"),
            ("range: { preset: TODAY } dimensions: [CHANNEL, CHANNEL]".to_owned(), "two different"),
            ("range: { preset: TODAY } dimensions: [CHANNEL, METHOD, COUNTRY]".to_owned(), "two different"),
            ("range: { preset: TODAY } top: 0".to_owned(), "from 1 to 1000"),
            ("range: { preset: TODAY } filter: { countries: [] }".to_owned(), "1 to 50"),
            (r#"range: { preset: TODAY } filter: { channelIds: ["ord_0000000000001"] }"#.to_owned(), "not an id"),
        ] {
            let document = format!("{{ statistics({arguments}) {{ totals {{ orders }} }} }}");
            let (code, message) = owner.error(&document, Value::Null).await;
            assert_eq!(code, "BAD_USER_INPUT", "{arguments}");
            assert!(message.contains(says), "{arguments}: {message}");
        }
        let weeks = format!("{{ statistics({years} grain: WEEK) {{ rows {{ startsOn }} }} }}");
        let told = owner.data(&weeks, Value::Null).await;
        assert_eq!(told["statistics"]["rows"].as_array().unwrap().len(), 1_879);
        let long = "{ hourlyHeatmap(range: { custom: { from: \"2020-01-01T00:00:00Z\", \
            to: \"2026-01-01T00:00:00Z\" } }) { asOf } }";
        assert_eq!(owner.error(long, Value::Null).await.0, "BAD_USER_INPUT");
    }

    async fn what_an_order_came_to_is_of_whole_orders_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let line = |category: &str, amount: &str| json!({ "title": category, "category": category, "quantity": 1,
            "unitPrice": { "amount": amount, "currency": "CNY" } });
        let lines = json!({ "lines": [line("热菜", "90.00"), line("酒水", "10.00")] });
        merchant.order_with("100.00", lines).await.pay().await;
        let average = "averageOrderValue { amount }";
        let changes = format!("changes {{ averageOrderValue {{ percent }} }} totals {{ {average} }} rows {{ measures {{ {average} paidOrders }} }}");
        let ask = async |arguments: &str| merchant.statistics(
            &format!("range: {{ preset: TODAY }} compareTo: PREVIOUS_PERIOD {arguments}"), &changes).await;
        let told = ask("dimensions: [CATEGORY]").await;
        assert_eq!(told["totals"]["averageOrderValue"]["amount"], "100.00");
        for row in told["rows"].as_array().unwrap() {
            assert_eq!(row["measures"]["averageOrderValue"], Value::Null, "{told}");
        }
        let told = ask(r#"filter: { categories: ["热菜"] }"#).await;
        assert_eq!(told["totals"]["averageOrderValue"], Value::Null);
        assert_eq!(told["rows"][0]["measures"], json!({ "averageOrderValue": null, "paidOrders": 1 }));
        let told = ask("dimensions: [CHANNEL] orderBy: AVERAGE_ORDER_VALUE").await;
        assert_eq!(told["rows"][0]["measures"]["averageOrderValue"]["amount"], "100.00");
        for arguments in ["dimensions: [CATEGORY]", r#"dimensions: [CHANNEL] filter: { categories: ["热菜"] }"#] {
            let document = format!("{{ statistics(range: {{ preset: TODAY }} {arguments}
                orderBy: AVERAGE_ORDER_VALUE) {{ asOf }} }}");
            let (code, message) = merchant.owner().await.error(&document, Value::Null).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.contains("whole orders"), "{message}");
        }
    }

    async fn who_may_not_see_fees_sees_everything_else(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        let document = "{ statistics(range: { preset: TODAY }, grain: DAY, compareTo: PREVIOUS_PERIOD) {
            totals { orders fees { amount } net { amount } } changes { fees { percent } paid { percent } }
            rows { measures { paid { amount } fees { amount } } } } }";
        let owner = merchant.owner().await;
        let made = owner.data("mutation { apiKeyCreate(input: { name: \"店铺\", scopes: [ORDERS_READ] }) \
            { secret } }", Value::Null).await;
        let secret = made["apiKeyCreate"]["secret"].as_str().unwrap();
        let shop = Client::bearer(world.gateway.clone(), secret).await;
        let answer = shop.ask(document, Value::Null).await;
        let told = &answer["data"]["statistics"];
        assert_eq!(told["totals"], json!({ "orders": 1, "fees": null, "net": null }));
        assert_eq!(told["changes"], json!({ "fees": null, "paid": { "percent": null } }));
        assert_eq!(told["rows"], json!([{ "measures": { "paid": { "amount": "36.00" }, "fees": null } }]));
        let errors = answer["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 4);
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "FORBIDDEN"), "{errors:?}");
        let ordered = "{ statistics(range: { preset: TODAY }, dimensions: [CHANNEL], orderBy: NET) { totals { orders } } }";
        assert_eq!(shop.error(ordered, Value::Null).await.0, "FORBIDDEN");
        let told = merchant.client(Role::Finance).await.data(document, Value::Null).await;
        assert_eq!(told["statistics"]["totals"]["fees"]["amount"], "0.36");
    }

    async fn another_merchants_business_is_not_seen(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        theirs.paid_order("36.00").await;
        theirs.counted().await;
        ours.paid_order("1.00").await;
        let channel = theirs.channel_id;
        for filter in ["", &format!(r#"filter: {{ channelIds: ["{channel}"] }}"#)] {
            let told = ours.statistics(&format!("range: {{ preset: TODAY }} {filter} dimensions: [CHANNEL]"),
                "totals { paid { amount } } rows { channel { id } }").await;
            let expected = if filter.is_empty() { "1.00" } else { "0.00" };
            assert_eq!(told["totals"]["paid"]["amount"], expected, "{filter}");
            assert!(!told.to_string().contains(&channel.to_string()), "{told}");
        }
    }
}

#[tokio::test]
async fn a_question_costs_a_statement_for_each_time_however_many_orders() {
    let Some(busy) = busy().await else { return };
    let app = busy.world.app();
    for merchant_id in unbuilt(app).await.unwrap() {
        assert!(rebuild(app, merchant_id).await.unwrap());
    }
    // Beside these it is asked how far the statistics have come.
    for (arguments, statements) in [
        (
            "range: { preset: LAST_365_DAYS } grain: DAY dimensions: [CHANNEL]",
            1,
        ),
        (
            "range: { preset: LAST_MONTH } grain: MONTH compareTo: SAME_PERIOD_LAST_YEAR",
            2,
        ),
        // Today has not ended: the sums are compared as far as it has come, to the hour.
        (
            "range: { preset: LAST_365_DAYS } grain: MONTH compareTo: SAME_PERIOD_LAST_YEAR",
            4,
        ),
        (
            "range: { preset: LAST_7_DAYS } grain: HOUR dimensions: [CATEGORY, COUNTRY]",
            1,
        ),
    ] {
        let document = format!("{{ statistics({arguments}) {{ totals {{ orders }} }} }}");
        let (answer, mut ran) = busy.ask(&document, &Value::Null).await;
        // And once more whether another build has taken its place.
        ran.retain(|ran| !ran.text().contains(r#"FROM "statistics_positions""#));
        assert_ne!(answer["statistics"]["totals"]["orders"], 0, "{document}");
        let texts: Vec<&str> = ran.iter().map(crate::orders::plans::Ran::text).collect();
        assert_eq!(ran.len(), statements, "{document}: {texts:#?}");
        for node in ran.iter().flat_map(crate::orders::plans::Ran::nodes) {
            assert_ne!(node["Node Type"], "Seq Scan", "{document}: {node:#}");
        }
    }
}
