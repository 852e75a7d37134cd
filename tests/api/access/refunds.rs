//! Who may ask for refunds and decide about them, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::everywhere;
use crate::support::Merchant;

/// Every root field of refunds, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let order = merchant.paid_order("36.00").await;
    let refund = order.refund(json!({})).await.id;
    let order = order.id;
    let decides = |field: &str, more: &str| {
        format!(
            r#"mutation {{ {field}(input: {{ idempotencyKey: "{field} {refund}", refundId: "{refund}"
                {more} }}) {{ userErrors {{ code }} }} }}"#
        )
    };
    [
        (
            "Query.refund",
            "",
            format!(r#"{{ refund(by: {{ id: "{refund}" }}) {{ id }} }}"#),
        ),
        ("Query.refunds", "", "{ refunds { edges { cursor } } }".to_owned()),
        (
            "Query.refundQuote",
            "",
            format!(r#"{{ refundQuote(input: {{ orderId: "{order}" }}) {{ __typename }} }}"#),
        ),
        ("Query.node", "(refund)", format!(r#"{{ node(id: "{refund}") {{ id }} }}"#)),
        (
            "Mutation.refundCreate",
            "",
            format!(
                r#"mutation {{ refundCreate(input: {{ idempotencyKey: "create {refund}", orderId: "{order}" }})
                    {{ userErrors {{ code }} }} }}"#
            ),
        ),
        ("Mutation.refundRetry", "", decides("refundRetry", "")),
        ("Mutation.refundApprove", "", decides("refundApprove", "")),
        ("Mutation.refundReject", "", decides("refundReject", r#"note: "x""#)),
        (
            "Mutation.refundResolve",
            "",
            decides("refundResolve", r#"outcome: SUCCEEDED, note: "x""#),
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

/// Root fields that take an id of something in a filter: nothing is found there; see below.
pub const FILTERED: [&str; 1] = ["Query.refunds"];

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let order = theirs.paid_order("36.00").await;
    let refund = order.refund(json!({})).await;
    let number = refund.read("refundNo").await["refundNo"].clone();
    let by = "query($by: RefundByInput!) { refund(by: $by) { id } }";
    let id = json!({ "id": refund.id.to_string() });
    let order = json!({ "id": order.id.to_string() });
    vec![
        ("Query.refund", by, json!({ "by": id }), "NOT_FOUND"),
        (
            "Query.refund",
            by,
            json!({ "by": { "refundNo": number } }),
            "NOT_FOUND",
        ),
        (
            "Query.node",
            "query($id: ID!) { node(id: $id) { id } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Query.refundQuote",
            "query($id: ID!) { refundQuote(input: { orderId: $id }) { __typename } }",
            order.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.refundCreate",
            "mutation($id: ID!) { refundCreate(input: { idempotencyKey: \"stranger-1\", orderId: $id }) \
                { refund { id } userErrors { code } } }",
            order,
            "ORDER_NOT_FOUND",
        ),
        (
            "Mutation.refundRetry",
            "mutation($id: ID!) { refundRetry(input: { idempotencyKey: \"stranger-2\", refundId: $id }) \
                { refund { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.refundApprove",
            "mutation($id: ID!) { refundApprove(input: { idempotencyKey: \"stranger-3\", refundId: $id }) \
                { refund { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.refundReject",
            "mutation($id: ID!) { refundReject(input: { idempotencyKey: \"stranger-4\", refundId: $id, \
                note: \"x\" }) { refund { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.refundResolve",
            "mutation($id: ID!) { refundResolve(input: { idempotencyKey: \"stranger-5\", refundId: $id, \
                outcome: SUCCEEDED, note: \"x\" }) { refund { id } userErrors { code } } }",
            id,
            "NOT_FOUND",
        ),
    ]
}

everywhere! {
    async fn nothing_of_another_merchants_refunds_is_seen(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let other = theirs.paid_order("2.00").await;
        other.refund(json!({})).await;
        let document = "query($order: ID!, $channel: ID!) { refunds { edges { cursor } } \
            ofOrder: refunds(filter: { orderId: $order }) { edges { cursor } } \
            ofChannel: refunds(filter: { channelId: [$channel] }) { edges { cursor } } \
            but: refunds(filter: { not: { orderId: $order } }) { edges { cursor } } }";
        let ids = json!({ "order": other.id.to_string(), "channel": theirs.channel_id.to_string() });
        let none = json!({ "edges": [] });
        let seen = ours.owner().await.data(document, ids).await;
        assert_eq!(seen, json!({ "refunds": none, "ofOrder": none, "ofChannel": none, "but": none }));
        // Events come in order: had there been one of another merchant, it would come first.
        theirs.numbered().await;
        let mine = ours.paid_order("1.00").await.refund(json!({})).await;
        let document = "subscription { refundUpdated(after: \"e0\") { refund { id } } }";
        let mut stream = ours.owner().await.subscribe(document, Value::Null);
        let seen = crate::support::next(&mut stream).await;
        assert_eq!(seen["data"]["refundUpdated"]["refund"]["id"], mine.id.to_string());
    }
}
