//! Filters: each alone, each with each other, and their opposites.

#![allow(clippy::unwrap_used, reason = "a test tells a story")]

use chrono::{DateTime, TimeDelta, Utc};
use entity::ChannelId;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::order::{FulfillmentState, PaymentState, RefundState};
use serde_json::{Value, json};

use super::rows::{Row, insert, order};
use crate::everywhere;
use crate::support::{Client, Merchant, World, noon};

/// The shop's numbers of the orders that a filter wants, newest first.
pub async fn found(client: &Client, filter: Value) -> Vec<String> {
    let document = "query($filter: OrderFilterInput) { orders(first: 100, filter: $filter) \
        { totalCount edges { node { merchantOrderNo } } } }";
    let answer = client.data(document, json!({ "filter": filter })).await;
    let numbers = numbers(&answer["orders"]);
    assert_eq!(answer["orders"]["totalCount"], numbers.len(), "{filter}");
    numbers
}

fn numbers(orders: &Value) -> Vec<String> {
    let edges = orders["edges"].as_array().expect("edges");
    let number = |edge: &Value| edge["node"]["merchantOrderNo"].as_str().map(str::to_owned);
    edges.iter().filter_map(number).collect()
}

/// A merchant with one order of every sort, newest first.
struct Shop {
    merchant: Merchant,
    alipay: ChannelId,
    rows: Vec<Row>,
}

async fn shop(world: &World) -> Shop {
    let merchant = world.merchant("汇贤饭店").await;
    let alipay = merchant
        .channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None)
        .await;
    let at = |hours: i64| noon() - TimeDelta::hours(hours);
    let make = |no: &str, hours: i64| order(&merchant, no, at(hours));
    let rows = vec![
        make("WAITING", 1).from("CN"),
        make("FRESH", 2).paid_as("420001", at(2)).from("CN"),
        make("HALF-SENT", 3)
            .paid_as("420002", at(2))
            .fulfillment(FulfillmentState::Partial)
            .lines(&["宫保鸡丁", "米饭"]),
        make("SENT", 11)
            .paid_as("420003", at(10))
            .fulfillment(FulfillmentState::Fulfilled)
            .amount(10_000)
            .from("US"),
        make("NOTHING-TO-SEND", 13)
            .paid_as("2026112222001400000001", at(12))
            .fulfillment(FulfillmentState::NotRequired)
            .through(alipay, PaymentMethod::Alipay)
            .amount(9_999),
        make("PART-REFUNDED", 30)
            .paid_as("420004", at(30))
            .refund(RefundState::Partial)
            .amount(10_001),
        make("REFUNDED", 40)
            .paid_as("2026112222001400000002", at(39))
            .refund(RefundState::Full)
            .fulfillment(FulfillmentState::Fulfilled)
            .through(alipay, PaymentMethod::Alipay)
            .from("JP"),
        make("LATE", 50).paid_as("420005", at(26)).late(),
        make("REFUSED", 60)
            .payment(PaymentState::Failed)
            .through(alipay, PaymentMethod::Alipay)
            .amount(1),
        make("CLOSED", 70).payment(PaymentState::Closed).from("CN"),
        make("LAST-MONTH", 24 * 40)
            .paid_as("420006", at(24 * 40 - 1))
            .fulfillment(FulfillmentState::Fulfilled)
            .lines(&["Fish & Chips"]),
        make("LAST-YEAR", 24 * 400).paid_as("420007", at(24 * 20)),
    ];
    insert(world, &rows).await;
    Shop {
        merchant,
        alipay,
        rows,
    }
}

type Rule = Box<dyn Fn(&Row) -> bool>;

