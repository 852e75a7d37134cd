//! Who may ask about refunds, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;

/// Every root field of refunds, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let order = merchant.paid_order("36.00").await;
    let refund = order.refund_amount("1.00").await.id;
    let order = order.id;
    let decide = |field: &str, more: &str| {
        format!(
            r#"mutation {{ {field}(input: {{ idempotencyKey: "access-0001", refundId: "{refund}"{more} }})
            {{ userErrors {{ code }} }} }}"#
        )
    };
    let note = r#", note: "x""#;
    [
        ("Query.refund", "", format!(r#"{{ refund(by: {{ id: "{refund}" }}) {{ id }} }}"#)),
        ("Query.refunds", "", "{ refunds { totalCount } }".to_owned()),
        (
            "Query.refundQuote",
            "",
            format!(r#"{{ refundQuote(input: {{ orderId: "{order}" }}) {{ needsApproval }} }}"#),
        ),
        ("Query.node", "(refund)", format!(r#"{{ node(id: "{refund}") {{ id }} }}"#)),
        (
            "Mutation.refundCreate",
            "",
            format!(
                r#"mutation {{ refundCreate(input: {{ idempotencyKey: "access-0002", orderId: "{order}" }})
                {{ userErrors {{ code }} }} }}"#
            ),
        ),
        ("Mutation.refundRetry", "", decide("refundRetry", "")),
        ("Mutation.refundApprove", "", decide("refundApprove", note)),
        ("Mutation.refundReject", "", decide("refundReject", note)),
        (
            "Mutation.refundResolve",
            "",
            decide("refundResolve", r#", note: "x", outcome: FAILED"#),
        ),
        (
            "Subscription.refundUpdated",
            "",
            r#"subscription { refundUpdated(after: "e0") { cursor } }"#.to_owned(),
        ),
    ]
    .map(|(field, about, document)| Question { field, about, document })
    .into()
}

/// The root field that takes ids in a filter: nothing is found there.
pub const FILTERED: [&str; 1] = ["Query.refunds"];

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let order = theirs.paid_order("36.00").await;
    let refund = order.refund_amount("1.00").await;
    let number = refund.read("refundNo").await["refundNo"].clone();
    let id = json!({ "id": refund.id.to_string() });
    let of_order = json!({ "id": order.id.to_string() });
    let one = "query($id: ID!) { refund(by: { id: $id }) { id } }";
    let numbered = "query($no: String!) { refund(by: { refundNo: $no }) { id } }";
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let nodes = "query($id: ID!) { nodes(ids: [$id]) { id } }";
    let quote = "query($id: ID!) { refundQuote(input: { orderId: $id }) { needsApproval } }";
    let create = "mutation($id: ID!) { refundCreate(input: { idempotencyKey: \"strange-0001\", \
        orderId: $id }) { refund { id } userErrors { code } } }";
    let retry = "mutation($id: ID!) { refundRetry(input: { idempotencyKey: \"strange-0002\", \
        refundId: $id }) { refund { id } userErrors { code } } }";
    let approve = "mutation($id: ID!) { refundApprove(input: { idempotencyKey: \"strange-0003\", \
        refundId: $id }) { refund { id } userErrors { code } } }";
    let reject = "mutation($id: ID!) { refundReject(input: { idempotencyKey: \"strange-0004\", \
        refundId: $id, note: \"x\" }) { refund { id } userErrors { code } } }";
    let resolve = "mutation($id: ID!) { refundResolve(input: { idempotencyKey: \"strange-0005\", \
        refundId: $id, note: \"x\", outcome: SUCCEEDED }) { refund { id } userErrors { code } } }";
    vec![
        ("Query.refund", one, id.clone(), "NOT_FOUND"),
        (
            "Query.refund",
            numbered,
            json!({ "no": number }),
            "NOT_FOUND",
        ),
        ("Query.node", node, id.clone(), "NOT_FOUND"),
        ("Query.nodes", nodes, id.clone(), "NOT_FOUND"),
        ("Query.refundQuote", quote, of_order.clone(), "NOT_FOUND"),
        ("Mutation.refundCreate", create, of_order, "ORDER_NOT_FOUND"),
        ("Mutation.refundRetry", retry, id.clone(), "NOT_FOUND"),
        ("Mutation.refundApprove", approve, id.clone(), "NOT_FOUND"),
        ("Mutation.refundReject", reject, id.clone(), "NOT_FOUND"),
        ("Mutation.refundResolve", resolve, id, "NOT_FOUND"),
    ]
}
