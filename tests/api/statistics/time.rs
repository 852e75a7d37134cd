//! Hours and days of every zone: days of summer time, odd offsets, weeks, gaps, another zone.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::scene::{at, between, merchant_in, plain};
use crate::everywhere;
use crate::orders::rows::{Row, insert, order};
use crate::support::{Merchant, World};

/// Orders of 36.00 that were made and paid at these instants.
async fn sales(world: &World, merchant: &Merchant, instants: &[DateTime<Utc>]) {
    let rows: Vec<Row> = instants
        .iter()
        .map(|at| order(merchant, format!("T{:x}", rand::random::<u64>()), *at).paid(*at))
        .collect();
    insert(world, &rows).await;
}

/// The rows of a span that an instant-and-orders list tells.
async fn rows(merchant: &Merchant, grain: &str, from: &str, to: &str) -> Vec<Value> {
    let arguments = format!("grain: {grain}, {}", between(from, to));
    let fields =
        "timeZone rows { startsAt startsOn measures { orders paidOrders paid { amount } } }";
    let told = merchant.statistics(&arguments, fields).await;
    plain(&told["rows"]).as_array().unwrap().clone()
}

fn orders(rows: &[Value]) -> Vec<i64> {
    let of = |row: &Value| row["measures"]["orders"].as_i64().unwrap();
    rows.iter().map(of).collect()
}

everywhere! {
    async fn days_of_summer_time_have_23_and_25_hours(world: World) {
        let merchant = merchant_in(&world, "America/New_York").await;
        // A sale in every hour of two days in spring and two in autumn.
        let hours = |from: &str, count: i64| -> Vec<DateTime<Utc>> {
            (0..count).map(|hour| at(from) + TimeDelta::minutes(60 * hour + 17)).collect()
        };
        let spring = hours("2026-03-08T05:00:00Z", 47);
        let autumn = hours("2026-11-01T04:00:00Z", 49);
        sales(&world, &merchant, &[spring, autumn].concat()).await;
        for (from, to, days) in [
            ("2026-03-08T05:00:00Z", "2026-03-10T04:00:00Z", [23, 24]),
            ("2026-11-01T04:00:00Z", "2026-11-03T05:00:00Z", [25, 24]),
        ] {
            let by_day = rows(&merchant, "DAY", from, to).await;
            assert_eq!(orders(&by_day), days, "{from}");
            let by_hour = rows(&merchant, "HOUR", from, to).await;
            assert_eq!(by_hour.len(), usize::try_from(days[0] + days[1]).unwrap());
            assert!(orders(&by_hour).iter().all(|orders| *orders == 1), "{by_hour:?}");
            let first_day = by_hour.iter().filter(|row| row["startsOn"] == by_hour[0]["startsOn"]);
            assert_eq!(first_day.count(), usize::try_from(days[0]).unwrap());
        }
        merchant.is_counted_right().await;
    }

    async fn hours_begin_where_the_merchants_clock_says(world: World) {
        let merchant = merchant_in(&world, "Asia/Kathmandu").await;
        // 23:59 and 00:01 in Kathmandu, which is 5:45 ahead.
        let instants = ["2026-11-22T18:14:00Z", "2026-11-22T18:16:00Z", "2026-11-22T19:14:59.999Z"];
        sales(&world, &merchant, &instants.map(at)).await;
        let told = rows(&merchant, "HOUR", "2026-11-22T17:20:00Z", "2026-11-22T19:16:00Z").await;
        let told: Vec<(&str, &str, i64)> = told.iter().zip(orders(&told)).map(|(row, orders)| {
            (row["startsAt"].as_str().unwrap(), row["startsOn"].as_str().unwrap(), orders)
        }).collect();
        assert_eq!(told, [
            ("2026-11-22T17:15:00.000Z", "2026-11-22", 1),
            ("2026-11-22T18:15:00.000Z", "2026-11-23", 2),
            ("2026-11-22T19:15:00.000Z", "2026-11-23", 0),
        ]);
        let days = rows(&merchant, "DAY", "2026-11-21T18:15:00Z", "2026-11-23T18:15:00Z").await;
        assert_eq!(orders(&days), [1, 2]);
    }

    async fn gaps_are_filled_and_weeks_begin_on_monday(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        // Sunday 23:59 and Monday 00:00 in Shanghai, and two weeks later.
        let instants = ["2026-11-08T15:59:00Z", "2026-11-08T16:00:00Z", "2026-11-23T03:00:00Z"];
        sales(&world, &merchant, &instants.map(at)).await;
        let (from, to) = ("2026-10-31T16:00:00Z", "2026-11-30T16:00:00Z");
        let weeks = rows(&merchant, "WEEK", from, to).await;
        let firsts: Vec<&str> = weeks.iter().map(|row| row["startsOn"].as_str().unwrap()).collect();
        assert_eq!(firsts, ["2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30"]);
        assert_eq!(orders(&weeks), [0, 1, 1, 0, 1, 0]);
        assert_eq!(weeks[3]["measures"], json!({ "orders": 0, "paidOrders": 0, "paid": "0.00" }));
        let days = rows(&merchant, "DAY", from, to).await;
        assert_eq!(days.len(), 30);
        assert_eq!(orders(&days).iter().sum::<i64>(), 3);
        for (grain, expected) in [("MONTH", vec![3]), ("QUARTER", vec![3]), ("YEAR", vec![3])] {
            assert_eq!(orders(&rows(&merchant, grain, from, to).await), expected, "{grain}");
        }
        let year = rows(&merchant, "MONTH", "2025-12-31T16:00:00Z", "2026-12-31T16:00:00Z").await;
        assert_eq!(orders(&year), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0]);
    }

    async fn a_time_that_begins_and_ends_within_days_is_exact(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let every_hour: Vec<DateTime<Utc>> = (0..72)
            .map(|hour| at("2026-11-20T16:00:00Z") + TimeDelta::hours(hour))
            .collect();
        sales(&world, &merchant, &every_hour).await;
        for (from, to, expected) in [
            ("2026-11-20T20:00:00Z", "2026-11-23T02:00:00Z", 54),
            ("2026-11-21T01:30:00Z", "2026-11-21T03:10:00Z", 3),
            ("2026-11-20T20:00:00Z", "2026-11-21T16:00:00Z", 20),
        ] {
            let told = merchant.totals(from, to, "orders").await;
            assert_eq!(told["orders"], expected, "{from}");
            let days = rows(&merchant, "DAY", from, to).await;
            assert_eq!(orders(&days).iter().sum::<i64>(), expected, "{from}");
        }
    }

    async fn who_moves_to_another_zone_has_their_days_counted_anew(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        // 07:00 of the 23rd in Shanghai, 18:00 of the 22nd in New York.
        sales(&world, &merchant, &[at("2026-11-22T23:00:00Z")]).await;
        let before = rows(&merchant, "DAY", "2026-11-21T16:00:00Z", "2026-11-23T16:00:00Z").await;
        assert_eq!(orders(&before), [0, 1]);
        merchant.lives_in("America/New_York").await;
        world.clock.advance(TimeDelta::minutes(1));
        merchant.counted().await;
        let after = rows(&merchant, "DAY", "2026-11-22T05:00:00Z", "2026-11-24T05:00:00Z").await;
        assert_eq!(orders(&after), [1, 0]);
        let told = merchant.statistics("range: { preset: TODAY }", "timeZone").await;
        assert_eq!(told["timeZone"], "America/New_York");
        merchant.is_counted_right().await;
    }
}
