//! Identity as a client sees it.

use async_graphql::{EmptySubscription, Request, Schema, Value};
use entity::membership::Role;
use serde_json::json;

use super::{PASSWORD, Stage};
use crate::auth::model::{Actor, Origin};
use crate::auth::schema::{IdentityMutation, IdentityQuery};
use crate::graphql::RequestInfo;
use crate::locale::Locale;

impl Stage {
    /// Asks as somebody or nobody, and returns data and the codes of errors.
    async fn ask(&self, who: Option<&Actor>, document: &str) -> (serde_json::Value, Vec<String>) {
        let schema = Schema::build(IdentityQuery, IdentityMutation, EmptySubscription)
            .data(self.app.clone())
            .data(self.auth.clone())
            .finish();
        let info = RequestInfo {
            id: "req".to_owned(),
            locale: Locale::En,
            ip: None,
            user_agent: None,
        };
        let mut request = Request::new(document).data(info);
        if let Some(actor) = who {
            request = request.data(actor.clone());
        }
        let response = schema.execute(request).await;
        let code = |error: &async_graphql::ServerError| {
            let found = error.extensions.as_ref().and_then(|all| all.get("code"));
            match found {
                Some(Value::String(code)) => code.clone(),
                _ => error.message.clone(),
            }
        };
        let codes = response.errors.iter().map(code).collect();
        (response.data.into_json().unwrap(), codes)
    }
}

#[tokio::test]
async fn a_person_signs_in_looks_around_switches_and_signs_out() {
    let stage = Stage::set().await;
    let another = stage.another_merchant().await;
    let (data, errors) = stage
        .ask(
            None,
            r#"mutation { signIn(input: { email: "owner@example.com", password: "correct horse" }) {
                accessToken refreshToken expiresAt userErrors { code field message }
                viewer { staff { name email role } apiKey { id } merchant { name timeZone currency
                status latePaymentPolicy } role scopes memberships { merchant { id } role } } } }"#,
        )
        .await;
    assert_eq!(errors, Vec::<String>::new());
    let signed_in = &data["signIn"];
    assert_eq!(signed_in["userErrors"], json!([]));
    let viewer = &signed_in["viewer"];
    assert_eq!(
        viewer["staff"],
        json!({ "name": "张伟", "email": "owner@example.com", "role": "OWNER" })
    );
    assert_eq!(viewer["apiKey"], json!(null));
    assert_eq!(viewer["merchant"]["currency"], "CNY");
    assert_eq!(viewer["merchant"]["latePaymentPolicy"], "ACCEPT");
    let scopes = viewer["scopes"].as_array().unwrap();
    assert_eq!(scopes.len(), crate::auth::model::Scope::ALL.len());
    assert_eq!(
        viewer["memberships"][1],
        json!({ "merchant": { "id": another.id.to_string() }, "role": "VIEWER" })
    );

    let token = signed_in["refreshToken"].as_str().unwrap();
    let refresh = format!(
        r#"mutation {{ tokenRefresh(input: {{ refreshToken: "{token}", merchantId: "{}" }}) {{
            accessToken viewer {{ merchant {{ name }} role }} userErrors {{ code field message }} }} }}"#,
        another.id
    );
    let (data, _) = stage.ask(None, &refresh).await;
    assert_eq!(
        data["tokenRefresh"]["viewer"],
        json!({ "merchant": { "name": "二号店" }, "role": "VIEWER" })
    );
    let (data, errors) = stage.ask(None, &refresh).await;
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(data["tokenRefresh"]["accessToken"], json!(null));
    let error = &data["tokenRefresh"]["userErrors"][0];
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("TOKEN_REUSED"), &json!("refreshToken"))
    );

    let sign_out = format!(
        r#"mutation {{ signOut(input: {{ refreshToken: "{token}" }}) {{ signedOut userErrors {{ code }} }} }}"#
    );
    let (data, _) = stage.ask(None, &sign_out).await;
    assert_eq!(
        data["signOut"],
        json!({ "signedOut": true, "userErrors": [] })
    );
}

