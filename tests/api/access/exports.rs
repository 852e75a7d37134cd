//! Who may have lists written into files, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::everywhere;
use crate::exports::asked_for;
use crate::support::{Merchant, next};

/// Every root field of exports, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let owner = merchant.owner().await;
    let export = asked_for(&owner, json!({ "orders": {} }), "CSV", json!({})).await;
    let creates = |rows: &str| {
        format!(
            r#"mutation {{ exportCreate(input: {{ idempotencyKey: "create {rows}", rows: {{ {rows}: {{}} }},
                format: CSV }}) {{ userErrors {{ code }} }} }}"#
        )
    };
    [
        (
            "Query.export",
            "",
            format!(r#"{{ export(id: "{export}") {{ id }} }}"#),
        ),
        ("Query.exports", "", "{ exports { edges { cursor } } }".to_owned()),
        (
            "Query.exportColumns",
            "",
            "{ exportColumns(kind: ORDERS) { name } }".to_owned(),
        ),
        ("Query.node", "(export)", format!(r#"{{ node(id: "{export}") {{ id }} }}"#)),
        // An API key needs the scope of the list beside the other one.
        ("Mutation.exportCreate", "(orders)", creates("orders")),
        ("Mutation.exportCreate", "(refunds)", creates("refunds")),
        ("Mutation.exportCreate", "(ledgerEntries)", creates("ledgerEntries")),
        ("Mutation.exportCreate", "(fees)", creates("fees")),
        // A column of the bank account would need one scope more.
        (
            "Mutation.exportCreate",
            "(payouts)",
            r#"mutation { exportCreate(input: { idempotencyKey: "create payouts", rows: { payouts: {} },
                columns: ["payoutNo"], format: CSV }) { userErrors { code } } }"#
                .to_owned(),
        ),
        (
            "Mutation.exportCancel",
            "",
            format!(
                r#"mutation {{ exportCancel(input: {{ exportId: "{export}" }}) {{ userErrors {{ code }} }} }}"#
            ),
        ),
        (
            "Subscription.exportUpdated",
            "",
            r#"subscription { exportUpdated(after: "e0") { cursor } }"#.to_owned(),
        ),
    ]
    .map(|(field, about, document)| Question { field, about, document })
    .into()
}

/// Root fields that take an id of something in a filter: nothing is found there; see below.
pub const FILTERED: [&str; 1] = ["Mutation.exportCreate"];

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let owner = theirs.owner().await;
    let export = asked_for(&owner, json!({ "orders": {} }), "CSV", json!({})).await;
    let id = json!({ "id": export });
    vec![
        (
            "Query.export",
            "query($id: ID!) { export(id: $id) { id } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Query.node",
            "query($id: ID!) { node(id: $id) { id } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.exportCancel",
            "mutation($id: ID!) { exportCancel(input: { exportId: $id }) { export { id } userErrors { code } } }",
            id,
            "NOT_FOUND",
        ),
    ]
}

everywhere! {
    async fn nothing_of_another_merchant_is_in_a_file_or_told_of_it(world: World) {
        let world = world.listening().await;
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let order = theirs.paid_order("36.00").await;
        order.refund(json!({})).await;
        let owner = ours.owner().await;
        let account = theirs.payable_account().await;
        theirs.payout_that_waits(account).await;
        let theirs_only = json!({ "channelId": [theirs.channel_id.to_string()] });
        for rows in [
            json!({ "orders": {} }),
            json!({ "orders": { "filter": { "not": theirs_only } } }),
            json!({ "orders": { "filter": theirs_only } }),
            json!({ "refunds": { "filter": { "orderId": order.id.to_string() } } }),
            json!({ "ledgerEntries": { "filter": { "orderId": order.id.to_string() } } }),
            json!({ "fees": { "filter": theirs_only } }),
            json!({ "payouts": {} }),
            json!({ "payouts": { "filter": { "bankAccountId": [account.to_string()] } } }),
        ] {
            let bytes = crate::exports::file(&world, &ours, rows, "JSONL", json!({})).await;
            assert_eq!(bytes, b"");
        }
        // Events come in order: had there been one of another merchant, it would come first.
        asked_for(&theirs.owner().await, json!({ "orders": {} }), "CSV", json!({})).await;
        theirs.numbered().await;
        let document = "subscription { exportUpdated(after: \"e0\") { export { id } } }";
        let mut stream = owner.subscribe(document, Value::Null);
        let list = owner.data("{ exports(last: 1) { edges { node { id } } } }", Value::Null).await;
        let seen = next(&mut stream).await;
        assert_eq!(seen["data"]["exportUpdated"]["export"]["id"], list["exports"]["edges"][0]["node"]["id"]);
        let list = owner.data("{ exports(first: 100) { edges { node { id } } } }", Value::Null).await;
        assert_eq!(list["exports"]["edges"].as_array().map(Vec::len), Some(8));
    }
}
