//! Lists of orders of 易支付.

use serde_json::{Value, json};

use super::{MONDAY, imported, items, next_morning, open_items};
use crate::everywhere;
use crate::support::Order;

/// An order of a list.
async fn entry(order: &Order, money: Value, status: u8) -> Value {
    let (order_no, trade_no) = order.numbers().await;
    let trade_no = if trade_no.is_empty() {
        format!("T{order_no}")
    } else {
        trade_no
    };
    json!({
        "trade_no": trade_no, "out_trade_no": order_no, "type": "wxpay", "pid": 1000,
        "addtime": "2026-11-23 12:00:00", "endtime": "2026-11-23 12:00:00", "name": "product",
        "money": money, "status": status.to_string(),
    })
}

everywhere! {
    async fn a_list_is_compared_with_the_payments_of_its_day(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (one, two, three) = (
            merchant.paid_order("36.00").await,
            merchant.paid_order("128.00").await,
            merchant.paid_order("50.00").await,
        );
        let unpaid = merchant.order("12.00").await;
        let entries = json!([
            entry(&unpaid, json!("12.00"), 0).await,
            entry(&three, json!(50), 0).await,
            entry(&two, json!("128.00"), 3).await,
            entry(&one, json!(36.00), 1).await,
        ]);
        next_morning(&world);
        let owner = merchant.owner().await;
        let text = json!({ "text": json!({ "code": 1, "data": entries }).to_string() });
        let payload = imported(&owner, &merchant, "EPAY", MONDAY, text).await;
        let run = &payload["run"];
        assert_eq!(run["rows"], 2, "unpaid orders are no payments: {payload:#}");
        assert_eq!(run["matched"], 1);
        let text = |order: (String, String), received: &str| {
            ["STATUS_MISMATCH", &order.1, if received.is_empty() { "50.00" } else { received }, received]
                .map(str::to_owned)
        };
        let mut wanted = vec![text(two.numbers().await, "128.00"), text(three.numbers().await, "")];
        wanted.sort();
        assert_eq!(items(run), wanted);
        let mut details: Vec<Value> = open_items(&merchant, "detail").await;
        details.sort_by_key(Value::to_string);
        assert_eq!(details, [
            json!({ "detail": "here PAID, there FROZEN" }),
            json!({ "detail": "here PAID, there UNPAID" }),
        ]);
    }

    async fn what_a_list_says_of_refunds_is_compared_with_their_sum(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (one, two) = (merchant.paid_order("36.00").await, merchant.paid_order("50.00").await);
        one.refund_amount("6.00").await;
        two.refund_amount("6.00").await;
        merchant.refunds_go_through().await;
        next_morning(&world);
        let owner = merchant.owner().await;
        let mut first = entry(&one, json!("36.00"), 2).await;
        first["refundmoney"] = json!("6.00");
        let mut second = entry(&two, json!("50.00"), 2).await;
        let list = |second: &Value| json!({ "text": json!([first, second]).to_string() });
        let payload = imported(&owner, &merchant, "EPAY", MONDAY, list(&second)).await;
        assert_eq!(payload["run"]["balanced"], true, "V1 says that, not how much: {payload:#}");
        second["refundmoney"] = json!("7.00");
        let payload = imported(&owner, &merchant, "EPAY", MONDAY, list(&second)).await;
        let trade_no = two.numbers().await.1;
        assert_eq!(
            items(&payload["run"]),
            [["AMOUNT_MISMATCH", &trade_no, "6.00", "7.00"].map(str::to_owned)]
        );
        second["status"] = json!("1");
        second["refundmoney"] = Value::Null;
        let payload = imported(&owner, &merchant, "EPAY", MONDAY, list(&second)).await;
        assert_eq!(
            items(&payload["run"]),
            [["STATUS_MISMATCH", &trade_no, "6.00", "0.00"].map(str::to_owned)]
        );
    }
}
