//! Bills of WeChat Pay.

use serde_json::json;
use yigate::orders::service::Notice;

use super::{Bill, MONDAY, imported, items, next_morning, open_items, run_of, runs};
use crate::everywhere;

everywhere! {
    async fn a_day_without_difference_says_so(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.006").await;
        let (one, two) = (merchant.paid_order("36.00").await, merchant.paid_order("128.00").await);
        let refund = two.refund_amount("28.00").await;
        merchant.refunds_go_through().await;
        let (order_no, trade_no) = two.numbers().await;
        let refund_no = refund.id.0.to_string();
        let bill = Bill::default()
            .order(&one, "12:00:00", "36.00", "0.22").await
            .order(&two, "12:00:01", "128.00", "0.77").await
            .refunded((&order_no, &trade_no, &refund_no), "28.00", "0.17");
        next_morning(&world);
        let run = run_of(&merchant, MONDAY, &bill).await;
        assert_eq!(items(&run), Vec::<[String; 4]>::new());
        assert_eq!(run["rows"], 3);
        assert_eq!(run["matched"], 3);
        assert_eq!(run["balanced"], true);
        assert_eq!(run["message"], "2026-11-23 is balanced: all 3 rows of the bill agree with what is here.");
        assert_eq!(run["channel"]["id"], merchant.channel_id.to_string());
        let chinese = merchant.owner().await.in_chinese();
        let text = json!({ "text": bill.wechat_pay(MONDAY) });
        let again = imported(&chinese, &merchant, "WECHAT_PAY", MONDAY, text).await;
        assert_eq!(again["run"]["id"], run["id"], "the same bill is the same run");
        assert_eq!(again["run"]["message"], "2026-11-23 对账平：账单共 3 笔，全部一致，无差异。");
        assert_eq!(runs(&merchant).await, 1);
        let events = merchant.events().await;
        let told = events.iter().filter(|event| *event == "RECONCILIATION_IMPORTED");
        assert_eq!(told.count(), 1);
        let node = "query($id: ID!) { node(id: $id) { id ... on ReconciliationRun { day importedBy } } }";
        let seen = chinese.data(node, json!({ "id": run["id"] })).await;
        assert_eq!(seen["node"]["day"], MONDAY);
        assert_eq!(seen["node"]["importedBy"], merchant.staff(entity::membership::Role::Owner).to_string());
    }

    async fn what_does_not_fit_is_listed_once_by_its_kind(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.006").await;
        let (one, two, three) = (
            merchant.paid_order("36.00").await,
            merchant.paid_order("128.00").await,
            merchant.paid_order("50.00").await,
        );
        let unpaid = merchant.order("12.00").await;
        let bill = Bill::default()
            .order(&one, "12:00:00", "35.00", "0.22").await
            .order(&two, "12:00:01", "128.00", "0.78").await
            .paid("12:00:02", (&unpaid.order_no, "T-UNPAID"), "12.00", "0.07")
            .paid("12:00:03", ("77", "T-UNKNOWN"), "1.00", "0.01");
        next_morning(&world);
        let run = run_of(&merchant, MONDAY, &bill).await;
        let trade = async |order: &crate::support::Order| order.numbers().await.1;
        let text = |parts: [&str; 4]| parts.map(str::to_owned);
        assert_eq!(items(&run), [
            text(["AMOUNT_MISMATCH", &trade(&one).await, "36.00", "35.00"]),
            text(["FEE_MISMATCH", &trade(&two).await, "0.77", "0.78"]),
            text(["MISSING_HERE", "T-UNKNOWN", "", "1.00"]),
            text(["MISSING_THERE", &trade(&three).await, "50.00", ""]),
            text(["STATUS_MISMATCH", "T-UNPAID", "12.00", "12.00"]),
        ]);
        assert_eq!(run["differences"], 5);
        assert_eq!(run["matched"], 0);
        assert_eq!(run["balanced"], false);
        assert_eq!(run["message"], "2026-11-23 is not balanced: 5 differences; 0 of 4 rows agree.");
        let items_now = open_items(&merchant, "kind reference detail order { id } run { id }").await;
        let status = items_now.iter().find(|item| item["kind"] == "STATUS_MISMATCH").expect("an item");
        assert_eq!(status["detail"], "here PENDING, there PAID");
        assert_eq!(status["order"]["id"], unpaid.id.to_string());
        assert_eq!(status["reference"], format!("{} T-UNPAID", unpaid.order_no));
        assert_eq!(status["run"]["id"], run["id"]);
        // Another file of the day finds the same, and lists nothing twice.
        let more = bill.paid("12:00:04", ("78", "T-MORE"), "2.00", "0.01");
        let second = run_of(&merchant, MONDAY, &more).await;
        assert_ne!(second["id"], run["id"]);
        assert_eq!(second["differences"], 6);
        assert_eq!(items(&second), [text(["MISSING_HERE", "T-MORE", "", "2.00"])]);
        assert_eq!(open_items(&merchant, "id").await.len(), 6);
        let opened = merchant.events().await;
        let opened = opened.iter().filter(|event| *event == "RECONCILIATION_ITEM_OPENED");
        assert_eq!(opened.count(), 6);
    }

    async fn payments_that_a_notification_told_of_are_known(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let second = merchant.sandbox().notification(&order.order_no, "T-2", crate::reconciliation::amount("36.00"));
        assert_eq!(order.notified(&second).await, Notice::Accepted);
        let other = merchant.order("50.00").await;
        let less = merchant.sandbox().notification(&other.order_no, "T-3", crate::reconciliation::amount("5.00"));
        other.notified(&less).await;
        assert_eq!(merchant.reconciliation_items().await.len(), 2);
        let bill = Bill::default()
            .order(&order, "12:00:00", "36.00", "0.00").await
            .paid("12:00:01", (&order.order_no, "T-2"), "36.00", "0.00")
            .paid("12:00:02", (&other.order_no, "T-3"), "5.00", "0.00");
        next_morning(&world);
        let run = run_of(&merchant, MONDAY, &bill).await;
        assert_eq!(run["matched"], 2, "the second payment is known");
        assert_eq!(run["differences"], 1, "the other amount is a difference, listed already");
        assert_eq!(items(&run), Vec::<[String; 4]>::new());
        assert_eq!(merchant.reconciliation_items().await.len(), 2);
    }

    async fn refunds_are_compared_by_their_numbers(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let (order_no, trade_no) = order.numbers().await;
        let mut numbers = Vec::new();
        for part in ["1.00", "2.00"] {
            numbers.push(order.refund_amount(part).await.id.0.to_string());
            merchant.refunds_go_through().await;
        }
        let bill = Bill::default()
            .order(&order, "12:00:00", "36.00", "0.00").await
            .refunded((&order_no, &trade_no, &numbers[0]), "1.50", "0.00")
            .refunded((&order_no, &trade_no, "BY-HAND-1"), "3.00", "0.00");
        next_morning(&world);
        let run = run_of(&merchant, MONDAY, &bill).await;
        let text = |kind: &str, expected: &str, received: &str| {
            [kind, &trade_no, expected, received].map(str::to_owned)
        };
        assert_eq!(items(&run), [
            text("AMOUNT_MISMATCH", "1.00", "1.50"),
            text("MISSING_HERE", "", "3.00"),
            text("MISSING_THERE", "2.00", ""),
        ]);
        for item in open_items(&merchant, "kind reference order { id } refund { refundNo }").await {
            assert_eq!(item["order"]["id"], order.id.to_string());
            let refund = match item["kind"].as_str() {
                Some("AMOUNT_MISMATCH") => json!(numbers[0]),
                Some("MISSING_THERE") => json!(numbers[1]),
                _ => {
                    assert_eq!(item["reference"], format!("refund {trade_no} BY-HAND-1"));
                    json!(null)
                }
            };
            assert_eq!(item["refund"]["refundNo"], refund);
        }
    }
}
