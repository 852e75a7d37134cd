//! Who may ask what a cart costs, and that nobody pays through another merchant's channel.

use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;

/// What a cart costs, and how it is asked.
const QUOTE: &str =
    "query($input: CheckoutQuoteInput!) { checkoutQuote(input: $input) { payable { amount } } }";

/// Every root field of the checkout, and how it is asked.
pub fn questions() -> Vec<Question> {
    let document = r#"{ checkoutQuote(input: { lines: [{ title: "宫保鸡丁", quantity: 1,
        unitPrice: { amount: "36.00", currency: "CNY" } }] }) { payable { amount } } }"#;
    vec![Question {
        field: "Query.checkoutQuote",
        about: "",
        document: document.to_owned(),
    }]
}

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let input = json!({
        "channelId": theirs.channel_id.to_string(),
        "lines": [{ "title": "宫保鸡丁", "quantity": 1,
            "unitPrice": { "amount": "36.00", "currency": "CNY" } }],
    });
    vec![(
        "Query.checkoutQuote",
        QUOTE,
        json!({ "input": input }),
        "NOT_FOUND",
    )]
}
