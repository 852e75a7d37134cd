//! The daily brief: what is usual for a weekday, what is not, and what waits.

use chrono::{DateTime, TimeDelta, Utc};
use entity::membership::Role;
use serde_json::{Value, json};

use super::scene::at;
use crate::everywhere;
use crate::orders::rows::{Row, insert, order};
use crate::support::{Merchant, World};

const BRIEF: &str = "dailyBrief { on summary
    figures { orders { value usual low high verdict change } paid { value { amount } usual { amount } verdict }
        successRate { value usual verdict } averageOrderValue { value { amount } verdict } refunded { verdict } }
    channels { channel { id } figures { paidOrders { value usual verdict } } incidents }
    toDo { awaitingShipment refundsAwaitingApproval refundsNeedingAttention reconciliationItems incidents } }";

/// So many orders of 36.00 in an hour, of which so many were paid.
fn hour(merchant: &Merchant, begins: DateTime<Utc>, made: i64, paid: i64) -> Vec<Row> {
    let orders = (0..made).map(|turn| {
        let at = begins + TimeDelta::seconds(turn);
        let row = order(merchant, format!("T{:x}", rand::random::<u64>()), at);
        if turn < paid { row.paid(at) } else { row }
    });
    orders.collect()
}

/// Eight Sundays with 30 orders of 40, all paid on time, and one more with these.
async fn sundays(world: &World, merchant: &Merchant, made: i64, paid: i64) {
    let last = at("2026-11-22T04:00:00Z");
    let mut rows = hour(merchant, last, made, paid);
    for week in 1..=8 {
        rows.extend(hour(merchant, last - TimeDelta::weeks(week), 40, 30));
        // Other weekdays say nothing about Sundays.
        rows.extend(hour(merchant, last - TimeDelta::days(7 * week - 1), 5, 1));
    }
    insert(world, &rows).await;
    merchant.counted().await;
}

async fn brief(merchant: &Merchant) -> Value {
    let told = merchant
        .owner()
        .await
        .data(&format!("{{ {BRIEF} }}"), Value::Null)
        .await;
    told["dailyBrief"].clone()
}

