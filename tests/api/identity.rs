//! Who is asking: sign-in, tokens that are used once, API keys, and what each may see.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test tells a story"
)]

mod delays;

use chrono::TimeDelta;
use entity::membership::{self, Role};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::error::Error;

use crate::everywhere;
use crate::schema::items;
use crate::support::{Client, Merchant, World};

const SIGN_IN: &str = "mutation($email: String!, $password: String!, $merchant: ID) { \
    signIn(input: { email: $email, password: $password, merchantId: $merchant }) { \
        accessToken refreshToken expiresAt viewer { role staff { email } merchant { id } scopes } \
        userErrors { code field message } } }";

const REFRESH: &str = "mutation($token: String!, $merchant: ID) { \
    tokenRefresh(input: { refreshToken: $token, merchantId: $merchant }) { \
        accessToken refreshToken viewer { role merchant { id } } userErrors { code field } } }";

const SIGN_OUT: &str = "mutation($token: String!) { signOut(input: { refreshToken: $token }) { \
    signedOut userErrors { code field } } }";

const KEY: &str = "mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { \
    secret apiKey { id status scopes allowedIps } userErrors { code field message } } }";

fn email(merchant: &Merchant, role: Role) -> String {
    format!("{role:?}.{}@shop.example", merchant.id).to_lowercase()
}

/// Signs somebody in and returns the payload.
async fn sign_in(world: &World, email: &str, password: &str) -> Value {
    let nobody = Client::anonymous(world.gateway.clone());
    let variables = json!({ "email": email, "password": password });
    nobody.data(SIGN_IN, variables).await["signIn"].clone()
}

async fn refresh(world: &World, token: &Value) -> Value {
    let nobody = Client::anonymous(world.gateway.clone());
    nobody.data(REFRESH, json!({ "token": token })).await["tokenRefresh"].clone()
}

/// The code of a payload's first refusal.
fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap_or("none")
}

/// Whether a token or key lets somebody in now.
async fn lets_in(world: &World, token: &str) -> bool {
    match world
        .gateway
        .auth
        .authenticate(token, Some([127, 0, 0, 1].into()))
        .await
    {
        Ok(_) => true,
        Err(Error::Unauthenticated) => false,
        Err(error) => panic!("{error:?}"),
    }
}