/// Every filter, and in Rust what it means.
#[allow(clippy::too_many_lines, reason = "a table")]
fn rules(shop: &Shop) -> Vec<(Value, Rule)> {
    fn rule(filter: Value, is: impl Fn(&Row) -> bool + 'static) -> (Value, Rule) {
        (filter, Box::new(is))
    }
    let (wechat, alipay) = (shop.merchant.channel_id, shop.alipay);
    let yuan = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
    let midnight: DateTime<Utc> = "2026-11-22T16:00:00Z".parse().expect("an instant");
    let since =
        |row: &Row, from: DateTime<Utc>| row.order.id.made_at_ms() >= from.timestamp_millis();
    let open = [FulfillmentState::Unfulfilled, FulfillmentState::Partial];
    let to_ship = move |row: &Row| {
        row.order.payment_state == PaymentState::Paid && open.contains(&row.order.fulfillment_state)
    };
    vec![
        rule(json!({ "paymentState": ["PAID"] }), |row| {
            row.order.payment_state == PaymentState::Paid
        }),
        rule(json!({ "paymentState": ["FAILED", "CLOSED"] }), |row| {
            [PaymentState::Failed, PaymentState::Closed].contains(&row.order.payment_state)
        }),
        rule(json!({ "refundState": ["NONE"] }), |row| {
            row.order.refund_state == RefundState::None
        }),
        rule(json!({ "refundState": ["PARTIAL", "FULL"] }), |row| {
            row.order.refund_state != RefundState::None
        }),
        rule(json!({ "fulfillmentState": ["NOT_REQUIRED"] }), |row| {
            row.order.fulfillment_state == FulfillmentState::NotRequired
        }),
        rule(
            json!({ "fulfillmentState": ["UNFULFILLED", "PARTIAL"] }),
            move |row| open.contains(&row.order.fulfillment_state),
        ),
        rule(json!({ "awaitingShipment": true }), to_ship),
        rule(json!({ "awaitingShipment": false }), move |row| {
            !to_ship(row)
        }),
        rule(json!({ "late": true }), |row| row.order.late),
        rule(json!({ "late": false }), |row| !row.order.late),
        rule(json!({ "createdAt": { "preset": "TODAY" } }), move |row| {
            since(row, midnight)
        }),
        rule(
            json!({ "createdAt": { "preset": "LAST_3_DAYS" } }),
            move |row| since(row, midnight - TimeDelta::days(2)),
        ),
        rule(json!({ "paidAt": { "preset": "TODAY" } }), move |row| {
            row.order.paid_at.is_some_and(|at| at.0 >= midnight)
        }),
        rule(
            json!({ "paidAt": { "custom": {
                "from": "2026-11-21T00:00:00+08:00", "to": "2026-11-23T00:00:00+08:00" } } }),
            move |row| {
                let from = midnight - TimeDelta::days(2);
                row.order
                    .paid_at
                    .is_some_and(|at| (from..midnight).contains(&at.0))
            },
        ),
        rule(json!({ "channelId": [alipay.to_string()] }), move |row| {
            row.order.channel_id == alipay
        }),
        rule(
            json!({ "channelId": [wechat.to_string(), alipay.to_string()] }),
            |_| true,
        ),
        rule(json!({ "method": ["WECHAT_PAY"] }), |row| {
            row.order.method == PaymentMethod::WechatPay
        }),
        rule(json!({ "method": ["QQ_PAY"] }), |_| false),
        rule(json!({ "country": ["CN"] }), |row| {
            row.order.country.as_deref() == Some("CN")
        }),
        rule(json!({ "country": ["US", "JP"] }), |row| {
            ["US", "JP"].contains(&row.order.country.as_deref().unwrap_or_default())
        }),
        rule(json!({ "amount": { "min": yuan("100.00") } }), |row| {
            row.order.amount_minor >= 10_000
        }),
        rule(json!({ "amount": { "max": yuan("36.00") } }), |row| {
            row.order.amount_minor <= 3_600
        }),
        rule(
            json!({ "amount": { "min": yuan("0.02"), "max": yuan("99.99") } }),
            |row| (2..=9_999).contains(&row.order.amount_minor),
        ),
        rule(json!({ "search": "REFU" }), |row| {
            row.no().starts_with("REFU")
        }),
        rule(json!({ "search": "4200" }), |row| {
            row.order
                .provider_trade_no
                .as_deref()
                .is_some_and(|no| no.starts_with("4200"))
        }),
        rule(json!({ "search": "米饭" }), |row| {
            row.titles.iter().any(|title| title == "米饭")
        }),
    ]
}

/// The shop's numbers of the orders that a rule wants.
pub fn wanted(rows: &[Row], is: impl Fn(&Row) -> bool) -> Vec<String> {
    let rows = rows.iter().filter(|row| is(row));
    rows.map(|row| row.no().to_owned()).collect()
}

/// Asks for many filters at once, each under an alias.
async fn found_at_once(client: &Client, filters: &[Value]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for some in filters.chunks(20) {
        let mut document = String::from("query(");
        let mut variables = json!({});
        for (place, filter) in some.iter().enumerate() {
            document += &format!("$f{place}: OrderFilterInput ");
            variables[format!("f{place}")] = filter.clone();
        }
        document += ") {";
        for place in 0..some.len() {
            document += &format!(
                " a{place}: orders(filter: $f{place}) {{ edges {{ node {{ merchantOrderNo }} }} }}"
            );
        }
        document += " }";
        let answer = client.data(&document, variables).await;
        for place in 0..some.len() {
            found.push(numbers(&answer[format!("a{place}")]));
        }
    }
    found
}

