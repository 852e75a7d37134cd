//! Who may see members, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;

/// Every root field of members, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    merchant.sold_to("M-1", "36.00").await;
    let member = merchant.member("M-1", "id").await;
    let member = member["id"].as_str().expect("an id").to_owned();
    [
        (
            "Query.member",
            "",
            r#"{ member(by: { memberNo: "M-1" }) { id } }"#.to_owned(),
        ),
        ("Query.members", "", "{ members { edges { cursor } } }".to_owned()),
        (
            "Mutation.memberCreate",
            "",
            "mutation { memberCreate(input: {}) { member { id } } }".to_owned(),
        ),
        (
            "Mutation.memberUpdate",
            "",
            format!(
                r#"mutation {{ memberUpdate(input: {{ id: "{member}", expectedVersion: 1 }}) {{ member {{ id }} }} }}"#
            ),
        ),
        (
            "Mutation.memberConsentSet",
            "",
            format!(
                r#"mutation {{ memberConsentSet(input: {{ id: "{member}", consent: true }}) {{ member {{ id }} }} }}"#
            ),
        ),
        ("Query.node", "(member)", format!(r#"{{ node(id: "{member}") {{ id }} }}"#)),
        // An API key needs both scopes.
        (
            "Mutation.exportCreate",
            "(members)",
            r#"mutation { exportCreate(input: { idempotencyKey: "create members", rows: { members: {} },
                columns: ["memberNo"], format: CSV }) { userErrors { code } } }"#
                .to_owned(),
        ),
    ]
    .map(|(field, about, document)| Question { field, about, document })
    .into()
}

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    theirs.sold_to("THEIRS", "36.00").await;
    let member = theirs.member("THEIRS", "id").await;
    let id = json!({ "id": member["id"] });
    let by = "query($by: MemberByInput!) { member(by: $by) { id } }";
    let update = "mutation($input: MemberUpdateInput!) { memberUpdate(input: $input) { member { id } \
        userErrors { code } } }";
    let consent = "mutation($input: MemberConsentSetInput!) { memberConsentSet(input: $input) { member { id } \
        userErrors { code } } }";
    vec![
        (
            "Mutation.memberUpdate",
            update,
            json!({ "input": { "id": member["id"], "expectedVersion": 1, "name": "李娜" } }),
            "NOT_FOUND",
        ),
        (
            "Mutation.memberConsentSet",
            consent,
            json!({ "input": { "id": member["id"], "consent": true } }),
            "NOT_FOUND",
        ),
        ("Query.member", by, json!({ "by": id }), "NOT_FOUND"),
        (
            "Query.member",
            by,
            json!({ "by": { "memberNo": "THEIRS" } }),
            "NOT_FOUND",
        ),
        (
            "Query.node",
            "query($id: ID!) { node(id: $id) { id } }",
            id,
            "NOT_FOUND",
        ),
    ]
}
