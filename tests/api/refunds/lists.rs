//! Lists of refunds: each filter, its opposite, pages, figures, and what PostgreSQL does for them.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::membership::Role;
use entity::merchant;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use yigate::orders::service::Notice;

use crate::everywhere;
use crate::orders::plans::{RUNS, assert_by_index, busy};
use crate::support::{Client, Merchant, World};

/// What a filter is to want, in other words than its own.
type Wanted = Box<dyn Fn(&Value) -> bool>;

const LIST: &str = "query($filter: RefundFilterInput, $first: Int, $after: String, $last: Int, \
    $before: String) { refunds(filter: $filter, first: $first, after: $after, last: $last, \
    before: $before) { totalCount totals { amount { amount } feeReturned { amount } } \
    states { value count } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } \
    edges { node { id refundNo state kind reason method requestedBy needsAttention requestedAt \
    succeededAt providerRefundNo amount { amount } feeReturned { amount } channel { id } \
    order { id orderNo merchantOrderNo providerTradeNo title country } } } } }";

fn nodes(list: &Value) -> Vec<Value> {
    let edges = list["edges"].as_array().expect("edges").iter();
    edges.map(|edge| edge["node"].clone()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn minor(amount: &Value) -> i64 {
    let digits = text(&amount["amount"]).replace('.', "");
    digits.parse().expect("an amount")
}

async fn list(client: &Client, filter: &Value) -> Value {
    let variables = json!({ "filter": filter, "first": 100 });
    client.data(LIST, variables).await["refunds"].clone()
}

/// A merchant with refunds of every sort, of two days.
async fn counter(world: &World) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    merchant.takes_fees("0.01").await;
    let alipay = merchant
        .channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None)
        .await;
    for (amount, input) in [
        (
            "36.00",
            json!({ "reasonText": "sandbox:refund-at-once", "reason": "OUT_OF_STOCK" }),
        ),
        ("20.00", json!({ "reasonText": "sandbox:refund-refuse" })),
        (
            "10.00",
            json!({ "reasonText": "sandbox:refund-lost-answer", "reason": "NOT_RECEIVED" }),
        ),
    ] {
        merchant.paid_order(amount).await.refund(input).await;
    }
    merchant.refund_workers_work().await;
    world.clock.advance(TimeDelta::days(1));
    let threshold = merchant::Column::RefundApprovalAboveMinor;
    merchant.changes(threshold, Expr::value(10_000_i64)).await;
    let order = merchant.paid_order("150.00").await;
    order.refund(json!({})).await;
    let finance = merchant.client(Role::Finance).await;
    let order = merchant.paid_order("9.99").await;
    merchant
        .asked_to_refund(&finance, &order, json!({ "reason": "OTHER" }))
        .await;
    let second = "9.99".parse().expect("a decimal");
    let second = merchant
        .sandbox()
        .notification(&order.order_no, "T-2", second);
    assert_eq!(order.notified(&second).await, Notice::Accepted);
    let scarf = json!({ "country": "JP", "lines": [{ "title": "羊绒围巾", "quantity": 1,
        "unitPrice": { "amount": "5.00", "currency": "CNY" } }] });
    let abroad = merchant.through(alipay).order_with("5.00", scarf).await;
    abroad.pay().await;
    abroad
        .refund(json!({ "reasonText": "sandbox:refund-abnormal" }))
        .await;
    merchant.refunds_go_through().await;
    merchant.books_are_right().await;
    merchant
}

