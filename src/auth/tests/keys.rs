//! Signing keys take turns, on one instance and on several.

use entity::signing_key;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};

use super::{Stage, assert_nobody};
use crate::auth::Auth;

fn kids(auth: &Auth) -> Vec<String> {
    let jwks = auth.keyring().jwks();
    let keys = jwks["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

async fn signer(auth: &Auth) -> String {
    auth.keyring().signer().await.unwrap().id().to_owned()
}

impl Stage {
    async fn remove_keys(&self) {
        signing_key::Entity::delete_many()
            .exec(self.app.db.writer())
            .await
            .unwrap();
    }

    async fn count_keys(&self) -> usize {
        let always = entity::Instant(chrono::DateTime::UNIX_EPOCH);
        let alive = signing_key::Entity::alive(always);
        alive.all(self.app.db.reads_across()).await.unwrap().len()
    }
}

#[tokio::test]
async fn the_public_halves_are_served_as_rfc_8037_has_them() {
    let stage = Stage::set().await;
    let jwks = stage.auth.keyring().jwks();
    let key = &jwks["keys"][0];
    for (name, value) in [
        ("kty", "OKP"),
        ("crv", "Ed25519"),
        ("use", "sig"),
        ("alg", "EdDSA"),
    ] {
        assert_eq!(key[name], value);
    }
    assert_eq!(key["x"].as_str().unwrap().len(), 43);
    assert_eq!(key["kid"], signer(&stage.auth).await);
    assert_eq!(key.as_object().unwrap().len(), 6, "nothing private: {key}");
}

#[tokio::test]
async fn the_next_key_is_known_before_it_signs_and_the_old_one_verifies_its_last_token() {
    let stage = Stage::set().await;
    let first = signer(&stage.auth).await;
    let turn = stage.app.settings.auth.signing_key_s;

    stage.pass(turn - 121);
    stage.auth.keyring().rotate().await.unwrap();
    assert_eq!(kids(&stage.auth), [first.as_str()]);

    stage.pass(1);
    stage.auth.keyring().rotate().await.unwrap();
    stage.auth.keyring().rotate().await.unwrap();
    assert_eq!(kids(&stage.auth).len(), 2, "made once, and served at once");
    assert_eq!(signer(&stage.auth).await, first, "not signing yet");

    stage.pass(119);
    let last = stage.sign_in().await.access_token;
    stage.pass(1);
    let second = signer(&stage.auth).await;
    assert_ne!(second, first);
    stage.pass(599);
    stage.auth.keyring().rotate().await.unwrap();
    stage.auth.authenticate(&last, None).await.unwrap();

    stage.pass(1_200);
    assert_eq!(kids(&stage.auth), [second.as_str()]);
    stage.pass(turn);
    stage.auth.keyring().rotate().await.unwrap();
    assert!(stage.count_keys().await <= 2, "retired keys are removed");
}

#[tokio::test]
async fn after_a_long_silence_a_key_is_made_on_the_spot() {
    let stage = Stage::set().await;
    stage.pass(400 * 86_400);
    let session = stage.sign_in().await;
    stage
        .auth
        .authenticate(&session.access_token, None)
        .await
        .unwrap();
}

#[tokio::test]
async fn of_many_instances_that_rotate_at_once_one_makes_the_key() {
    let stage = Stage::set().await;
    let second = stage.second_instance().await;
    assert_eq!(stage.count_keys().await, 1);
    stage.pass(stage.app.settings.auth.signing_key_s - 60);
    let at_once = (0..8).map(|n| {
        let auth = if n % 2 == 0 { &stage.auth } else { &second };
        auth.keyring().rotate()
    });
    for answer in futures_util::future::join_all(at_once).await {
        answer.unwrap();
    }
    assert_eq!(stage.count_keys().await, 2);
    assert_eq!(kids(&stage.auth).len(), 2);
}

#[tokio::test]
async fn an_unknown_key_makes_an_instance_look_but_not_more_than_every_five_seconds() {
    let stage = Stage::set().await;
    let second = stage.second_instance().await;
    stage.remove_keys().await;
    stage.auth.keyring().rotate().await.unwrap();
    let token = stage.sign_in().await.access_token;
    second.authenticate(&token, None).await.unwrap();

    stage.remove_keys().await;
    stage.auth.keyring().rotate().await.unwrap();
    let token = stage.sign_in().await.access_token;
    assert_nobody(second.authenticate(&token, None).await);
    stage.pass(5);
    second.authenticate(&token, None).await.unwrap();
}

#[tokio::test]
async fn a_removed_key_takes_its_tokens_with_it() {
    let stage = Stage::set().await;
    let token = stage.sign_in().await.access_token;
    stage.auth.authenticate(&token, None).await.unwrap();
    stage.remove_keys().await;
    stage.auth.keyring().rotate().await.unwrap();
    assert_nobody(stage.auth.authenticate(&token, None).await);
}

#[tokio::test]
async fn a_key_that_was_slipped_into_the_table_is_noticed() {
    let stage = Stage::set().await;
    let forged = signing_key::ActiveModel {
        public_key: ActiveValue::Set(vec![1; 32]),
        ..Default::default()
    };
    signing_key::Entity::update_many()
        .set(forged)
        .filter(signing_key::Column::Id.eq(signer(&stage.auth).await))
        .exec(stage.app.db.writer())
        .await
        .unwrap();
    assert!(stage.auth.keyring().rotate().await.is_err());
    // What was known before still works.
    let token = stage.sign_in().await.access_token;
    stage.auth.authenticate(&token, None).await.unwrap();
}
