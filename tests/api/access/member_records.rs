//! Who may import members, make two of them one, erase and hand out what names them; and that nobody does so to
//! another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;
use crate::support::coupons::asked;

/// An import of a merchant, and the member that it made.
async fn things(merchant: &Merchant) -> (String, String) {
    let fields = "memberImport { id }";
    let input =
        json!({ "idempotencyKey": "import-records", "file": { "text": "member_no\nRECORD\n" } });
    let owner = merchant.owner().await;
    let made = asked(&owner, "memberImport", fields, input).await;
    let import = made["memberImport"]["id"].as_str().expect("an id");
    let document = "{ member(by: { memberNo: \"RECORD\" }) { id } }";
    let member = owner.data(document, Value::Null).await;
    let member = member["member"]["id"].as_str().expect("an id");
    (import.to_owned(), member.to_owned())
}

/// Every root field of members' records, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let (import, member) = things(merchant).await;
    let mutation = |field: &str, input: &str| {
        format!("mutation {{ {field}(input: {{ {input} }}) {{ userErrors {{ code }} }} }}")
    };
    [
        (
            "Query.memberDuplicates",
            "",
            "{ memberDuplicates { edges { cursor } } }".to_owned(),
        ),
        (
            "Query.memberImports",
            "",
            "{ memberImports { edges { cursor } } }".to_owned(),
        ),
        // An API key needs both scopes.
        (
            "Query.memberData",
            "",
            format!(r#"{{ memberData(by: {{ id: "{member}" }}) {{ generatedAt }} }}"#),
        ),
        (
            "Query.node",
            "(memberImport)",
            format!(r#"{{ node(id: "{import}") {{ id }} }}"#),
        ),
        (
            "Mutation.memberImport",
            "",
            mutation(
                "memberImport",
                r#"idempotencyKey: "import-key", file: { text: "" }"#,
            ),
        ),
        (
            "Mutation.memberMerge",
            "",
            mutation(
                "memberMerge",
                &format!(
                    r#"idempotencyKey: "merge-key", fromId: "{member}", intoId: "{member}", expectedVersion: 1,
                        expectedFromVersion: 1"#
                ),
            ),
        ),
        (
            "Mutation.memberErase",
            "",
            mutation(
                "memberErase",
                &format!(r#"memberId: "{member}", reason: """#),
            ),
        ),
    ]
    .map(|(field, about, document)| Question {
        field,
        about,
        document,
    })
    .into()
}

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
/// Who becomes a part of whom is asked with one of `ours`, so that the other alone is not found.
pub async fn strange(
    ours: &Merchant,
    theirs: &Merchant,
) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let (import, member) = things(theirs).await;
    let (_, our_own) = things(ours).await;
    let id = json!({ "id": member });
    let merge = "mutation($key: String!, $from: ID!, $into: ID!) { memberMerge(input: { idempotencyKey: $key, \
        fromId: $from, intoId: $into, expectedVersion: 1, expectedFromVersion: 1 }) \
        { member { id } userErrors { code } } }";
    vec![
        (
            "Query.memberData",
            "query($id: ID!) { memberData(by: { id: $id }) { json } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Query.node",
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": import }),
            "NOT_FOUND",
        ),
        (
            "Mutation.memberMerge",
            merge,
            json!({ "key": "merge-from", "from": member, "into": our_own }),
            "FROM_NOT_FOUND",
        ),
        (
            "Mutation.memberMerge",
            merge,
            json!({ "key": "merge-into", "from": our_own, "into": member }),
            "INTO_NOT_FOUND",
        ),
        (
            "Mutation.memberErase",
            "mutation($id: ID!) { memberErase(input: { memberId: $id, reason: \"x\" }) \
                { member { id } userErrors { code } } }",
            id,
            "NOT_FOUND",
        ),
    ]
}
