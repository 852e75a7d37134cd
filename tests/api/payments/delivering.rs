//! Delivering orders: all at once, or line by line.

use serde_json::{Value, json};

use super::{close, refusal};
use crate::everywhere;
use crate::support::{Client, Merchant, Order};

const FULFILL: &str = "mutation($input: OrderFulfillInput!) { orderFulfill(input: $input) { \
    order { fulfillmentState fulfilledAt lines { lineNo fulfilledQuantity } } \
    userErrors { code field message } } }";

/// What somebody is told who delivers some lines, or everything.
async fn deliver(client: &Client, order: &Order, lines: Value) -> Value {
    let input = json!({ "orderId": order.id.to_string(), "lines": lines });
    let answer = client.data(FULFILL, json!({ "input": input })).await;
    answer["orderFulfill"].clone()
}

fn line(line_no: i64, quantity: i64) -> Value {
    json!({ "lineNo": line_no, "quantity": quantity })
}

/// How much of each line is delivered.
fn delivered(payload: &Value) -> Vec<i64> {
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    let lines = payload["order"]["lines"].as_array().expect("lines").iter();
    lines
        .map(|line| line["fulfilledQuantity"].as_i64().expect("a quantity"))
        .collect()
}

/// An unpaid order of 3 dishes and 2 soups.
async fn meal(merchant: &Merchant) -> Order {
    let price = json!({ "amount": "10.00", "currency": "CNY" });
    let lines = json!([
        { "title": "宫保鸡丁", "quantity": 3, "unitPrice": price },
        { "title": "酸辣汤", "quantity": 2, "unitPrice": price },
    ]);
    merchant
        .order_with("10.00", json!({ "lines": lines }))
        .await
}

everywhere! {
    async fn everything_is_delivered_at_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = meal(&merchant).await;
        order.pay().await;
        let owner = merchant.owner().await;
        let input = json!({
            "orderId": order.id.to_string(), "carrier": "顺丰", "trackingNo": "SF1234567890",
        });
        let answer = owner.data(FULFILL, json!({ "input": input })).await;
        assert_eq!(delivered(&answer["orderFulfill"]), [3, 2]);
        let seen = order.read("fulfillmentState fulfilledAt timeline { kind note }").await;
        assert_eq!(seen["fulfillmentState"], "FULFILLED");
        assert_eq!(seen["fulfilledAt"], "2026-11-23T04:00:00.000Z");
        let last = json!({ "kind": "FULFILLED", "note": "顺丰 SF1234567890" });
        assert_eq!(seen["timeline"][3], last);
        let payload = deliver(&owner, &order, json!(null)).await;
        assert_eq!(refusal(&payload), ("ALREADY_FULFILLED", "orderId"));
    }

    async fn lines_are_delivered_as_far_as_they_are_open(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = meal(&merchant).await;
        order.pay().await;
        let owner = merchant.owner().await;
        let payload = deliver(&owner, &order, json!([line(1, 2)])).await;
        assert_eq!(delivered(&payload), [2, 0]);
        assert_eq!(payload["order"]["fulfillmentState"], "PARTIAL");
        assert_eq!(payload["order"]["fulfilledAt"], json!(null));
        for (lines, code, message) in [
            (json!([line(1, 2)]), "QUANTITY_OUT_OF_RANGE", "Line 1 has 1 to deliver; give 1 to 1."),
            (json!([line(2, 1), line(2, 2)]), "QUANTITY_OUT_OF_RANGE",
                "Line 2 has 1 to deliver; give 1 to 1."),
            (json!([line(2, 0)]), "QUANTITY_OUT_OF_RANGE", "Line 2 has 2 to deliver; give 1 to 2."),
            (json!([line(2, -1)]), "QUANTITY_OUT_OF_RANGE",
                "Line 2 has 2 to deliver; give 1 to 2."),
            (json!([line(2, 1), line(3, 1)]), "LINE_NOT_FOUND", "The order has no line 3."),
        ] {
            let payload = deliver(&owner, &order, lines).await;
            assert_eq!(refusal(&payload), (code, "lines"));
            assert_eq!(payload["userErrors"][0]["message"], message);
        }
        let payload = deliver(&owner, &order, json!([line(1, 1), line(2, 1)])).await;
        assert_eq!(delivered(&payload), [3, 1]);
        let payload = deliver(&owner, &order, json!(null)).await;
        assert_eq!(delivered(&payload), [3, 2]);
        assert_eq!(payload["order"]["fulfillmentState"], "FULFILLED");
        assert_eq!(
            order.timeline().await,
            ["CREATED", "PAYMENT_REQUESTED", "PAID", "PARTLY_FULFILLED", "PARTLY_FULFILLED", "FULFILLED"]
        );
        let fulfilled = "ORDER_FULFILLED";
        assert_eq!(merchant.events().await[3..], [fulfilled, fulfilled, fulfilled]);
    }

    async fn a_delivery_of_nothing_is_none(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = meal(&merchant).await;
        order.pay().await;
        let payload = deliver(&merchant.owner().await, &order, json!([])).await;
        assert_eq!(refusal(&payload), ("NO_LINES", "lines"));
        let seen = order.read("fulfillmentState").await;
        assert_eq!(seen["fulfillmentState"], "UNFULFILLED");
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "PAID"]);
    }

    async fn only_a_paid_order_that_needs_it_is_delivered(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let owner = merchant.owner().await;
        let unpaid = meal(&merchant).await;
        let payload = deliver(&owner, &unpaid, json!(null)).await;
        assert_eq!(refusal(&payload), ("NOT_PAID", "orderId"));
        close(&owner, &unpaid).await;
        let payload = deliver(&owner, &unpaid, json!(null)).await;
        assert_eq!(refusal(&payload), ("NOT_PAID", "orderId"));

        let service = json!({ "fulfillmentRequired": false });
        let service = merchant.order_with("36.00", service).await;
        service.pay().await;
        let payload = deliver(&owner, &service, json!(null)).await;
        assert_eq!(refusal(&payload), ("NOT_REQUIRED", "orderId"));

        let paid = merchant.paid_order("36.00").await;
        let payload = deliver(&other.owner().await, &paid, json!(null)).await;
        assert_eq!(refusal(&payload), ("NOT_FOUND", "orderId"));
        let input = json!({ "orderId": paid.id.to_string(), "trackingNo": "9".repeat(61) });
        let answer = owner.data(FULFILL, json!({ "input": input })).await;
        assert_eq!(refusal(&answer["orderFulfill"]), ("NOTE_TOO_LONG", "trackingNo"));
    }
}
