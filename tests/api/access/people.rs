//! Who may invite colleagues, decide about them and read the audit log, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::audit::log;
use crate::support::Merchant;

const INVITE: &str = "mutation($email: String!) { staffInvite(input: { email: $email, role: VIEWER }) { \
    invitation { id } token userErrors { code } } }";

/// An invitation of a merchant, and the audit entry that tells of it.
async fn things(merchant: &Merchant) -> (String, String) {
    let owner = merchant.owner().await;
    let invited = json!({ "email": "new@shop.example" });
    let invited = owner.data(INVITE, invited).await["staffInvite"]["invitation"]["id"].clone();
    let invitation = invited.as_str().expect("an id").to_owned();
    let entries = log(&owner, json!({ "target": invitation })).await;
    let entry = entries[0]["id"].as_str().expect("an id").to_owned();
    (invitation, entry)
}

/// Every root field of people and of what they did, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let (invitation, entry) = things(merchant).await;
    let mutation = |field: &str, input: &str| {
        format!("mutation {{ {field}(input: {{ {input} }}) {{ userErrors {{ code }} }} }}")
    };
    let node = |id: &str| format!(r#"{{ node(id: "{id}") {{ id }} }}"#);
    [
        (
            "Query.staffInvitations",
            "",
            "{ staffInvitations { id } }".to_owned(),
        ),
        (
            "Query.auditLog",
            "",
            "{ auditLog { edges { cursor } } }".to_owned(),
        ),
        ("Query.node", "(staffInvitation)", node(&invitation)),
        ("Query.node", "(auditEntry)", node(&entry)),
        (
            "Mutation.staffInvite",
            "",
            mutation("staffInvite", r#"email: "no", role: VIEWER"#),
        ),
        (
            "Mutation.staffInvitationRevoke",
            "",
            mutation("staffInvitationRevoke", r#"id: "no""#),
        ),
        (
            "Mutation.staffInvitationAccept",
            "",
            mutation(
                "staffInvitationAccept",
                r#"token: "no", name: "x", password: "no""#,
            ),
        ),
        (
            "Mutation.staffUpdate",
            "",
            mutation("staffUpdate", r#"id: "no", role: VIEWER"#),
        ),
        (
            "Mutation.staffRemove",
            "",
            mutation("staffRemove", r#"id: "no""#),
        ),
        (
            "Mutation.staffSignOut",
            "",
            mutation("staffSignOut", r#"id: "no""#),
        ),
        (
            "Mutation.passwordChange",
            "",
            mutation(
                "passwordChange",
                r#"currentPassword: "no", newPassword: "short""#,
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

/// Root fields that take an id of something in a filter: nothing is found there; see `audit::entries`.
pub const FILTERED: [&str; 1] = ["Query.auditLog"];

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let (invitation, entry) = things(theirs).await;
    let person = theirs.staff(entity::membership::Role::Viewer).to_string();
    let of = |id: &str| json!({ "id": id });
    let node = "query($id: ID!) { node(id: $id) { id } }";
    vec![
        ("Query.node", node, of(&invitation), "NOT_FOUND"),
        ("Query.node", node, of(&entry), "NOT_FOUND"),
        (
            "Mutation.staffInvitationRevoke",
            "mutation($id: ID!) { staffInvitationRevoke(input: { id: $id }) { invitation { id } \
                userErrors { code } } }",
            of(&invitation),
            "NOT_FOUND",
        ),
        (
            "Mutation.staffUpdate",
            "mutation($id: ID!) { staffUpdate(input: { id: $id, role: OWNER }) { staff { id } \
                userErrors { code } } }",
            of(&person),
            "NOT_FOUND",
        ),
        (
            "Mutation.staffRemove",
            "mutation($id: ID!) { staffRemove(input: { id: $id }) { removedId userErrors { code } } }",
            of(&person),
            "NOT_FOUND",
        ),
        (
            "Mutation.staffSignOut",
            "mutation($id: ID!) { staffSignOut(input: { id: $id }) { staff { id } userErrors { code } } }",
            of(&person),
            "NOT_FOUND",
        ),
    ]
}