everywhere! {
    async fn each_filter_wants_what_it_says_and_its_opposite_the_rest(world: World) {
        let merchant = counter(&world).await;
        let stranger = counter(&world).await;
        let owner = merchant.owner().await;
        let whole = list(&owner, &json!({})).await;
        let all = nodes(&whole);
        assert_eq!(all.len(), 7, "{whole:#}");
        let one = all[3].clone();
        let succeeded = all.iter().find(|one| one["providerRefundNo"].is_string()).expect("one").clone();
        let is = |field: &'static str, value: &Value| {
            let value = value.clone();
            Box::new(move |node: &Value| node[field] == value) as Box<dyn Fn(&Value) -> bool>
        };
        let begins = |path: &'static str, value: &Value| {
            let value = text(value).to_owned();
            Box::new(move |node: &Value| text(node.pointer(path).expect("a field")).starts_with(&value))
                as Box<dyn Fn(&Value) -> bool>
        };
        let owner_id = merchant.staff(Role::Owner).to_string();
        let range = |min: &str, max: &str| json!({ "min": { "amount": min, "currency": "CNY" },
            "max": { "amount": max, "currency": "CNY" } });
        let cases: Vec<(Value, Wanted)> = vec![
            (json!({ "state": ["SUCCEEDED", "FAILED"] }),
                Box::new(|node| ["SUCCEEDED", "FAILED"].contains(&text(&node["state"])))),
            (json!({ "state": ["AWAITING_APPROVAL"] }), is("state", &json!("AWAITING_APPROVAL"))),
            (json!({ "kind": ["EXTRA_PAYMENT"] }), is("kind", &json!("EXTRA_PAYMENT"))),
            (json!({ "reason": ["OTHER", "NOT_RECEIVED"] }),
                Box::new(|node| ["OTHER", "NOT_RECEIVED"].contains(&text(&node["reason"])))),
            (json!({ "requestedAt": { "preset": "YESTERDAY" } }),
                Box::new(|node| text(&node["requestedAt"]).starts_with("2026-11-24"))),
            (json!({ "succeededAt": { "preset": "YESTERDAY" } }),
                Box::new(|node| text(&node["succeededAt"]).starts_with("2026-11-24"))),
            (json!({ "amount": range("9.99", "20.00") }),
                Box::new(|node| (999..=2_000).contains(&minor(&node["amount"])))),
            (json!({ "channelId": [one["channel"]["id"]] }), {
                let id = one["channel"]["id"].clone();
                Box::new(move |node| node["channel"]["id"] == id)
            }),
            (json!({ "method": ["ALIPAY"] }), is("method", &json!("ALIPAY"))),
            (json!({ "country": ["JP", "US"] }),
                Box::new(|node| ["JP", "US"].contains(&text(&node["order"]["country"])))),
            (json!({ "orderId": one["order"]["id"] }), begins("/order/id", &one["order"]["id"])),
            (json!({ "requestedBy": owner_id }), is("requestedBy", &json!(owner_id))),
            (json!({ "requestedBy": "system" }), is("requestedBy", &json!("system"))),
            (json!({ "needsAttention": true }), is("needsAttention", &json!(true))),
            (json!({ "search": one["refundNo"] }), begins("/refundNo", &one["refundNo"])),
            (json!({ "search": one["order"]["orderNo"] }), begins("/order/orderNo", &one["order"]["orderNo"])),
            (json!({ "search": one["order"]["merchantOrderNo"] }),
                begins("/order/merchantOrderNo", &one["order"]["merchantOrderNo"])),
            (json!({ "search": one["order"]["providerTradeNo"] }),
                begins("/order/providerTradeNo", &one["order"]["providerTradeNo"])),
            (json!({ "search": "围巾" }), Box::new(|node| text(&node["order"]["title"]).contains("围巾"))),
            (json!({ "search": succeeded["providerRefundNo"] }),
                begins("/providerRefundNo", &succeeded["providerRefundNo"])),
            (json!({ "or": [{ "kind": ["EXTRA_PAYMENT"] }, { "needsAttention": true }] }),
                Box::new(|node| node["kind"] == "EXTRA_PAYMENT" || node["needsAttention"] == true)),
        ];
        for (filter, holds) in cases {
            let opposite = json!({ "not": filter });
            for (filter, wanted) in [(&filter, true), (&opposite, false)] {
                let expected: Vec<Value> = all.iter().filter(|node| holds(node) == wanted).cloned().collect();
                let seen = list(&owner, filter).await;
                assert_eq!(nodes(&seen), expected, "{filter}");
                assert!(!expected.is_empty(), "a filter that says something: {filter}");
                assert_eq!(seen["totalCount"], expected.len(), "{filter}");
                let sum = |field: &str| expected.iter().map(|node| minor(&node[field])).sum::<i64>();
                for (total, field) in [("amount", "amount"), ("feeReturned", "feeReturned")] {
                    assert_eq!(minor(&seen["totals"][total]), sum(field), "{filter}");
                }
                for facet in seen["states"].as_array().expect("states") {
                    let count = expected.iter().filter(|node| node["state"] == facet["value"]).count();
                    assert_eq!(facet["count"], count, "{filter}");
                }
                let counted = seen["states"].as_array().expect("states").iter();
                let counted: u64 = counted.filter_map(|facet| facet["count"].as_u64()).sum();
                assert_eq!(counted, expected.len() as u64, "{filter}");
            }
        }
        let theirs = nodes(&list(&stranger.owner().await, &json!({})).await);
        assert!(theirs.iter().all(|node| !all.contains(node)));
    }

    async fn each_refund_comes_once_whatever_the_pages(world: World) {
        let merchant = counter(&world).await;
        let owner = merchant.owner().await;
        let all = nodes(&list(&owner, &json!({})).await);
        for size in [1, 2, 3, 7] {
            for (count, cursor, more, end) in [
                ("first", "after", "hasNextPage", "endCursor"),
                ("last", "before", "hasPreviousPage", "startCursor"),
            ] {
                let (mut seen, mut variables) = (Vec::new(), json!({ count: size }));
                loop {
                    let page = owner.data(LIST, variables.clone()).await["refunds"].clone();
                    let mut here = nodes(&page);
                    if count == "last" {
                        here.extend(seen);
                        seen = here;
                    } else {
                        seen.extend(here);
                    }
                    if page["pageInfo"][more] == false {
                        break;
                    }
                    variables[cursor] = page["pageInfo"][end].clone();
                }
                assert_eq!(seen, all, "{count} {size}");
            }
        }
    }
}

