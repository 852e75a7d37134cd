//! Who may ask how channels are, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::{Merchant, World};

/// Every root field of channels' health, and how it is asked.
pub async fn questions(world: &World, merchant: &Merchant) -> Vec<Question> {
    let change = changed(world, merchant).await;
    [
        (
            "Query.node",
            "(channelHealthChange)",
            format!(r#"{{ node(id: "{change}") {{ id }} }}"#),
        ),
        (
            "Subscription.channelHealthChanged",
            "",
            r#"subscription { channelHealthChanged(after: "e0") { cursor } }"#.to_owned(),
        ),
    ]
    .map(|(field, about, document)| Question {
        field,
        about,
        document,
    })
    .into()
}

/// Root fields that take an id of something in a filter: nothing is found there, as `health::live` shows.
pub const FILTERED: [&str; 1] = ["Subscription.channelHealthChanged"];

/// What is asked about another merchant's, and the code of the answer.
pub async fn strange(
    world: &World,
    theirs: &Merchant,
) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let id = changed(world, theirs).await;
    vec![(
        "Query.node",
        "query($id: ID!) { node(id: $id) { id } }",
        json!({ "id": id }),
        "NOT_FOUND",
    )]
}

/// A change of the health of the merchant's channel.
async fn changed(world: &World, merchant: &Merchant) -> String {
    merchant.tries(1, "宫保鸡丁").await;
    world.judged().await;
    let document =
        "query($id: ID!) { channel(id: $id) { healthHistory { edges { node { id } } } } }";
    let id = json!({ "id": merchant.channel_id.to_string() });
    let answer = merchant.owner().await.data(document, id).await;
    let change = &answer["channel"]["healthHistory"]["edges"][0]["node"]["id"];
    change.as_str().expect("an id").to_owned()
}
