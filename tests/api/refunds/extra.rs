//! Payments that nobody wanted go back by themselves.

use entity::channel::{self, FundsMode};
use entity::merchant::LatePaymentPolicy;
use serde_json::json;
use yigate::orders::service::Notice;

use crate::everywhere;
use crate::payments::close;

everywhere! {
    async fn a_second_payment_goes_back_and_leaves_the_order_as_it_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let amount = "36.00".parse().expect("a decimal");
        let second = merchant.sandbox().notification(&order.order_no, "T-2", amount);
        assert_eq!(order.notified(&second).await, Notice::Accepted);
        assert_eq!(merchant.balances().await, ["36.00", "0.00", "36.00"]);
        assert_eq!(merchant.reconciliation_items().await.len(), 1);
        merchant.books_are_right().await;
        merchant.refunds_go_through().await;
        let seen = order.read("refundState refunded { amount } refunds { kind state amount { amount } reason requestedBy }").await;
        assert_eq!(seen["refundState"], "NONE");
        assert_eq!(seen["refunded"]["amount"], "0.00");
        assert_eq!(seen["refunds"], json!([{
            "kind": "EXTRA_PAYMENT", "state": "SUCCEEDED", "amount": { "amount": "36.00" },
            "reason": "DUPLICATE_PAYMENT", "requestedBy": "system" }]));
        assert_eq!(merchant.balances().await, ["36.00", "0.00", "0.00"]);
        assert_eq!(merchant.reconciliation_items().await.len(), 0, "settled with its refund");
        merchant.books_are_right().await;
        // The order itself is refunded all the same.
        order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(order.read("refundState").await["refundState"], "FULL");
        merchant.books_are_right().await;
    }

    async fn a_late_payment_goes_back_where_the_merchant_wants_it_so(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.decides_late_payments(LatePaymentPolicy::AutoRefund).await;
        let order = merchant.order("36.00").await;
        close(&merchant.owner().await, &order).await;
        order.pay().await;
        assert_eq!(order.read("late paymentState").await["late"], true);
        merchant.refunds_go_through().await;
        let seen = order.read("refundState refunds { kind state reason }").await;
        assert_eq!(seen["refundState"], "FULL");
        assert_eq!(seen["refunds"][0]["reason"], "LATE_PAYMENT");
        assert_eq!(merchant.reconciliation_items().await.len(), 0);
        assert_eq!(merchant.balances().await, ["0.00", "0.00", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn what_was_set_aside_goes_back_though_the_channels_terms_have_changed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mode = channel::Column::FundsMode;
        for (first, second) in [
            (FundsMode::Collect, FundsMode::Direct),
            (FundsMode::Direct, FundsMode::Collect),
        ] {
            merchant.set_channel(mode, first).await;
            let order = merchant.paid_order("36.00").await;
            merchant.set_channel(mode, second).await;
            let amount = "36.00".parse().expect("a decimal");
            let extra = merchant.sandbox().notification(&order.order_no, &format!("T-{first:?}"), amount);
            assert_eq!(order.notified(&extra).await, Notice::Accepted);
            merchant.books_are_right().await;
            merchant.refunds_go_through().await;
            let seen = order.read("refunds { state }").await;
            assert_eq!(seen["refunds"], json!([{ "state": "SUCCEEDED" }]));
            merchant.books_are_right().await;
        }
    }
}