#[tokio::test]
async fn a_key_shows_its_secret_once() {
    let stage = Stage::set().await;
    let owner = stage.owner_actor().await;
    let (data, errors) = stage
        .ask(
            Some(&owner),
            r#"mutation { apiKeyCreate(input: { name: "店铺", scopes: [ORDERS_CREATE],
                allowedIps: ["203.0.113.0/24"] }) {
                secret apiKey { id name status scopes allowedIps expiresAt revokedAt
                createdBy { name } } userErrors { code } } }"#,
        )
        .await;
    assert_eq!(errors, Vec::<String>::new());
    let made = &data["apiKeyCreate"];
    let id = made["apiKey"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        made["apiKey"],
        json!({ "id": id, "name": "店铺", "status": "ACTIVE", "scopes": ["ORDERS_CREATE"],
            "allowedIps": ["203.0.113.0/24"], "expiresAt": null, "revokedAt": null,
            "createdBy": { "name": "张伟" } })
    );
    let secret = made["secret"].as_str().unwrap();
    let from = Some("203.0.113.7".parse().unwrap());
    let key = stage.auth.authenticate(secret, from).await.unwrap();

    let (data, errors) = stage
        .ask(
            Some(&key),
            "{ viewer { staff { id } apiKey { id createdBy { id } } role scopes } }",
        )
        .await;
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(
        data["viewer"],
        json!({ "staff": null, "apiKey": { "id": id, "createdBy": null }, "role": null,
            "scopes": ["ORDERS_CREATE"] })
    );
    let (_, errors) = stage.ask(Some(&key), "{ apiKeys { id } }").await;
    assert_eq!(errors, ["FORBIDDEN"]);

    let revoke = format!(
        r#"mutation {{ apiKeyRevoke(input: {{ id: "{id}" }}) {{ apiKey {{ status }} userErrors {{ code }} }} }}"#
    );
    let (data, _) = stage.ask(Some(&owner), &revoke).await;
    assert_eq!(data["apiKeyRevoke"]["apiKey"]["status"], "REVOKED");
    let unknown = revoke.replace(&id, "key_0000000000001");
    let (data, errors) = stage.ask(Some(&owner), &unknown).await;
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(
        data["apiKeyRevoke"]["userErrors"],
        json!([{ "code": "NOT_FOUND" }])
    );
    let other_type = revoke.replace(&id, &stage.merchant.id.to_string());
    let (data, errors) = stage.ask(Some(&owner), &other_type).await;
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(
        data["apiKeyRevoke"]["userErrors"],
        json!([{ "code": "NOT_FOUND" }])
    );
}

#[tokio::test]
async fn addresses_are_masked_for_those_who_may_not_see_them() {
    let stage = Stage::set().await;
    stage.colleague("viewer@example.com", Role::Viewer).await;
    let session = stage
        .auth
        .sign_in("viewer@example.com", PASSWORD, None, &Origin::default())
        .await
        .ok()
        .unwrap();
    let emails = |data: &serde_json::Value| {
        let staff = data["staff"].as_array().unwrap();
        staff
            .iter()
            .map(|one| one["email"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (data, _) = stage.ask(Some(&session.actor), "{ staff { email } }").await;
    assert_eq!(emails(&data), ["o***@example.com", "viewer@example.com"]);
    let owner = stage.owner_actor().await;
    let (data, _) = stage.ask(Some(&owner), "{ staff { email } }").await;
    assert_eq!(emails(&data), ["owner@example.com", "viewer@example.com"]);
}

#[tokio::test]
async fn nobody_reads_nothing() {
    let stage = Stage::set().await;
    for document in [
        "{ viewer { role } }",
        "{ merchant { id } }",
        "{ staff { id } }",
        "{ apiKeys { id } }",
        r#"mutation { apiKeyCreate(input: { name: "x", scopes: [] }) { secret } }"#,
        r#"mutation { apiKeyRevoke(input: { id: "key_0000000000001" }) { userErrors { code } } }"#,
    ] {
        let (data, errors) = stage.ask(None, document).await;
        assert_eq!(errors, ["UNAUTHENTICATED"], "{document}");
        assert!(data.is_null() || data.as_object().unwrap().values().all(|v| v.is_null()));
    }
}
