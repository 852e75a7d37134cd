//! What PostgreSQL does for a page of the log: as much for many entries as for one.

use entity::MerchantId;
use entity::membership::Role;
use serde_json::{Value, json};

use super::makes_key;
use crate::orders::plans::busy;
use crate::support::Client;

const PEOPLE: &str = "query($first: Int) { auditLog(first: $first, filter: { actions: [\"apiKeyCreate\"] }) { \
    edges { node { actor { name staff { name } apiKey { id } } target { id } } } } }";

#[tokio::test]
async fn who_acted_on_what_is_read_in_as_many_statements_for_many_entries_as_for_one() {
    let Some(busy) = busy().await else { return };
    let shop = busy.client.data("{ merchant { id } }", Value::Null).await;
    let shop: MerchantId = shop["merchant"]["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id");
    let auth = &busy.gateway.auth;
    let owner = auth.staff_create("owner@shop.example", "王芳", "a password of mine");
    let owner = owner.await.expect("an account");
    let joined = auth.membership_create(shop, owner.id, Role::Owner);
    joined.await.expect("a membership");
    let minted = auth.mint(owner.id, shop).await.expect("a token");
    let owner = Client::bearer(busy.gateway.clone(), &minted.text).await;
    for no in 0..6 {
        makes_key(&owner, &format!("店铺 {no}")).await;
    }
    // What is held for seconds is read the first time.
    busy.ask(PEOPLE, &json!({ "first": 1 })).await;
    let (_, one) = busy.ask(PEOPLE, &json!({ "first": 1 })).await;
    let (answer, many) = busy.ask(PEOPLE, &json!({ "first": 6 })).await;
    let edges = answer["auditLog"]["edges"].as_array().map(Vec::len);
    assert_eq!(edges, Some(6), "{answer}");
    assert!(answer.to_string().contains("key_"), "{answer}");
    let texts = |ran: &[crate::orders::plans::Ran]| {
        ran.iter()
            .map(|one| one.text().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(one.len(), many.len(), "{:#?}", texts(&many));
}
