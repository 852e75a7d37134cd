//! People: invited, let in, given roles, let go, signed out.

mod deciding;
mod inviting;
mod proving;
mod sessions;

use entity::membership::Role;
use serde_json::{Value, json};

use crate::support::{Client, Merchant, World};

const INVITE: &str = "mutation($email: String!, $role: Role!) { staffInvite(input: { email: $email, role: $role }) { \
    invitation { id email role state expiresAt invitedBy } token userErrors { code message } } }";

const ACCEPT: &str = "mutation($token: String!, $name: String!, $password: String!) { staffInvitationAccept(input: { \
    token: $token, name: $name, password: $password }) { accessToken viewer { role staff { id name email } \
    merchant { id } } userErrors { code } } }";

const UPDATE: &str = "mutation($id: ID!, $role: Role!) { staffUpdate(input: { id: $id, role: $role }) { \
    staff { role } userErrors { code } } }";

const REMOVE: &str = "mutation($id: ID!) { staffRemove(input: { id: $id }) { removedId apiKeys { name } \
    webhookEndpoints { url } userErrors { code } } }";

const SIGN_OUT: &str =
    "mutation($id: ID!) { staffSignOut(input: { id: $id }) { staff { id } userErrors { code } } }";

const SIGN_IN: &str = "mutation($email: String!, $password: String!) { signIn(input: { email: $email, \
    password: $password }) { accessToken refreshToken userErrors { code } } }";

const PASSWORD: &str = "correct horse battery";

/// The payload of a mutation.
async fn asks(client: &Client, document: &str, variables: Value) -> Value {
    let data = client.data(document, variables).await;
    let payload = data.as_object().and_then(|data| data.values().next());
    payload.expect("a payload").clone()
}

/// The code of a payload's first refusal; "none" where there is none.
fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap_or("none")
}

/// Invites somebody, and returns the invitation's secret.
async fn invited(merchant: &Merchant, email: &str, role: &str) -> String {
    let owner = merchant.owner().await;
    let payload = asks(&owner, INVITE, json!({ "email": email, "role": role })).await;
    let token = payload["token"].as_str();
    token.unwrap_or_else(|| panic!("{payload}")).to_owned()
}

/// Accepts an invitation as somebody who is not signed in.
async fn accepts(world: &World, token: &str, password: &str) -> Value {
    let nobody = Client::anonymous(world.gateway.clone());
    let wanted = json!({ "token": token, "name": "王芳", "password": password });
    asks(&nobody, ACCEPT, wanted).await
}

/// One more owner, whom nobody invited, as [`accepts`] tells of them.
async fn another_owner(world: &World, merchant: &Merchant) -> Value {
    let auth = &world.gateway.auth;
    let email = format!("second.{}@shop.example", merchant.id);
    let person = auth.staff_create(&email, "王芳", PASSWORD).await;
    let person = person.expect("an account");
    let joined = auth.membership_create(merchant.id, person.id, Role::Owner);
    joined.await.expect("a membership");
    let minted = auth.mint(person.id, merchant.id).await.expect("a token");
    json!({ "accessToken": minted.text, "viewer": { "staff": { "id": person.id.to_string() } } })
}

/// Signs somebody in, and returns the payload.
async fn signs_in(world: &World, email: &str, password: &str) -> Value {
    let nobody = Client::anonymous(world.gateway.clone());
    asks(
        &nobody,
        SIGN_IN,
        json!({ "email": email, "password": password }),
    )
    .await
}

/// Whether a token lets somebody in now.
async fn lets_in(world: &World, token: &Value) -> bool {
    let token = token.as_str().expect("a token");
    world.gateway.auth.authenticate(token, None).await.is_ok()
}

/// The address of a member of a merchant.
fn email(merchant: &Merchant, role: &str) -> String {
    format!("{role}.{}@shop.example", merchant.id)
}
