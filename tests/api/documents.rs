//! Documents: what would cost too much is refused before it does, and a mutation's field runs once.

mod costs;
mod hostile;
mod limits;
mod persisted;
mod trusted;
mod validity;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use yigate::graphql::RequestInfo;
use yigate::graphql::gateway::Caller;
use yigate::locale::Locale;

use crate::everywhere;
use crate::support::instances::browser;
use crate::support::{Client, World, next};

/// What GraphiQL asks for: graphql-js 16.15, `getIntrospectionQuery` with every option on.
const INTROSPECTION: &str = include_str!("documents/introspection.graphql");

/// A document's hash, in digits.
fn sha256(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    data_encoding::HEXLOWER.encode(digest.as_ref())
}

/// Somebody who is not signed in.
fn nobody() -> Caller {
    let info = RequestInfo {
        id: "req_test".to_owned(),
        locale: Locale::En,
        ip: None,
        user_agent: None,
    };
    Caller { actor: None, info }
}

/// The answer to a body that is sent by POST.
async fn post(world: &World, body: &Value) -> Value {
    let request = browser().post(world.url("/graphql"));
    let request = request.header("content-type", "application/json");
    answer(request.body(body.to_string())).await
}

/// The answer to parameters that are sent by GET.
async fn get(world: &World, params: &[(&str, &str)]) -> Value {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(params).finish();
    answer(browser().get(world.url(&format!("/graphql?{query}")))).await
}

async fn answer(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.expect("an answer");
    let text = answer.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text:.200}"))
}

fn doubling(count: usize) -> String {
    let fragments = (0..count).map(|no| {
        let next = no + 1;
        format!("fragment f{no} on Query {{ ...f{next} ...f{next} }} ")
    });
    let fragments: String = fragments.collect();
    format!("{{ ...f0 }} {fragments} fragment f{count} on Query {{ __typename }}")
}

/// An answer, and how long it took.
async fn timed(client: &Client, document: &str) -> (Value, Duration) {
    let start = Instant::now();
    let answer = client.ask(document, json!({})).await;
    (answer, start.elapsed())
}

