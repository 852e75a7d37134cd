//! Documents and variables by the letter of the specification.

use serde_json::{Value, json};

use super::post;
use crate::support::{Client, World};

#[tokio::test]
async fn what_is_not_valid_is_refused_with_its_places() {
    let world = World::on_sqlite().await.listening().await;
    for (name, document) in [
        ("an unknown field", "{\n  nothing }"),
        ("an unknown argument", "{ channels(a: 1) { id } }"),
        ("no selection", "{ channels }"),
        ("a selection of a scalar", "{ __typename { a } }"),
        ("an unused variable", "query($a: Int) { __typename }"),
        (
            "an unknown variable",
            "{ orders(first: $a) { totalCount } }",
        ),
        (
            "an unused fragment",
            "{ __typename } fragment F on Query { __typename }",
        ),
        ("an unknown type", "{ ... on Nothing { a } }"),
        (
            "a text for an enum",
            "{ orders(orderBy: { field: \"AMOUNT\" }) { totalCount } }",
        ),
        (
            "nullable in a place that is not",
            "query($a: ID) { node(id: $a) { id } }",
        ),
        ("conflicting fields", "{ channels { a: id a: name } }"),
        (
            "conflicting arguments",
            "{ orders(first: 1) { totalCount } orders(first: 2) { totalCount } }",
        ),
        ("an unknown directive", "{ __typename @nothing }"),
        ("two nameless operations", "{ __typename } { __typename }"),
        (
            "a subscription under a condition",
            "subscription { orderCreated @skip(if: true) { cursor } }",
        ),
        ("no document", ""),
        ("a definition of a type", "type A { b: Int }"),
    ] {
        // Asked twice: the verdict that is kept is the same.
        let asked = json!({ "query": document });
        let (first, second) = (post(&world, &asked).await, post(&world, &asked).await);
        let error = &first["errors"][0];
        assert_eq!(
            error["extensions"]["code"], "BAD_USER_INPUT",
            "{name}: {first:#}"
        );
        assert_eq!(error["message"], second["errors"][0]["message"], "{name}");
        assert_eq!(
            first.get("data").unwrap_or(&Value::Null),
            &Value::Null,
            "{name}"
        );
        let message = error["message"].as_str().expect("a message");
        assert!(
            !message.to_lowercase().contains("did you mean"),
            "{message}"
        );
    }
    let answer = post(&world, &json!({ "query": "{\n  nothing }" })).await;
    let places = &answer["errors"][0]["locations"];
    assert_eq!(*places, json!([{ "line": 2, "column": 3 }]), "{answer:#}");
}

#[tokio::test]
async fn what_the_library_would_refuse_wrongly_passes() {
    let world = World::on_sqlite().await;
    let client = Client::anonymous(world.gateway.clone());
    let document = "query { __type(name: \"Qu\\u0065ry\") { name } }";
    let data = client.data(document, json!({})).await;
    assert_eq!(data["__type"]["name"], "Query");
}

#[tokio::test]
async fn twenty_errors_are_told_and_not_what_was_quoted_at_length() {
    let world = World::on_sqlite().await.listening().await;
    let many: String = (0..400).map(|no| format!("f{no} ")).collect();
    let answer = post(
        &world,
        &json!({ "query": format!("{{ merchant {{ {many} }} }}") }),
    )
    .await;
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(20));
    let long = format!(
        "{{ orders(first: \"{}\") {{ totalCount }} }}",
        "x".repeat(15_000)
    );
    let answer = post(&world, &json!({ "query": long })).await;
    let message = answer["errors"][0]["message"].as_str().expect("a message");
    assert!(message.chars().count() <= 401, "{message}");
}

#[tokio::test]
async fn variables_that_cannot_be_meant_are_refused_before_anything_runs() {
    let world = World::on_sqlite().await.listening().await;
    for (name, document, variables) in [
        (
            "a text for a number",
            "query($n: Int) { orders(first: $n) { totalCount } }",
            json!({ "n": "1" }),
        ),
        (
            "a fraction",
            "query($n: Int) { orders(first: $n) { totalCount } }",
            json!({ "n": 1.5 }),
        ),
        (
            "beyond 32 bits",
            "query($n: Int) { orders(first: $n) { totalCount } }",
            json!({ "n": 4_294_967_296_u64 }),
        ),
        (
            "none where one must be",
            "query($id: ID!) { node(id: $id) { id } }",
            json!({}),
        ),
        (
            "null where one must be",
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": null }),
        ),
        (
            "an object for an id",
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": {} }),
        ),
        (
            "two of one",
            "query($by: OrderByInput!) { order(by: $by) { id } }",
            json!({ "by": { "id": "a", "orderNo": "b" } }),
        ),
        (
            "an unknown part",
            "query($by: OrderByInput!) { order(by: $by) { id } }",
            json!({ "by": { "nothing": "a" } }),
        ),
        (
            "an unknown word",
            "query($s: OrderSortInput) { orders(orderBy: $s) { totalCount } }",
            json!({ "s": { "field": "NOTHING" } }),
        ),
    ] {
        let answer = post(
            &world,
            &json!({ "query": document, "variables": variables }),
        )
        .await;
        let error = &answer["errors"][0];
        assert_eq!(
            error["extensions"]["code"], "BAD_USER_INPUT",
            "{name}: {answer:#}"
        );
        assert!(
            answer["data"].is_null() && error["path"].is_null(),
            "{name}: {answer:#}"
        );
    }
}
