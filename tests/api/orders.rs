//! Orders: what is asked for is found, and nothing else.

pub mod filters;
mod figures;
mod paging;
pub mod plans;
pub mod rows;
mod search;
mod shape;
mod spans;

use serde_json::json;

use crate::everywhere;

everywhere! {
    async fn an_order_is_made_paid_and_found_by_each_of_its_numbers(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let seen = order.read("paymentState paid { amount currency } merchantOrderNo providerTradeNo").await;
        assert_eq!(seen["paymentState"], "PAID");
        assert_eq!(seen["paid"], json!({ "amount": "36.00", "currency": "CNY" }));
        let owner = merchant.owner().await;
        for by in [
            json!({ "orderNo": order.order_no }),
            json!({ "merchantOrderNo": seen["merchantOrderNo"] }),
            json!({ "providerTradeNo": seen["providerTradeNo"] }),
        ] {
            let document = "query($by: OrderByInput!) { order(by: $by) { id } }";
            let found = owner.data(document, json!({ "by": by })).await;
            assert_eq!(found["order"]["id"], order.id.to_string());
        }
    }
}
