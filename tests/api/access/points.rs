//! Who may see and move points, and that nobody reaches another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;

/// Every root field of points, and how it is asked.
pub fn questions() -> Vec<Question> {
    let cny = |amount: &str| format!(r#"{{ amount: "{amount}", currency: "CNY" }}"#);
    let (per, worth) = (cny("1.00"), cny("1.00"));
    let set = format!(
        "mutation {{ pointsProgramSet(input: {{ expectedVersion: 9, earn: {{ points: 1, per: {per} }}, \
         pay: {{ enabled: true, points: 100, worth: {worth}, maxShare: \"1\" }}, adjustLimit: 1 }}) \
         {{ userErrors {{ code }} }} }}"
    );
    [
        ("Query.pointsProgram", "{ pointsProgram { version } }".to_owned()),
        ("Query.pointsEntries", "{ pointsEntries { edges { cursor } } }".to_owned()),
        ("Query.pointsExpiring", "{ pointsExpiring { edges { cursor } } }".to_owned()),
        ("Query.pointsLiability", "{ pointsLiability { points } }".to_owned()),
        ("Mutation.pointsProgramSet", set),
        (
            "Mutation.pointsAdjust",
            r#"mutation { pointsAdjust(input: { idempotencyKey: "adjust-key", member: { memberNo: "nobody" },
                points: 1, reason: "x" }) { userErrors { code } } }"#
                .to_owned(),
        ),
    ]
    .map(|(field, document)| Question {
        field,
        about: "",
        document,
    })
    .into()
}

/// How another merchant's points are asked for, and what that answers.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    theirs
        .order_with("36.00", json!({ "memberNo": "POINTS" }))
        .await;
    let owner = theirs.owner().await;
    let asked = "{ member(by: { memberNo: \"POINTS\" }) { id } }";
    let member = owner.data(asked, Value::Null).await["member"]["id"].clone();
    vec![(
        "Mutation.pointsAdjust",
        "mutation($id: ID!) { pointsAdjust(input: { idempotencyKey: \"adjust-key\", member: { id: $id }, \
            points: 1, reason: \"x\" }) { member { id } userErrors { code } } }",
        json!({ "id": member }),
        "MEMBER_NOT_FOUND",
    )]
}
