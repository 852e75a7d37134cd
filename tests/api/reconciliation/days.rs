//! Midnight: the two sides may put one payment on different days.

use serde_json::{Value, json};

use super::{Bill, MONDAY, TUESDAY, at, items, open_items, run_of};
use crate::everywhere;
use crate::support::{Merchant, Order, World};

/// An order that is paid here at an instant.
async fn paid_at(world: &World, merchant: &Merchant, instant: &str) -> Order {
    at(world, instant);
    merchant.paid_order("36.00").await
}

/// Two mornings later, when both days' bills are there.
fn wednesday(world: &World) {
    at(world, "2026-11-25T10:00:00+08:00");
}

/// How an item was settled.
async fn settled(merchant: &Merchant, id: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on ReconciliationItem { \
        resolution resolvedBy resolutionNote carried } } }";
    let seen = merchant
        .owner()
        .await
        .data(document, json!({ "id": id }))
        .await;
    seen["node"].clone()
}

fn nothing() -> Vec<[String; 4]> {
    Vec::new()
}

everywhere! {
    async fn what_monday_lacks_tuesdays_bill_clears(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = paid_at(&world, &merchant, "2026-11-23T23:50:00+08:00").await;
        wednesday(&world);
        let monday = run_of(&merchant, MONDAY, &Bill::default()).await;
        assert_eq!(monday["differences"], 1);
        let open = open_items(&merchant, "id kind carried").await;
        assert_eq!(open[0]["kind"], "MISSING_THERE");
        assert_eq!(open[0]["carried"], true);
        let bill = Bill::default().order(&order, "00:00:20", "36.00", "0.00").await;
        let tuesday = run_of(&merchant, TUESDAY, &bill).await;
        assert_eq!(tuesday["matched"], 1);
        assert_eq!(tuesday["balanced"], true);
        assert_eq!(tuesday["carried"], 1);
        assert_eq!(open_items(&merchant, "id").await, Vec::<Value>::new());
        let settled = settled(&merchant, &open[0]["id"]).await;
        assert_eq!(settled["resolution"], "CARRIED");
        assert_eq!(settled["resolvedBy"], "system");
        assert_eq!(settled["resolutionNote"], "on the bill of 2026-11-24");
        let events = merchant.events().await;
        assert!(events.contains(&"RECONCILIATION_ITEM_RESOLVED".to_owned()));
    }

    async fn what_tuesday_lacks_mondays_bill_clears(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = paid_at(&world, &merchant, "2026-11-24T00:10:00+08:00").await;
        wednesday(&world);
        let tuesday = run_of(&merchant, TUESDAY, &Bill::default()).await;
        assert_eq!(tuesday["differences"], 1);
        let open = open_items(&merchant, "id carried").await;
        assert_eq!(open[0]["carried"], true);
        let bill = Bill::default().order(&order, "23:59:50", "36.00", "0.00").await;
        let monday = run_of(&merchant, MONDAY, &bill).await;
        assert_eq!(monday["balanced"], true);
        assert_eq!(monday["carried"], 1);
        assert_eq!(settled(&merchant, &open[0]["id"]).await["resolution"], "CARRIED");
    }

    async fn what_another_days_bill_listed_before_is_not_missed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let late = paid_at(&world, &merchant, "2026-11-23T23:50:00+08:00").await;
        let early = paid_at(&world, &merchant, "2026-11-24T00:10:00+08:00").await;
        wednesday(&world);
        // Both stand on the other day's bill. Whichever bill comes first, neither is a difference.
        let bill = Bill::default().order(&late, "00:00:20", "36.00", "0.00").await;
        let tuesday = run_of(&merchant, TUESDAY, &bill).await;
        assert_eq!(tuesday["differences"], 1, "the early one: not listed so far");
        let bill = Bill::default().order(&early, "23:59:50", "36.00", "0.00").await;
        let monday = run_of(&merchant, MONDAY, &bill).await;
        assert_eq!(monday["balanced"], true, "the late one: listed on Tuesday's bill");
        assert_eq!(monday["carried"], 1);
        assert_eq!(open_items(&merchant, "id").await, Vec::<Value>::new());
    }

    async fn a_payment_that_was_unknown_near_midnight_may_become_known(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = paid_at(&world, &merchant, "2026-11-23T12:00:00+08:00").await;
        let twice = Bill::default()
            .order(&order, "12:00:00", "36.00", "0.00").await
            .paid("23:45:00", (&order.order_no, "T-2"), "36.00", "0.00");
        at(&world, "2026-11-24T00:05:00+08:00");
        let monday = run_of(&merchant, MONDAY, &twice).await;
        assert_eq!(items(&monday), [["MISSING_HERE", "T-2", "", "36.00"].map(str::to_owned)]);
        let open = open_items(&merchant, "id carried").await;
        assert_eq!(open[0]["carried"], true);
        // Its notification comes after all.
        let second = merchant.sandbox().notification(&order.order_no, "T-2", crate::reconciliation::amount("36.00"));
        order.notified(&second).await;
        wednesday(&world);
        let bill = Bill::default().paid("00:00:01", (&order.order_no, "T-2"), "36.00", "0.00");
        let tuesday = run_of(&merchant, TUESDAY, &bill).await;
        assert_eq!(tuesday["balanced"], true);
        assert_eq!(tuesday["carried"], 1);
        assert_eq!(settled(&merchant, &open[0]["id"]).await["resolution"], "CARRIED");
    }

    async fn far_from_midnight_nothing_is_carried(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        paid_at(&world, &merchant, "2026-11-23T23:29:00+08:00").await;
        wednesday(&world);
        run_of(&merchant, MONDAY, &Bill::default()).await;
        assert_eq!(open_items(&merchant, "carried").await, [json!({ "carried": false })]);
        let tuesday = run_of(&merchant, TUESDAY, &Bill::default()).await;
        assert_eq!(items(&tuesday), nothing());
        assert_eq!(open_items(&merchant, "carried").await.len(), 1);
    }

    async fn a_refund_that_took_days_is_looked_for_on_either_bill(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = paid_at(&world, &merchant, "2026-11-23T12:00:00+08:00").await;
        let refund = order.refund(json!({})).await;
        at(&world, "2026-11-24T09:00:00+08:00");
        merchant.refunds_go_through().await;
        assert_eq!(order.read("refundState").await["refundState"], "FULL");
        wednesday(&world);
        let tuesday = run_of(&merchant, TUESDAY, &Bill::default()).await;
        assert_eq!(tuesday["differences"], 1);
        assert_eq!(open_items(&merchant, "carried").await, [json!({ "carried": true })]);
        let (order_no, trade_no) = order.numbers().await;
        let refund_no = refund.id.0.to_string();
        let bill = Bill::default()
            .order(&order, "12:00:00", "36.00", "0.00").await
            .refunded((&order_no, &trade_no, &refund_no), "36.00", "0.00");
        let monday = run_of(&merchant, MONDAY, &bill).await;
        assert_eq!(monday["balanced"], true);
        assert_eq!(monday["carried"], 1);
        assert_eq!(open_items(&merchant, "id").await, Vec::<Value>::new());
    }
}
