//! Who may see, set and give tiers, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;
use crate::tiers::{set, sold};

/// Every root field of tiers, and how it is asked: so that nothing changes.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let tier = set(merchant, json!({ "rank": 9, "name": "体验卡" })).await;
    let id = tier["id"].as_str().expect("an id");
    sold(merchant, "T-1", "1.00").await;
    [
        ("Query.tiers", "", "{ tiers { id } }".to_owned()),
        ("Query.node", "(tier)", format!(r#"{{ node(id: "{id}") {{ id }} }}"#)),
        (
            "Query.memberNextTier",
            "",
            r#"{ memberNextTier(by: { memberNo: "T-1" }) { by } }"#.to_owned(),
        ),
        (
            "Mutation.tierSet",
            "",
            r#"mutation { tierSet(input: { rank: 0, name: "" }) { userErrors { code } } }"#.to_owned(),
        ),
        (
            "Mutation.tierRemove",
            "",
            format!(
                r#"mutation {{ tierRemove(input: {{ id: "{id}", expectedVersion: 0 }}) {{ userErrors {{ code }} }} }}"#
            ),
        ),
        (
            "Mutation.memberTierSet",
            "",
            r#"mutation { memberTierSet(input: { member: { memberNo: "T-1" }, reason: "" }) { userErrors { code } } }"#
                .to_owned(),
        ),
    ]
    .map(|(field, about, document)| Question { field, about, document })
    .into()
}

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(
    ours: &Merchant,
    theirs: &Merchant,
) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let tier = set(theirs, json!({ "rank": 9, "name": "体验卡" })).await;
    let id = json!({ "id": tier["id"] });
    sold(theirs, "T-1", "1.00").await;
    let member = crate::tiers::seen(theirs, "T-1", "id").await;
    let member = json!({ "by": { "id": member["id"] } });
    sold(ours, "T-2", "1.00").await;
    vec![
        (
            "Query.node",
            "query($id: ID!) { node(id: $id) { id } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Query.memberNextTier",
            "query($by: MemberByInput!) { memberNextTier(by: $by) { by } }",
            member.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.tierSet",
            "mutation($id: ID!) { tierSet(input: { id: $id, expectedVersion: 1, rank: 9, name: \"x\" }) \
                { tier { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.tierRemove",
            "mutation($id: ID!) { tierRemove(input: { id: $id, expectedVersion: 1 }) \
                { tier { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.memberTierSet",
            "mutation($id: ID!) { memberTierSet(input: { member: { memberNo: \"T-2\" }, tierId: $id, reason: \"x\" }) \
                { member { id } userErrors { code } } }",
            id,
            "TIER_NOT_FOUND",
        ),
        (
            "Mutation.memberTierSet",
            "mutation($by: MemberByInput!) { memberTierSet(input: { member: $by, reason: \"x\" }) \
                { member { id } userErrors { code } } }",
            member,
            "MEMBER_NOT_FOUND",
        ),
    ]
}
