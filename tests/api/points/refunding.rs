//! What refunds take back, once each, and never more or less than what the money had earned.

use chrono::TimeDelta;
use serde_json::json;

use super::scene::{
    adjusts, bought, cny, happened, has, has_rules, of_order, points_are_right, points_workers_work,
};
use crate::everywhere;
use crate::support::money::decided;

everywhere! {
    async fn refunds_in_parts_never_drift(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let order = bought(&merchant, "M1", "19.99").await;
        assert_eq!(has(&merchant, "M1").await[0], 19);
        let mut left = 1_999_i64;
        for minor in [1, 98, 1, 333, 66, 1_000, 499, 1] {
            let amount = format!("{}.{:02}", minor / 100, minor % 100);
            order.refund_amount(&amount).await;
            merchant.refunds_go_through().await;
            left -= minor;
            let [_, _, earned, clawed] = of_order(&order).await;
            assert_eq!(earned - clawed, left / 100, "{left}");
            assert_eq!(has(&merchant, "M1").await, [left / 100, 0, 0]);
            points_are_right(&merchant).await;
        }
        assert_eq!(left, 0);
    }

    async fn whoever_buys_and_sends_back_has_earned_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let order = bought(&merchant, "M1", "100.00").await;
        adjusts(&merchant, "M1", -80).await;
        order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(has(&merchant, "M1").await, [0, 0, 80]);
        points_are_right(&merchant).await;
        // What comes next goes against it.
        bought(&merchant, "M1", "50.00").await;
        assert_eq!(has(&merchant, "M1").await, [0, 0, 30]);
        bought(&merchant, "M1", "50.00").await;
        assert_eq!(has(&merchant, "M1").await, [20, 0, 0]);
        let told = happened(&merchant, "M1").await;
        let repaid = told.iter().filter(|(kind, _)| kind == "REPAID").count();
        assert_eq!(repaid, 2, "{told:?}");
        points_are_right(&merchant).await;
    }

    async fn points_that_wait_are_taken_back_from_those_that_wait(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        adjusted_and_waiting(&merchant).await;
        let order = bought(&merchant, "M1", "36.00").await;
        assert_eq!(has(&merchant, "M1").await, [10, 36, 0]);
        order.refund_amount("6.00").await;
        merchant.refunds_go_through().await;
        assert_eq!(has(&merchant, "M1").await, [10, 30, 0]);
        world.clock.advance(TimeDelta::days(7));
        points_workers_work(&merchant).await;
        assert_eq!(has(&merchant, "M1").await, [40, 0, 0]);
        points_are_right(&merchant).await;
    }

    async fn a_refund_that_the_bank_returns_gives_the_points_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let order = bought(&merchant, "M1", "36.00").await;
        let refund = order.refund_amount("10.00").await;
        merchant.refunds_go_through().await;
        assert_eq!(has(&merchant, "M1").await, [26, 0, 0]);
        let owner = merchant.owner().await;
        let how = json!({ "outcome": "REVERSED", "note": "银行退回" });
        let payload = decided(&owner, "refundResolve", refund.id, "resolve-once", how).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(of_order(&order).await, [0, 0, 36, 0]);
        assert_eq!(has(&merchant, "M1").await, [36, 0, 0]);
        let kinds: Vec<String> = happened(&merchant, "M1").await.into_iter().map(|it| it.0).collect();
        assert_eq!(kinds, ["EARNED", "CLAWED_BACK", "RETURNED"]);
        points_are_right(&merchant).await;
    }

    async fn a_quote_says_beforehand_what_becomes_of_points(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let order = bought(&merchant, "M1", "19.99").await;
        let owner = merchant.owner().await;
        let document = "query($input: RefundQuoteInput!) { refundQuote(input: $input) { \
            pointsClawedBack pointsRestored refusal { code } } }";
        for (amount, clawed) in [("0.99", 0), ("1.00", 1), ("19.99", 19)] {
            let input = json!({ "orderId": order.id.to_string(), "amount": cny(amount) });
            let quote = owner.data(document, json!({ "input": input })).await;
            assert_eq!(quote["refundQuote"], json!({ "pointsClawedBack": clawed, "pointsRestored": 0,
                "refusal": null }), "{amount}");
        }
    }
}

/// A member with ten points, where others wait for a week.
async fn adjusted_and_waiting(merchant: &crate::support::Merchant) {
    super::scene::ordered(merchant, "M1", "1.00").await;
    has_rules(merchant, json!({ "pendingDays": 7 })).await;
    adjusts(merchant, "M1", 10).await;
}
