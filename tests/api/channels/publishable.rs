//! Keys that may stand in a page: how they are made, what they may not, and who pays for them.

use serde_json::{Value, json};

use crate::everywhere;
use crate::support::{Client, Merchant, World};

/// A publishable key of a merchant.
pub async fn key(merchant: &Merchant) -> String {
    let document = "mutation { apiKeyCreate(input: { name: \"收银台\", scopes: [], publishable: true }) { \
        secret userErrors { code } } }";
    let made = merchant.owner().await.data(document, Value::Null).await;
    let secret = made["apiKeyCreate"]["secret"].as_str();
    secret
        .unwrap_or_else(|| panic!("no key: {made}"))
        .to_owned()
}

const PAGE: &str =
    "{ checkoutChannels(amount: { amount: \"1.00\", currency: \"CNY\" }) { method } }";

everywhere! {
    async fn a_publishable_key_sees_what_a_payment_page_offers(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let key = key(&merchant).await;
        assert!(key.starts_with("pk_"), "{key}");
        let page = Client::bearer(world.gateway.clone(), &key).await;
        let seen = page.data(PAGE, Value::Null).await;
        assert_eq!(seen, json!({ "checkoutChannels": [{ "method": "WECHAT_PAY" }] }));
        let listed = merchant.owner().await.data("{ apiKeys { name publishable scopes } }", Value::Null).await;
        let listed = &listed["apiKeys"];
        assert_eq!(*listed, json!([{ "name": "收银台", "publishable": true, "scopes": ["CHECKOUT_READ"] }]));
    }

    async fn a_publishable_key_has_one_scope(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let document = "mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { \
            apiKey { publishable scopes } userErrors { code field message } } }";
        let owner = merchant.owner().await;
        let make = async |scopes: Value| {
            let input = json!({ "name": "收银台", "scopes": scopes, "publishable": true });
            owner.data(document, json!({ "input": input })).await["apiKeyCreate"].clone()
        };
        for scopes in [json!([]), json!(["CHECKOUT_READ"])] {
            let made = make(scopes).await;
            assert_eq!(made["apiKey"], json!({ "publishable": true, "scopes": ["CHECKOUT_READ"] }));
        }
        for scopes in [json!(["ORDERS_READ"]), json!(["CHECKOUT_READ", "ORDERS_CREATE"])] {
            let refused = make(scopes).await;
            assert_eq!(refused["apiKey"], Value::Null);
            let error = &refused["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!("NOT_PUBLISHABLE"), &json!("scopes")));
        }
        // A secret key may have that scope, too, and says of itself that it is secret.
        let secret = "mutation { apiKeyCreate(input: { name: \"x\", scopes: [CHECKOUT_READ] }) { \
            secret apiKey { publishable } } }";
        let made = owner.data(secret, Value::Null).await["apiKeyCreate"].clone();
        assert!(made["secret"].as_str().expect("a secret").starts_with("yk_"));
        assert_eq!(made["apiKey"]["publishable"], false);
    }

    async fn one_kind_of_key_does_not_pass_for_the_other(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (public, secret) = (key(&merchant).await, merchant.api_key().await);
        for forged in [public.replacen("pk_", "yk_", 1), secret.replacen("yk_", "pk_", 1)] {
            assert!(world.gateway.auth.authenticate(&forged, None).await.is_err());
        }
        for good in [public, secret] {
            assert!(world.gateway.auth.authenticate(&good, None).await.is_ok());
        }
    }

    async fn a_publishable_key_is_revoked_as_any_other(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let key = key(&merchant).await;
        let owner = merchant.owner().await;
        let id = owner.data("{ apiKeys { id } }", Value::Null).await["apiKeys"][0]["id"].clone();
        let revoke = "mutation($id: ID!) { apiKeyRevoke(input: { id: $id }) { userErrors { code } } }";
        owner.data(revoke, json!({ "id": id })).await;
        assert!(world.gateway.auth.authenticate(&key, None).await.is_err());
    }
}

#[tokio::test]
async fn who_reads_a_key_in_a_page_pays_by_their_address_and_not_from_the_shops_budget() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| {
            settings.throttle.enabled = true;
            settings.throttle.address_burst = 60;
            settings.throttle.address_per_s = 1;
        })
        .await;
    let merchant = world.merchant("汇贤饭店").await;
    let page = Client::bearer(world.gateway.clone(), &key(&merchant).await).await;
    let mut codes = Vec::new();
    for _ in 0..10 {
        let answer = page.ask(PAGE, Value::Null).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        codes.push(code.unwrap_or("answered").to_owned());
    }
    assert_eq!(codes[0], "answered");
    assert_eq!(codes[9], "RATE_LIMITED");
    // The shop asks on.
    for _ in 0..10 {
        merchant.owner().await.data(PAGE, Value::Null).await;
    }
}
