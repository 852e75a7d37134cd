//! What counts where: orders when they are made, sales when they are paid, refunds when they succeed.

use chrono::TimeDelta;
use entity::channel;
use entity::merchant::LatePaymentPolicy;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::statistics::service::served;

use super::scene::plain;
use crate::everywhere;
use crate::payments::close;
use crate::support::Merchant;
use crate::support::money::decided;

const FIGURES: &str = "orders converted paidOrders gross { amount } discounts { amount } paid { amount } \
    refunds refunded { amount } fees { amount } net { amount } averageOrderValue { amount } successRate \
    averagePaySeconds";

/// What a preset tells.
async fn of(merchant: &Merchant, preset: &str) -> Value {
    let told = merchant
        .statistics(
            &format!("range: {{ preset: {preset} }}"),
            &format!("totals {{ {FIGURES} }}"),
        )
        .await;
    plain(&told["totals"])
}

everywhere! {
    async fn a_day_without_anything_is_all_zeros(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        assert_eq!(of(&merchant, "TODAY").await, json!({
            "orders": 0, "converted": 0, "paidOrders": 0, "gross": "0.00", "discounts": "0.00",
            "paid": "0.00", "refunds": 0, "refunded": "0.00", "fees": "0.00", "net": "0.00",
            "averageOrderValue": null, "successRate": null, "averagePaySeconds": null,
        }));
    }

    async fn an_order_counts_when_it_is_made_and_a_sale_when_it_is_paid(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        merchant.order("10.00").await;
        // 23:50 in Shanghai; paid twenty minutes later, on the next day.
        world.clock.advance(TimeDelta::minutes(11 * 60 + 50));
        let input = json!({ "discount": { "amount": "6.00", "currency": "CNY" },
            "expiresInSeconds": 7_200 });
        let order = merchant.order_with("36.00", input).await;
        assert_eq!(of(&merchant, "TODAY").await["orders"], 2);
        world.clock.advance(TimeDelta::minutes(20));
        order.pay().await;
        let yesterday = of(&merchant, "YESTERDAY").await;
        assert_eq!(yesterday, json!({
            "orders": 2, "converted": 1, "paidOrders": 0, "gross": "0.00", "discounts": "0.00",
            "paid": "0.00", "refunds": 0, "refunded": "0.00", "fees": "0.00", "net": "0.00",
            "averageOrderValue": null, "successRate": "0.5", "averagePaySeconds": null,
        }));
        assert_eq!(of(&merchant, "TODAY").await, json!({
            "orders": 0, "converted": 0, "paidOrders": 1, "gross": "36.00", "discounts": "6.00",
            "paid": "30.00", "refunds": 0, "refunded": "0.00", "fees": "0.30", "net": "29.70",
            "averageOrderValue": "30.00", "successRate": null, "averagePaySeconds": 1_200,
        }));
        merchant.is_counted_right().await;
    }

    async fn a_refund_counts_on_the_day_it_succeeds_and_the_order_stays_a_sale(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        merchant.set_channel(channel::Column::RefundReturnsFee, true).await;
        let order = merchant.paid_order("100.00").await;
        let whole = merchant.paid_order("50.00").await;
        world.clock.advance(TimeDelta::days(1));
        merchant.adjusts("500.00").await;
        order.refund_amount("30.00").await;
        whole.refund(json!({})).await;
        assert_eq!(of(&merchant, "TODAY").await["refunds"], 0, "asked for is not given back");
        world.clock.advance(TimeDelta::days(1));
        merchant.refunds_go_through().await;
        let first = of(&merchant, "LAST_3_DAYS").await;
        assert_eq!((&first["paidOrders"], &first["paid"]), (&json!(2), &json!("150.00")));
        assert_eq!(of(&merchant, "YESTERDAY").await["refunds"], 0);
        let today = of(&merchant, "TODAY").await;
        assert_eq!(today, json!({
            "orders": 0, "converted": 0, "paidOrders": 0, "gross": "0.00", "discounts": "0.00",
            "paid": "0.00", "refunds": 2, "refunded": "80.00", "fees": "-0.80", "net": "-79.20",
            "averageOrderValue": null, "successRate": null, "averagePaySeconds": null,
        }));
        merchant.is_counted_right().await;
    }

    async fn a_late_payment_that_goes_back_is_a_sale_and_a_refund_and_a_second_one_is_neither(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        merchant.decides_late_payments(LatePaymentPolicy::AutoRefund).await;
        merchant.adjusts("500.00").await;
        let late = merchant.order("36.00").await;
        close(&merchant.owner().await, &late).await;
        late.pay().await;
        merchant.refunds_go_through().await;
        assert_eq!(late.read("refundState").await["refundState"], "FULL");
        let told = of(&merchant, "TODAY").await;
        let figures = |told: &Value| json!([told["orders"], told["converted"], told["paidOrders"], told["paid"],
            told["refunds"], told["refunded"], told["fees"]]);
        assert_eq!(figures(&told), json!([1, 1, 1, "36.00", 1, "36.00", "0.00"]));
        // The lists say the same.
        let document = "{ orders(filter: { paymentState: [PAID] }) { totalCount } refunds { totalCount } }";
        let lists = merchant.owner().await.data(document, Value::Null).await;
        assert_eq!((&lists["orders"]["totalCount"], &lists["refunds"]["totalCount"]), (&json!(1), &json!(1)));
        // A second payment of an order is none of its own.
        let twice = merchant.paid_order("10.00").await;
        let amount = "10.00".parse().expect("a decimal");
        let second = merchant.sandbox().notification(&twice.order_no, "T-2", amount);
        twice.notified(&second).await;
        merchant.refunds_go_through().await;
        let told = of(&merchant, "TODAY").await;
        assert_eq!(figures(&told), json!([2, 2, 2, "46.00", 1, "36.00", "0.10"]));
        merchant.is_counted_right().await;
        assert!(yigate::statistics::service::rebuild(world.app(), merchant.id).await.unwrap());
        assert_eq!(of(&merchant, "TODAY").await, told);
    }

    async fn what_is_not_counted_yet_says_up_to_when_everything_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        // Nothing happened for hours; then an order, which is not counted yet.
        world.clock.advance(TimeDelta::hours(20));
        let at = world.clock.instant();
        let as_of = async || served(world.app(), merchant.id).await.unwrap().as_of;
        assert_eq!(as_of().await, Some(at));
        merchant.order("36.00").await;
        world.clock.advance(TimeDelta::seconds(2));
        merchant.numbered().await;
        assert_eq!(as_of().await, Some(at), "numbered");
        // As if the instance had died before it numbered it.
        let seq = served(world.app(), merchant.id).await.unwrap().seq;
        entity::event_head::Entity::update_of(merchant.id)
            .col_expr(entity::event_head::Column::LastSeq, Expr::value(seq))
            .exec(world.app().db.writer()).await.unwrap();
        entity::event::Entity::update_of(merchant.id)
            .filter(entity::event::Column::OccurredAt.gte(at))
            .col_expr(entity::event::Column::Seq, Expr::value(Option::<i64>::None))
            .exec(world.app().db.writer()).await.unwrap();
        assert_eq!(as_of().await, Some(at), "without a number");
        merchant.counted().await;
        assert_eq!(as_of().await, Some(world.clock.instant()));
    }

    async fn a_refund_that_the_bank_returned_counts_below_zero_on_that_day(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        merchant.set_channel(channel::Column::RefundReturnsFee, true).await;
        let order = merchant.paid_order("100.00").await;
        merchant.adjusts("500.00").await;
        let first = order.refund_amount("33.33").await;
        merchant.refunds_go_through().await;
        world.clock.advance(TimeDelta::minutes(10));
        order.refund_amount("33.34").await;
        merchant.refunds_go_through().await;
        let before = of(&merchant, "TODAY").await;
        world.clock.advance(TimeDelta::days(1));
        let owner = merchant.owner().await;
        let input = json!({ "outcome": "REVERSED", "note": "银行退回" });
        let payload = decided(&owner, "refundResolve", first.id, "reversal-1", input).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        let today = of(&merchant, "TODAY").await;
        assert_eq!((&today["refunds"], &today["refunded"]), (&json!(-1), &json!("-33.33")));
        // What the ledger took again: the fee of what stays given back is that of 33.34 alone.
        assert_eq!((&before["fees"], &today["fees"]), (&json!("0.33"), &json!("0.34")));
        let yesterday = of(&merchant, "YESTERDAY").await;
        assert_eq!(yesterday, before, "the day of its success stays as it was");
        merchant.is_counted_right().await;
        // Read again, everything is the same, though the refund's row has forgotten what it returned.
        assert!(yigate::statistics::service::rebuild(world.app(), merchant.id).await.unwrap());
        assert_eq!(of(&merchant, "YESTERDAY").await, before);
        assert_eq!(of(&merchant, "TODAY").await, today);
    }
}
