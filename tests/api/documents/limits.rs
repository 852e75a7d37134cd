//! The guard over HTTP: each setting at its limit and one above, and what the usual tools send.

use serde_json::{Value, json};

use yigate::graphql::request::Params;

use super::{INTROSPECTION, nobody, post};
use crate::schema::root;
use crate::support::World;

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("none")
}

#[tokio::test]
async fn each_setting_lets_its_figure_through_and_not_one_more() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| {
            settings.documents.max_bytes = 400;
            settings.documents.max_tokens = 60;
            settings.documents.max_nesting = 6;
            settings.documents.max_depth = 4;
            settings.documents.max_fields = 16;
            settings.documents.max_aliases = 3;
            settings.documents.max_directives = 2;
            settings.documents.max_roots = 5;
            settings.documents.max_fragments = 2;
            settings.documents.max_cost = 40;
        })
        .await
        .listening()
        .await;
    let name = "__typename ";
    let fragment = |no: usize| format!(" fragment F{no} on Query {{ __typename }}");
    for (what, at, above) in [
        (
            "bytes",
            format!("{{ {name}}}{}", " ".repeat(386)),
            format!("{{ {name}}}{}", " ".repeat(387)),
        ),
        (
            "tokens",
            format!("{{ channels(x: [{}]) {{ id }} }}", "1 ".repeat(48)),
            format!("{{ channels(x: [{}]) {{ id }} }}", "1 ".repeat(49)),
        ),
        (
            "nesting",
            "{ ... { ... { ... { ... { ... { __typename } } } } } }".to_owned(),
            "{ ... { ... { ... { ... { ... { ... { __typename } } } } } } }".to_owned(),
        ),
        (
            "depth",
            "{ order(by: { orderNo: \"1\" }) { channel { a { b } } } }".to_owned(),
            "{ order(by: { orderNo: \"1\" }) { channel { a { b { c } } } } }".to_owned(),
        ),
        (
            "fields",
            format!("{{ merchant {{ {} }} }}", name.repeat(15)),
            format!("{{ merchant {{ {} }} }}", name.repeat(16)),
        ),
        (
            "aliases",
            format!("{{ a: {name} b: {name} c: {name} }}"),
            format!("{{ a: {name} b: {name} c: {name} d: {name} }}"),
        ),
        (
            "directives",
            format!("{{ {name} @skip(if: false) @include(if: true) }}"),
            format!(
                "{{ {name} @skip(if: false) @include(if: true) ... @skip(if: true) {{ {name} }} }}"
            ),
        ),
        (
            "roots",
            format!("{{ {} }}", name.repeat(5)),
            format!("{{ {} }}", name.repeat(6)),
        ),
        (
            "fragments",
            format!("{{ ...F0 ...F1 }}{}{}", fragment(0), fragment(1)),
            format!(
                "{{ ...F0 ...F1 ...F2 }}{}{}{}",
                fragment(0),
                fragment(1),
                fragment(2)
            ),
        ),
        (
            "cost",
            "{ orders(first: 39) { edges { cursor } } }".to_owned(),
            "{ orders(first: 40) { edges { cursor } } }".to_owned(),
        ),
    ] {
        let passes = post(&world, &json!({ "query": at })).await;
        assert_ne!(code(&passes), "LIMIT_EXCEEDED", "{what}: {passes:#}");
        let refused = post(&world, &json!({ "query": above })).await;
        assert_eq!(code(&refused), "LIMIT_EXCEEDED", "{what}: {refused:#}");
    }
}

#[tokio::test]
async fn a_document_logs_in_once() {
    let world = World::on_sqlite().await.listening().await;
    let sign_in =
        "signIn(input: { email: \"a@b.example\", password: \"x\" }) { userErrors { code } }";
    let refresh = "tokenRefresh(input: { refreshToken: \"x\" }) { userErrors { code } }";
    let once = post(
        &world,
        &json!({ "query": format!("mutation {{ {sign_in} }}") }),
    )
    .await;
    assert_eq!(once["errors"], Value::Null, "{once:#}");
    for twice in [
        format!("mutation {{ a: {sign_in} b: {sign_in} }}"),
        format!("mutation {{ {sign_in} {refresh} }}"),
        format!("mutation A {{ {sign_in} }} mutation B {{ {refresh} }}"),
        format!(
            "mutation {{ ...F ... {{ b: {sign_in} }} }} fragment F on Mutation {{ {sign_in} }}"
        ),
    ] {
        let body = json!({ "query": twice, "operationName": "A" });
        let answer = post(&world, &body).await;
        assert_eq!(code(&answer), "LIMIT_EXCEEDED", "{twice}");
    }
}

#[tokio::test]
async fn a_batch_is_refused() {
    let world = World::on_sqlite().await.listening().await;
    let one = json!({ "query": "{ __typename }" });
    let answer = post(&world, &json!([one, one])).await;
    assert_eq!(code(&answer), "BAD_USER_INPUT");
}

#[tokio::test]
async fn what_tools_ask_for_the_schema_passes_the_defaults() {
    let world = World::on_sqlite().await.listening().await;
    // As old versions of the tools ask: `ofType` seven deep, nine deep.
    let of_type = |depth: usize| {
        format!(
            "{} kind name {}",
            "kind name ofType { ".repeat(depth),
            "}".repeat(depth)
        )
    };
    let older = |depth| {
        format!(
            "query IntrospectionQuery {{ __schema {{ queryType {{ name }} types {{ ...FullType }}
             directives {{ name locations args {{ ...InputValue }} }} }} }}
             fragment FullType on __Type {{ kind name description
               fields(includeDeprecated: true) {{ name args {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated }}
               inputFields {{ ...InputValue }} interfaces {{ ...TypeRef }}
               enumValues(includeDeprecated: true) {{ name }} possibleTypes {{ ...TypeRef }} }}
             fragment InputValue on __InputValue {{ name type {{ ...TypeRef }} defaultValue }}
             fragment TypeRef on __Type {{ {} }}",
            of_type(depth)
        )
    };
    for document in [INTROSPECTION.to_owned(), older(7), older(9)] {
        let answer = post(&world, &json!({ "query": document })).await;
        assert_eq!(answer["errors"], Value::Null, "{:#}", answer["errors"]);
        assert_eq!(answer["data"]["__schema"]["queryType"]["name"], "Query");
    }
}

#[tokio::test]
async fn the_examples_of_graphiql_pass_the_defaults() {
    let world = World::on_sqlite().await;
    let folder = root().join("graphiql/examples");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the examples").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|end| end != "graphql") {
            continue;
        }
        let document = std::fs::read_to_string(&path).expect("an example");
        let variables = std::fs::read(path.with_extension("variables.json"));
        let variables = variables.map_or(json!({}), |text| {
            serde_json::from_slice(&text).expect("variables")
        });
        let params = Params::of_query(document).with_variables(variables);
        let prepared = world.gateway.prepare(params, &nobody()).await;
        let prepared = prepared.map_err(|refused| refused.errors);
        let prepared = prepared.unwrap_or_else(|errors| panic!("{}: {errors:?}", path.display()));
        println!("{} costs {}", path.display(), prepared.cost());
        count += 1;
    }
    assert!(count > 3, "the examples are there");
}
