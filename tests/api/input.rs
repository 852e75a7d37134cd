//! What cannot be meant is refused with a code, and a sentence that says what would be right.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test tells a story"
)]

use serde_json::{Value, json};

use crate::everywhere;
use crate::support::{Client, World};

/// Every error of an answer has a code and a request id, and tells nothing of the inside.
fn assert_typed(answer: &Value) {
    for error in answer["errors"].as_array().into_iter().flatten() {
        assert!(error["extensions"]["code"].is_string(), "{answer}");
        assert_eq!(error["extensions"]["requestId"], "req_test", "{answer}");
        let message = error["message"].as_str().expect("a message");
        for inside in ["sqlx", "SELECT", "panicked", "src/", "DbErr"] {
            assert!(!message.contains(inside), "{message}");
        }
    }
}

/// The codes and messages of an answer's errors.
async fn errors(client: &Client, document: &str, variables: Value) -> (Vec<String>, String) {
    let answer = client.ask(document, variables).await;
    assert_typed(&answer);
    let list = answer["errors"].as_array().cloned().unwrap_or_default();
    let codes = list
        .iter()
        .map(|error| error["extensions"]["code"].as_str().unwrap().to_owned());
    let message = list.first().map(|error| error["message"].as_str().unwrap());
    (codes.collect(), message.unwrap_or_default().to_owned())
}

const ORDERS: &str = "query($filter: OrderFilterInput, $sort: OrderSortInput, $first: Int, \
    $last: Int, $after: String, $before: String) { orders(filter: $filter, orderBy: $sort, \
    first: $first, last: $last, after: $after, before: $before) { edges { cursor } } }";

