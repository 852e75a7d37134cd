//! Refunds of lines: quantities and shares, whatever fails in between.

use serde_json::{Value, json};

use super::refusal;
use crate::everywhere;
use crate::support::money::decided;
use crate::support::{Merchant, Order};

fn cny(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// A paid order of three shirts for ten fen together, and a skirt.
async fn three_for_ten(merchant: &Merchant) -> Order {
    let line = |title: &str, quantity: i32, price: &str| json!({ "title": title, "quantity": quantity, "unitPrice": cny(price) });
    let input = json!({
        "lines": [line("衬衫", 3, "0.04"), line("裙子", 1, "0.05")],
        "discount": cny("0.03"),
    });
    let order = merchant.order_with("1.00", input).await;
    order.pay().await;
    order
}

fn one_of(line_no: i32, marker: &str) -> Value {
    json!({ "lines": [{ "lineNo": line_no, "quantity": 1 }], "reasonText": marker })
}

async fn amount(order: &Order, line_no: i32, marker: &str) -> String {
    let refund = order.refund(one_of(line_no, marker)).await;
    order.merchant().refund_workers_work().await;
    let seen = refund.read("amount { amount }").await;
    seen["amount"]["amount"]
        .as_str()
        .expect("an amount")
        .to_owned()
}

everywhere! {
    async fn the_parts_of_a_line_sum_to_the_whole_whatever_fails_between(world: World) {
        let merchant = world.merchant("云裳").await;
        let order = three_for_ten(&merchant).await;
        let at_once = "sandbox:refund-at-once";
        // The shirts come to 0.10: 0.03, 0.07 and 0.10, cumulative.
        assert_eq!(amount(&order, 1, "sandbox:refund-refuse").await, "0.03");
        assert_eq!(amount(&order, 1, at_once).await, "0.03");
        let failing = order.refund(one_of(1, "sandbox:refund-slow")).await;
        assert_eq!(failing.read("amount { amount }").await["amount"]["amount"], "0.04");
        assert_eq!(amount(&order, 1, at_once).await, "0.03");
        assert_eq!(amount(&order, 2, at_once).await, "0.04");
        world.clock.advance(chrono::TimeDelta::hours(1));
        merchant.refunds_go_through().await;
        assert_eq!(order.read("refundState").await["refundState"], "FULL");
        merchant.books_are_right().await;
        // One that fails while a later one does not: the last makes up for it.
        let order = three_for_ten(&merchant).await;
        let failing = order.refund(one_of(1, "sandbox:refund-refuse")).await;
        let second = order.refund(one_of(1, at_once)).await;
        assert_eq!(second.read("amount { amount }").await["amount"]["amount"], "0.04");
        merchant.refund_workers_work().await;
        assert_eq!(failing.state().await, "FAILED");
        assert_eq!(amount(&order, 1, at_once).await, "0.03");
        assert_eq!(amount(&order, 1, at_once).await, "0.03");
        assert_eq!(amount(&order, 2, at_once).await, "0.04");
        assert_eq!(order.read("refundState").await["refundState"], "FULL");
        merchant.books_are_right().await;
    }

    async fn a_line_is_not_given_back_twice_by_a_retry(world: World) {
        let merchant = world.merchant("云裳").await;
        let order = three_for_ten(&merchant).await;
        let failed = order.refund(one_of(2, "sandbox:refund-refuse")).await;
        merchant.refund_workers_work().await;
        // Somebody asks anew, and then for the old one, too.
        order.refund(one_of(2, "sandbox:refund-at-once")).await;
        let owner = merchant.owner().await;
        let payload = decided(&owner, "refundRetry", failed.id, "retry-0001", json!({})).await;
        let (code, message) = refusal(&payload);
        assert_eq!(code, "REFUSED");
        assert!(message.contains('2'), "which line: {message}");
        assert_eq!(failed.state().await, "FAILED");
        merchant.books_are_right().await;
    }
}
