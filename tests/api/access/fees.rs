//! Who may ask about fees, and set their rules.

use serde_json::Value;

use super::Question;
use crate::support::Merchant;

/// Every root field of fees, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let rule = rule(merchant).await;
    let channel = merchant.channel_id;
    [
        ("Query.feeRules", "", "{ feeRules { id } }".to_owned()),
        (
            "Query.feeQuote",
            "",
            format!(
                r#"{{ feeQuote(input: {{ channelId: "{channel}",
                    amount: {{ amount: "1.00", currency: "CNY" }} }}) {{ rate }} }}"#
            ),
        ),
        ("Query.fees", "", "{ fees { edges { cursor } } }".to_owned()),
        (
            "Query.feeStatement",
            "",
            r#"{ feeStatement(month: "2026-11-01") { from } }"#.to_owned(),
        ),
        (
            "Query.feeDifferences",
            "",
            "{ feeDifferences(range: { preset: TODAY }) { edges { cursor } } }".to_owned(),
        ),
        (
            "Query.node",
            "(feeRule)",
            format!(r#"{{ node(id: "{rule}") {{ id }} }}"#),
        ),
        (
            "Mutation.feeRuleSet",
            "",
            r#"mutation { feeRuleSet(input: { name: "", rate: "0" }) { userErrors { code } } }"#
                .to_owned(),
        ),
    ]
    .map(|(field, about, document)| Question {
        field,
        about,
        document,
    })
    .into()
}

/// A version of a rule of the merchant.
async fn rule(merchant: &Merchant) -> String {
    let set = "mutation { feeRuleSet(input: { name: \"全部\", rate: \"0\" }) { feeRule { id } } }";
    let made = merchant.owner().await.data(set, Value::Null).await;
    let id = made["feeRuleSet"]["feeRule"]["id"].as_str();
    id.expect("an id").to_owned()
}
