//! Closing orders.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::json;

use super::{CLOSE, close, refusal};
use crate::everywhere;

everywhere! {
    async fn an_unpaid_order_is_closed_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        let owner = merchant.owner().await;
        world.clock.advance(TimeDelta::minutes(5));
        let payload = close(&owner, &order).await;
        let closed = json!({ "paymentState": "CLOSED", "closedAt": "2026-11-23T04:05:00.000Z" });
        assert_eq!(payload, json!({ "order": closed, "userErrors": [] }));
        world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(close(&owner, &order).await, payload, "closing again changes nothing");
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "CLOSED"]);
        let events = ["ORDER_CREATED", "ORDER_PAYMENT_REQUESTED", "ORDER_CLOSED"];
        assert_eq!(merchant.events().await, events);
        let seen = order.read("timeline { actor }").await;
        let who = merchant.staff(Role::Owner).to_string();
        assert_eq!(seen["timeline"][2]["actor"], who);
    }

    async fn a_failed_order_is_closed_too(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut input = merchant.order_input("36.00");
        input["title"] = json!("sandbox:refuse");
        let order = merchant.order_of(&merchant.asked_for(input.clone()).await);
        close(&merchant.owner().await, &order).await;
        assert_eq!(order.payment_state().await, "CLOSED");
        // A closed order asks its platform no more.
        let again = merchant.asked_for(input).await;
        assert_eq!(again["order"]["paymentState"], "CLOSED");
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_FAILED", "CLOSED"]);
    }

    async fn a_paid_order_is_not_closed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let payload = close(&merchant.owner().await, &order).await;
        assert_eq!(refusal(&payload), ("ALREADY_PAID", "orderId"));
        assert_eq!(payload["order"], json!(null));
        assert_eq!(order.payment_state().await, "PAID");
    }

    async fn what_is_not_there_or_anothers_is_not_found(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let order = merchant.order("36.00").await;
        let stranger = other.owner().await;
        let payload = close(&stranger, &order).await;
        assert_eq!(refusal(&payload), ("NOT_FOUND", "orderId"));
        for id in ["", "nonsense", "ord_0"] {
            let answer = stranger.data(CLOSE, json!({ "id": id })).await;
            assert_eq!(refusal(&answer["orderClose"]), ("NOT_FOUND", "orderId"), "{id}");
        }
        assert_eq!(order.payment_state().await, "PENDING");
    }
}
