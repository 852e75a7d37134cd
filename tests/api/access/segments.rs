//! Who may see, make and change segments, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::segments::made;
use crate::support::Merchant;

/// Every root field of segments, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let segment = made(
        &merchant.owner().await,
        "新会员",
        json!({ "neverPaid": true }),
    )
    .await;
    let id = segment["id"].as_str().expect("an id");
    let of_one = |name: &str, more: &str| {
        format!(
            r#"mutation {{ {name}(input: {{ id: "{id}"{more} }}) {{ userErrors {{ code }} }} }}"#
        )
    };
    [
        (
            "Query.segment",
            "",
            format!(r#"{{ segment(id: "{id}") {{ id }} }}"#),
        ),
        (
            "Query.segments",
            "",
            "{ segments { totalCount } }".to_owned(),
        ),
        (
            "Query.node",
            "(segment)",
            format!(r#"{{ node(id: "{id}") {{ id }} }}"#),
        ),
        (
            "Query.segmentPreview",
            "",
            "{ segmentPreview(rules: { neverPaid: true }) { size } }".to_owned(),
        ),
        ("Query.rfmGroups", "", "{ rfmGroups { buyers } }".to_owned()),
        (
            "Mutation.segmentCreate",
            "",
            r#"mutation { segmentCreate(input: { name: "", rules: { neverPaid: true } })
                { userErrors { code } } }"#
                .to_owned(),
        ),
        (
            "Mutation.segmentUpdate",
            "",
            of_one("segmentUpdate", ", expectedVersion: 1"),
        ),
        (
            "Mutation.segmentSnapshot",
            "",
            of_one("segmentSnapshot", r#", name: """#),
        ),
        ("Mutation.segmentRemove", "", of_one("segmentRemove", "")),
    ]
    .map(|(field, about, document)| Question {
        field,
        about,
        document,
    })
    .into()
}

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let owner = theirs.owner().await;
    let segment = made(&owner, "他们的", json!({ "neverPaid": true })).await;
    let id = json!({ "id": segment["id"] });
    vec![
        (
            "Query.segment",
            "query($id: ID!) { segment(id: $id) { id } }",
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
            "Query.segmentPreview",
            "query($id: ID!) { segmentPreview(rules: { snapshotIds: [$id] }) { size } }",
            id.clone(),
            "BAD_USER_INPUT",
        ),
        (
            "Mutation.segmentCreate",
            "mutation($id: ID!) { segmentCreate(input: { name: \"x\", rules: { snapshotIds: [$id] } }) \
                { segment { id } userErrors { code } } }",
            id.clone(),
            "INVALID",
        ),
        (
            "Mutation.segmentUpdate",
            "mutation($id: ID!) { segmentUpdate(input: { id: $id, expectedVersion: 1, name: \"x\" }) \
                { segment { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.segmentSnapshot",
            "mutation($id: ID!) { segmentSnapshot(input: { id: $id, name: \"x\" }) \
                { segment { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.segmentRemove",
            "mutation($id: ID!) { segmentRemove(input: { id: $id }) { segment { id } userErrors { code } } }",
            id,
            "NOT_FOUND",
        ),
    ]
}
