//! Bills of Alipay.

use data_encoding::BASE64;
use encoding_rs::GBK;
use serde_json::json;

use super::{Bill, MONDAY, imported, items, next_morning};
use crate::everywhere;

everywhere! {
    async fn a_packed_file_in_gbk_is_the_bill_that_its_text_is(world: World) {
        let merchant = world.merchant("云裳时装").await;
        merchant.takes_fees("0.006").await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        let (order_no, trade_no) = order.numbers().await;
        let refund_no = refund.id.0.to_string();
        let bill = Bill::default()
            .order(&order, "12:00:00", "36.00", "0.22").await
            .refunded((&order_no, &trade_no, &refund_no), "36.00", "0.22")
            .alipay(MONDAY);
        next_morning(&world);
        let owner = merchant.owner().await;
        let (gbk, _, _) = GBK.encode(&bill);
        let packed = crate::reconciliation::hostile::gzip(&gbk);
        let file = json!({ "gzipBase64": BASE64.encode(&packed) });
        let payload = imported(&owner, &merchant, "ALIPAY", MONDAY, file).await;
        let run = &payload["run"];
        assert_eq!(run["balanced"], true, "{payload:#}");
        assert_eq!(run["rows"], 2);
        let text = json!({ "text": bill });
        let again = imported(&owner, &merchant, "ALIPAY", MONDAY, text).await;
        assert_eq!(again["run"]["id"], run["id"]);
    }

    async fn a_refund_that_gave_back_less_of_the_fee_is_listed(world: World) {
        let merchant = world.merchant("云裳时装").await;
        merchant.takes_fees("0.006").await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        let (order_no, trade_no) = order.numbers().await;
        let refund_no = refund.id.0.to_string();
        let bill = Bill::default()
            .order(&order, "12:00:00", "36.00", "0.22").await
            .refunded((&order_no, &trade_no, &refund_no), "36.00", "0.20");
        next_morning(&world);
        let owner = merchant.owner().await;
        let text = json!({ "text": bill.alipay(MONDAY) });
        let payload = imported(&owner, &merchant, "ALIPAY", MONDAY, text).await;
        assert_eq!(
            items(&payload["run"]),
            [["FEE_MISMATCH", &trade_no, "0.22", "0.20"].map(str::to_owned)]
        );
    }
}
