//! What the payment platform makes of a refund: nothing unclear is taken for a failure.

use chrono::TimeDelta;
use entity::channel;
use entity::channel::SettlementCycle;
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::{Client, Refund};

const RETRY: &str = "mutation($input: RefundRetryInput!) { refundRetry(input: $input) { \
    refund { refundNo state } userErrors { code } } }";
const RESOLVE: &str = "mutation($input: RefundResolveInput!) { refundResolve(input: $input) { \
    refund { state needsAttention } userErrors { code } } }";

async fn retried(client: &Client, refund: &Refund, key: &str) -> Value {
    let input = json!({ "idempotencyKey": key, "refundId": refund.id.to_string() });
    let answer = client.data(RETRY, json!({ "input": input })).await;
    answer["refundRetry"].clone()
}

async fn resolved(client: &Client, refund: &Refund, outcome: &str) -> Value {
    let key: u64 = rand::random();
    let input = json!({
        "idempotencyKey": format!("resolve-{key:x}"),
        "refundId": refund.id.to_string(),
        "outcome": outcome,
        "note": "按渠道后台核对",
    });
    let answer = client.data(RESOLVE, json!({ "input": input })).await;
    answer["refundResolve"].clone()
}

everywhere! {
    async fn a_refused_refund_gives_the_money_back_and_is_retried_under_its_number(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund_that("sandbox:refund-refuse").await;
        merchant.refund_workers_work().await;
        let seen = refund.read("refundNo state needsAttention errorCode error").await;
        assert_eq!(seen["state"], "FAILED");
        assert_eq!(seen["needsAttention"], true);
        assert_ne!(seen["error"], Value::Null);
        assert_eq!(merchant.balances().await, ["36.00", "0.00", "0.00"]);
        let owner = merchant.owner().await;
        let payload = retried(&owner, &refund, "retry-0001").await;
        assert_eq!(payload["refund"]["state"], "PROCESSING");
        assert_eq!(payload["refund"]["refundNo"], seen["refundNo"]);
        assert_eq!(merchant.balances().await, ["0.00", "0.00", "36.00"]);
        // The same key once more retries nothing.
        retried(&owner, &refund, "retry-0001").await;
        merchant.refund_workers_work().await;
        assert_eq!(refund.state().await, "FAILED");
        let kinds = order.timeline().await;
        assert_eq!(
            kinds[3..],
            ["REFUND_REQUESTED", "REFUND_FAILED", "REFUND_RETRIED", "REFUND_FAILED"]
        );
        merchant.books_are_right().await;
    }

    async fn only_a_failed_refund_is_retried(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund(json!({})).await;
        let owner = merchant.owner().await;
        let payload = retried(&owner, &refund, "retry-0002").await;
        assert_eq!(payload["userErrors"][0]["code"], "NOT_FAILED");
    }

    async fn an_answer_that_was_lost_is_asked_for_and_nothing_is_sent_twice(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund_that("sandbox:refund-lost-answer").await;
        merchant.refund_workers_work().await;
        assert_eq!(refund.state().await, "UNKNOWN");
        assert_eq!(merchant.balances().await, ["0.00", "0.00", "36.00"]);
        // What is unknown still counts.
        let seen = order.read("refunding { amount } refundState").await;
        assert_eq!(seen["refunding"]["amount"], "36.00");
        world.clock.advance(TimeDelta::seconds(5));
        merchant.refund_workers_work().await;
        assert_eq!(refund.state().await, "SUCCEEDED");
        merchant.books_are_right().await;
    }

    async fn a_platform_that_is_away_is_asked_again_until_it_is_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund_that("sandbox:refund-unavailable").await;
        let mut told = 0;
        for minutes in [0, 1, 2, 5, 10, 30, 60, 120] {
            world.clock.advance(TimeDelta::minutes(minutes));
            merchant.refund_workers_work().await;
            told += 1;
        }
        let seen = refund.read("state attempts needsAttention").await;
        assert_eq!(seen["state"], "UNKNOWN");
        assert_eq!(seen["attempts"], told);
        assert_eq!(seen["needsAttention"], true, "after so many tries a person looks, too");
        merchant.books_are_right().await;
    }

    async fn a_refund_that_fails_later_gives_the_money_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund_that("sandbox:refund-fails-later").await;
        merchant.refunds_go_through().await;
        assert_eq!(refund.state().await, "FAILED");
        assert_eq!(merchant.balances().await, ["36.00", "0.00", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn a_person_says_what_became_of_an_abnormal_refund(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund_that("sandbox:refund-abnormal").await;
        merchant.refunds_go_through().await;
        let seen = refund.read("state needsAttention").await;
        assert_eq!(seen, json!({ "state": "ABNORMAL", "needsAttention": true }));
        let owner = merchant.owner().await;
        let refused = resolved(&owner, &refund, "REVERSED").await;
        assert_eq!(refused["userErrors"][0]["code"], "NOT_POSSIBLE");
        let payload = resolved(&owner, &refund, "SUCCEEDED").await;
        assert_eq!(payload["refund"], json!({ "state": "SUCCEEDED", "needsAttention": false }));
        merchant.books_are_right().await;
        // The bank returns it after all.
        let payload = resolved(&owner, &refund, "REVERSED").await;
        assert_eq!(payload["refund"]["state"], "REVERSED");
        let seen = order.read("refundState refunded { amount }").await;
        assert_eq!(seen["refundState"], "NONE");
        assert_eq!(merchant.balances().await, ["0.00", "36.00", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn a_failure_is_not_made_a_success_beyond_what_was_paid(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund_that("sandbox:refund-refuse").await;
        merchant.refund_workers_work().await;
        // The money has come back, and is given back for another order's sake.
        let other = order.refund_amount("30.00").await;
        merchant.refunds_go_through().await;
        assert_eq!(other.state().await, "SUCCEEDED");
        let owner = merchant.owner().await;
        let payload = resolved(&owner, &refund, "SUCCEEDED").await;
        assert_eq!(payload["userErrors"][0]["code"], "EXCEEDS_PAID");
        merchant.books_are_right().await;
    }

    async fn a_success_that_comes_to_light_late_may_leave_a_debt(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.set_channel(channel::Column::SettlementCycle, SettlementCycle::Instant).await;
        merchant.set_channel(channel::Column::SettlementDays, 0_i16).await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund_that("sandbox:refund-refuse").await;
        merchant.refund_workers_work().await;
        assert_eq!(merchant.balances().await, ["0.00", "36.00", "0.00"]);
        // Another refund takes the money; then a bill proves that the payer had it all along.
        let other = merchant.paid_order("30.00").await;
        merchant.adjusts("-60.00").await;
        let owner = merchant.owner().await;
        let payload = resolved(&owner, &refund, "SUCCEEDED").await;
        assert_eq!(payload["refund"]["state"], "SUCCEEDED");
        assert_eq!(merchant.balances().await, ["0.00", "-30.00", "0.00"]);
        let answer = owner.data("{ balance { available { amount } debt { amount } } }", json!({})).await;
        assert_eq!(answer["balance"], json!({
            "available": { "amount": "0.00" }, "debt": { "amount": "30.00" } }));
        // Nothing more is given back until the debt is gone.
        let payload = merchant.asked_to_refund(&owner, &other, json!({})).await;
        assert_eq!(payload["userErrors"][0]["code"], "INSUFFICIENT_BALANCE");
    }
}