everywhere! {
    async fn what_a_list_cannot_mean_is_named(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let owner = merchant.owner().await;
        let yuan = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        let cursors = owner.data(
            "{ a: orders { edges { cursor } }
                b: orders(orderBy: { field: AMOUNT }) { edges { cursor } }
                c: orders(orderBy: { field: PAID_AT }) { edges { cursor } } }",
            Value::Null,
        ).await;
        let cursor = |list: &str| cursors[list]["edges"][0]["cursor"].clone();
        let filter = |filter: Value| json!({ "filter": filter });
        let mut deep = json!({ "late": true });
        for _ in 0..4 {
            deep = json!({ "not": deep });
        }
        for (what, variables, code, says) in [
            ("nothing", json!({ "first": 0 }), "BAD_USER_INPUT", "`first`: must be from 1 to 100"),
            ("less than nothing", json!({ "first": -1 }), "BAD_USER_INPUT", "`first`"),
            ("nothing from the end", json!({ "last": 0 }), "BAD_USER_INPUT", "`last`"),
            ("too many", json!({ "first": 10_000 }), "LIMIT_EXCEEDED", "`first` is at most 100"),
            ("too many by one", json!({ "last": 101 }), "LIMIT_EXCEEDED", "`last` is at most 100"),
            ("both ends", json!({ "first": 1, "last": 1 }), "BAD_USER_INPUT", "not both"),
            ("no cursor", json!({ "after": "nonsense" }), "BAD_USER_INPUT", "`after`: is not a cursor"),
            ("an empty cursor", json!({ "after": "" }), "BAD_USER_INPUT", "`after`"),
            ("no cursor before", json!({ "before": "c🙂" }), "BAD_USER_INPUT", "`before`"),
            ("no cursor, from the end", json!({ "last": 2, "before": "c-1" }), "BAD_USER_INPUT", "`before`"),
            ("a cursor beyond numbers", json!({ "after": format!("c{}", "f".repeat(17)) }),
                "BAD_USER_INPUT", "`after`"),
            ("a cursor of another sort", json!({ "after": cursor("b") }), "BAD_USER_INPUT", "`after`"),
            ("a cursor of another sort", json!({ "after": cursor("a"), "sort": { "field": "AMOUNT" } }),
                "BAD_USER_INPUT", "`after`"),
            ("a cursor of another sort", json!({ "after": cursor("c"), "sort": { "field": "AMOUNT" } }),
                "BAD_USER_INPUT", "`after`"),
            ("a reversed span", filter(json!({ "createdAt": { "custom": {
                "from": "2026-11-23T00:00:00Z", "to": "2026-11-22T00:00:00Z" } } })),
                "BAD_USER_INPUT", "`filter.createdAt.custom`: `from` must lie before `to`"),
            ("an empty span", filter(json!({ "paidAt": { "custom": {
                "from": "2026-11-23T00:00:00Z", "to": "2026-11-23T00:00:00Z" } } })),
                "BAD_USER_INPUT", "`filter.paidAt.custom`"),
            ("two spans", filter(json!({ "paidAt": { "preset": "TODAY", "custom": {
                "from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z" } } })),
                "BAD_USER_INPUT", ""),
            ("no span", filter(json!({ "paidAt": {} })), "BAD_USER_INPUT", ""),
            ("no instant", filter(json!({ "paidAt": { "custom": {
                "from": "yesterday", "to": "2026-11-23T00:00:00Z" } } })),
                "BAD_USER_INPUT", "RFC 3339"),
            ("an instant without a zone", filter(json!({ "paidAt": { "custom": {
                "from": "2026-11-22T00:00:00", "to": "2026-11-23T00:00:00Z" } } })),
                "BAD_USER_INPUT", "RFC 3339"),
            ("three decimals", filter(json!({ "amount": { "min": yuan("1.005") } })),
                "BAD_USER_INPUT", "`filter.amount.min`: has at most 2 decimals in CNY"),
            ("more than is counted", filter(json!({ "amount": { "max": yuan("99999999999999999999") } })),
                "BAD_USER_INPUT", "`filter.amount.max`: is too large"),
            ("less than nothing", filter(json!({ "amount": { "min": yuan("-1.00") } })),
                "BAD_USER_INPUT", "`filter.amount.min`"),
            ("no decimal", filter(json!({ "amount": { "max": yuan("1e3") } })), "BAD_USER_INPUT", "decimal"),
            ("a float", filter(json!({ "amount": { "max": { "amount": 1.5, "currency": "CNY" } } })),
                "BAD_USER_INPUT", "as a string"),
            ("another currency", filter(json!({ "amount": { "min": { "amount": "1.00", "currency": "USD" } } })),
                "BAD_USER_INPUT", "`filter.amount.min.currency`: must be CNY"),
            ("no currency", filter(json!({ "amount": { "min": { "amount": "1.00", "currency": "XXX" } } })),
                "BAD_USER_INPUT", "currency"),
            ("reversed amounts", filter(json!({ "amount": { "min": yuan("2"), "max": yuan("1") } })),
                "BAD_USER_INPUT", "`filter.amount`: `min` must not be more than `max`"),
            ("no id", filter(json!({ "channelId": ["nonsense"] })),
                "BAD_USER_INPUT", "`filter.channelId`: is not an id of this type"),
            ("another type's id", filter(json!({ "channelId": [merchant.id.to_string()] })),
                "BAD_USER_INPUT", "`filter.channelId`"),
            ("no values", filter(json!({ "paymentState": [] })),
                "BAD_USER_INPUT", "`filter.paymentState`: takes 1 to 50 values"),
            ("too many values", filter(json!({ "country": vec!["CN"; 51] })),
                "BAD_USER_INPUT", "`filter.country`"),
            ("too many choices", filter(json!({ "or": vec![json!({}); 51] })), "BAD_USER_INPUT", "`filter.or`"),
            ("no country", filter(json!({ "country": ["China"] })), "BAD_USER_INPUT", "ISO 3166-1"),
            ("a long text", filter(json!({ "search": "长".repeat(61) })),
                "BAD_USER_INPUT", "`filter.search`: is at most 60 characters"),
            ("a control character", filter(json!({ "search": "a\u{0}b" })), "BAD_USER_INPUT", "`filter.search`"),
            ("filters too deep", filter(deep), "BAD_USER_INPUT", "filters lie at most 4 deep"),
            ("a deep fault", filter(json!({ "or": [{ "not": { "country": [] } }] })),
                "BAD_USER_INPUT", "`filter.or.not.country`"),
            ("an unknown value", filter(json!({ "paymentState": ["STOLEN"] })), "BAD_USER_INPUT", "STOLEN"),
            ("an unknown part", filter(json!({ "colour": "red" })), "BAD_USER_INPUT", "colour"),
            ("an unknown sort", json!({ "sort": { "field": "COLOUR" } }), "BAD_USER_INPUT", "COLOUR"),
            ("a number for a text", json!({ "after": 1 }), "BAD_USER_INPUT", "after"),
            ("a text for a number", json!({ "first": "1" }), "BAD_USER_INPUT", "first"),
            ("a number too large", json!({ "first": 3_000_000_000_u64 }), "BAD_USER_INPUT", "Int"),
        ] {
            let (codes, message) = errors(&owner, ORDERS, variables.clone()).await;
            assert_eq!(codes, [code], "{what}: {message} {variables}");
            assert!(message.contains(says), "{what}: {message}");
        }
        // What can just be meant is.
        let mut deepest = json!({ "late": true });
        for _ in 0..3 {
            deepest = json!({ "not": deepest });
        }
        for variables in [
            json!({ "first": 100 }),
            json!({ "last": 100 }),
            json!({ "filter": deepest }),
            json!({ "filter": { "search": "长".repeat(60) } }),
            json!({ "filter": { "or": vec![json!({}); 50] } }),
            json!({ "filter": { "not": {} } }),
            json!({ "filter": { "search": "" }, "sort": {} }),
            json!({ "filter": { "amount": {} } }),
        ] {
            owner.data(ORDERS, variables).await;
        }
    }

    async fn an_id_that_is_none_and_one_of_another_type_are_told_apart_from_a_missing_thing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        let owner = merchant.owner().await;
        let by = |by: Value| ("query($by: OrderByInput!) { order(by: $by) { id } }", json!({ "by": by }));
        let channel = |id: &str| ("query($id: ID!) { channel(id: $id) { id } }", json!({ "id": id }));
        let node = |id: &str| ("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id }));
        let missing = "ord_0000000000001";
        for ((document, variables), code) in [
            (by(json!({ "id": "nonsense" })), "BAD_USER_INPUT"),
            (by(json!({ "id": "" })), "BAD_USER_INPUT"),
            (by(json!({ "id": merchant.channel_id.to_string() })), "BAD_USER_INPUT"),
            (by(json!({ "id": order.id.to_string().to_uppercase() })), "BAD_USER_INPUT"),
            (by(json!({ "id": missing })), "NOT_FOUND"),
            (by(json!({ "orderNo": "nonsense" })), "NOT_FOUND"),
            (by(json!({ "orderNo": format!("0{}", order.order_no) })), "NOT_FOUND"),
            (by(json!({ "orderNo": "9".repeat(40) })), "NOT_FOUND"),
            (by(json!({ "merchantOrderNo": "长".repeat(500) })), "NOT_FOUND"),
            (by(json!({ "merchantOrderNo": "" })), "NOT_FOUND"),
            (by(json!({ "providerTradeNo": "" })), "NOT_FOUND"),
            (by(json!({})), "BAD_USER_INPUT"),
            (by(json!({ "id": order.id.to_string(), "orderNo": order.order_no })), "BAD_USER_INPUT"),
            (by(json!({ "id": null })), "BAD_USER_INPUT"),
            (channel("nonsense"), "BAD_USER_INPUT"),
            (channel(missing), "BAD_USER_INPUT"),
            (channel("chn_0000000000001"), "NOT_FOUND"),
            (node("nonsense"), "NOT_FOUND"),
            (node(""), "NOT_FOUND"),
            (node("ord_"), "NOT_FOUND"),
            (node("ord_zzzzzzzzzzzzz"), "NOT_FOUND"),
            (node("ord_🙂🙂🙂"), "NOT_FOUND"),
            (node(missing), "NOT_FOUND"),
        ] {
            let (codes, message) = errors(&owner, document, variables.clone()).await;
            assert_eq!(codes, [code], "{variables}: {message}");
        }
    }

    async fn nodes_come_in_the_order_of_their_ids_and_at_most_a_hundred(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (a, b) = (merchant.order("1.00").await, merchant.order("2.00").await);
        let owner = merchant.owner().await;
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let (a, b) = (a.id.to_string(), b.id.to_string());
        let ids = [b.as_str(), "nonsense", a.as_str(), b.as_str()];
        let answer = owner.ask(document, json!({ "ids": ids })).await;
        assert_typed(&answer);
        assert_eq!(
            answer["data"]["nodes"],
            json!([{ "id": b }, null, { "id": a }, { "id": b }])
        );
        assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
        assert_eq!(answer["errors"][0]["path"], json!(["nodes", 1]));
        assert_eq!(owner.data(document, json!({ "ids": [] })).await["nodes"], json!([]));
        let (codes, _) = errors(&owner, document, json!({ "ids": vec![a; 101] })).await;
        assert_eq!(codes, ["LIMIT_EXCEEDED"]);
    }
}