everywhere! {
    async fn a_member_of_staff_signs_in_and_acts(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let email = email(&merchant, Role::Support);
        let signed_in = sign_in(&world, &email, "correct horse battery").await;
        assert_eq!(signed_in["userErrors"], json!([]));
        assert_eq!(signed_in["expiresAt"], "2026-11-23T04:10:00.000Z");
        assert_eq!(signed_in["viewer"]["role"], "SUPPORT");
        assert_eq!(signed_in["viewer"]["staff"]["email"], email);
        assert_eq!(signed_in["viewer"]["merchant"]["id"], merchant.id.to_string());
        let token = signed_in["accessToken"].as_str().unwrap();
        let client = Client::bearer(world.gateway.clone(), token).await;
        let viewer = client.data("{ viewer { role } orders { totalCount } }", Value::Null).await;
        assert_eq!(viewer, json!({ "viewer": { "role": "SUPPORT" }, "orders": { "totalCount": 0 } }));
        // Capitals and blanks around an address are no difference.
        let loud = format!(" {} ", email.to_uppercase());
        assert_eq!(code(&sign_in(&world, &loud, "correct horse battery").await), "none");
    }

    async fn a_wrong_password_and_an_unknown_address_get_the_same_answer(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let email = email(&merchant, Role::Owner);
        let wrong = sign_in(&world, &email, "correct horse").await;
        let unknown = sign_in(&world, "nobody@shop.example", "correct horse").await;
        assert_eq!(wrong, unknown);
        assert_eq!(wrong, json!({
            "accessToken": null, "refreshToken": null, "expiresAt": null, "viewer": null,
            "userErrors": [{ "code": "WRONG_CREDENTIALS", "field": null,
                "message": "The e-mail address or the password is wrong." }],
        }));
        for (email, password) in [("", ""), (email.as_str(), ""), ("a@b", &"x".repeat(10_000))] {
            assert_eq!(code(&sign_in(&world, email, password).await), "WRONG_CREDENTIALS");
        }
        let chinese = Client::anonymous(world.gateway.clone()).in_chinese();
        let told = chinese.data(SIGN_IN, json!({ "email": email, "password": "no" })).await;
        assert_eq!(told["signIn"]["userErrors"][0]["message"], "邮箱或密码错误。");
    }

    async fn an_access_token_ends_after_ten_minutes(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let signed_in = sign_in(&world, &email(&merchant, Role::Owner), "correct horse battery").await;
        let token = signed_in["accessToken"].as_str().unwrap();
        world.clock.advance(TimeDelta::seconds(599));
        assert!(lets_in(&world, token).await);
        world.clock.advance(TimeDelta::seconds(61));
        assert!(!lets_in(&world, token).await);
    }

    async fn a_refresh_token_is_used_once_and_used_again_ends_the_sign_in(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let email = email(&merchant, Role::Owner);
        let first = sign_in(&world, &email, "correct horse battery").await["refreshToken"].clone();
        let elsewhere = sign_in(&world, &email, "correct horse battery").await["refreshToken"].clone();
        let second = refresh(&world, &first).await;
        assert_eq!(code(&second), "none");
        let token = second["accessToken"].as_str().unwrap();
        assert!(lets_in(&world, token).await);
        let third = refresh(&world, &second["refreshToken"]).await;
        assert_eq!(code(&third), "none");
        // Somebody has a copy of the second.
        assert_eq!(code(&refresh(&world, &second["refreshToken"]).await), "TOKEN_REUSED");
        assert_eq!(code(&refresh(&world, &third["refreshToken"]).await), "INVALID_TOKEN");
        assert_eq!(code(&refresh(&world, &elsewhere).await), "none", "another sign-in goes on");
        for nonsense in ["", "nonsense", token, "ygr_", &"x".repeat(10_000)] {
            assert_eq!(code(&refresh(&world, &json!(nonsense)).await), "INVALID_TOKEN", "{nonsense}");
        }
    }

    async fn a_refresh_token_left_unused_for_thirty_days_has_ended(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let email = email(&merchant, Role::Owner);
        let old = sign_in(&world, &email, "correct horse battery").await["refreshToken"].clone();
        world.clock.advance(TimeDelta::days(29));
        let newer = refresh(&world, &old).await;
        assert_eq!(code(&newer), "none");
        world.clock.advance(TimeDelta::days(31));
        assert_eq!(code(&refresh(&world, &newer["refreshToken"]).await), "INVALID_TOKEN");
    }

    async fn who_signs_out_has_signed_out(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let email = email(&merchant, Role::Owner);
        let token = sign_in(&world, &email, "correct horse battery").await["refreshToken"].clone();
        let next = refresh(&world, &token).await["refreshToken"].clone();
        let nobody = Client::anonymous(world.gateway.clone());
        for _ in 0..2 {
            let done = nobody.data(SIGN_OUT, json!({ "token": next })).await;
            assert_eq!(done["signOut"], json!({ "signedOut": true, "userErrors": [] }));
        }
        assert_eq!(code(&refresh(&world, &next).await), "INVALID_TOKEN");
        let done = nobody.data(SIGN_OUT, json!({ "token": "nonsense" })).await;
        assert_eq!(code(&done["signOut"]), "INVALID_TOKEN");
    }

    async fn a_person_of_two_merchants_switches_between_them(world: World) {
        let (one, two) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let auth = &world.gateway.auth;
        auth.membership_create(two.id, one.staff(Role::Owner), Role::Viewer).await.unwrap();
        let signed_in = sign_in(&world, &email(&one, Role::Owner), "correct horse battery").await;
        assert_eq!(signed_in["viewer"]["merchant"]["id"], one.id.to_string());
        let nobody = Client::anonymous(world.gateway.clone());
        let switched = nobody.data(REFRESH, json!({
            "token": signed_in["refreshToken"], "merchant": two.id.to_string() })).await;
        let switched = &switched["tokenRefresh"];
        assert_eq!(
            switched["viewer"],
            json!({ "role": "VIEWER", "merchant": { "id": two.id.to_string() } })
        );
        // What was sold there is not seen here.
        let order = one.paid_order("36.00").await;
        let token = switched["accessToken"].as_str().unwrap();
        let client = Client::bearer(world.gateway.clone(), token).await;
        let by = "query($id: ID!) { order(by: { id: $id }) { id } }";
        let (code, _) = client.error(by, json!({ "id": order.id.to_string() })).await;
        assert_eq!(code, "NOT_FOUND");
    }

    async fn an_api_key_acts_within_its_scopes_from_where_it_may_until_it_is_revoked(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let made = owner.data(KEY, json!({ "input": {
            "name": "店铺", "scopes": ["ORDERS_CREATE", "ORDERS_READ"],
            "allowedIps": ["127.0.0.0/8", "2001:db8::/32"] } })).await;
        let made = &made["apiKeyCreate"];
        assert_eq!(made["userErrors"], json!([]));
        let secret = made["secret"].as_str().unwrap();
        let shop = Client::bearer(world.gateway.clone(), secret).await;
        let create = crate::support::CREATE;
        let order = shop.data(create, json!({ "input": merchant.order_input("36.00") })).await;
        assert_eq!(order["orderCreate"]["order"]["paymentState"], "PENDING");
        let id = order["orderCreate"]["order"]["id"].clone();
        let by = "query($id: ID!) { order(by: { id: $id }) { timeline { actor } buyer { name } } }";
        let seen = shop.data(by, json!({ "id": id })).await;
        assert_eq!(seen["order"]["timeline"][0]["actor"], made["apiKey"]["id"]);
        let close = "mutation($id: ID!) { orderClose(input: { orderId: $id }) { order { id } } }";
        let (code, message) = shop.error(close, json!({ "id": id })).await;
        assert_eq!((code.as_str(), message.as_str()),
            ("FORBIDDEN", "You need the scope `orders:write` for this."));
        let (_, message) = shop.clone().in_chinese().error(close, json!({ "id": id })).await;
        assert_eq!(message, "此操作需要权限 `orders:write`。");

        let auth = &world.gateway.auth;
        for (ip, is_in) in [("127.9.9.9", true), ("10.0.0.1", false), ("2001:db8::7", true), ("::1", false)] {
            let from = auth.authenticate(secret, Some(ip.parse().unwrap())).await;
            assert_eq!(from.is_ok(), is_in, "{ip}");
        }
        assert!(auth.authenticate(secret, None).await.is_err(), "an address is needed");
        assert!(!lets_in(&world, &secret[..secret.len() - 1]).await);
        assert!(!lets_in(&world, &format!("{secret}x")).await);

        let list = "{ apiKeys { id name status scopes createdBy { role } } }";
        let listed = owner.data(list, Value::Null).await;
        assert_eq!(listed["apiKeys"], json!([{ "id": made["apiKey"]["id"], "name": "店铺",
            "status": "ACTIVE", "scopes": ["ORDERS_READ", "ORDERS_CREATE"], "createdBy": { "role": "OWNER" } }]));
        assert!(!listed.to_string().contains(secret), "a secret is shown once");

        let revoke = "mutation($id: ID!) { apiKeyRevoke(input: { id: $id }) { apiKey { status } userErrors { code } } }";
        for _ in 0..2 {
            let revoked = owner.data(revoke, json!({ "id": made["apiKey"]["id"] })).await;
            assert_eq!(revoked["apiKeyRevoke"], json!({ "apiKey": { "status": "REVOKED" }, "userErrors": [] }));
        }
        assert!(!lets_in(&world, secret).await);
    }

    async fn an_api_key_that_cannot_be_meant_is_not_made(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let input = |more: Value| {
            let mut input = json!({ "name": "店铺", "scopes": ["ORDERS_READ"] });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "input": input })
        };
        for (more, code, field) in [
            (json!({ "name": "  " }), "INVALID_NAME", "name"),
            (json!({ "name": "长".repeat(101) }), "INVALID_NAME", "name"),
            (json!({ "scopes": [] }), "NO_SCOPES", "scopes"),
            (json!({ "allowedIps": ["everywhere"] }), "INVALID_ADDRESS", "allowedIps"),
            (json!({ "allowedIps": ["10.0.0.0/33"] }), "INVALID_ADDRESS", "allowedIps"),
            (json!({ "allowedIps": vec!["10.0.0.1"; 51] }), "TOO_MANY_ADDRESSES", "allowedIps"),
            (json!({ "expiresAt": "2026-11-23T04:00:00Z" }), "EXPIRES_IN_PAST", "expiresAt"),
        ] {
            let made = owner.data(KEY, input(more.clone())).await;
            let error = &made["apiKeyCreate"]["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(field)), "{more}");
            assert_eq!(made["apiKeyCreate"]["secret"], Value::Null);
        }
        // Neither more than its maker has, nor by a key.
        let all = owner.data(KEY, input(json!({ "scopes": ["API_KEYS_WRITE"] }))).await;
        let secret = all["apiKeyCreate"]["secret"].as_str().unwrap();
        let key = Client::bearer(world.gateway.clone(), secret).await;
        let by_key = key.data(KEY, input(json!({ "scopes": ["API_KEYS_WRITE"] }))).await;
        assert_eq!(code(&by_key["apiKeyCreate"]), "STAFF_ONLY");
        let chinese = owner.clone().in_chinese().data(KEY, input(json!({ "scopes": [] }))).await;
        assert_eq!(chinese["apiKeyCreate"]["userErrors"][0]["message"], "请至少选择一个权限。");
    }

    async fn an_api_key_ends_at_its_hour(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let made = owner.data(KEY, json!({ "input": { "name": "x", "scopes": ["ORDERS_READ"],
            "expiresAt": "2026-11-23T05:00:00Z" } })).await;
        let secret = made["apiKeyCreate"]["secret"].as_str().unwrap();
        world.clock.advance(TimeDelta::minutes(59));
        assert!(lets_in(&world, secret).await);
        world.clock.advance(TimeDelta::minutes(1));
        assert!(!lets_in(&world, secret).await);
        let listed = owner.data("{ apiKeys { status } }", Value::Null).await;
        assert_eq!(listed["apiKeys"], json!([{ "status": "EXPIRED" }]));
    }

    async fn addresses_of_colleagues_are_masked_for_who_may_not_see_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for (role, sees_all) in [
            (Role::Owner, true),
            (Role::Support, true),
            (Role::Finance, false),
            (Role::Marketing, false),
            (Role::Viewer, false),
        ] {
            let client = merchant.client(role).await;
            let answer = client.data("{ staff { role email } viewer { staff { email } } }", Value::Null).await;
            assert_eq!(answer["viewer"]["staff"]["email"], email(&merchant, role), "one's own");
            for colleague in items(&answer["staff"]) {
                let of: Role = [Role::Owner, Role::Finance, Role::Support, Role::Marketing, Role::Viewer]
                    .into_iter()
                    .find(|of| format!("{of:?}").to_uppercase() == colleague["role"].as_str().unwrap())
                    .unwrap();
                let full = email(&merchant, of);
                let masked = format!("{}***@shop.example", &full[..1]);
                let wanted = if sees_all || of == role { full } else { masked };
                assert_eq!(colleague["email"], wanted, "{of:?} seen by {role:?}");
            }
        }
    }

    async fn who_loses_a_role_has_lost_it_after_five_seconds(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let signed_in = sign_in(&world, &email(&merchant, Role::Finance), "correct horse battery").await;
        let token = signed_in["accessToken"].as_str().unwrap();
        assert!(lets_in(&world, token).await);
        // Another instance removes the membership: this one finds out by itself.
        membership::Entity::delete_of(merchant.id)
            .filter(membership::Column::StaffId.eq(merchant.staff(Role::Finance)))
            .exec(world.app().db.writer())
            .await
            .expect("a membership");
        world.clock.advance(TimeDelta::milliseconds(5_000));
        assert!(!lets_in(&world, token).await);
        assert_eq!(code(&refresh(&world, &signed_in["refreshToken"]).await), "NOT_A_MEMBER");
        let again = sign_in(&world, &email(&merchant, Role::Finance), "correct horse battery").await;
        assert_eq!(code(&again), "NOT_A_MEMBER");
    }

    async fn who_gets_another_role_has_it_after_five_seconds(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let signed_in = sign_in(&world, &email(&merchant, Role::Viewer), "correct horse battery").await;
        let token = signed_in["accessToken"].as_str().unwrap();
        let role = async || {
            let client = Client::bearer(world.gateway.clone(), token).await;
            client.data("{ viewer { role } }", Value::Null).await["viewer"]["role"].clone()
        };
        assert_eq!(role().await, "VIEWER");
        membership::Entity::update_of(merchant.id)
            .filter(membership::Column::StaffId.eq(merchant.staff(Role::Viewer)))
            .col_expr(membership::Column::Role, sea_orm::sea_query::Expr::value(Role::Support))
            .exec(world.app().db.writer())
            .await
            .expect("a membership");
        world.clock.advance(TimeDelta::milliseconds(5_000));
        assert_eq!(role().await, "SUPPORT");
    }

    async fn tokens_are_proved_by_the_published_keys_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let signed_in = sign_in(&world, &email(&merchant, Role::Owner), "correct horse battery").await;
        let token = signed_in["accessToken"].as_str().unwrap();
        let jwks = serde_json::to_value(world.gateway.auth.keyring().jwks()).unwrap();
        let header = token.split('.').next().unwrap();
        let header = data_encoding::BASE64URL_NOPAD.decode(header.as_bytes()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["alg"], "EdDSA");
        let key = items(&jwks["keys"]).find(|key| key["kid"] == header["kid"]).expect("published");
        assert_eq!((&key["kty"], &key["crv"]), (&json!("OKP"), &json!("Ed25519")));
        assert_eq!(key.get("d"), None, "the private half is not published");
        // One letter less, another letter, another algorithm.
        let (body, signature) = token.rsplit_once('.').unwrap();
        let none = data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
        let claims = body.split_once('.').unwrap().1;
        for forged in [
            format!("{body}."),
            format!("{body}.{}", signature.chars().rev().collect::<String>()),
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            String::new(),
            "Bearer".to_owned(),
        ] {
            assert!(!lets_in(&world, &forged).await, "{forged}");
        }
    }
}