everywhere! {
    async fn a_day_as_usual_is_no_news(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        sundays(&world, &merchant, 41, 31).await;
        let told = brief(&merchant).await;
        assert_eq!(told["on"], "2026-11-22");
        assert_eq!(told["figures"]["orders"], json!({ "value": 41, "usual": 40, "low": 30, "high": 50,
            "verdict": "USUAL", "change": "0.025" }));
        assert_eq!(told["figures"]["paid"], json!({ "value": { "amount": "1116.00" },
            "usual": { "amount": "1080.00" }, "verdict": "USUAL" }));
        assert_eq!(told["figures"]["successRate"]["usual"], "0.75");
        let summary = told["summary"].as_array().unwrap();
        assert_eq!(summary[0], "31 orders paid, 1116.00 CNY in all: +3.3% against the usual for this weekday.");
        assert!(summary[1..].iter().all(|line| line.as_str().unwrap().starts_with("To do: ")), "{summary:?}");
        let channel = json!({ "id": merchant.channel_id.to_string() });
        assert_eq!(told["channels"], json!([{ "channel": channel, "incidents": 0,
            "figures": { "paidOrders": { "value": 31, "usual": 30, "verdict": "USUAL" } } }]));
    }

    async fn a_day_on_which_nobody_could_pay_is_news_in_either_language(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        sundays(&world, &merchant, 40, 4).await;
        let told = brief(&merchant).await;
        let verdict = |figure: &str| told["figures"][figure]["verdict"].clone();
        assert_eq!(verdict("orders"), "USUAL");
        assert_eq!(verdict("paid"), "UNUSUALLY_LOW");
        assert_eq!(verdict("successRate"), "UNUSUALLY_LOW");
        assert_eq!(verdict("averageOrderValue"), "USUAL");
        assert_eq!(told["figures"]["successRate"]["value"], "0.1");
        let chinese = merchant.owner().await.in_chinese();
        let told = chinese.data("{ dailyBrief { summary } }", Value::Null).await;
        let lines = told["dailyBrief"]["summary"].as_array().unwrap();
        let lines: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
        assert_eq!(lines[0], "支付 4 笔，实付 144.00 CNY，较同星期常态 -86.7%。");
        assert!(lines.contains(&"支付成功率 10.0%，异常偏低（常态为 70.0% 至 80.0%）。"), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("WechatPay：支付成功率")), "{lines:?}");
    }

    async fn a_day_that_is_not_over_is_told_and_not_judged(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut rows = hour(&merchant, at("2026-11-23T01:00:00Z"), 3, 2);
        for week in 1..=8 {
            rows.extend(hour(&merchant, at("2026-11-23T05:00:00Z") - TimeDelta::weeks(week), 40, 30));
        }
        insert(&world, &rows).await;
        merchant.counted().await;
        let of = |day: &str| format!("{{ dailyBrief(on: \"{day}\") {{ summary figures {{
            orders {{ value usual verdict change }} paid {{ verdict }} successRate {{ verdict }} }} }} }}");
        let told = merchant.owner().await.data(&of("2026-11-23"), Value::Null).await;
        let told = &told["dailyBrief"];
        assert_eq!(told["figures"]["orders"], json!({ "value": 3, "usual": null, "verdict": "NOT_ENOUGH_DATA",
            "change": null }));
        assert_eq!(told["figures"]["paid"]["verdict"], "NOT_ENOUGH_DATA");
        assert_eq!(told["summary"], json!(["2 orders paid, 72.00 CNY in all.", "To do: 242 paid and not shipped."]));
        // When it is over it is judged.
        world.clock.advance(TimeDelta::days(1));
        merchant.counted().await;
        let told = merchant.owner().await.data(&of("2026-11-23"), Value::Null).await;
        assert_eq!(told["dailyBrief"]["figures"]["orders"]["verdict"], "UNUSUALLY_LOW");
    }

    async fn after_a_move_to_another_zone_days_are_whole_until_everything_is_built_anew(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        // Through the whole day in Shanghai, which is two days in New York.
        let mut rows = Vec::new();
        for week in 0..=8 {
            for turn in 0..24 {
                let begins = at("2026-11-21T16:00:00Z") - TimeDelta::weeks(week) + TimeDelta::hours(turn);
                rows.extend(hour(&merchant, begins, 2, 2));
            }
        }
        insert(&world, &rows).await;
        merchant.counted().await;
        merchant.lives_in("America/New_York").await;
        let told = brief(&merchant).await;
        assert_eq!(told["on"], "2026-11-22");
        assert_eq!(told["figures"]["orders"]["value"], 48, "{told}");
        assert_eq!(told["figures"]["orders"]["verdict"], "USUAL");
    }

    async fn a_young_shop_is_told_that_nobody_can_say(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let last = at("2026-11-22T04:00:00Z");
        let mut rows = Vec::new();
        for week in 0..=3 {
            rows.extend(hour(&merchant, last - TimeDelta::weeks(week), 40, 30));
        }
        insert(&world, &rows).await;
        merchant.counted().await;
        let told = brief(&merchant).await;
        assert_eq!(told["figures"]["orders"], json!({ "value": 40, "usual": null, "low": null, "high": null,
            "verdict": "NOT_ENOUGH_DATA", "change": null }));
        let named = "{ dailyBrief(on: \"2026-11-23\") { on figures { orders { value } } } }";
        let told = merchant.owner().await.data(named, Value::Null).await;
        assert_eq!(told["dailyBrief"], json!({ "on": "2026-11-23", "figures": { "orders": { "value": 0 } } }));
        for day in ["2026-11-24", "0001-01-01", "9999-12-31"] {
            let document = format!("{{ dailyBrief(on: \"{day}\") {{ on }} }}");
            let (code, _) = merchant.owner().await.error(&document, Value::Null).await;
            assert_eq!(code, "BAD_USER_INPUT", "{day}");
        }
    }

    async fn what_waits_is_counted_for_who_may_see_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        merchant.paid_order("12.00").await;
        crate::access::reconciliation_item(&world, &merchant, order.id).await;
        let refund = order.refund(json!({ "reasonText": "sandbox:refund-refuse" })).await;
        merchant.refund_workers_work().await;
        assert_eq!(refund.state().await, "FAILED");
        merchant.counted().await;
        assert_eq!(brief(&merchant).await["toDo"], json!({ "awaitingShipment": 2,
            "refundsAwaitingApproval": 0, "refundsNeedingAttention": 1, "reconciliationItems": 1,
            "incidents": 0 }));
        let key = "mutation { apiKeyCreate(input: { name: \"报表\", scopes: [ORDERS_READ] }) { secret } }";
        let made = merchant.owner().await.data(key, Value::Null).await;
        let secret = made["apiKeyCreate"]["secret"].as_str().unwrap();
        let narrow = crate::support::Client::bearer(world.gateway.clone(), secret).await;
        let answer = narrow.ask(&format!("{{ {BRIEF} }}"), Value::Null).await;
        let told = &answer["data"]["dailyBrief"];
        assert_eq!(told["toDo"], json!({ "awaitingShipment": 2, "refundsAwaitingApproval": null,
            "refundsNeedingAttention": null, "reconciliationItems": null, "incidents": null }));
        assert_eq!(told["summary"].as_array().unwrap().len(), 2, "{told}");
        let viewer = merchant.client(Role::Viewer).await;
        viewer.data(&format!("{{ {BRIEF} }}"), Value::Null).await;
    }
}
