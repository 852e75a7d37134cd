//! The audit log: who did what, what was denied, and a chain that shows whether anybody has changed it.

mod chain;
mod denials;
mod entries;
mod gravest;
mod plans;

use serde_json::{Value, json};

use crate::schema::items;
use crate::support::{Client, Merchant};

const LOG: &str = "query($filter: AuditFilterInput, $first: Int, $after: String) { \
    auditLog(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } \
    edges { node { id action outcome reason targetId target { id } place happenedAt \
        actor { kind actorId name } origin { ip userAgent requestId } \
        changes { field before after } } } } }";

const KEY: &str = "mutation($name: String!) { apiKeyCreate(input: { name: $name, scopes: [ORDERS_READ] }) { \
    apiKey { id } userErrors { code } } }";

/// The entries that a filter wants, the newest first.
pub async fn log(client: &Client, filter: Value) -> Vec<Value> {
    let answer = client.data(LOG, json!({ "filter": filter })).await;
    let edges = &answer["auditLog"]["edges"];
    items(edges).map(|edge| edge["node"].clone()).collect()
}

/// Makes an API key, and returns its id.
pub async fn makes_key(client: &Client, name: &str) -> String {
    let made = client.data(KEY, json!({ "name": name })).await;
    let id = made["apiKeyCreate"]["apiKey"]["id"].as_str();
    id.expect("a key").to_owned()
}

/// Seals what the merchant's people have done.
pub async fn seal(merchant: &Merchant) {
    let sealed = yigate::audit::service::seal(&merchant.gateway().app, merchant.id).await;
    sealed.expect("it seals");
}
