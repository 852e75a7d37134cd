//! Several people deliver one order.

use serde_json::json;

use super::{Two, at_once, count};

const FULFILL: &str = "mutation($input: OrderFulfillInput!) { orderFulfill(input: $input) { \
    order { id } userErrors { code } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_is_delivered_than_was_bought() {
    let Some(two) = Two::start().await else {
        return;
    };
    let price = json!({ "amount": "1.00", "currency": "CNY" });
    let lines = json!([
        { "title": "宫保鸡丁", "quantity": 10, "unitPrice": price },
        { "title": "酸辣汤", "quantity": 1, "unitPrice": price },
    ]);
    let order = two.here.order_with("0.00", json!({ "lines": lines })).await;
    order.pay().await;
    let people = [two.here.owner().await, two.there.owner().await];
    let payloads =
        at_once(
            (0..32).map(|turn: usize| {
                let person = people[turn % 2].clone();
                let lines = json!([{ "lineNo": 1, "quantity": 1 }]);
                let input = json!({ "orderId": order.id.to_string(), "lines": lines });
                async move {
                    person.data(FULFILL, json!({ "input": input })).await["orderFulfill"].clone()
                }
            }),
        )
        .await;
    assert_eq!(count(&payloads, ""), 10);
    assert_eq!(count(&payloads, "QUANTITY_OUT_OF_RANGE"), 22);
    let seen = order
        .read("fulfillmentState lines { fulfilledQuantity }")
        .await;
    let lines = json!([{ "fulfilledQuantity": 10 }, { "fulfilledQuantity": 0 }]);
    assert_eq!(
        seen,
        json!({ "fulfillmentState": "PARTIAL", "lines": lines })
    );
    let events = two.here.events().await;
    assert_eq!(
        events
            .iter()
            .filter(|kind| *kind == "ORDER_FULFILLED")
            .count(),
        10
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_is_delivered_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    let order = two.here.paid_order("36.00").await;
    let people = [two.here.owner().await, two.there.owner().await];
    let payloads =
        at_once(
            (0..16).map(|turn: usize| {
                let person = people[turn % 2].clone();
                let input = json!({ "orderId": order.id.to_string() });
                async move {
                    person.data(FULFILL, json!({ "input": input })).await["orderFulfill"].clone()
                }
            }),
        )
        .await;
    assert_eq!(count(&payloads, ""), 1);
    assert_eq!(count(&payloads, "ALREADY_FULFILLED"), 15);
    let timeline = ["CREATED", "PAYMENT_REQUESTED", "PAID", "FULFILLED"];
    assert_eq!(order.timeline().await, timeline);
}
