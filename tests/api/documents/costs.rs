//! What operations cost, and what the schema says of it.

use std::collections::HashMap;

use serde_json::{Value, json};
use yigate::graphql::request::Params;

use super::{nobody, post};
use crate::schema::root;
use crate::support::{Client, World};

/// What an operation costs.
async fn cost(world: &World, document: &str, variables: Value) -> u64 {
    let params = Params::of_query(document).with_variables(variables);
    match world.gateway.prepare(params, &nobody()).await {
        Ok(prepared) => prepared.cost(),
        Err(refused) => panic!("{document}: {:?}", refused.errors),
    }
}

const PAGE: &str =
    "query Page($n: Int) { orders(first: $n) { edges { node { lines { title } } } } }";

#[tokio::test]
async fn an_operation_may_cost_as_much_as_the_budget_and_no_more() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| settings.documents.max_cost = 1 + 50 * (2 + 5))
        .await;
    let client = Client::anonymous(world.gateway.clone());
    // It is let through, as far as to who asks.
    let fifty = client.error(PAGE, json!({ "n": 50 })).await;
    assert_eq!(fifty.0, "UNAUTHENTICATED");
    let answer = client.ask(PAGE, json!({ "n": 51 })).await;
    let error = &answer["errors"][0];
    assert!(answer["data"].is_null(), "{answer:#}");
    assert_eq!(error["extensions"]["code"], "LIMIT_EXCEEDED");
    assert_eq!(error["extensions"]["cost"], 358);
    assert_eq!(error["extensions"]["budget"], 351);
    assert_eq!(
        error["extensions"]["mostExpensiveField"],
        json!({ "field": "Order.lines", "cost": 255 })
    );
    assert_eq!(
        error["message"],
        "The operation costs 358, more than 351; most of all `Order.lines`, 255. Ask for shorter pages or \
         fewer lists."
    );
    let (_, message) = client.in_chinese().error(PAGE, json!({ "n": 51 })).await;
    assert_eq!(
        message,
        "操作成本为 358，超过上限 351；其中 `Order.lines` 最高，为 255。请减少每页条数或列表。"
    );
}

#[tokio::test]
async fn an_answer_tells_its_cost_to_who_asks() {
    let world = World::on_sqlite().await.listening().await;
    let query = "{ __typename channels { id } }";
    let asked = json!({ "query": query, "extensions": { "cost": true } });
    let answer = post(&world, &asked).await;
    let told = json!({ "requested": 10, "budget": 10_000 });
    assert_eq!(answer["extensions"]["cost"], told, "{answer:#}");
    for extensions in [
        json!({}),
        json!({ "cost": false }),
        json!({ "cost": 1 }),
        json!(null),
    ] {
        let answer = post(&world, &json!({ "query": query, "extensions": extensions })).await;
        assert!(answer["extensions"].is_null(), "{answer:#}");
    }
}

/// What `schema.graphql` says of a field: its type, its weight, its assumed size.
struct Said {
    returns: String,
    weight: u64,
    assumed: Option<u64>,
}

/// Reads the file in the simplest way: lines.
fn said() -> HashMap<String, Said> {
    let text = std::fs::read_to_string(root().join("schema.graphql")).expect("the schema");
    let (mut ty, mut field, mut all) = ("", "", HashMap::new());
    let mut describes = false;
    for line in text.lines() {
        if line.trim() == "\"\"\"" {
            describes = !describes;
        }
        if describes {
            continue;
        }
        if !line.starts_with([' ', '}']) {
            let named = line.strip_prefix("type ").unwrap_or_default();
            ty = named.split(' ').next().unwrap();
        }
        let words = line.trim();
        if line.starts_with("  ")
            && !line.starts_with("   ")
            && words.starts_with(char::is_lowercase)
        {
            field = words.split([':', '(']).next().unwrap();
        }
        let argument = |name: &str, ends: char| {
            let (_, rest) = words.split_once(name)?;
            rest.split(ends).next()?.parse().ok()
        };
        if let Some((_, returns)) = words.split_once(": ").filter(|_| !line.starts_with("    ")) {
            let said = Said {
                returns: returns
                    .split(' ')
                    .next()
                    .unwrap()
                    .trim_end_matches('!')
                    .to_owned(),
                weight: argument("@cost(weight: \"", '"').unwrap_or(0),
                assumed: argument("assumedSize: ", ',').or_else(|| argument("assumedSize: ", ')')),
            };
            all.insert(format!("{ty}.{field}"), said);
        }
    }
    all
}

#[tokio::test]
async fn what_the_schema_says_is_what_is_charged() {
    let world = World::on_sqlite().await;
    let said = said();
    let mut pages = 0;
    for (field, page) in &said {
        let Some(name) = field.strip_prefix("Query.") else {
            continue;
        };
        if !page.returns.ends_with("Connection") {
            continue;
        }
        pages += 1;
        let range = match name {
            "feeDifferences" => "range: { preset: TODAY }, ",
            "routingPolicyVersions" => "method: WECHAT_PAY, ",
            _ => "",
        };
        let assumed = page.assumed.expect("a page has a size");
        let one = format!("{{ {name}({range}after: null) {{ edges {{ cursor }} }} }}");
        assert_eq!(
            cost(&world, &one, json!({})).await,
            page.weight + 1 + assumed,
            "{name}"
        );
        let seven = one.replace("after: null", "first: 7");
        assert_eq!(
            cost(&world, &seven, json!({})).await,
            page.weight + 1 + 7,
            "{name}"
        );
        let Some(count) = said.get(&format!("{}.totalCount", page.returns)) else {
            continue;
        };
        let counted = one.replace("edges { cursor }", "totalCount");
        let expected = page.weight + 1 + count.weight;
        assert_eq!(cost(&world, &counted, json!({})).await, expected, "{name}");
    }
    assert_eq!(pages, 28);
    for (list, inner) in [("lines", "title"), ("timeline", "kind"), ("refunds", "id")] {
        let size = said[&format!("Order.{list}")].assumed.expect("a size");
        let document = format!("{{ order(by: {{ orderNo: \"1\" }}) {{ {list} {{ {inner} }} }} }}");
        assert_eq!(cost(&world, &document, json!({})).await, 1 + size, "{list}");
    }
    let facet = &said["OrderFacets.method"];
    let document = "{ orders { facets { method { count } } } }";
    let expected = 1 + 1 + facet.weight + facet.assumed.unwrap();
    assert_eq!(cost(&world, document, json!({})).await, expected);
    let document = "mutation { orderClose(input: { orderId: \"1\" }) { order { id } } }";
    let expected = said["Mutation.orderClose"].weight + 1 + 1;
    assert_eq!(cost(&world, document, json!({})).await, expected);
    assert!(said["Mutation.signIn"].weight >= 100);
}