#[tokio::test]
async fn fragments_that_double_are_refused_at_once() {
    let world = World::on_sqlite().await;
    let client = Client::anonymous(world.gateway.clone());
    let (answer, took) = timed(&client, &doubling(49)).await;
    println!("doubling: {took:?}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
    assert!(took < Duration::from_secs(1), "{took:?}");
    let (_, message) = client.in_chinese().error(&doubling(12), json!({})).await;
    assert_eq!(
        message,
        "查询文档展开片段后，字段与片段数最多为 500，当前为 12287。"
    );
}

#[tokio::test]
async fn the_heaviest_documents_that_pass_stay_fast() {
    let world = World::on_sqlite().await;
    let client = Client::anonymous(world.gateway.clone());
    let of_types = "ofType { ".repeat(15);
    let deepest = format!(
        "{{ __schema {{ types {{ fields {{ type {{ {of_types} name {} }}",
        "} ".repeat(19)
    );
    let nested = format!(
        "{{ {} __typename {} }}",
        "... { ".repeat(38),
        "} ".repeat(38)
    );
    let chained = (0..19).map(|no| format!("fragment f{no} on Query {{ ...f{} }} ", no + 1));
    let chained: String = chained.collect();
    let chained = format!("{{ ...f0 }} {chained} fragment f19 on Query {{ __typename }}");
    let wide = format!("{{ __schema {{ {} }} }}", "...F ".repeat(25));
    let wide = format!(
        "{wide} fragment F on __Schema {{ {} }}",
        "description ".repeat(18)
    );
    let unknown = format!("{{ __schema {{ {} }} }}", "nothing ".repeat(490));
    for (name, document) in [
        ("deepest", &deepest),
        ("nested", &nested),
        ("chained", &chained),
        ("wide", &wide),
        ("unknown", &unknown),
    ] {
        let (answer, took) = timed(&client, document).await;
        println!("{name}: {took:?}");
        assert!(took < Duration::from_secs(3), "{name} {took:?}");
        let errors = answer["errors"].as_array().map_or(0, Vec::len);
        assert_eq!(
            errors,
            if name == "unknown" { 20 } else { 0 },
            "{name} {answer:#}"
        );
    }
}

#[tokio::test]
async fn the_introspection_query_passes() {
    let world = World::on_sqlite().await;
    let client = Client::anonymous(world.gateway.clone());
    let data = client.data(INTROSPECTION, json!({})).await;
    assert_eq!(data["__schema"]["queryType"]["name"], "Query");
    let twice_over =
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(
        client.error(twice_over, json!({})).await.0,
        "LIMIT_EXCEEDED"
    );
}

#[tokio::test]
async fn what_lies_deep_is_answered_with_an_error() {
    let world = World::on_sqlite().await.listening().await;
    let client = Client::anonymous(world.gateway.clone());
    let (open, close) = ("[".repeat(2_000), "]".repeat(2_000));
    for document in [
        format!("{{ nodes(ids: {open}{close}) {{ id }} }}"),
        format!(r#"{{ node(id: """\\""" """, c: {open}{close}) {{ id }} }}"#),
        format!("query($a: {open}ID{close}) {{ __typename }}"),
        format!("query($a: ID = {open}{close}) {{ __typename }}"),
        format!("{{ __typename @skip(if: {open}{close}) }}"),
        format!("{}{}", "{ node ".repeat(2_000), "}".repeat(2_000)),
    ] {
        assert_eq!(
            client.error(&document, json!({})).await.0,
            "LIMIT_EXCEEDED",
            "{document:.60}"
        );
    }
    let depths = [(2_000, "`body`"), (126, "")];
    for (depth, message) in depths {
        let variables = format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        let query = "query($a: [ID!]!) { nodes(ids: $a) { id } }";
        let body = format!(r#"{{"query":"{query}","variables":{variables}}}"#);
        let request = crate::support::instances::browser().post(world.url("/graphql"));
        let request = request
            .header("content-type", "application/json")
            .body(body);
        let answer = request
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("a body");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        assert!(
            error["message"]
                .as_str()
                .expect("a message")
                .contains(message),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_subscription_follows_one_field() {
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = merchant.owner().await;
    let two = "subscription { a: orderUpdated { cursor } b: orderUpdated { cursor } }";
    let answer = next(&mut owner.subscribe(two, json!({}))).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(
        answer["errors"][0]["message"],
        "`query`: a subscription follows one field; send one subscription for each."
    );
}

everywhere! {
    async fn a_field_that_a_mutation_selects_twice_is_executed_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        for document in [
            "mutation($x: OrderFulfillInput!) {
                orderFulfill(input: $x) { order { id } userErrors { code } }
                orderFulfill(input: $x) { order { fulfillmentState } } }",
            "mutation($x: OrderFulfillInput!) { ...A ... on Mutation { ...B } }
             fragment A on Mutation { orderFulfill(input: $x) { order { id } userErrors { code } } }
             fragment B on Mutation { ...A orderFulfill(input: $x) { order { fulfillmentState } } }",
        ] {
            let order = merchant.paid_order("36.00").await;
            let input = json!({ "x": { "orderId": order.id.to_string() } });
            let answer = owner.data(document, input).await;
            assert_eq!(answer["orderFulfill"], json!({
                "order": { "id": order.id.to_string(), "fulfillmentState": "FULFILLED" },
                "userErrors": [],
            }));
            let delivered = order.timeline().await;
            assert_eq!(delivered, ["CREATED", "PAYMENT_REQUESTED", "PAID", "FULFILLED"]);
        }
    }

    async fn one_key_for_two_deliveries_is_refused(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let order = merchant.paid_order("36.00").await;
        let id = order.id.to_string();
        let deliver = |more: &str| format!("orderFulfill(input: {{ orderId: \"{id}\"{more} }})");
        for (one, other) in [
            (deliver(""), deliver(", carrier: \"x\"")),
            (deliver(""), format!("orderFulfill: {}", deliver("").replace("Fulfill", "Close"))),
            (deliver(""), format!("{} @skip(if: $no)", deliver(""))),
        ] {
            let document = format!("mutation($no: Boolean = false) {{ {one} {{ order {{ id }} }} {other} {{ order {{ id }} }} }}");
            let (code, message) = owner.error(&document, json!({})).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.starts_with("`orderFulfill`: "), "{message}");
        }
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "PAID"]);
    }

    async fn a_field_under_a_directive_keeps_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let order = merchant.paid_order("36.00").await;
        let document = "mutation($x: OrderFulfillInput!, $now: Boolean!) { ...A @include(if: $now) }
             fragment A on Mutation { orderFulfill(input: $x) { order { id } } __typename }";
        let ask = |now| json!({ "x": { "orderId": order.id.to_string() }, "now": now });
        assert_eq!(owner.data(document, ask(false)).await, json!({}));
        assert_eq!(order.timeline().await.len(), 3);
        let answer = owner.data(document, ask(true)).await;
        assert_eq!(answer["orderFulfill"]["order"]["id"], order.id.to_string());
        assert_eq!(order.timeline().await.len(), 4);
    }
}
