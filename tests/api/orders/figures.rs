//! What is said of all orders that a filter wants: how many, how much, and how they are spread.

use std::collections::BTreeMap;

use entity::channel::{ChannelKind, PaymentMethod};
use entity::order::{FulfillmentState, PaymentState, RefundState};
use serde_json::{Value, json};

use super::rows::{Row, before_noon, insert, order};
use crate::everywhere;
use crate::schema::items;
use crate::support::{Merchant, World};

/// Thirty orders over two channels, three countries, and every state.
async fn shop(world: &World) -> (Merchant, Vec<Row>) {
    let merchant = world.merchant("汇贤饭店").await;
    let alipay = merchant
        .channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None)
        .await;
    let rows: Vec<Row> = (0..30_i64)
        .map(|place| {
            let mut row = order(&merchant, format!("N{place}"), before_noon(place))
                .amount(1_000 + place)
                .discount(place);
            row = match place % 7 {
                0 => row,
                1 => row.payment(PaymentState::Closed),
                2 => row.payment(PaymentState::Failed),
                3 => row.paid(before_noon(place)).refund(RefundState::Partial),
                _ => row
                    .paid(before_noon(place))
                    .fulfillment(FulfillmentState::Fulfilled),
            };
            row = match place % 4 {
                0 => row,
                1 => row.from("US"),
                _ => row.from("CN"),
            };
            if place % 3 == 0 {
                row.through(alipay, PaymentMethod::Alipay)
            } else {
                row
            }
        })
        .collect();
    insert(world, &rows).await;
    (merchant, rows)
}

fn yuan(minor: i64) -> Value {
    json!({ "amount": format!("{}.{:02}", minor / 100, minor % 100), "currency": "CNY" })
}

/// How often each value comes among the orders.
fn spread(rows: &[Row], value: impl Fn(&Row) -> Option<String>) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        if let Some(value) = value(row) {
            *counts.entry(value).or_default() += 1;
        }
    }
    counts
}

/// A facet as it was told; most comes first.
fn facet(facets: &Value, name: &str) -> BTreeMap<String, i64> {
    let told: Vec<(String, i64)> = items(&facets[name])
        .map(|facet| {
            let value = facet["value"]["id"].as_str().or(facet["value"].as_str());
            let count = facet["count"].as_i64();
            (value.expect("a value").to_owned(), count.expect("a count"))
        })
        .collect();
    assert!(
        told.is_sorted_by(|a, b| a.1 >= b.1),
        "{name}: most comes first"
    );
    told.into_iter().collect()
}

fn screaming(state: impl std::fmt::Debug) -> Option<String> {
    let mut name = String::new();
    for letter in format!("{state:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    Some(name)
}

const ALL: &str = "query($filter: OrderFilterInput) { orders(first: 1, filter: $filter) {
    totalCount totals { amount { amount currency } discount { amount currency } paid { amount currency } }
    facets { paymentState { value count } refundState { value count } fulfillmentState { value count }
        method { value count } country { value count } channel { value { id } count } } } }";

everywhere! {
    async fn figures_are_those_of_the_filter_and_not_of_the_page(world: World) {
        let (merchant, rows) = shop(&world).await;
        let owner = merchant.owner().await;
        for (filter, rows) in [
            (Value::Null, rows.clone()),
            (json!({ "paymentState": ["PAID"] }),
                rows.iter().filter(|row| row.order.paid_at.is_some()).cloned().collect()),
            (json!({ "country": ["US"], "not": { "method": ["ALIPAY"] } }),
                rows.iter().filter(|row| row.order.country.as_deref() == Some("US")
                    && row.order.method != PaymentMethod::Alipay).cloned().collect()),
        ] {
            let answer = owner.data(ALL, json!({ "filter": filter })).await;
            let orders = &answer["orders"];
            assert_eq!(orders["totalCount"], rows.len(), "{filter}");
            let sum = |of: fn(&Row) -> i64| yuan(rows.iter().map(of).sum());
            assert_eq!(orders["totals"], json!({
                "amount": sum(|row| row.order.amount_minor),
                "discount": sum(|row| row.order.discount_minor),
                "paid": sum(|row| row.order.paid_minor),
            }), "{filter}");
            let facets = &orders["facets"];
            assert_eq!(facet(facets, "paymentState"), spread(&rows, |row| screaming(row.order.payment_state)));
            assert_eq!(facet(facets, "refundState"), spread(&rows, |row| screaming(row.order.refund_state)));
            assert_eq!(
                facet(facets, "fulfillmentState"),
                spread(&rows, |row| screaming(row.order.fulfillment_state))
            );
            assert_eq!(facet(facets, "method"), spread(&rows, |row| screaming(row.order.method)));
            assert_eq!(facet(facets, "country"), spread(&rows, |row| row.order.country.clone()));
            assert_eq!(
                facet(facets, "channel"),
                spread(&rows, |row| Some(row.order.channel_id.to_string()))
            );
        }
    }

    async fn figures_do_not_depend_on_page_and_sort(world: World) {
        let (merchant, _) = shop(&world).await;
        let owner = merchant.owner().await;
        let figures = "totalCount totals { paid { amount } } facets { method { value count } }";
        let answer = owner.data(
            &format!("{{ a: orders {{ {figures} }} b: orders(last: 3) {{ {figures} }}
                c: orders(first: 100, orderBy: {{ field: AMOUNT }}) {{ {figures} }}
                d: orders(first: 2, after: \"c1\") {{ {figures} }} }}"),
            Value::Null,
        ).await;
        for other in ["b", "c", "d"] {
            assert_eq!(answer["a"], answer[other], "{other}");
        }
    }
}

everywhere! {
    async fn a_list_by_payment_counts_what_it_lists(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.order("10.00").await;
        let document = "{ orders(orderBy: { field: PAID_AT }) { totalCount totals { amount { amount } } \
            facets { paymentState { value count } } edges { node { title } } } }";
        let seen = merchant.owner().await.data(document, json!({})).await;
        let seen = &seen["orders"];
        assert_eq!(seen["edges"].as_array().map(Vec::len), Some(1));
        assert_eq!(seen["totalCount"], 1);
        assert_eq!(seen["totals"]["amount"]["amount"], "36.00");
        assert_eq!(seen["facets"]["paymentState"], json!([{ "value": "PAID", "count": 1 }]));
    }
}
