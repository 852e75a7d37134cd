//! Trusted documents: manifests of clients' builds, run by their ids.

use std::path::PathBuf;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use yigate::app::App;
use yigate::channels::providers::epay::Reach;
use yigate::clock::Ids;
use yigate::server;

use super::{get, post, sha256};
use crate::support::{Client, World, next};

const NAME: &str = "query Name { __typename }";
const ORDERS: &str = "query Orders($n: Int = 1) { orders(first: $n) { totalCount } }";

/// Writes a manifest into a world's folder.
fn manifest(world: &World, name: &str, text: &str) -> PathBuf {
    let path = world.directory().join(name);
    std::fs::write(&path, text).expect("a manifest");
    path
}

/// A gateway that trusts what `relay-compiler`, graphql-codegen and Apollo's tools wrote.
async fn trusting(only: bool) -> World {
    let world = World::on_sqlite().await;
    let relay = json!({ "5d41402abc4b2a76b9719d911017c592": NAME });
    let codegen = json!({ sha256(ORDERS): ORDERS });
    let apollo = json!({
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{ "id": "live", "name": "Live", "type": "subscription",
            "body": "subscription Live { orderCreated { cursor } }" }],
    });
    let manifests = vec![
        manifest(&world, "relay.json", &relay.to_string()),
        manifest(&world, "codegen.json", &codegen.to_string()),
        manifest(&world, "apollo.json", &apollo.to_string()),
    ];
    let world = world.with_settings(|settings| {
        settings.documents.manifests = manifests;
        settings.documents.only_trusted = only;
    });
    world.await.listening().await
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("none")
}

#[tokio::test]
async fn a_document_of_a_manifest_runs_by_its_id() {
    let world = trusting(false).await;
    let hash = sha256(ORDERS);
    for (asked, expected) in [
        (
            json!({ "documentId": "5d41402abc4b2a76b9719d911017c592" }),
            "none",
        ),
        (json!({ "documentId": hash }), "UNAUTHENTICATED"),
        (
            json!({ "documentId": format!("sha256:{hash}") }),
            "UNAUTHENTICATED",
        ),
        (
            json!({ "documentId": format!("sha256:{}", sha256(NAME)) }),
            "none",
        ),
        (
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } }),
            "UNAUTHENTICATED",
        ),
        (
            json!({ "documentId": hash, "variables": { "n": "x" } }),
            "BAD_USER_INPUT",
        ),
        (json!({ "documentId": "nothing" }), "DOCUMENT_NOT_TRUSTED"),
        (
            json!({ "documentId": hash, "query": ORDERS }),
            "BAD_USER_INPUT",
        ),
        // Others run, too.
        (json!({ "query": "{ a: __typename }" }), "none"),
    ] {
        let answer = post(&world, &asked).await;
        assert_eq!(code(&answer), expected, "{asked}: {answer:#}");
    }
    let by_get = get(
        &world,
        &[("documentId", "5d41402abc4b2a76b9719d911017c592")],
    )
    .await;
    assert_eq!(by_get["data"]["__typename"], "Query");
}

#[tokio::test]
async fn a_gateway_may_execute_nothing_else() {
    let world = trusting(true).await;
    let strange = "{ a: __typename }";
    for asked in [
        json!({ "query": strange }),
        json!({ "query": "{ __schema { queryType { name } } }" }),
        json!({ "query": "not even a document {" }),
        json!({ "documentId": "nothing" }),
        json!({ "documentId": format!("sha256:{}", sha256(strange)) }),
        json!({ "query": strange, "extensions": {
            "persistedQuery": { "version": 1, "sha256Hash": sha256(strange) } } }),
        json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": sha256(strange) } } }),
    ] {
        let answer = post(&world, &asked).await;
        assert_eq!(code(&answer), "DOCUMENT_NOT_TRUSTED", "{asked}: {answer:#}");
    }
    let by_get = get(&world, &[("query", strange)]).await;
    assert_eq!(code(&by_get), "DOCUMENT_NOT_TRUSTED");
    let client = Client::anonymous(world.gateway.clone());
    let followed = "subscription { orderUpdated { cursor } }";
    let told = next(&mut client.subscribe(followed, json!({}))).await;
    assert_eq!(code(&told), "DOCUMENT_NOT_TRUSTED");
    let (_, message) = client.in_chinese().error(strange, json!({})).await;
    assert_eq!(message, "仅可执行受信任清单中的文档，请使用其编号。");
    // What is trusted runs by its id and, to the letter, by its text.
    for asked in [
        json!({ "documentId": "5d41402abc4b2a76b9719d911017c592" }),
        json!({ "query": NAME }),
    ] {
        let answer = post(&world, &asked).await;
        assert_eq!(answer["data"]["__typename"], "Query", "{answer:#}");
    }
}

#[tokio::test]
async fn a_manifest_that_cannot_be_used_stops_the_start_and_says_why() {
    let world = World::on_sqlite().await;
    let nested = format!(
        "{{ nodes(ids: {}{}) {{ id }} }}",
        "[".repeat(100),
        "]".repeat(100)
    );
    for (name, text, reasons) in [
        (
            "broken.json",
            "{".to_owned(),
            vec!["broken.json", "is no manifest"],
        ),
        (
            "list.json",
            "[]".to_owned(),
            vec!["list.json", "is no manifest"],
        ),
        (
            "number.json",
            json!({ "a": 1 }).to_string(),
            vec!["number.json", "`a` is no text"],
        ),
        (
            "unknown.json",
            json!({ "good": NAME, "bad": "{ nothing }" }).to_string(),
            vec!["unknown.json", "`bad`", "nothing"],
        ),
        (
            "deep.json",
            json!({ "deep": nested }).to_string(),
            vec!["deep.json", "`deep`", "nests at most 40"],
        ),
        (
            "missing.json",
            String::new(),
            vec!["missing.json", "cannot be read"],
        ),
    ] {
        let path = if text.is_empty() {
            world.directory().join(name)
        } else {
            manifest(&world, name, &text)
        };
        let said = refusal(&world, vec![path]).await;
        assert!(
            said.starts_with("setting `documents.manifests`: "),
            "{said}"
        );
        for reason in reasons {
            assert!(said.contains(reason), "{name}: {said}");
        }
    }
    let one = manifest(&world, "one.json", &json!({ "id": NAME }).to_string());
    let other = manifest(&world, "other.json", &json!({ "id": ORDERS }).to_string());
    let said = refusal(&world, vec![one, other]).await;
    assert!(
        said.contains("other.json") && said.contains("`id`"),
        "{said}"
    );
}

/// Why a gateway does not start with these manifests.
async fn refusal(world: &World, manifests: Vec<PathBuf>) -> String {
    let mut settings = world.app().settings.clone();
    settings.documents.manifests = manifests;
    let ids = Ids::new(world.clock.clone(), None);
    let app = App::start(settings, world.clock.clone(), ids)
        .await
        .expect("an app");
    let refused = server::gateway(&app, Reach::Anywhere).await;
    let said = refused.expect_err("it does not start").to_string();
    app.stop().await;
    said
}

#[test]
fn the_tests_hash_is_sha256() {
    assert_eq!(
        HEXLOWER
            .decode(sha256("").as_bytes())
            .expect("digits")
            .len(),
        32
    );
    assert!(sha256("").starts_with("e3b0c44298fc1c14"));
}
