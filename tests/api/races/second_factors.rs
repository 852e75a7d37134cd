//! One code on two instances at once, and a crowd of guesses: it is spent once, and they are counted first.

use std::collections::BTreeMap;

use entity::membership::Role;
use serde_json::json;

use super::{Two, at_once};

const RENEW: &str = "mutation($code: String!) { recoveryCodesRenew(input: { code: $code }) { \
    userErrors { code } } }";

/// How often each thing was said to many who send codes at once, by turns on two instances.
async fn told(two: &Two, codes: &[String]) -> BTreeMap<String, usize> {
    let mut clients = Vec::new();
    for turn in 0..codes.len() {
        clients.push(two.by_turns(turn).owner().await);
    }
    let asked = clients.into_iter().zip(codes.to_vec());
    let answers = at_once(asked.map(|(client, code)| async move {
        let answer = client.data(RENEW, json!({ "code": code })).await;
        let code = answer["recoveryCodesRenew"]["userErrors"][0]["code"].as_str();
        code.unwrap_or("none").to_owned()
    }))
    .await;
    let mut told = BTreeMap::new();
    for answer in answers {
        *told.entry(answer).or_default() += 1;
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_sent_by_many_at_once_is_spent_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    let device = two.here.device(Role::Owner).await;
    // Three at a time: a crowd would be blocked as one of guesses.
    for _ in 0..8 {
        let codes = vec![device.next(); 3];
        let told = told(&two, &codes).await;
        let expected = BTreeMap::from([("CODE_USED".to_owned(), 2), ("none".to_owned(), 1)]);
        assert_eq!(told, expected);
    }
    // Recovery codes as well.
    let codes = vec![device.recovery_codes[0].clone(); 3];
    let told = told(&two, &codes).await;
    assert_eq!(told.get("none"), None, "they were renewed: {told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_once_are_counted_before_any_is_looked_at() {
    let Some(two) = Two::start().await else {
        return;
    };
    let device = two.here.device(Role::Owner).await;
    let codes = vec![device.wrong(); 24];
    let told = told(&two, &codes).await;
    let expected = BTreeMap::from([
        ("SECOND_FACTOR_BLOCKED".to_owned(), 19),
        ("WRONG_CODE".to_owned(), 5),
    ]);
    assert_eq!(told, expected);
}
