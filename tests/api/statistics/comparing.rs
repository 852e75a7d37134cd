//! Comparisons with the time before and with the year before; the first ones and the rest.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, PaymentMethod};
use serde_json::{Value, json};

use super::scene::{at, between, plain};
use crate::everywhere;
use crate::orders::rows::{Row, insert, order};
use crate::support::{Merchant, World};

/// A sale of so many minor units at an instant.
fn sale(merchant: &Merchant, instant: &str, minor: i64) -> Row {
    let at = at(instant);
    order(merchant, format!("T{:x}", rand::random::<u64>()), at)
        .amount(minor)
        .paid(at)
}

async fn sales(world: &World, merchant: &Merchant, all: &[(&str, i64)]) {
    let rows: Vec<Row> = all
        .iter()
        .map(|(at, minor)| sale(merchant, at, *minor))
        .collect();
    insert(world, &rows).await;
}

everywhere! {
    async fn a_month_is_compared_with_the_month_before(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        sales(&world, &merchant, &[
            ("2026-10-05T04:00:00Z", 10_000), ("2026-10-31T04:00:00Z", 5_000),
            ("2026-11-05T04:00:00Z", 30_000), ("2026-11-06T04:00:00Z", 3_000),
        ]).await;
        world.clock.set(at("2026-12-10T04:00:00Z"));
        let month = "range: { preset: LAST_MONTH } compareTo: PREVIOUS_PERIOD";
        let told = merchant.statistics(&format!("{month} grain: DAY"), "range { from to } previousRange { from to }
            totals { paid { amount } } previousTotals { paid { amount } }
            changes { paid { value { amount } percent } orders { value percent } refunds { value percent }
                averageOrderValue { value { amount } percent } successRate { value percent } }
            rows { startsOn measures { paid { amount } } previous { paid { amount } }
                change { paid { value { amount } percent } } }").await;
        let told = plain(&told);
        assert_eq!(told["previousRange"],
            json!({ "from": "2026-09-30T16:00:00.000Z", "to": "2026-10-31T16:00:00.000Z" }));
        assert_eq!(told["totals"]["paid"], "330.00");
        assert_eq!(told["previousTotals"]["paid"], "150.00");
        assert_eq!(told["changes"], json!({
            "paid": { "value": "180.00", "percent": "120" },
            "orders": { "value": 0, "percent": "0" },
            "refunds": { "value": 0, "percent": null },
            "averageOrderValue": { "value": "90.00", "percent": "120" },
            "successRate": { "value": "0", "percent": "0" },
        }));
        let rows = told["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 30);
        assert_eq!(rows[4], json!({ "startsOn": "2026-11-05", "measures": { "paid": "300.00" },
            "previous": { "paid": "100.00" }, "change": { "paid": { "value": "200.00", "percent": "200" } } }));
        assert_eq!(rows[5]["change"]["paid"], json!({ "value": "30.00", "percent": null }));
        // The 31st of October stands beside no day of November, but in its sum.
        let beside: i64 = rows.iter().map(|row| {
            row["previous"]["paid"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap()
        }).sum();
        assert_eq!(beside, 10_000);
        let by_month = merchant.statistics(&format!("{month} grain: MONTH"),
            "rows { previous { paid { amount } } }").await;
        assert_eq!(plain(&by_month["rows"]), json!([{ "previous": { "paid": "150.00" } }]));
    }

    async fn a_year_is_compared_with_the_year_before_over_a_29th_of_february(world: World) {
        world.clock.set(at("2028-12-01T04:00:00Z"));
        let merchant = world.merchant("汇贤饭店").await;
        sales(&world, &merchant, &[
            ("2027-02-28T04:00:00Z", 1_000), ("2027-03-01T04:00:00Z", 2_000),
            ("2028-02-28T04:00:00Z", 4_000), ("2028-02-29T04:00:00Z", 8_000), ("2028-03-01T04:00:00Z", 16_000),
        ]).await;
        let days = |from: &str, to: &str| {
            format!("{} grain: DAY compareTo: SAME_PERIOD_LAST_YEAR", between(from, to))
        };
        let fields = "totals { paid { amount } } previousTotals { paid { amount } }
            rows { startsOn measures { paid { amount } } previous { paid { amount } } }";
        let told = merchant.statistics(&days("2028-02-27T16:00:00Z", "2028-03-01T16:00:00Z"), fields).await;
        let told = plain(&told);
        assert_eq!(told["previousTotals"]["paid"], "30.00");
        assert_eq!(told["rows"], json!([
            { "startsOn": "2028-02-28", "measures": { "paid": "40.00" }, "previous": { "paid": "10.00" } },
            { "startsOn": "2028-02-29", "measures": { "paid": "80.00" }, "previous": { "paid": "0.00" } },
            { "startsOn": "2028-03-01", "measures": { "paid": "160.00" }, "previous": { "paid": "20.00" } },
        ]));
        // Seen from the year after, the 29th is in the sum and beside no day.
        let told = merchant.statistics(&days("2029-02-27T16:00:00Z", "2029-03-01T16:00:00Z"), fields).await;
        let told = plain(&told);
        assert_eq!(told["previousTotals"]["paid"], "280.00");
        let beside: Vec<&Value> = told["rows"].as_array().unwrap().iter().map(|row| &row["previous"]["paid"]).collect();
        assert_eq!(beside, ["40.00", "160.00"]);
        let month = merchant.statistics(&format!("{} grain: MONTH compareTo: SAME_PERIOD_LAST_YEAR",
            between("2029-01-31T16:00:00Z", "2029-02-28T16:00:00Z")), fields).await;
        assert_eq!(plain(&month)["rows"][0]["previous"]["paid"], "120.00");
    }

    async fn the_last_day_of_february_stands_beside_one_day(world: World) {
        world.clock.set(at("2028-02-28T15:59:59.999Z"));
        let merchant = world.merchant("汇贤饭店").await;
        let days = ["2027-02-22", "2027-02-28", "2027-03-01", "2028-02-28", "2028-02-29", "2029-02-28"];
        let rows: Vec<Row> = days.iter().map(|day| sale(&merchant, &format!("{day}T04:00:00Z"), 1_000)).collect();
        insert(&world, &rows).await;
        let ask = async |preset: &str| {
            let told = merchant.statistics(&format!("range: {{ preset: {preset} }} grain: DAY
                compareTo: SAME_PERIOD_LAST_YEAR"), "previousTotals { orders } rows { previous { orders } }").await;
            let rows: Vec<i64> = told["rows"].as_array().unwrap().iter()
                .map(|row| row["previous"]["orders"].as_i64().unwrap()).collect();
            (told["previousTotals"]["orders"].as_i64().unwrap(), rows)
        };
        // A 29th follows.
        assert_eq!(ask("TODAY").await, (1, vec![1]));
        assert_eq!(ask("LAST_7_DAYS").await, (2, vec![1, 0, 0, 0, 0, 0, 1]));
        // There was a 29th the year before.
        world.clock.set(at("2029-02-28T15:59:59.999Z"));
        assert_eq!(ask("TODAY").await, (1, vec![1]));
    }

    async fn a_time_under_way_is_compared_as_far_as_it_has_come(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        // It is the 23rd of November, noon; the 23rd of October, 12:30 and 13:30, and the 30th.
        sales(&world, &merchant, &[
            ("2026-10-05T04:00:00Z", 1_000), ("2026-10-23T04:30:00Z", 2_000), ("2026-10-23T05:30:00Z", 4_000),
            ("2026-10-30T04:00:00Z", 8_000), ("2026-11-05T04:00:00Z", 3_000),
        ]).await;
        let month = "range: { preset: THIS_MONTH } compareTo: PREVIOUS_PERIOD";
        let fields = "previousRange { to } previousTotalsRange { from to } previousTotals { paid { amount } }
            changes { paid { value { amount } percent } } rows { previous { paid { amount } } }";
        let told = plain(&merchant.statistics(&format!("{month} grain: DAY"), fields).await);
        assert_eq!(told["previousRange"], json!({ "to": "2026-10-31T16:00:00.000Z" }));
        assert_eq!(told["previousTotalsRange"],
            json!({ "from": "2026-09-30T16:00:00.000Z", "to": "2026-10-23T05:00:00.000Z" }));
        assert_eq!(told["previousTotals"]["paid"], "30.00");
        assert_eq!(told["changes"]["paid"], json!({ "value": "0.00", "percent": "0" }));
        // Days stand beside whole ones, also those that are still to come.
        assert_eq!((&told["rows"][22]["previous"]["paid"], &told["rows"][29]["previous"]["paid"]),
            (&json!("60.00"), &json!("80.00")));
        for grain in ["grain: HOUR", "grain: MONTH", "dimensions: [CHANNEL]", ""] {
            let told = plain(&merchant.statistics(&format!("{month} {grain}"), fields).await);
            assert_eq!(told["previousTotals"]["paid"], "30.00", "{grain}");
            let whole = if grain == "grain: MONTH" { "150.00" } else { "30.00" };
            if grain != "grain: HOUR" {
                assert_eq!(told["rows"][0]["previous"]["paid"], whole, "{grain}");
            }
        }
        let past = "range: { preset: LAST_MONTH } compareTo: PREVIOUS_PERIOD grain: DAY";
        let told = merchant.statistics(past, "previousRange { from to } previousTotalsRange { from to }").await;
        assert_eq!(told["previousRange"], told["previousTotalsRange"]);
    }

    async fn hours_are_compared_with_as_many_before(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        sales(&world, &merchant, &[
            ("2026-11-23T01:30:00Z", 1_000), ("2026-11-23T02:30:00Z", 2_000),
            ("2026-11-23T03:30:00Z", 4_000), ("2026-11-23T04:30:00Z", 8_000),
        ]).await;
        let hours = format!("{} grain: HOUR compareTo: PREVIOUS_PERIOD",
            between("2026-11-23T03:00:00Z", "2026-11-23T05:00:00Z"));
        let told = merchant.statistics(&hours,
            "rows { measures { paid { amount } } previous { paid { amount } } }").await;
        assert_eq!(plain(&told["rows"]), json!([
            { "measures": { "paid": "40.00" }, "previous": { "paid": "10.00" } },
            { "measures": { "paid": "80.00" }, "previous": { "paid": "20.00" } },
        ]));
    }

    async fn days_of_a_week_so_far_stand_beside_whole_days(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        // One order an hour for two weeks; it is Thursday, 15:00.
        world.clock.set(at("2026-11-26T07:00:00Z"));
        let hours: Vec<Row> = (0..24 * 14)
            .map(|hour| world.clock.now() - TimeDelta::minutes(60 * hour + 30))
            .map(|at| order(&merchant, format!("T{:x}", rand::random::<u64>()), at).paid(at))
            .collect();
        insert(&world, &hours).await;
        let so_far = between("2026-11-22T16:00:00Z", "2026-11-26T07:00:00Z");
        let fields = "previousRange { from to } totals { orders } previousTotals { orders }
            rows { startsOn measures { orders } previous { orders } }";
        let told = merchant.statistics(&format!("{so_far} grain: DAY compareTo: PREVIOUS_PERIOD"), fields).await;
        let rows: Vec<(i64, i64)> = told["rows"].as_array().unwrap().iter().map(|row| {
            let of = |name: &str| row[name]["orders"].as_i64().unwrap();
            (of("measures"), of("previous"))
        }).collect();
        assert_eq!(rows, [(24, 24), (24, 24), (24, 24), (15, 15)], "{told}");
        assert_eq!(told["previousRange"],
            json!({ "from": "2026-11-18T16:00:00.000Z", "to": "2026-11-22T07:00:00.000Z" }));
        assert_eq!((&told["totals"], &told["previousTotals"]), (&json!({ "orders": 87 }), &json!({ "orders": 87 })));
        let week = merchant.statistics(&format!("{so_far} grain: WEEK compareTo: PREVIOUS_PERIOD"), fields).await;
        assert_eq!(week["rows"][0]["previous"]["orders"], 87, "{week}");
    }

    async fn the_first_channels_have_rows_and_the_others_share_one(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut rows = Vec::new();
        let mut channels = Vec::new();
        for (place, minor) in [3_000_i64, 9_000, 1_000, 5_000].into_iter().enumerate() {
            let channel = merchant.channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None).await;
            channels.push(channel.to_string());
            let day = world.clock.now() - TimeDelta::days(i64::try_from(place).unwrap());
            for _ in 0..=place {
                let no = format!("T{:x}", rand::random::<u64>());
                rows.push(order(&merchant, no, day).through(channel, PaymentMethod::Alipay)
                    .amount(minor).paid(day));
            }
        }
        insert(&world, &rows).await;
        // In all: 30.00, 180.00, 30.00 and 200.00, of one, two, three and four orders.
        let ask = async |more: &str| {
            let arguments = format!("range: {{ preset: LAST_7_DAYS }} dimensions: [CHANNEL] {more}");
            let fields = "rows { startsOn channel { id } isOther measures { orders paid { amount } } }";
            plain(&merchant.statistics(&arguments, fields).await["rows"]).as_array().unwrap().clone()
        };
        let top = ask("top: 2").await;
        assert_eq!(top.len(), 3);
        assert_eq!(top[0]["channel"]["id"], channels[3]);
        assert_eq!(top[1]["channel"]["id"], channels[1]);
        assert_eq!((&top[2]["channel"], &top[2]["isOther"]), (&Value::Null, &json!(true)));
        assert_eq!(top[2]["measures"], json!({ "orders": 4, "paid": "60.00" }));
        let by_count = ask("top: 2 orderBy: ORDERS").await;
        assert_eq!(by_count[1]["channel"]["id"], channels[2]);
        let by_average = ask("top: 1 orderBy: AVERAGE_ORDER_VALUE").await;
        assert_eq!(by_average[0]["channel"]["id"], channels[1]);
        let by_day = ask("top: 1 grain: DAY").await;
        assert_eq!(by_day.len(), 14, "one row of the first and one of the others each day");
        let all = ask("top: 9").await;
        assert!(all.iter().all(|row| row["isOther"] == false), "nothing is left over");
    }
}
