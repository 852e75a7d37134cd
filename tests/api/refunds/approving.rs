//! Four eyes: some refunds wait for a second person.

use entity::membership::Role;
use entity::merchant;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::refusal;
use crate::everywhere;
use crate::support::{Client, Refund};

fn document(verb: &str) -> String {
    format!(
        "mutation($input: Refund{verb}Input!) {{ refund{verb}(input: $input) {{ \
         refund {{ state decidedBy }} userErrors {{ code message }} }} }}"
    )
}

async fn decides(client: &Client, verb: &str, refund: &Refund) -> Value {
    let key: u64 = rand::random();
    let input = json!({
        "idempotencyKey": format!("decide-{key:x}"),
        "refundId": refund.id.to_string(),
        "note": "已电话确认",
    });
    let answer = client
        .data(&document(verb), json!({ "input": input }))
        .await;
    answer[format!("refund{verb}")].clone()
}

everywhere! {
    async fn a_large_refund_waits_for_a_second_person(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.changes(merchant::Column::RefundApprovalAboveMinor, Expr::value(1_000_i64)).await;
        let order = merchant.paid_order("36.00").await;
        let small = order.refund_amount("10.00").await;
        assert_eq!(small.state().await, "PROCESSING");
        let large = order.refund_amount("10.01").await;
        assert_eq!(large.state().await, "AWAITING_APPROVAL");
        assert_eq!(merchant.balances().await, ["15.99", "0.00", "20.01"]);
        merchant.refunds_go_through().await;
        assert_eq!(large.state().await, "AWAITING_APPROVAL");
        let owner = merchant.owner().await;
        assert_eq!(refusal(&decides(&owner, "Approve", &large).await).0, "OWN_REQUEST");
        let finance = merchant.client(Role::Finance).await;
        let payload = decides(&finance, "Approve", &large).await;
        assert_eq!(payload["refund"]["state"], "PROCESSING");
        assert_eq!(payload["refund"]["decidedBy"], merchant.staff(Role::Finance).to_string());
        let again = decides(&finance, "Approve", &large).await;
        assert_eq!(refusal(&again).0, "NOT_AWAITING_APPROVAL");
        merchant.refunds_go_through().await;
        assert_eq!(large.state().await, "SUCCEEDED");
        merchant.books_are_right().await;
    }

    async fn a_rejected_refund_gives_the_money_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.changes(merchant::Column::RefundApprovalAboveMinor, Expr::value(0_i64)).await;
        let order = merchant.paid_order("36.00").await;
        let refund = order.refund(json!({})).await;
        let finance = merchant.client(Role::Finance).await;
        let payload = decides(&finance, "Reject", &refund).await;
        assert_eq!(payload["refund"]["state"], "REJECTED");
        assert_eq!(merchant.balances().await, ["36.00", "0.00", "0.00"]);
        assert_eq!(order.timeline().await[3..], ["REFUND_REQUESTED", "REFUND_REJECTED"]);
        merchant.refunds_go_through().await;
        assert_eq!(refund.state().await, "REJECTED");
        merchant.books_are_right().await;
    }

    async fn some_roles_never_decide_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.changes(merchant::Column::RefundApprovalRoles, Expr::value("SUPPORT MARKETING")).await;
        let order = merchant.paid_order("36.00").await;
        let support = merchant.client(Role::Support).await;
        let part = json!({ "amount": { "amount": "1.00", "currency": "CNY" } });
        let payload = merchant.asked_to_refund(&support, &order, part.clone()).await;
        assert_eq!(payload["refund"]["state"], "AWAITING_APPROVAL");
        let finance = merchant.client(Role::Finance).await;
        let payload = merchant.asked_to_refund(&finance, &order, part).await;
        assert_eq!(payload["refund"]["state"], "PROCESSING");
        let (code, _) = support
            .error(&document("Approve"), json!({ "input": {
                "idempotencyKey": "decide-0001", "refundId": "ref_0000000000000" } }))
            .await;
        assert_eq!(code, "FORBIDDEN");
    }
}