#[tokio::test]
async fn refunds_are_read_by_index_and_those_of_a_page_of_orders_by_one_statement() {
    let Some(busy) = busy().await else { return };
    let list = "query($filter: RefundFilterInput) { refunds(first: 20, filter: $filter) { \
        edges { node { id state amount { amount } } } } }";
    let (whole, _) = busy.ask(list, &json!({})).await;
    let edges = whole["refunds"]["edges"].as_array().expect("edges");
    assert_eq!(edges.len(), 20, "there are many refunds");
    let by_number = "query($no: String!) { refund(by: { refundNo: $no }) { order { id } } }";
    let document = "{ refunds(first: 1) { edges { node { refundNo order { id } } } } }";
    let (one, _) = busy.ask(document, &json!({})).await;
    let one = &one["refunds"]["edges"][0]["node"];
    let last_month = json!({ "succeededAt": { "preset": "LAST_MONTH" } });
    for (what, document, variables, most) in [
        ("newest", list, json!({}), 21.0),
        (
            "waiting for a person",
            list,
            json!({ "filter": { "needsAttention": true } }),
            400.0,
        ),
        (
            "succeeded last month",
            list,
            json!({ "filter": last_month }),
            400.0,
        ),
        (
            "of an order",
            list,
            json!({ "filter": { "orderId": one["order"]["id"] } }),
            3.0,
        ),
        (
            "to buyers abroad",
            list,
            json!({ "filter": { "country": ["HK", "US", "TW"] } }),
            2_000.0,
        ),
        (
            "found by a title",
            list,
            json!({ "filter": { "search": "T恤" } }),
            6_000.0,
        ),
        (
            "by its number",
            by_number,
            json!({ "no": one["refundNo"] }),
            3.0,
        ),
    ] {
        for run in 1..=RUNS {
            let (_, ran) = busy.ask(document, &variables).await;
            assert_by_index(&format!("{what}, run {run}"), &ran, most);
        }
    }
    let orders =
        |fields: &str| format!("{{ orders(first: 50) {{ edges {{ node {{ id {fields} }} }} }} }}");
    let (_, without) = busy.ask(&orders(""), &json!({})).await;
    let (_, with) = busy
        .ask(
            &orders("refunds { id state amount { amount } }"),
            &json!({}),
        )
        .await;
    assert_eq!(
        with.len(),
        without.len() + 1,
        "one statement for all their refunds"
    );
}
