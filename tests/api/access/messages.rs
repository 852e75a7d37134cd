//! Who may see, write and send messages, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::messages::{made, member, sent, works};
use crate::support::{Merchant, World};

/// What each mutation of one message wants beside its id: nothing that changes it.
const OF_ONE: [(&str, &str, &str); 3] = [
    (
        "Mutation.messageUpdate",
        "messageUpdate",
        ", expectedVersion: 1",
    ),
    (
        "Mutation.messageSend",
        "messageSend",
        ", expectedVersion: 0, idempotencyKey: \"send a message\"",
    ),
    ("Mutation.messageCancel", "messageCancel", ""),
];

/// The first of those whom a message was sent to.
async fn recipient(merchant: &Merchant, message: &str) -> String {
    let document =
        "query($id: ID!) { message(id: $id) { recipients(first: 1) { edges { node { id } } } } }";
    let owner = merchant.owner().await;
    let found = owner.data(document, json!({ "id": message })).await;
    let first = &found["message"]["recipients"]["edges"][0]["node"]["id"];
    first.as_str().expect("an id").to_owned()
}

/// Every root field of messages, and how it is asked.
pub async fn questions(world: &World, merchant: &Merchant) -> Vec<Question> {
    let ask = |field: &'static str, about: &'static str, document: String| Question {
        field,
        about,
        document,
    };
    member(merchant, "m1", json!({})).await;
    let message = made(merchant, json!({})).await;
    sent(merchant, &message, json!({})).await;
    works(world).await;
    merchant.numbered().await;
    let id = message["id"].as_str().expect("an id");
    let segment = message["segment"]["id"].as_str().expect("an id");
    let recipient = recipient(merchant, id).await;
    let texts = format!(r#"segmentId: "{segment}", title: "", body: """#);
    let mut questions = vec![
        ask(
            "Query.message",
            "",
            format!(r#"{{ message(id: "{id}") {{ id }} }}"#),
        ),
        ask(
            "Query.messages",
            "",
            "{ messages { totalCount } }".to_owned(),
        ),
        ask(
            "Query.node",
            "(message)",
            format!(r#"{{ node(id: "{id}") {{ id }} }}"#),
        ),
        ask(
            "Query.node",
            "(messageRecipient)",
            format!(r#"{{ node(id: "{recipient}") {{ id }} }}"#),
        ),
        ask(
            "Query.messagePreview",
            "",
            format!(
                r#"{{ messagePreview(input: {{ segmentId: "{segment}", title: "a", body: "b" }}) {{ size }} }}"#
            ),
        ),
        ask(
            "Mutation.messageCreate",
            "",
            format!(
                r#"mutation {{ messageCreate(input: {{ name: "", {texts} }}) {{ userErrors {{ code }} }} }}"#
            ),
        ),
        ask(
            "Subscription.memberMessageSent",
            "",
            r#"subscription { memberMessageSent(after: "e0") { cursor } }"#.to_owned(),
        ),
    ];
    questions.extend(OF_ONE.map(|(field, name, more)| {
        let document = format!(
            r#"mutation {{ {name}(input: {{ id: "{id}"{more} }}) {{ userErrors {{ code }} }} }}"#
        );
        ask(field, "", document)
    }));
    questions
}

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let message = made(theirs, json!({})).await;
    let id = json!({ "id": message["id"] });
    let segment = json!({ "id": message["segment"]["id"] });
    vec![
        (
            "Query.message",
            "query($id: ID!) { message(id: $id) { id } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Query.node",
            "query($id: ID!) { node(id: $id) { id } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Query.messagePreview",
            "query($id: ID!) { messagePreview(input: { segmentId: $id, title: \"a\", body: \"b\" }) { size } }",
            segment.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.messageCreate",
            "mutation($id: ID!) { messageCreate(input: { name: \"x\", segmentId: $id, title: \"a\", body: \"b\" }) \
                { message { id } userErrors { code } } }",
            segment,
            "SEGMENT_NOT_FOUND",
        ),
        (
            "Mutation.messageUpdate",
            "mutation($id: ID!) { messageUpdate(input: { id: $id, expectedVersion: 1, name: \"x\" }) \
                { message { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.messageSend",
            "mutation($id: ID!) { messageSend(input: { id: $id, idempotencyKey: \"their message\" }) \
                { message { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.messageCancel",
            "mutation($id: ID!) { messageCancel(input: { id: $id }) { message { id } userErrors { code } } }",
            id,
            "NOT_FOUND",
        ),
    ]
}
