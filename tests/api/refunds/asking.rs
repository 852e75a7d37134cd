//! Asking for refunds: how much, by which rules, and beforehand.

use chrono::TimeDelta;
use entity::channel;
use entity::channel::SettlementCycle;
use entity::merchant::MerchantStatus;
use serde_json::{Value, json};

use super::refusal;
use crate::everywhere;
use crate::support::{Merchant, Order};

fn cny(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

async fn refused(merchant: &Merchant, order: &Order, input: Value) -> (String, String) {
    let owner = merchant.owner().await;
    let payload = merchant.asked_to_refund(&owner, order, input).await;
    let (code, message) = refusal(&payload);
    (code.to_owned(), message.to_owned())
}

const QUOTE: &str = "query($input: RefundQuoteInput!) { refundQuote(input: $input) { \
    refundable { amount } amount { amount } feeReturned { amount } cost { amount } \
    fromPending { amount } needsApproval windowEndsAt arrivesOn refusal { code message } } }";

everywhere! {
    async fn a_full_refund_takes_what_is_not_settled_and_ends_in_success(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        assert_eq!(merchant.balances().await, ["36.00", "0.00", "0.00"]);
        let refund = order.refund(json!({})).await;
        assert_eq!(merchant.balances().await, ["0.00", "0.00", "36.00"]);
        let seen = order.read("refundState refunded { amount } refunding { amount }").await;
        assert_eq!(seen["refundState"], "NONE");
        assert_eq!(seen["refunding"]["amount"], "36.00");
        merchant.refunds_go_through().await;
        assert_eq!(refund.state().await, "SUCCEEDED");
        assert_eq!(merchant.balances().await, ["0.00", "0.00", "0.00"]);
        let seen = order
            .read("paymentState refundState refunded { amount } refunding { amount } refunds { id } timeline { kind }")
            .await;
        assert_eq!(seen["paymentState"], "PAID", "a refund takes no order out of sales");
        assert_eq!(seen["refundState"], "FULL");
        assert_eq!(seen["refunded"]["amount"], "36.00");
        assert_eq!(seen["refunds"][0]["id"], refund.id.to_string());
        let kinds: Vec<&str> = seen["timeline"].as_array().expect("entries").iter()
            .filter_map(|entry| entry["kind"].as_str()).collect();
        assert_eq!(kinds[2..], ["PAID", "REFUND_REQUESTED", "REFUND_SUCCEEDED"]);
        merchant.books_are_right().await;
    }

    async fn parts_add_up_and_never_exceed_what_was_paid(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        order.refund_amount("10.00").await;
        let too_much = json!({ "amount": cny("26.01") });
        let (code, message) = refused(&merchant, &order, too_much).await;
        assert_eq!(code, "AMOUNT_TOO_LARGE");
        assert!(message.contains("26.00") && message.contains("10.00"), "{message}");
        order.refund_amount("26.00").await;
        assert_eq!(refused(&merchant, &order, json!({})).await.0, "AMOUNT_TOO_LARGE");
        merchant.refunds_go_through().await;
        assert_eq!(order.read("refundState").await["refundState"], "FULL");
        merchant.books_are_right().await;
    }

    async fn lines_come_back_with_their_share_of_the_discount(world: World) {
        let merchant = world.merchant("云裳").await;
        let line = |title: &str, quantity: i32, price: &str| json!({
            "title": title, "quantity": quantity, "unitPrice": cny(price) });
        let order = merchant.order_with("1.00", json!({
            "lines": [line("衬衫", 3, "10.00"), line("裙子", 1, "20.00")],
            "discount": cny("10.00"),
        })).await;
        order.pay().await;
        // The shirts' share of the discount is 6.00: 24.00 for three.
        for amount in ["8.00", "8.00", "8.00"] {
            let lines = json!({ "lines": [{ "lineNo": 1, "quantity": 1 }] });
            let refund = order.refund(lines).await;
            let seen = refund.read("amount { amount } lines { lineNo quantity amount { amount } }").await;
            assert_eq!(seen["amount"]["amount"], amount);
            assert_eq!(seen["lines"][0]["lineNo"], 1);
            assert_eq!(seen["lines"][0]["amount"]["amount"], amount);
        }
        let again = json!({ "lines": [{ "lineNo": 1, "quantity": 1 }] });
        assert_eq!(refused(&merchant, &order, again).await.0, "LINE_QUANTITY_TOO_LARGE");
        for lines in [json!([{ "lineNo": 9, "quantity": 1 }]),
            json!([{ "lineNo": 2, "quantity": 1 }, { "lineNo": 2, "quantity": 1 }])] {
            assert_eq!(refused(&merchant, &order, json!({ "lines": lines })).await.0, "LINE_NOT_FOUND");
        }
        assert_eq!(refused(&merchant, &order, json!({ "lines": [] })).await.0, "INVALID");
        let both = json!({ "lines": [{ "lineNo": 2, "quantity": 1 }], "amount": cny("1.00") });
        assert_eq!(refused(&merchant, &order, both).await.0, "INVALID");
        order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(order.read("refundState").await["refundState"], "FULL");
        merchant.books_are_right().await;
    }

    async fn each_rule_refuses_with_its_figure(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let unpaid = merchant.order("36.00").await;
        assert_eq!(refused(&merchant, &unpaid, json!({})).await.0, "NOT_PAID");
        let order = merchant.paid_order("36.00").await;
        let other = world.merchant("云裳").await;
        assert_eq!(refused(&other, &order, json!({})).await.0, "ORDER_NOT_FOUND");
        for (amount, code, figure) in [
            ("0.00", "INVALID", "more than zero"),
            ("-1.00", "INVALID", "more than zero"),
            ("1.005", "INVALID", "at most 2 decimals in CNY"),
            ("36.01", "AMOUNT_TOO_LARGE", "36.00 CNY"),
        ] {
            let (seen, message) = refused(&merchant, &order, json!({ "amount": cny(amount) })).await;
            assert_eq!(seen, code, "{amount}: {message}");
            assert!(message.contains(figure), "{amount}: {message}");
        }
        let dollars = json!({ "amount": { "amount": "1.00", "currency": "USD" } });
        assert_eq!(refused(&merchant, &order, dollars).await.0, "INVALID");
        let long = json!({ "reasonText": "长".repeat(201) });
        assert_eq!(refused(&merchant, &order, long).await.0, "INVALID");

        merchant.set_channel(channel::Column::RefundPartial, false).await;
        let part = json!({ "amount": cny("1.00") });
        assert_eq!(refused(&merchant, &order, part.clone()).await.0, "PARTIAL_NOT_ALLOWED");
        merchant.set_channel(channel::Column::RefundPartial, true).await;

        merchant.set_channel(channel::Column::RefundSpacingS, 60).await;
        order.refund_amount("1.00").await;
        world.clock.advance(TimeDelta::seconds(59));
        let (code, message) = refused(&merchant, &order, part.clone()).await;
        assert_eq!(code, "TOO_SOON");
        assert!(message.contains("60") && message.contains(" 1 "), "{message}");
        world.clock.advance(TimeDelta::seconds(1));
        order.refund_amount("1.00").await;
        merchant.set_channel(channel::Column::RefundSpacingS, 0).await;

        merchant.set_channel(channel::Column::RefundMaxCount, 2).await;
        let (code, message) = refused(&merchant, &order, part.clone()).await;
        assert_eq!((code.as_str(), message.contains('2')), ("TOO_MANY", true));
        merchant.set_channel(channel::Column::RefundMaxCount, 50).await;

        merchant.set_channel(channel::Column::RefundWindowDays, 30).await;
        world.clock.advance(TimeDelta::days(30));
        let (code, message) = refused(&merchant, &order, part.clone()).await;
        assert_eq!((code.as_str(), message.contains("30")), ("WINDOW_OVER", true));
        merchant.set_channel(channel::Column::RefundWindowDays, 365).await;

        merchant.becomes(MerchantStatus::Suspended).await;
        assert_eq!(refused(&merchant, &order, part).await.0, "MERCHANT_SUSPENDED");
    }

    async fn money_that_is_not_there_is_not_given_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.set_channel(channel::Column::SettlementCycle, SettlementCycle::Instant).await;
        merchant.set_channel(channel::Column::SettlementDays, 0_i16).await;
        let first = merchant.paid_order("36.00").await;
        assert_eq!(merchant.balances().await, ["0.00", "36.00", "0.00"]);
        merchant.set_channel(channel::Column::RefundReturnsFee, false).await;
        merchant.takes_fees("0.1").await;
        let second = merchant.paid_order("10.00").await;
        assert_eq!(merchant.balances().await, ["0.00", "45.00", "0.00"]);
        first.refund(json!({})).await;
        // 9.00 are left, and the fee does not come back.
        let (code, message) = refused(&merchant, &second, json!({})).await;
        assert_eq!(code, "INSUFFICIENT_BALANCE");
        assert!(message.contains("10.00") && message.contains("9.00"), "{message}");
        merchant.paid_order("2.00").await;
        second.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(merchant.balances().await, ["0.00", "0.80", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn the_same_key_makes_one_refund(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let owner = merchant.owner().await;
        let input = json!({ "idempotencyKey": "refund-0001", "amount": cny("5.00") });
        let first = merchant.asked_to_refund(&owner, &order, input.clone()).await;
        let second = merchant.asked_to_refund(&owner, &order, input).await;
        assert_eq!(first, second);
        let other = json!({ "idempotencyKey": "refund-0001", "amount": cny("6.00") });
        let other = merchant.asked_to_refund(&owner, &order, other).await;
        assert_eq!(refusal(&other).0, "KEY_REUSED");
        let short = json!({ "idempotencyKey": "short" });
        assert_eq!(refused(&merchant, &order, short).await.0, "INVALID");
        assert_eq!(order.read("refunds { id }").await["refunds"].as_array().expect("refunds").len(), 1);
        merchant.books_are_right().await;
    }

    async fn a_quote_says_what_then_happens(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        let order = merchant.paid_order("100.00").await;
        let owner = merchant.owner().await;
        let ask = |input: Value| {
            let owner = owner.clone();
            async move { owner.data(QUOTE, json!({ "input": input })).await["refundQuote"].clone() }
        };
        let id = order.id.to_string();
        let quote = ask(json!({ "orderId": id, "amount": cny("50.00") })).await;
        assert_eq!(quote["refundable"]["amount"], "100.00");
        assert_eq!(quote["amount"]["amount"], "50.00");
        assert_eq!(quote["feeReturned"]["amount"], "0.50");
        assert_eq!(quote["cost"]["amount"], "49.50");
        assert_eq!(quote["fromPending"]["amount"], "49.50");
        assert_eq!(quote["needsApproval"], false);
        assert_eq!(quote["windowEndsAt"], "2027-11-23T04:00:00.000Z");
        assert_eq!(quote["arrivesOn"], "2026-11-26");
        assert_eq!(quote["refusal"], Value::Null);
        let refund = order.refund_amount("50.00").await;
        merchant.refunds_go_through().await;
        let seen = refund.read("feeReturned { amount }").await;
        assert_eq!(seen["feeReturned"], quote["feeReturned"]);
        assert_eq!(merchant.balances().await, ["49.50", "0.00", "0.00"]);
        let quote = ask(json!({ "orderId": id, "amount": cny("50.01") })).await;
        assert_eq!(quote["refusal"]["code"], "AMOUNT_TOO_LARGE");
        assert_eq!(quote["amount"], Value::Null);
        merchant.books_are_right().await;
    }
}
