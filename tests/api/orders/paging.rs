//! Pages: whatever their size and direction, each order comes once, and none is missing.

use chrono::TimeDelta;
use entity::channel::PaymentMethod;
use serde_json::{Value, json};

use super::rows::{Row, before_noon, insert, order};
use crate::everywhere;
use crate::support::{Client, Merchant, World};

/// How many orders are paged through.
const MANY: i64 = 250;

/// Orders of which many were paid at the same instant, cost the same, or were made in one millisecond.
fn many(merchant: &Merchant) -> Vec<Row> {
    (0..MANY)
        .map(|place| {
            let made = before_noon(60 * 24 * 3) + TimeDelta::milliseconds(place / 3);
            let row = order(merchant, format!("N{place}"), made).amount(100 * (place % 7) + 1);
            match place % 5 {
                0 => row,
                // Later orders are paid earlier, many at one instant.
                rest => row.paid(before_noon(60 + place / 25 * 10 + rest / 4)),
            }
        })
        .collect()
}

/// The ids of all pages, one after the other.
async fn walk(client: &Client, sort: &Value, sizes: &[usize], backward: bool) -> Vec<String> {
    let document =
        "query($sort: OrderSortInput, $first: Int, $after: String, $last: Int, $before: String) {
        orders(filter: { method: [WECHAT_PAY] }, orderBy: $sort, first: $first, after: $after,
            last: $last, before: $before) {
            edges { cursor node { id } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let (mut seen, mut place) = (Vec::<String>::new(), Value::Null);
    for round in 0.. {
        let size = sizes[round % sizes.len()];
        let variables = if backward {
            json!({ "sort": sort, "last": size, "before": place })
        } else {
            json!({ "sort": sort, "first": size, "after": place })
        };
        let answer = client.data(document, variables).await;
        let (edges, info) = (&answer["orders"]["edges"], &answer["orders"]["pageInfo"]);
        let edges = edges.as_array().expect("edges");
        assert_eq!(info["startCursor"], edges[0]["cursor"]);
        assert_eq!(info["endCursor"], edges[edges.len() - 1]["cursor"]);
        let ids = edges
            .iter()
            .map(|edge| edge["node"]["id"].as_str().expect("an id"));
        let ids = ids.map(str::to_owned);
        let (more, came_from, next) = if backward {
            seen.splice(0..0, ids);
            ("hasPreviousPage", "hasNextPage", "startCursor")
        } else {
            seen.extend(ids);
            ("hasNextPage", "hasPreviousPage", "endCursor")
        };
        assert_eq!(info[came_from], json!(round > 0), "{info}");
        place = info[next].clone();
        if info[more] == json!(false) {
            break;
        }
        assert_eq!(edges.len(), size, "a page before the last is full");
    }
    seen
}

/// The ids in the order that a sort means; ties in the order of creation.
fn sorted(rows: &[Row], field: &str, direction: &str) -> Vec<String> {
    let mut rows: Vec<&Row> = rows
        .iter()
        .filter(|row| field != "PAID_AT" || row.order.paid_at.is_some())
        .collect();
    rows.sort_by_key(|row| {
        let value = match field {
            "PAID_AT" => row.order.paid_at.map_or(0, |at| at.0.timestamp_millis()),
            "AMOUNT" => row.order.amount_minor,
            _ => 0,
        };
        (value, row.order.id)
    });
    if direction == "DESC" {
        rows.reverse();
    }
    rows.into_iter()
        .map(|row| row.order.id.to_string())
        .collect()
}

async fn shop(world: &World) -> (Merchant, Vec<Row>) {
    let merchant = world.merchant("汇贤饭店").await;
    let rows = many(&merchant);
    insert(world, &rows).await;
    // Not of the list that is paged through, and between all of its orders.
    let others: Vec<Row> = many(&merchant)
        .into_iter()
        .take(60)
        .zip(0..)
        .map(|(row, place)| {
            let channel = row.order.channel_id;
            let mut row = row.through(channel, PaymentMethod::Alipay);
            row.order.merchant_order_no = format!("A{place}");
            row
        })
        .collect();
    insert(world, &others).await;
    (merchant, rows)
}

everywhere! {
    async fn every_order_comes_once_in_every_sort_and_direction(world: World) {
        let (merchant, rows) = shop(&world).await;
        let owner = merchant.owner().await;
        for field in ["CREATED_AT", "PAID_AT", "AMOUNT"] {
            for direction in ["ASC", "DESC"] {
                let sort = json!({ "field": field, "direction": direction });
                let wanted = sorted(&rows, field, direction);
                for backward in [false, true] {
                    let seen = walk(&owner, &sort, &[50, 1, 7, 100], backward).await;
                    assert_eq!(seen, wanted, "{field} {direction} backward: {backward}");
                }
            }
        }
        assert_eq!(walk(&owner, &Value::Null, &[99], false).await, sorted(&rows, "CREATED_AT", "DESC"));
        let paid = json!({ "field": "PAID_AT" });
        assert_eq!(walk(&owner, &paid, &[100], false).await, sorted(&rows, "PAID_AT", "DESC"));
    }

    async fn the_size_of_pages_changes_nothing(world: World) {
        let (merchant, rows) = shop(&world).await;
        let owner = merchant.owner().await;
        let sort = json!({ "field": "AMOUNT", "direction": "DESC" });
        let wanted = sorted(&rows, "AMOUNT", "DESC");
        for size in [3, 20, 83, 100] {
            assert_eq!(walk(&owner, &sort, &[size], false).await, wanted, "{size}");
        }
    }

    async fn a_page_ends_at_the_cursor_that_it_must_not_pass(world: World) {
        let (merchant, rows) = shop(&world).await;
        let owner = merchant.owner().await;
        for field in ["CREATED_AT", "PAID_AT", "AMOUNT"] {
            let sort = json!({ "field": field, "direction": "ASC" });
            let wanted = sorted(&rows, field, "ASC");
            let all = "query($sort: OrderSortInput) { orders(first: 30, orderBy: $sort, \
                filter: { method: [WECHAT_PAY] }) { edges { cursor } } }";
            let all = owner.data(all, json!({ "sort": sort })).await;
            let cursor = |place: usize| all["orders"]["edges"][place]["cursor"].clone();
            let between = "query($sort: OrderSortInput, $first: Int, $last: Int, $after: String, $before: String) {
                orders(orderBy: $sort, first: $first, last: $last, after: $after, before: $before,
                    filter: { method: [WECHAT_PAY] }) { edges { node { id } } } }";
            for (first, last, range) in [
                (Some(100), None, 11..20),
                (Some(3), None, 11..14),
                (None, Some(100), 11..20),
                (None, Some(3), 17..20),
            ] {
                let variables = json!({ "sort": sort, "first": first, "last": last,
                    "after": cursor(10), "before": cursor(20) });
                let seen = owner.data(between, variables).await;
                let ids: Vec<&str> = seen["orders"]["edges"].as_array().expect("edges").iter()
                    .map(|edge| edge["node"]["id"].as_str().expect("an id")).collect();
                assert_eq!(ids, wanted[range.clone()], "{field} {range:?}");
            }
        }
    }

    async fn an_order_that_comes_meanwhile_shifts_no_page(world: World) {
        let (merchant, rows) = shop(&world).await;
        let owner = merchant.owner().await;
        let page = "query($after: String) { orders(first: 40, after: $after, \
            filter: { method: [WECHAT_PAY] }) { edges { node { id } } pageInfo { endCursor } } }";
        let first = owner.data(page, Value::Null).await;
        insert(&world, &[order(&merchant, "FRESH", before_noon(0))]).await;
        let after = &first["orders"]["pageInfo"]["endCursor"];
        let second = owner.data(page, json!({ "after": after })).await;
        let ids = |answer: &Value| -> Vec<String> {
            let edges = answer["orders"]["edges"].as_array().expect("edges").iter();
            edges.map(|edge| edge["node"]["id"].as_str().expect("an id").to_owned()).collect()
        };
        let mut seen = ids(&first);
        seen.extend(ids(&second));
        assert_eq!(seen, sorted(&rows, "CREATED_AT", "DESC")[..80]);
    }

    async fn an_empty_list_has_an_empty_page(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let answer = merchant.owner().await.data(
            "{ orders { totalCount totals { amount { amount } paid { amount } } edges { cursor }
                facets { paymentState { count } channel { count } country { count } }
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
            Value::Null,
        ).await;
        let zero = json!({ "amount": "0.00" });
        assert_eq!(answer["orders"], json!({
            "totalCount": 0,
            "totals": { "amount": zero, "paid": zero },
            "edges": [],
            "facets": { "paymentState": [], "channel": [], "country": [] },
            "pageInfo": { "hasNextPage": false, "hasPreviousPage": false,
                "startCursor": null, "endCursor": null },
        }));
    }
}
