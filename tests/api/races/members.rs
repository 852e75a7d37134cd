//! Many orders that name one member at once, and two that are paid at once.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Two, at_once, count};
use crate::members::found;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn orders_at_once_that_name_a_new_member_make_one_member() {
    let Some(two) = Two::start().await else {
        return;
    };
    for round in 0..4 {
        let no = format!("M-{round}");
        let payloads = at_once((0..16).map(|turn| {
            let merchant = two.by_turns(turn);
            let mut input = merchant.order_input("36.00");
            input["memberNo"] = json!(no);
            async move { merchant.asked_for(input).await }
        }))
        .await;
        assert_eq!(count(&payloads, ""), 16, "{payloads:?}");
        let seen = two.here.member(&no, "orders { totalCount }").await;
        assert_eq!(seen["orders"]["totalCount"], 16);
    }
    let owner = two.here.owner().await;
    assert_eq!(found(&owner, Value::Null).await.len(), 4);
    let events = two.here.events().await;
    let made = events.iter().filter(|event| *event == "MEMBER_CREATED");
    assert_eq!(made.count(), 4);
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn orders_of_a_new_member_that_are_paid_at_once_have_one_first() {
    let Some(two) = Two::start().await else {
        return;
    };
    for round in 0..6 {
        let no = format!("M-{round}");
        let mut orders = Vec::new();
        for turn in 0..4 {
            let order = two.by_turns(turn).order_by(&no, "36.00").await;
            orders.push(order);
        }
        two.world.clock.advance(TimeDelta::minutes(1));
        at_once(
            orders
                .iter()
                .cloned()
                .map(|order| async move { order.pay().await }),
        )
        .await;
        let seen = two
            .here
            .member(&no, "firstPaidAt firstOrder { id paidAt } paidOrders")
            .await;
        assert_eq!(seen["paidOrders"], 4);
        assert_eq!(seen["firstPaidAt"], seen["firstOrder"]["paidAt"]);
        let ids: Vec<String> = orders.iter().map(|order| order.id.to_string()).collect();
        let first = seen["firstOrder"]["id"].as_str().expect("an order");
        assert!(ids.iter().any(|id| id == first), "{seen}");
        // One of them is whose first payment it was.
        let arguments = "range: { preset: TODAY }";
        let told = two
            .here
            .statistics(arguments, "totals { newMembers buyers }")
            .await;
        assert_eq!(
            told["totals"],
            json!({ "newMembers": round + 1, "buyers": round + 1 })
        );
    }
    assert_eq!(two.deadlocks().await, 0);
}