everywhere! {
    async fn each_filter_finds_what_it_means(world: World) {
        let shop = shop(&world).await;
        let owner = shop.merchant.owner().await;
        for (filter, is) in rules(&shop) {
            assert_eq!(found(&owner, filter.clone()).await, wanted(&shop.rows, is), "{filter}");
        }
        assert_eq!(found(&owner, json!({})).await, wanted(&shop.rows, |_| true));
        assert_eq!(found(&owner, Value::Null).await, wanted(&shop.rows, |_| true));
    }

    async fn what_a_filter_does_not_want_its_opposite_wants(world: World) {
        let shop = shop(&world).await;
        let owner = shop.merchant.owner().await;
        let rules = rules(&shop);
        let not: Vec<Value> = rules.iter().map(|(filter, _)| json!({ "not": filter })).collect();
        let not_not: Vec<Value> = not.iter().map(|filter| json!({ "not": filter })).collect();
        let found = (found_at_once(&owner, &not).await, found_at_once(&owner, &not_not).await);
        for (place, (filter, is)) in rules.iter().enumerate() {
            assert_eq!(found.0[place], wanted(&shop.rows, |row| !is(row)), "not {filter}");
            assert_eq!(found.1[place], wanted(&shop.rows, is), "not not {filter}");
        }
    }

    async fn two_filters_hold_together_or_either(world: World) {
        let shop = shop(&world).await;
        let owner = shop.merchant.owner().await;
        let rules = rules(&shop);
        let mut cases: Vec<(Value, Vec<String>)> = Vec::new();
        for (place, (a, is_a)) in rules.iter().enumerate() {
            for (b, is_b) in &rules[place + 1..] {
                let both = wanted(&shop.rows, |row| is_a(row) && is_b(row));
                // Parts of the same name cannot stand side by side.
                let mut together = b.clone();
                if a.as_object().unwrap().keys().ne(b.as_object().unwrap().keys()) {
                    let parts = together.as_object_mut().unwrap();
                    parts.extend(a.as_object().unwrap().clone());
                    cases.push((together, both.clone()));
                }
                let neither = json!({ "not": { "or": [a, b] } });
                cases.push((neither, wanted(&shop.rows, |row| !is_a(row) && !is_b(row))));
                let only = json!({ "or": [a, b], "not": a });
                cases.push((only, wanted(&shop.rows, |row| is_b(row) && !is_a(row))));
                let either = json!({ "or": [a, b] });
                cases.push((either, wanted(&shop.rows, |row| is_a(row) || is_b(row))));
            }
        }
        let filters: Vec<Value> = cases.iter().map(|(filter, _)| filter.clone()).collect();
        let found = found_at_once(&owner, &filters).await;
        for ((filter, wanted), found) in cases.iter().zip(found) {
            assert_eq!(&found, wanted, "{filter}");
        }
    }

    async fn a_filter_finds_nothing_of_another_merchant(world: World) {
        let (ours, theirs) = (shop(&world).await, shop(&world).await);
        let owner = ours.merchant.owner().await;
        let filter = json!({ "channelId": [theirs.alipay.to_string()] });
        assert_eq!(found(&owner, filter).await, Vec::<String>::new());
        let filter = json!({ "or": [{ "search": "REFU" }, { "search": "4200" }] });
        let own = wanted(&ours.rows, |row| {
            row.no().starts_with("REFU")
                || row.order.provider_trade_no.as_deref().is_some_and(|no| no.starts_with("4200"))
        });
        assert_eq!(found(&owner, filter).await, own);
    }
}

#[tokio::test]
async fn the_filter_means_the_same_whatever_the_order_of_its_parts() {
    let world = World::on_sqlite().await;
    let shop = shop(&world).await;
    let owner = shop.merchant.owner().await;
    let a = json!({ "or": [{ "late": true }, { "paymentState": ["PAID"], "country": ["CN"] }] });
    let b = json!({ "or": [{ "country": ["CN"], "paymentState": ["PAID"] }, { "late": true }] });
    assert_eq!(found(&owner, a.clone()).await, found(&owner, b).await);
    assert_eq!(found(&owner, a).await, ["FRESH", "LATE"]);
}
