//! Points that an order is paid with: taken with it, and back where it is undone.

use chrono::TimeDelta;
use serde_json::json;
use yigate::points::model::NotEnough;

use super::scene::{
    adjusts, happened, has, has_rules, held, lots, member, of_order, ordered, points_are_right,
};
use crate::everywhere;
use crate::support::money::decided;
use crate::support::{Merchant, Order};

/// A member with points that end after 10, 20 and 30 days, a hundred each.
async fn three_lots(merchant: &Merchant) {
    ordered(merchant, "M1", "1.00").await;
    for days in [30, 10, 20] {
        has_rules(merchant, json!({ "validDays": days })).await;
        adjusts(merchant, "M1", 100).await;
    }
}

async fn close(order: &Order) {
    let close =
        "mutation($id: ID!) { orderClose(input: { orderId: $id }) { userErrors { code } } }";
    let owner = order.merchant().owner().await;
    let done = owner
        .data(close, json!({ "id": order.id.to_string() }))
        .await;
    assert_eq!(done["orderClose"]["userErrors"], json!([]), "{done}");
}

/// An order of a member that takes off what its points are worth, and holds them.
async fn paid_with(merchant: &Merchant, amount: &str, points: i64) -> Order {
    let off = format!("{}.{:02}", points / 100, points % 100);
    let off = json!({ "amount": off, "currency": "CNY" });
    let input = json!({ "memberNo": "M1", "discount": off });
    let order = merchant.order_with(amount, input).await;
    assert_eq!(held(merchant, &order, points).await, Ok(()));
    order
}

everywhere! {
    async fn what_ends_first_is_spent_first(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        three_lots(&merchant).await;
        assert_eq!(lots(&merchant, "M1").await, [100, 100, 100]);
        let order = paid_with(&merchant, "36.00", 150).await;
        assert_eq!(lots(&merchant, "M1").await, [50, 100]);
        assert_eq!(of_order(&order).await, [150, 0, 0, 0]);
        let told = happened(&merchant, "M1").await;
        assert_eq!(told[3..], [("SPENT".to_owned(), -100), ("SPENT".to_owned(), -50)]);
        points_are_right(&merchant).await;
    }

    async fn what_has_ended_is_not_spent_though_nobody_has_come_for_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        three_lots(&merchant).await;
        world.clock.advance(TimeDelta::days(11));
        assert_eq!(has(&merchant, "M1").await[0], 300, "the worker has not come");
        let order = ordered(&merchant, "M1", "36.00").await;
        let refused = held(&merchant, &order, 201).await;
        assert_eq!(refused, Err(NotEnough { available: 200 }));
        assert_eq!(held(&merchant, &order, 200).await, Ok(()));
        assert_eq!(has(&merchant, "M1").await, [0; 3]);
        points_are_right(&merchant).await;
    }

    async fn a_closed_order_gives_its_points_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        three_lots(&merchant).await;
        let order = paid_with(&merchant, "36.00", 150).await;
        close(&order).await;
        assert_eq!(lots(&merchant, "M1").await, [100, 100, 100]);
        let seen = order.read("points { held spent off { amount } }").await;
        assert_eq!(seen["points"], json!({ "held": false, "spent": 150, "off": { "amount": "1.50" } }));
        close(&order).await;
        assert_eq!(has(&merchant, "M1").await, [300, 0, 0], "once");
        points_are_right(&merchant).await;
    }

    async fn refunds_give_points_back_in_proportion_and_the_last_gives_all(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        three_lots(&merchant).await;
        has_rules(&merchant, json!({ "enabled": false })).await;
        let order = paid_with(&merchant, "11.50", 150).await;
        order.pay().await;
        for (amount, restored) in [("3.33", 49), ("3.33", 99), ("3.33", 149), ("0.01", 150)] {
            order.refund_amount(amount).await;
            merchant.refunds_go_through().await;
            assert_eq!(of_order(&order).await[1], restored, "{amount}");
            points_are_right(&merchant).await;
        }
        assert_eq!(lots(&merchant, "M1").await, [100, 100, 100]);
    }

    async fn points_whose_lot_has_ended_come_back_for_thirty_days(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        three_lots(&merchant).await;
        has_rules(&merchant, json!({ "enabled": false })).await;
        let order = paid_with(&merchant, "11.50", 150).await;
        order.pay().await;
        world.clock.advance(TimeDelta::days(12));
        order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        let fields = "pointLots { origin remaining lastDay }";
        let seen = member(&merchant, "M1", fields).await;
        let restored = json!({ "origin": "RESTORED", "remaining": 100, "lastDay": "2027-01-04" });
        assert_eq!(seen["pointLots"][2], restored, "{seen}");
        assert_eq!(has(&merchant, "M1").await, [300, 0, 0]);
        points_are_right(&merchant).await;
    }

    async fn a_late_payment_takes_its_points_again_and_what_is_gone_is_owed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        three_lots(&merchant).await;
        has_rules(&merchant, json!({ "enabled": false })).await;
        let order = paid_with(&merchant, "36.00", 250).await;
        close(&order).await;
        adjusts(&merchant, "M1", -200).await;
        order.pay().await;
        assert_eq!(has(&merchant, "M1").await, [0, 0, 150]);
        assert_eq!(order.read("points { held }").await["points"]["held"], json!(true));
        points_are_right(&merchant).await;
        // All of it comes back: what is owed first.
        order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(has(&merchant, "M1").await, [100, 0, 0]);
        points_are_right(&merchant).await;
    }

    async fn a_refund_that_the_bank_returns_takes_the_points_again(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        three_lots(&merchant).await;
        has_rules(&merchant, json!({ "enabled": false })).await;
        let order = paid_with(&merchant, "36.00", 150).await;
        order.pay().await;
        let refund = order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(has(&merchant, "M1").await, [300, 0, 0]);
        let owner = merchant.owner().await;
        let how = json!({ "outcome": "REVERSED", "note": "银行退回" });
        let payload = decided(&owner, "refundResolve", refund.id, "resolve-once", how).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(has(&merchant, "M1").await, [150, 0, 0]);
        assert_eq!(of_order(&order).await, [150, 0, 0, 0]);
        points_are_right(&merchant).await;
        order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(has(&merchant, "M1").await, [300, 0, 0]);
        points_are_right(&merchant).await;
    }
}
