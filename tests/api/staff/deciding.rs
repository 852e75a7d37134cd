//! Roles: nobody gives more than they have, and the last owner stays.

use entity::membership::Role;
use serde_json::{Value, json};

use super::{INVITE, REMOVE, SIGN_OUT, UPDATE, another_owner, asks, code};
use crate::audit::{log, makes_key};
use crate::everywhere;
use crate::support::Client;

everywhere! {
    async fn another_role_counts_at_once_and_is_in_the_log(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let id = merchant.staff(Role::Viewer).to_string();
        let viewer = merchant.client(Role::Viewer).await;
        let owner = merchant.owner().await;
        let changed = asks(&owner, UPDATE, json!({ "id": id, "role": "SUPPORT" })).await;
        assert_eq!(changed["staff"]["role"], "SUPPORT");
        let now = merchant.client(Role::Viewer).await;
        assert_eq!(now.data("{ viewer { role } }", Value::Null).await["viewer"]["role"], "SUPPORT");
        // The same again changes nothing.
        asks(&owner, UPDATE, json!({ "id": id, "role": "SUPPORT" })).await;
        let told = log(&owner, json!({ "target": id })).await;
        assert_eq!(told.len(), 1);
        let changes = json!([{ "field": "role", "before": "\"VIEWER\"", "after": "\"SUPPORT\"" }]);
        assert_eq!(told[0]["changes"], changes);
        assert_eq!(viewer.error(UPDATE, json!({ "id": id, "role": "OWNER" })).await.0, "FORBIDDEN");
    }

    async fn who_is_let_go_may_do_nothing_and_their_keys_go_on(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        makes_key(&merchant.owner().await, "另一个").await;
        let second = another_owner(&world, &merchant).await;
        let token = second["accessToken"].as_str().expect("a token");
        let client = Client::bearer(world.gateway.clone(), token).await;
        let key = "mutation { apiKeyCreate(input: { name: \"店铺\", scopes: [ORDERS_READ] }) { secret } }";
        let key = asks(&client, key, Value::Null).await["secret"].clone();
        let revoked = "mutation { apiKeyCreate(input: { name: \"旧\", scopes: [ORDERS_READ] }) { apiKey { id } } }";
        let revoked = asks(&client, revoked, Value::Null).await["apiKey"]["id"].clone();
        let revoke = "mutation($id: ID!) { apiKeyRevoke(input: { id: $id }) { userErrors { code } } }";
        asks(&client, revoke, json!({ "id": revoked })).await;
        let endpoint = "mutation($url: String!) { webhookEndpointCreate(input: { url: $url, eventTypes: [ORDER_PAID] }) \
            { userErrors { code } } }";
        asks(&client, endpoint, json!({ "url": "https://shop.example/hooks" })).await;
        // What others made is not told of.
        asks(&merchant.owner().await, endpoint, json!({ "url": "https://other.example/hooks" })).await;
        let removed = asks(&merchant.owner().await, REMOVE, json!({ "id": second["viewer"]["staff"]["id"] })).await;
        assert_eq!(code(&removed), "none");
        assert_eq!(removed["apiKeys"], json!([{ "name": "店铺" }]), "hers that is revoked is not among them");
        assert_eq!(removed["webhookEndpoints"], json!([{ "url": "https://shop.example/hooks" }]));
        let auth = &world.gateway.auth;
        assert!(auth.authenticate(token, None).await.is_err());
        assert!(auth.authenticate(key.as_str().expect("a key"), None).await.is_ok());
        let owner = merchant.owner().await;
        let told = log(&owner, json!({ "actions": ["staffRemove"] })).await;
        assert_eq!(told[0]["target"], Value::Null, "nobody of this id works here any more");
        assert_eq!(told[0]["targetId"], second["viewer"]["staff"]["id"]);
        // What they did has their name still.
        let told = log(&owner, json!({ "actions": ["apiKeyCreate"] })).await;
        assert_eq!(told[0]["actor"]["name"], "王芳");
    }

    async fn the_last_owner_stays_and_another_may_go(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, id) = (merchant.owner().await, merchant.staff(Role::Owner).to_string());
        assert_eq!(code(&asks(&owner, REMOVE, json!({ "id": id })).await), "LAST_OWNER");
        assert_eq!(code(&asks(&owner, UPDATE, json!({ "id": id, "role": "VIEWER" })).await), "LAST_OWNER");
        let denied = log(&owner, json!({ "outcome": "DENIED" })).await;
        assert_eq!(denied.len(), 2);
        assert_eq!(denied[0]["reason"], "LAST_OWNER");
        another_owner(&world, &merchant).await;
        let gone = asks(&owner, REMOVE, json!({ "id": id })).await;
        assert_eq!(gone["removedId"], id);
        // Who was let go a moment ago decides about nobody, even where an instance does not know yet.
        let viewer = json!({ "id": merchant.staff(Role::Viewer).to_string() });
        assert_eq!(code(&asks(&owner, REMOVE, viewer).await), "ABOVE_YOU");
    }

    async fn who_was_just_let_go_keeps_no_door_open(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = another_owner(&world, &merchant).await;
        let open = json!({ "email": "third@shop.example", "role": "VIEWER" });
        let open = asks(&merchant.owner().await, INVITE, open).await["invitation"]["id"].clone();
        // As another instance sees them, for up to five seconds.
        let there = world.another_instance().await;
        let token = second["accessToken"].as_str().expect("a token");
        let gone = Client::bearer(there, token).await;
        let removed = asks(&merchant.owner().await, REMOVE, json!({ "id": second["viewer"]["staff"]["id"] })).await;
        assert_eq!(code(&removed), "none");
        let back = json!({ "email": "back@shop.example", "role": "OWNER" });
        assert_eq!(code(&asks(&gone, INVITE, back).await), "ABOVE_YOU");
        let revoke = "mutation($id: ID!) { staffInvitationRevoke(input: { id: $id }) { userErrors { code } } }";
        assert_eq!(code(&asks(&gone, revoke, json!({ "id": open })).await), "ABOVE_YOU");
        let key = "mutation { apiKeyCreate(input: { name: \"后门\", scopes: [ORDERS_READ] }) { secret \
            userErrors { code } } }";
        assert_eq!(code(&asks(&gone, key, Value::Null).await), "SCOPE_NOT_HELD");
    }

    async fn an_api_key_decides_about_nobody(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let key = "mutation { apiKeyCreate(input: { name: \"店铺\", scopes: [STAFF_WRITE] }) { secret } }";
        let key = asks(&merchant.owner().await, key, Value::Null).await["secret"].clone();
        let shop = Client::bearer(world.gateway.clone(), key.as_str().expect("a key")).await;
        let id = merchant.staff(Role::Viewer).to_string();
        for (document, variables) in [
            (INVITE, json!({ "email": "fang@shop.example", "role": "VIEWER" })),
            (UPDATE, json!({ "id": id, "role": "VIEWER" })),
            (REMOVE, json!({ "id": id })),
            (SIGN_OUT, json!({ "id": id })),
        ] {
            assert_eq!(code(&asks(&shop, document, variables).await), "STAFF_ONLY", "{document}");
        }
        let denied = log(&merchant.owner().await, json!({ "outcome": "DENIED" })).await;
        assert_eq!(denied.len(), 4);
        assert_eq!(denied[0]["actor"]["kind"], "API_KEY");
    }
}
