//! Guesses of one account's password at once, on two instances: no more slip past than one after the other.

use serde_json::json;

use super::{Two, at_once};
use crate::support::Client;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_once_are_counted_before_any_is_looked_at() {
    let Some(two) = Two::start().await else {
        return;
    };
    let document = "mutation ($email: String!) { signIn(input: { email: $email, password: \"guess\" }) \
        { userErrors { code } } }";
    for email in ["owner@shop.example", "nobody@shop.example"] {
        let answers = at_once((0..24).map(|turn| {
            let nobody = Client::anonymous(two.by_turns(turn).gateway().clone());
            async move { nobody.ask(document, json!({ "email": email })).await }
        }))
        .await;
        let mut tried = 0;
        for answer in &answers {
            let refused = answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED";
            let wrong = answer["data"]["signIn"]["userErrors"][0]["code"] == "WRONG_CREDENTIALS";
            assert!(refused != wrong, "{answer}");
            tried += usize::from(wrong);
        }
        // Three are free; the fourth is the one that makes the rest wait.
        assert_eq!(tried, 4, "{email}");
    }
}
