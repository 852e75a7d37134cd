//! What is done is written down, with what changed and from where, for those who may see it.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{LOG, log, makes_key, seal};
use crate::everywhere;
use crate::schema::{introspected, items, name, root, rust_files};
use crate::support::Client;

everywhere! {
    async fn who_changes_something_is_in_the_log_with_what_changed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let document = "mutation($input: ChannelUpdateInput!) { channelUpdate(input: $input) { \
            channel { version } userErrors { code message } } }";
        let input = json!({ "channelId": merchant.channel_id.to_string(), "name": "微信支付", "expectedVersion": 1 });
        let made = owner.data(document, json!({ "input": input })).await;
        assert_eq!(made["channelUpdate"]["userErrors"], json!([]), "{made}");
        let entries = log(&owner, Value::Null).await;
        assert_eq!(entries.len(), 1);
        let entry = &entries[0];
        let staff = merchant.staff(Role::Owner).to_string();
        assert_eq!(entry["action"], "channelUpdate");
        assert_eq!(entry["outcome"], "DONE");
        assert_eq!(entry["reason"], Value::Null);
        assert_eq!(entry["target"]["id"], merchant.channel_id.to_string());
        assert_eq!(entry["actor"], json!({ "kind": "STAFF", "actorId": staff, "name": "Owner" }));
        assert_eq!(entry["happenedAt"], "2026-11-23T04:00:00.000Z");
        assert_eq!(entry["origin"], json!({ "ip": "127.0.0.1", "userAgent": null, "requestId": "req_test" }));
        let changes = json!([{ "field": "name", "before": "\"WechatPay\"", "after": "\"微信支付\"" }]);
        assert_eq!(entry["changes"], changes);
        assert_eq!(entry["place"], Value::Null, "nobody has sealed it yet");
        seal(&merchant).await;
        assert_eq!(log(&owner, Value::Null).await[0]["place"], 1);
        // What changes nothing writes nothing.
        let input = json!({ "channelId": merchant.channel_id.to_string(), "name": "微信支付", "expectedVersion": 2 });
        owner.data(document, json!({ "input": input })).await;
        assert_eq!(log(&owner, Value::Null).await.len(), 1);
    }

    async fn the_log_is_filtered_and_paged(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let keys = [makes_key(&owner, "一").await, makes_key(&owner, "二").await];
        world.clock.advance(TimeDelta::days(2));
        let owner = merchant.owner().await;
        let revoke = "mutation($id: ID!) { apiKeyRevoke(input: { id: $id }) { userErrors { code } } }";
        owner.data(revoke, json!({ "id": keys[0] })).await;
        let actions = async |filter: Value| -> Vec<String> {
            let entries = log(&owner, filter).await;
            entries.iter().map(|it| it["action"].as_str().expect("a name").to_owned()).collect()
        };
        assert_eq!(actions(Value::Null).await, ["apiKeyRevoke", "apiKeyCreate", "apiKeyCreate"]);
        assert_eq!(actions(json!({ "target": keys[0] })).await, ["apiKeyRevoke", "apiKeyCreate"]);
        assert_eq!(actions(json!({ "actions": ["apiKeyRevoke"] })).await, ["apiKeyRevoke"]);
        assert_eq!(actions(json!({ "happenedAt": { "preset": "TODAY" } })).await, ["apiKeyRevoke"]);
        let staff = merchant.staff(Role::Owner).to_string();
        assert_eq!(actions(json!({ "actors": [staff], "outcome": "DONE", "ip": "127.0.0.1" })).await.len(), 3);
        assert_eq!(actions(json!({ "outcome": "DENIED" })).await.len(), 0);
        assert_eq!(actions(json!({ "ip": "203.0.113.7" })).await.len(), 0);
        let first = owner.data(LOG, json!({ "first": 2 })).await;
        assert_eq!(first["auditLog"]["totalCount"], 3);
        assert_eq!(first["auditLog"]["pageInfo"]["hasNextPage"], true);
        let after = &first["auditLog"]["pageInfo"]["endCursor"];
        let rest = owner.data(LOG, json!({ "first": 2, "after": after })).await;
        assert_eq!(items(&rest["auditLog"]["edges"]).count(), 1);
        assert_eq!(owner.error(LOG, json!({ "filter": { "ip": "nowhere" } })).await.0, "BAD_USER_INPUT");
    }

    async fn signing_in_and_out_is_in_the_log(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let nobody = Client::anonymous(world.gateway.clone());
        let email = format!("viewer.{}@shop.example", merchant.id);
        let sign_in = "mutation($email: String!, $password: String!) { signIn(input: { email: $email, \
            password: $password }) { refreshToken userErrors { code } } }";
        let password = "correct horse battery";
        let signed_in = nobody.data(sign_in, json!({ "email": email, "password": password })).await;
        let token = &signed_in["signIn"]["refreshToken"];
        let refresh = "mutation($token: String!) { tokenRefresh(input: { refreshToken: $token }) { \
            refreshToken userErrors { code } } }";
        let second = nobody.data(refresh, json!({ "token": token })).await;
        let reused = nobody.data(refresh, json!({ "token": token })).await;
        assert_eq!(reused["tokenRefresh"]["userErrors"][0]["code"], "TOKEN_REUSED");
        let out = "mutation($token: String!) { signOut(input: { refreshToken: $token }) { signedOut } }";
        let ended = &second["tokenRefresh"]["refreshToken"];
        nobody.data(out, json!({ "token": ended })).await;
        let signed_in = nobody.data(sign_in, json!({ "email": email, "password": password })).await;
        let token = &signed_in["signIn"]["refreshToken"];
        nobody.data(out, json!({ "token": token })).await;
        let owner = merchant.owner().await;
        let viewer = merchant.staff(Role::Viewer).to_string();
        let entries = log(&owner, json!({ "actors": [viewer] })).await;
        let told: Vec<_> = entries.iter().map(|it| (it["action"].as_str(), it["reason"].as_str())).collect();
        assert_eq!(told, [
            (Some("signOut"), None),
            (Some("signIn"), None),
            (Some("tokenRefresh"), Some("TOKEN_REUSED")),
            (Some("signIn"), None),
        ]);
        let text = serde_json::to_string(&entries).expect("JSON");
        assert!(!text.contains(password) && !text.contains("yr_"), "{text}");
    }

    async fn the_log_is_the_owners_and_its_merchants(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        makes_key(&theirs.owner().await, "店铺").await;
        let owner = ours.owner().await;
        assert_eq!(log(&owner, Value::Null).await.len(), 0);
        let entry = log(&theirs.owner().await, Value::Null).await[0]["id"].clone();
        let node = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(owner.error(node, json!({ "id": entry })).await.0, "NOT_FOUND");
        assert_eq!(theirs.owner().await.data(node, json!({ "id": entry })).await["node"]["id"], entry);
        for role in [Role::Finance, Role::Support, Role::Marketing, Role::Viewer] {
            let error = ours.client(role).await.error(LOG, Value::Null).await;
            assert_eq!(error.0, "FORBIDDEN", "{role:?}");
        }
    }

    async fn the_database_refuses_to_edit_the_log(world: World) {
        use sea_orm::ConnectionTrait;
        let merchant = world.merchant("汇贤饭店").await;
        makes_key(&merchant.owner().await, "店铺").await;
        seal(&merchant).await;
        for statement in [
            "UPDATE audit_entries SET actor = 'stf_0'",
            "DELETE FROM audit_entries",
            "UPDATE audit_seals SET hash = hash",
            "DELETE FROM audit_seals",
            "DELETE FROM audit_heads",
        ] {
            let refused = world.app().db.writer().execute_unprepared(statement).await;
            assert!(refused.is_err(), "{statement}");
        }
    }
}

