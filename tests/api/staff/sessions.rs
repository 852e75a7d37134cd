//! Signed out everywhere: by a colleague, by oneself, by another password.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{PASSWORD, SIGN_OUT, asks, code, email, lets_in, signs_in};
use crate::everywhere;
use crate::support::{Client, World};

const REFRESH: &str = "mutation($token: String!) { tokenRefresh(input: { refreshToken: $token }) { \
    refreshToken userErrors { code } } }";

const OUT: &str = "mutation($token: String!) { signOut(input: { refreshToken: $token, everywhere: true }) { \
    signedOut userErrors { code } } }";

const CHANGE: &str = "mutation($current: String!, $new: String!) { passwordChange(input: { \
    currentPassword: $current, newPassword: $new }) { accessToken refreshToken userErrors { code } } }";

async fn refreshes(world: &World, signed_in: &Value) -> String {
    let nobody = Client::anonymous(world.gateway.clone());
    let payload = asks(
        &nobody,
        REFRESH,
        json!({ "token": signed_in["refreshToken"] }),
    )
    .await;
    code(&payload).to_owned()
}

everywhere! {
    async fn who_is_signed_out_is_so_everywhere_and_signs_in_again(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let other = world.another_instance().await;
        let address = email(&merchant, "viewer");
        let signed_in = signs_in(&world, &address, PASSWORD).await;
        let token = signed_in["accessToken"].as_str().expect("a token");
        assert!(other.auth.authenticate(token, None).await.is_ok());
        world.clock.advance(TimeDelta::seconds(1));
        let id = merchant.staff(Role::Viewer).to_string();
        let out = asks(&merchant.owner().await, SIGN_OUT, json!({ "id": id })).await;
        assert_eq!(out["staff"]["id"], id);
        assert!(!lets_in(&world, &signed_in["accessToken"]).await, "here at once");
        assert_eq!(refreshes(&world, &signed_in).await, "INVALID_TOKEN");
        let again = signs_in(&world, &address, PASSWORD).await;
        assert!(lets_in(&world, &again["accessToken"]).await);
        world.clock.advance(TimeDelta::seconds(5));
        assert!(other.auth.authenticate(token, None).await.is_err(), "elsewhere within five seconds");
        assert!(lets_in(&world, &again["accessToken"]).await);
        assert_eq!(refreshes(&world, &again).await, "none");
    }

    async fn who_signs_out_everywhere_ends_all_their_sign_ins(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let address = email(&merchant, "viewer");
        let here = signs_in(&world, &address, PASSWORD).await;
        let there = signs_in(&world, &address, PASSWORD).await;
        world.clock.advance(TimeDelta::seconds(1));
        let nobody = Client::anonymous(world.gateway.clone());
        let out = json!({ "token": here["refreshToken"] });
        assert_eq!(asks(&nobody, OUT, out.clone()).await["signedOut"], true);
        for signed_in in [&here, &there] {
            assert!(!lets_in(&world, &signed_in["accessToken"]).await);
            assert_eq!(refreshes(&world, signed_in).await, "INVALID_TOKEN");
        }
        // A token that has ended signs nobody out any more.
        let again = signs_in(&world, &address, PASSWORD).await;
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(asks(&nobody, OUT, out).await["signedOut"], true);
        assert!(lets_in(&world, &again["accessToken"]).await);
    }

    async fn another_password_ends_what_the_one_before_signed_in(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let address = email(&merchant, "viewer");
        let before = signs_in(&world, &address, PASSWORD).await;
        world.clock.advance(TimeDelta::seconds(1));
        let token = before["accessToken"].as_str().expect("a token");
        let viewer = Client::bearer(world.gateway.clone(), token).await;
        for (current, new, wanted) in [
            ("guessed", "another password", "WRONG_PASSWORD"),
            (PASSWORD, "short", "INVALID_PASSWORD"),
        ] {
            let passwords = json!({ "current": current, "new": new });
            assert_eq!(code(&asks(&viewer, CHANGE, passwords).await), wanted);
        }
        let passwords = json!({ "current": PASSWORD, "new": "another password" });
        let after = asks(&viewer, CHANGE, passwords).await;
        assert!(lets_in(&world, &after["accessToken"]).await, "{after}");
        assert!(!lets_in(&world, &before["accessToken"]).await);
        assert_eq!(refreshes(&world, &before).await, "INVALID_TOKEN");
        assert_eq!(refreshes(&world, &after).await, "none");
        assert_eq!(code(&signs_in(&world, &address, PASSWORD).await), "WRONG_CREDENTIALS");
        assert_eq!(code(&signs_in(&world, &address, "another password").await), "none");
    }

    async fn the_sign_in_that_comes_with_another_password_outlives_the_change(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let address = email(&merchant, "viewer");
        let viewer = merchant.client(Role::Viewer).await;
        // Time passes while the password is hashed, as it does for everybody.
        let clock = world.clock.clone();
        let ticking = tokio::spawn(async move {
            loop {
                tokio::time::sleep(std::time::Duration::from_micros(100)).await;
                clock.advance(TimeDelta::milliseconds(5));
            }
        });
        let passwords = json!({ "current": PASSWORD, "new": "another password" });
        let after = asks(&viewer, CHANGE, passwords).await;
        ticking.abort();
        assert!(lets_in(&world, &after["accessToken"]).await, "{after}");
        assert_eq!(refreshes(&world, &after).await, "none");
        assert_eq!(code(&signs_in(&world, &address, "another password").await), "none");
    }
}
