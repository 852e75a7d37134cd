//! What was found, or made up, to hurt: the fuzzer's corpus, sent to a gateway that listens.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::post;
use crate::schema::root;
use crate::support::World;

/// The corpus: names and texts.
fn corpus() -> Vec<(String, String)> {
    let folder = root().join("fuzz/corpus/guard");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the corpus").flatten() {
        let bytes = std::fs::read(entry.path()).expect("a file");
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    found.sort();
    found
}

#[tokio::test]
async fn every_hostile_document_is_answered_and_the_gateway_lives() {
    let world = World::on_sqlite().await.listening().await;
    let corpus = corpus();
    assert!(corpus.len() >= 25, "the corpus is there");
    for (name, document) in &corpus {
        let began = Instant::now();
        let answer = post(&world, &json!({ "query": document })).await;
        let took = began.elapsed();
        let is_answer = answer.get("data").is_some() || answer["errors"].is_array();
        assert!(is_answer, "{name}: {answer:#}");
        let is_fault = |error: &Value| error["extensions"]["code"] == "INTERNAL";
        let mut errors = answer["errors"].as_array().into_iter().flatten();
        assert!(!errors.any(is_fault), "{name}: {answer:#}");
        // Far above what any takes, far below what an exponential one would.
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
    }
    let alive = post(&world, &json!({ "query": "{ __typename }" })).await;
    assert_eq!(alive["data"]["__typename"], "Query");
}