/// Mutations that write no entry, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "orderCreate",
        "shops' servers call it for every payer; the order's timeline tells of it",
    ),
    (
        "payoutChallengeCreate",
        "it moves nothing, and shows what would be signed; payoutCreate tells of what was",
    ),
];

#[tokio::test]
async fn every_mutation_is_in_the_log_or_is_left_out_for_a_reason() {
    let schema = introspected().await;
    let mutation = items(&schema["types"]).find(|ty| name(ty) == "Mutation");
    let fields: Vec<&str> = items(&mutation.expect("a root")["fields"])
        .map(name)
        .collect();
    // Where an action has a name of its own, and where it is chosen among some.
    let (mut told, mut chosen) = (String::new(), String::new());
    for path in rust_files(&root().join("src")) {
        let place = path.display().to_string();
        let code = std::fs::read_to_string(&path).expect("a source file");
        if code.contains("audit::") && !place.contains("/schema/") && !place.contains("/tests/") {
            let mut deeds = code.split("Deed::of(").skip(1);
            if deeds.any(|deed| !deed.trim_start().starts_with('"')) {
                chosen += &code;
            }
            told += &code;
        }
    }
    let missing: Vec<&&str> = fields
        .iter()
        .filter(|field| !told.contains(&format!("Deed::of(\"{field}\")")))
        .filter(|field| !chosen.contains(&format!("\"{field}\"")))
        .filter(|field| !LEFT_OUT.iter().any(|(left_out, _)| left_out == *field))
        .collect();
    assert!(
        missing.is_empty(),
        "no service tells the audit log of {missing:?}: call `audit::record`, or say in LEFT_OUT why not"
    );
}
