//! Costs, worked out by hand.

use serde_json::json;

use super::super::contract::contract;
use super::*;

fn bill_of(document: &str, operation: Option<&str>, variables: Json) -> Bill {
    let contract = contract();
    let document = ExecutableDocument::parse_and_validate(&contract.schema, document, "query");
    let document = document.unwrap_or_else(|error| panic!("{}", error.errors));
    let Json::Object(variables) = variables else {
        panic!("variables are an object")
    };
    Formula::read(&document, contract).bill(operation, &variables)
}

fn cost(document: &str, variables: Json) -> u64 {
    bill_of(document, None, variables).cost
}

#[test]
fn an_object_costs_one_and_a_scalar_nothing() {
    for (document, expected) in [
        ("{ __typename }", 0),
        ("{ merchant { id name } }", 1),
        ("{ viewer { merchant { id } role } }", 2),
        // Money is read with what it belongs to.
        (
            "{ order(by: { orderNo: \"1\" }) { amount { amount currency } } }",
            1,
        ),
        ("{ order(by: { orderNo: \"1\" }) { id channel { id } } }", 2),
        (
            "mutation { signOut(input: { refreshToken: \"a\" }) { userErrors { code } } }",
            10 + 1 + 1,
        ),
        (
            "mutation { signIn(input: { email: \"a\", password: \"b\" }) { accessToken } }",
            100 + 1,
        ),
    ] {
        assert_eq!(cost(document, json!({})), expected, "{document}");
    }
}

#[test]
fn a_list_multiplies_what_it_holds() {
    for (document, expected) in [
        ("{ orders { pageInfo { endCursor } } }", 1),
        ("{ orders { edges { cursor } } }", 1 + 20),
        (
            "{ orders(first: 50) { edges { node { id } } } }",
            1 + 50 * 2,
        ),
        ("{ orders(last: 7) { edges { node { id } } } }", 1 + 7 * 2),
        (
            "{ orders(first: 3, last: 9) { edges { node { id } } } }",
            1 + 9 * 2,
        ),
        ("{ orders(first: 0) { edges { node { id } } } }", 1),
        (
            "{ orders(first: null) { edges { node { id } } } }",
            1 + 20 * 2,
        ),
        (
            "{ orders(first: 50) { totalCount totals { paid { amount } } } }",
            1 + 10 + 20 + 1,
        ),
        (
            "{ orders(first: 100) { edges { node { lines { title } timeline { kind } } } } }",
            1 + 100 * (2 + 5 + 5),
        ),
        ("{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }", 3),
        (
            "{ nodes(ids: [\"a\"]) { id ... on Order { lines { title } } } }",
            1 + 5,
        ),
        ("{ channels { id } }", 10),
    ] {
        assert_eq!(cost(document, json!({})), expected, "{document}");
    }
}

#[test]
fn variables_say_how_long_a_list_is() {
    let document = "query($n: Int) { orders(first: $n) { edges { node { id } } } }";
    for (variables, size) in [
        (json!({ "n": 50 }), 50),
        (json!({ "n": 0 }), 0),
        (json!({ "n": -5 }), 0),
        (json!({ "n": null }), 20),
        (json!({}), 20),
    ] {
        assert_eq!(
            cost(document, variables.clone()),
            1 + size * 2,
            "{variables}"
        );
    }
    let by_default = document.replace("$n: Int", "$n: Int = 30");
    assert_eq!(cost(&by_default, json!({})), 1 + 30 * 2);
    assert_eq!(cost(&by_default, json!({ "n": 40 })), 1 + 40 * 2);
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    assert_eq!(cost(nodes, json!({ "ids": ["a", "b"] })), 2);
}

#[test]
fn fragments_cost_where_they_are_used() {
    let document = "
        query A { a: orders(first: 10) { ...Page } b: orders(first: 3) { ... { ...Page } } }
        query B { orders(first: 2) { ...Page } }
        fragment Page on OrderConnection { edges { node { ...Order } } totalCount }
        fragment Order on Order { id lines { title } }";
    let page = |size: u64| 1 + size * (1 + 1 + 5) + 10;
    let bill = |operation| bill_of(document, Some(operation), json!({}));
    assert_eq!(bill("A").cost, page(10) + page(3));
    assert_eq!(bill("B").cost, page(2));
    assert_eq!(bill("C"), Bill::default());
}

#[test]
fn the_most_expensive_field_is_named_with_what_it_costs_by_itself() {
    for (document, field, most) in [
        (
            "{ orders(first: 100) { edges { node { lines { title } } } totalCount } }",
            "Order.lines",
            500,
        ),
        (
            "{ merchant { id } orders(first: 1) { totals { paid { amount } } } }",
            "OrderConnection.totals",
            21,
        ),
        (
            "{ orders(first: 90) { ...F } } fragment F on OrderConnection { edges { cursor } }",
            "OrderConnection.edges",
            90,
        ),
        (
            "{ __schema { types { name } } merchant { id } }",
            "__schema",
            100,
        ),
    ] {
        let bill = bill_of(document, None, json!({}));
        assert_eq!(
            (bill.most_expensive.as_str(), bill.most),
            (field, most),
            "{document}"
        );
    }
}

#[test]
fn a_list_is_never_longer_than_is_given_at_once() {
    let many = "query($n: Int) { orders(first: $n) { edges { cursor } } }";
    for size in [100, 101, u64::MAX] {
        assert_eq!(cost(many, json!({ "n": size })), 1 + 100, "{size}");
    }
    let digits = many
        .replace("query($n: Int)", "")
        .replace("$n", "2147483647");
    assert_eq!(cost(&digits, json!({})), 1 + 100);
    // Days are more.
    for (days, charged) in [(1, 1), (366, 366), (10_000, 366)] {
        let year = format!("{{ channels {{ uptime(days: {days}) {{ date createP50Ms }} }} }}");
        assert_eq!(
            cost(&year, json!({})),
            10 * (1 + 10 + charged * 2),
            "{days}"
        );
    }
}

#[test]
fn what_is_beyond_every_number_is_the_most() {
    let mut set = Set::default();
    for _ in 0..20 {
        set = Set {
            fields: vec![Priced {
                name: "A.b".into(),
                weight: 0,
                each: 1,
                elements: Size::Said {
                    assumed: 1_000,
                    by: Vec::new(),
                    most: LONGEST,
                },
                inner_elements: Size::One,
                inner: set,
            }],
            spreads: Vec::new(),
        };
    }
    let operation = Operation {
        name: None,
        defaults: HashMap::new(),
        set,
    };
    let formula = Formula {
        operations: vec![operation],
        ..Formula::default()
    };
    let bill = formula.bill(None, &Map::new());
    assert_eq!((bill.cost, bill.most), (u64::MAX, u64::MAX));
}
