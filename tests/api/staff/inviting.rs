//! Invitations: one open for an address, for seven days, accepted once.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{
    ACCEPT, INVITE, PASSWORD, REMOVE, accepts, another_owner, asks, code, email, invited, lets_in,
    signs_in,
};
use crate::audit::log;
use crate::everywhere;
use crate::schema::items;
use crate::support::Client;

const REVOKE: &str = "mutation($id: ID!) { staffInvitationRevoke(input: { id: $id }) { \
    invitation { state } userErrors { code } } }";

const LIST: &str = "{ staffInvitations { id email role state } }";

everywhere! {
    async fn who_is_invited_makes_an_account_and_works_here(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let wanted = json!({ "email": " Fang@Shop.Example ", "role": "SUPPORT" });
        let payload = asks(&owner, INVITE, wanted).await;
        let invitation = &payload["invitation"];
        assert_eq!(invitation["email"], "fang@shop.example");
        assert_eq!((&invitation["role"], &invitation["state"]), (&json!("SUPPORT"), &json!("OPEN")));
        assert_eq!(invitation["expiresAt"], "2026-11-30T04:00:00.000Z");
        assert_eq!(invitation["invitedBy"], merchant.staff(Role::Owner).to_string());
        let token = payload["token"].as_str().expect("a secret");
        let joined = accepts(&world, token, "a password of mine").await;
        assert_eq!(code(&joined), "none");
        let viewer = &joined["viewer"];
        assert_eq!(viewer["role"], "SUPPORT");
        assert_eq!(viewer["staff"]["name"], "王芳");
        assert_eq!(viewer["merchant"]["id"], merchant.id.to_string());
        assert!(lets_in(&world, &joined["accessToken"]).await);
        let signed_in = signs_in(&world, "fang@shop.example", "a password of mine").await;
        assert_eq!(code(&signed_in), "none");
        // The secret is used up, and nobody is invited any more.
        assert_eq!(code(&accepts(&world, token, "a password of mine").await), "INVALID_TOKEN");
        assert_eq!(owner.data(LIST, Value::Null).await["staffInvitations"], json!([]));
        let told = log(&owner, Value::Null).await;
        let actions: Vec<&str> = told.iter().map(|it| it["action"].as_str().expect("a name")).collect();
        assert_eq!(actions, ["signIn", "staffInvitationAccept", "staffInvite"]);
        assert_eq!(told[1]["actor"]["name"], "王芳");
        let text = Value::Array(told).to_string();
        assert!(!text.contains("yi_") && !text.contains("fang@"), "{text}");
    }

    async fn who_has_an_account_joins_by_its_password_and_guesses_are_counted(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let address = email(&theirs, "viewer");
        let token = invited(&ours, &address, "SUPPORT").await;
        assert_eq!(code(&accepts(&world, &token, "guessed").await), "WRONG_PASSWORD");
        let joined = accepts(&world, &token, PASSWORD).await;
        assert_eq!(joined["viewer"]["staff"]["id"], theirs.staff(Role::Viewer).to_string());
        assert_eq!(joined["viewer"]["staff"]["name"], "Viewer", "an account keeps its name");
        assert_eq!(joined["viewer"]["role"], "SUPPORT");
        let token = invited(&ours, &email(&theirs, "finance"), "VIEWER").await;
        for _ in 0..4 {
            assert_eq!(code(&accepts(&world, &token, "guessed").await), "WRONG_PASSWORD");
        }
        let nobody = Client::anonymous(world.gateway.clone());
        let wanted = json!({ "token": token, "name": "x", "password": "guessed" });
        assert_eq!(nobody.error(ACCEPT, wanted).await.0, "RATE_LIMITED");
        let again = json!({ "email": address, "role": "VIEWER" });
        assert_eq!(code(&asks(&ours.owner().await, INVITE, again).await), "ALREADY_MEMBER");
    }

    async fn only_the_newest_secret_of_an_open_invitation_is_worth_something(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let first = invited(&merchant, "fang@shop.example", "VIEWER").await;
        let second = invited(&merchant, "fang@shop.example", "SUPPORT").await;
        let owner = merchant.owner().await;
        let open = owner.data(LIST, Value::Null).await["staffInvitations"].clone();
        assert_eq!(items(&open).count(), 1);
        assert_eq!(open[0]["role"], "SUPPORT");
        assert_eq!(code(&accepts(&world, &first, PASSWORD).await), "INVALID_TOKEN");
        // It ends after seven days, and is renewed by inviting again.
        world.clock.advance(TimeDelta::days(7));
        assert_eq!(code(&accepts(&world, &second, PASSWORD).await), "INVALID_TOKEN");
        let owner = merchant.owner().await;
        assert_eq!(owner.data(LIST, Value::Null).await["staffInvitations"][0]["state"], "EXPIRED");
        let third = invited(&merchant, "fang@shop.example", "SUPPORT").await;
        let revoked = asks(&owner, REVOKE, json!({ "id": open[0]["id"] })).await;
        assert_eq!(revoked["invitation"]["state"], "REVOKED");
        assert_eq!(code(&asks(&owner, REVOKE, json!({ "id": open[0]["id"] })).await), "none");
        assert_eq!(code(&accepts(&world, &third, PASSWORD).await), "INVALID_TOKEN");
        let fourth = invited(&merchant, "fang@shop.example", "VIEWER").await;
        for (password, wanted) in [("short", "INVALID_PASSWORD"), (PASSWORD, "none")] {
            assert_eq!(code(&accepts(&world, &fourth, password).await), wanted);
        }
        for token in ["", "yi_0", &fourth.replace("yi_", "yr_")] {
            assert_eq!(code(&accepts(&world, token, PASSWORD).await), "INVALID_TOKEN");
        }
    }

    async fn who_is_let_go_has_invited_nobody(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = another_owner(&world, &merchant).await;
        let owner = Client::bearer(world.gateway.clone(), second["accessToken"].as_str().expect("one")).await;
        let friend = asks(&owner, INVITE, json!({ "email": "friend@shop.example", "role": "VIEWER" })).await;
        let second = second["viewer"]["staff"]["id"].clone();
        let removed = asks(&merchant.owner().await, REMOVE, json!({ "id": second })).await;
        assert_eq!(removed["removedId"], second);
        let token = friend["token"].as_str().expect("a secret");
        assert_eq!(code(&accepts(&world, token, PASSWORD).await), "INVALID_TOKEN");
    }

    async fn invitations_that_nobody_accepted_in_time_take_nobodys_place(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        for turn in 0..100 {
            let wanted = json!({ "email": format!("{turn}@shop.example"), "role": "VIEWER" });
            assert_eq!(code(&asks(&owner, INVITE, wanted).await), "none");
        }
        let more = json!({ "email": "more@shop.example", "role": "VIEWER" });
        assert_eq!(code(&asks(&owner, INVITE, more.clone()).await), "TOO_MANY_INVITATIONS");
        world.clock.advance(TimeDelta::days(7));
        assert_eq!(code(&asks(&merchant.owner().await, INVITE, more).await), "none");
    }

    async fn an_account_that_an_invitation_made_owns_no_new_merchant_unless_it_is_named(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let token = invited(&merchant, "boss@newshop.example", "VIEWER").await;
        let squatter = accepts(&world, &token, "a password of mine").await;
        let auth = &world.gateway.auth;
        let wanted = ("boss@newshop.example", "another password");
        assert!(auth.owner_account(wanted.0, wanted.1, None).await.is_err());
        let other = Some(merchant.staff(Role::Owner));
        assert!(auth.owner_account(wanted.0, wanted.1, other).await.is_err());
        let id = auth.maybe_find_account(wanted.0).await.unwrap().expect("an account").id;
        let (owner, is_new) = auth.owner_account(wanted.0, wanted.1, Some(id)).await.expect("named");
        assert!(!is_new && owner.id == id);
        // Whoever runs the gateway gives it to whose address it is.
        world.clock.advance(TimeDelta::milliseconds(1));
        auth.password_reset(id, wanted.1).await.expect("reset");
        assert!(!lets_in(&world, &squatter["accessToken"]).await);
        assert_eq!(code(&signs_in(&world, wanted.0, "a password of mine").await), "WRONG_CREDENTIALS");
        assert_eq!(code(&signs_in(&world, wanted.0, wanted.1).await), "none");
    }
}