/// Documents of a hostile or hasty client.
#[tokio::test]
async fn a_document_that_cannot_be_meant_is_refused_and_does_no_harm() {
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = merchant.owner().await;
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let fragments =
        "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }";
    for (what, document, code) in [
        ("nothing", String::new(), "BAD_USER_INPUT"),
        ("blanks", "   \n".to_owned(), "BAD_USER_INPUT"),
        (
            "no GraphQL",
            "give me all orders".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "an open bracket",
            "{ viewer { role }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "an unknown field",
            "{ viewer { colour } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "an unknown root",
            "{ everything }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "an unknown argument",
            "{ orders(colour: 1) { totalCount } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "an unknown value",
            "{ orders(filter: { method: [CASH] }) { totalCount } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        ("no selection", "{ viewer }".to_owned(), "BAD_USER_INPUT"),
        (
            "a selection of a scalar",
            "{ viewer { role { name } } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "a missing variable",
            "query($id: ID!) { node(id: $id) { id } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "an undefined variable",
            "{ node(id: $id) { id } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "a circle of fragments",
            fragments.to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "two operations and no name",
            "query A { viewer { role } } query B { viewer { role } }".to_owned(),
            "BAD_USER_INPUT",
        ),
        (
            "a list 2,000 deep",
            format!("{{ nodes(ids: {}) {{ id }} }}", nested(2_000)),
            "LIMIT_EXCEEDED",
        ),
        (
            "a list of open brackets",
            format!("{{ nodes(ids: {}", "[".repeat(60_000)),
            "LIMIT_EXCEEDED",
        ),
        (
            "objects 2,000 deep",
            format!("{}{}", "{a".repeat(2_000), "}".repeat(2_000)),
            "LIMIT_EXCEEDED",
        ),
        (
            "a long document",
            format!("{{ viewer {{ role }} }} # {}", "x".repeat(70_000)),
            "LIMIT_EXCEEDED",
        ),
        (
            "a subscription",
            "subscription { orderCreated { cursor } }".to_owned(),
            "BAD_USER_INPUT",
        ),
    ] {
        let (codes, message) = errors(&owner, &document, Value::Null).await;
        assert!(
            !codes.is_empty() && codes.iter().all(|found| found == code),
            "{what}: {codes:?} {message}"
        );
    }
}
