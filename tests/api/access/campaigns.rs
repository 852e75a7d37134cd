//! Who may see, make and change campaigns, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::campaigns::made;
use crate::everywhere;
use crate::support::Merchant;

/// What each mutation of one campaign wants beside its id: nothing that changes it.
const OF_ONE: [(&str, &str, &str); 5] = [
    (
        "Mutation.campaignUpdate",
        "campaignUpdate",
        ", expectedVersion: 1",
    ),
    (
        "Mutation.campaignActivate",
        "campaignActivate",
        ", expectedVersion: 0",
    ),
    ("Mutation.campaignPause", "campaignPause", ""),
    (
        "Mutation.campaignDuplicate",
        "campaignDuplicate",
        ", name: \"\"",
    ),
    ("Mutation.campaignEnd", "campaignEnd", ""),
];

/// Every root field of campaigns, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let campaign = made(&merchant.owner().await, json!({})).await;
    let id = campaign["id"].as_str().expect("an id");
    let ask = |field: &'static str, about: &'static str, document: String| Question {
        field,
        about,
        document,
    };
    let mut questions = vec![
        ask(
            "Query.campaign",
            "",
            format!(r#"{{ campaign(id: "{id}") {{ id }} }}"#),
        ),
        ask(
            "Query.campaigns",
            "",
            "{ campaigns { totalCount } }".to_owned(),
        ),
        ask(
            "Query.node",
            "(campaign)",
            format!(r#"{{ node(id: "{id}") {{ id }} }}"#),
        ),
        ask(
            "Query.campaignSimulate",
            "",
            format!(
                r#"{{ campaignSimulate(input: {{ rules: {{ campaignId: "{id}" }}, days: 1 }}) {{ orders }} }}"#
            ),
        ),
        ask(
            "Mutation.campaignCreate",
            "",
            r#"mutation { campaignCreate(input: { name: "", rules: { benefit: { cash: { off:
                { amount: "1", currency: "CNY" } } } } }) { userErrors { code } } }"#
                .to_owned(),
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
    let campaign = made(&theirs.owner().await, json!({})).await;
    let id = json!({ "id": campaign["id"] });
    let channel = json!({ "id": theirs.channel_id.to_string() });
    vec![
        (
            "Query.campaign",
            "query($id: ID!) { campaign(id: $id) { id } }",
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
            "Query.campaignSimulate",
            "query($id: ID!) { campaignSimulate(input: { rules: { campaignId: $id } }) { orders } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.campaignCreate",
            "mutation($id: ID!) { campaignCreate(input: { name: \"满减\", rules: { scope: { channelIds: [$id] }, \
                benefit: { cash: { off: { amount: \"1\", currency: \"CNY\" } } } } }) \
                { campaign { id } userErrors { code } } }",
            channel,
            "INVALID",
        ),
        (
            "Mutation.campaignUpdate",
            "mutation($id: ID!) { campaignUpdate(input: { id: $id, expectedVersion: 1, name: \"x\" }) \
                { campaign { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.campaignActivate",
            "mutation($id: ID!) { campaignActivate(input: { id: $id }) { campaign { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.campaignPause",
            "mutation($id: ID!) { campaignPause(input: { id: $id }) { campaign { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.campaignEnd",
            "mutation($id: ID!) { campaignEnd(input: { id: $id }) { campaign { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.campaignDuplicate",
            "mutation($id: ID!) { campaignDuplicate(input: { id: $id, name: \"x\" }) \
                { campaign { id } userErrors { code } } }",
            id,
            "NOT_FOUND",
        ),
    ]
}

everywhere! {
    async fn nothing_of_another_merchants_campaigns_is_listed_or_given(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let campaign = made(&theirs.owner().await, json!({})).await;
        crate::campaigns::done(&theirs.owner().await, "campaignActivate", json!({ "id": campaign["id"] })).await;
        let owner = ours.owner().await;
        let seen = owner.data("{ campaigns { totalCount edges { cursor } } }", Value::Null).await;
        assert_eq!(seen["campaigns"], json!({ "totalCount": 0, "edges": [] }));
        let app = world.app();
        let shown = async |merchant| {
            yigate::campaigns::service::shown(app, merchant).await.expect("the database answers").len()
        };
        assert_eq!((shown(ours.id).await, shown(theirs.id).await), (0, 1));
    }
}
