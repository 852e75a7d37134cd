//! Who may make and change channels, and that nobody changes another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;

/// What each mutation of one channel wants beside the channel: nothing that changes it.
const OF_ONE: [(&str, &str); 5] = [
    ("channelUpdate", "expectedVersion: 0"),
    ("channelEnable", ""),
    ("channelDisable", ""),
    ("channelCredentialsSet", CREDENTIALS),
    ("channelRevert", "expectedVersion: 0, version: 0"),
];

const CREDENTIALS: &str = r#"expectedVersion: 0, credentials: { epayV1: {
    baseUrl: "https://pay.example.com/", pid: "1001", key: "k" } }"#;

/// Every mutation of channels, and how it is asked.
pub fn questions(merchant: &Merchant) -> Vec<Question> {
    let id = merchant.channel_id.to_string();
    let mut questions = vec![
        Question {
            field: "Mutation.channelCreate",
            about: "",
            document:
                r#"mutation { channelCreate(input: { name: "", kind: SANDBOX, method: ALIPAY })
                { userErrors { code } } }"#
                    .to_owned(),
        },
        Question {
            field: "Mutation.channelsReorder",
            about: "",
            document:
                "mutation { channelsReorder(input: { channelIds: [] }) { userErrors { code } } }"
                    .to_owned(),
        },
    ];
    questions.extend(OF_ONE.map(|(field, more)| Question {
        field: named(field),
        about: "",
        document: format!(
            r#"mutation {{ {field}(input: {{ channelId: "{id}" {more} }}) {{ userErrors {{ code }} }} }}"#
        ),
    }));
    questions
}

/// The channel of `theirs`, asked for by its id: field, document, variables, and the code that is told.
pub fn strange(theirs: &Merchant) -> Vec<(&'static str, String, Value, &'static str)> {
    let variables = json!({ "id": theirs.channel_id.to_string() });
    let one = OF_ONE.map(|(field, more)| {
        let document = format!(
            "mutation($id: ID!) {{ {field}(input: {{ channelId: $id {more} }}) \
                {{ channel {{ id }} userErrors {{ code }} }} }}"
        );
        (named(field), document, variables.clone(), "NOT_FOUND")
    });
    let order = "mutation($id: ID!) { channelsReorder(input: { channelIds: [$id] }) \
        { channels { id } userErrors { code } } }";
    let mut all = Vec::from(one);
    all.push((
        "Mutation.channelsReorder",
        order.to_owned(),
        variables,
        "NOT_FOUND",
    ));
    all
}

/// The root field of a mutation of one channel.
fn named(field: &str) -> &'static str {
    match field {
        "channelUpdate" => "Mutation.channelUpdate",
        "channelEnable" => "Mutation.channelEnable",
        "channelDisable" => "Mutation.channelDisable",
        "channelCredentialsSet" => "Mutation.channelCredentialsSet",
        _ => "Mutation.channelRevert",
    }
}
