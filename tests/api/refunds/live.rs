//! What happens to refunds, live: in order, from any cursor, and to nobody else.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::merchant;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::money::decided;
use crate::support::next;

const EVENTS: &str = "subscription($after: String) { refundUpdated(after: $after) { \
    cursor type occurredAt refund { id state order { id } } } }";

fn event(answer: &Value) -> &Value {
    assert!(answer.get("errors").is_none(), "{answer:#}");
    &answer["data"]["refundUpdated"]
}

everywhere! {
    async fn what_happens_to_refunds_is_told_in_order_and_from_any_cursor(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let threshold = merchant::Column::RefundApprovalAboveMinor;
        merchant.changes(threshold, Expr::value(1_000_i64)).await;
        let stranger = world.merchant("云裳").await;
        let strange = stranger.paid_order("5.00").await.refund(json!({})).await;
        let owner = merchant.owner().await;
        let mut live = owner.subscribe(EVENTS, json!({ "after": "e0" }));

        let order = merchant.paid_order("36.00").await;
        let refund = order.refund(json!({ "reasonText": "sandbox:refund-refuse" })).await;
        let finance = merchant.client(Role::Finance).await;
        let approved = json!({ "note": "已核对" });
        decided(&finance, "refundApprove", refund.id, "decide-0001", approved).await;
        merchant.refund_workers_work().await;
        decided(&finance, "refundRetry", refund.id, "retry-0001", json!({})).await;
        merchant.refund_workers_work().await;
        let proved = json!({ "outcome": "SUCCEEDED", "note": "账单已证实" });
        decided(&finance, "refundResolve", refund.id, "resolve-0001", proved).await;
        let returned = json!({ "outcome": "REVERSED", "note": "银行退回" });
        decided(&finance, "refundResolve", refund.id, "resolve-0002", returned).await;
        let lost = order.refund(json!({
            "reasonText": "sandbox:refund-lost-answer",
            "amount": { "amount": "1.00", "currency": "CNY" } })).await;
        merchant.refund_workers_work().await;
        world.clock.advance(TimeDelta::seconds(5));
        merchant.refund_workers_work().await;

        let expected = [
            (&refund, "REFUND_REQUESTED"),
            (&refund, "REFUND_APPROVED"),
            (&refund, "REFUND_FAILED"),
            (&refund, "REFUND_RETRIED"),
            (&refund, "REFUND_FAILED"),
            (&refund, "REFUND_SUCCEEDED"),
            (&refund, "REFUND_REVERSED"),
            (&lost, "REFUND_REQUESTED"),
            (&lost, "REFUND_UNKNOWN"),
            (&lost, "REFUND_SUCCEEDED"),
        ];
        let mut cursors = Vec::new();
        for (refund, kind) in expected {
            let answer = next(&mut live).await;
            let event = event(&answer);
            assert_eq!((&event["type"], &event["refund"]["id"]), (&json!(kind), &json!(refund.id.to_string())));
            assert_eq!(event["refund"]["order"]["id"], order.id.to_string());
            cursors.push(event["cursor"].clone());
        }
        for (place, cursor) in cursors.iter().enumerate() {
            let mut resumed = owner.subscribe(EVENTS, json!({ "after": cursor }));
            for (_, kind) in &expected[place + 1..] {
                assert_eq!(event(&next(&mut resumed).await)["type"], *kind, "after {cursor}");
            }
        }
        let told = order.timeline().await;
        let told: Vec<&str> = told.iter().map(String::as_str).collect();
        let kinds: Vec<&str> = expected.iter().map(|(_, kind)| *kind).collect();
        assert_eq!(told[3..], kinds, "the order's timeline tells the same");

        // Another merchant sees its own alone.
        let mut theirs = stranger.owner().await.subscribe(EVENTS, json!({ "after": "e0" }));
        stranger.refunds_go_through().await;
        for kind in ["REFUND_REQUESTED", "REFUND_SUCCEEDED"] {
            let answer = next(&mut theirs).await;
            let event = event(&answer);
            assert_eq!((&event["type"], &event["refund"]["id"]), (&json!(kind), &json!(strange.id.to_string())));
        }
        let more = tokio::time::timeout(std::time::Duration::from_millis(200), next(&mut theirs));
        assert!(more.await.is_err(), "nothing of another merchant");
    }
}
