//! API keys: what they may do, from where, and until when.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::merchant::MerchantStatus;
use entity::{ApiKeyId, MerchantId};

use super::{Stage, assert_nobody};
use crate::auth::api_key::{ApiKeyRow, NewApiKey};
use crate::auth::model::{Actor, Origin, Scope, Scopes, Who};
use crate::auth::refusal::{ApiKeyCreateRefusal, ApiKeyRevokeRefusal};
use crate::error::Failure;

fn wanted() -> NewApiKey {
    NewApiKey {
        publishable: false,
        name: "旗舰店".to_owned(),
        scopes: vec![Scope::OrdersCreate, Scope::OrdersRead],
        allowed_ips: Vec::new(),
        expires_at: None,
    }
}

impl Stage {
    async fn create(&self, wanted: NewApiKey) -> (ApiKeyRow, String) {
        let actor = self.owner_actor().await;
        let made = self.auth.api_key_create(&actor, wanted).await;
        made.unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    async fn create_refused(&self, actor: &Actor, wanted: NewApiKey) -> ApiKeyCreateRefusal {
        match self.auth.api_key_create(actor, wanted).await {
            Err(Failure::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_key_acts_for_its_merchant_with_its_scopes() {
    let stage = Stage::set().await;
    let (row, text) = stage.create(wanted()).await;
    let actor = stage.auth.authenticate(&text, None).await.unwrap();
    assert_eq!(actor.merchant_id, stage.merchant.id);
    assert_eq!(actor.who, Who::ApiKey(row.key.id));
    assert_eq!(
        actor.scopes,
        Scopes::of(&[Scope::OrdersCreate, Scope::OrdersRead])
    );
    assert_eq!(stage.auth.recheck(&actor, None).await.unwrap(), actor);

    let secret = text.rsplit_once('_').unwrap().1;
    let listed = stage.auth.list_api_keys(stage.merchant.id).await.unwrap();
    assert_eq!(listed, [row]);
    assert_eq!(listed[0].creator.as_ref().unwrap().staff.id, stage.owner.id);
    assert!(!format!("{listed:?}").contains(secret));

    let elsewhere = text.replacen(&stage.merchant.id.to_string()[4..], "0000000000007", 1);
    assert_nobody(stage.auth.authenticate(&elsewhere, None).await);
    let other_secret = format!("{}{}", &text[..text.len() - 64], "0".repeat(64));
    assert_nobody(stage.auth.authenticate(&other_secret, None).await);
}

#[tokio::test]
async fn a_revoked_key_ends_here_at_once_and_elsewhere_within_five_seconds() {
    let stage = Stage::set().await;
    let second = stage.second_instance().await;
    let (row, text) = stage.create(wanted()).await;
    stage.auth.authenticate(&text, None).await.unwrap();
    let actor = second.authenticate(&text, None).await.unwrap();

    let owner = stage.owner_actor().await;
    let revoked = stage
        .auth
        .api_key_revoke(&owner, row.key.id)
        .await
        .ok()
        .unwrap();
    assert!(revoked.key.revoked_at.is_some());
    assert_nobody(stage.auth.authenticate(&text, None).await);
    stage.pass(4);
    second.authenticate(&text, None).await.unwrap();
    stage.pass(1);
    assert_nobody(second.authenticate(&text, None).await);
    assert_nobody(second.recheck(&actor, None).await);

    let again = stage
        .auth
        .api_key_revoke(&owner, row.key.id)
        .await
        .ok()
        .unwrap();
    assert_eq!(again, revoked, "the first time counts");
    stage.pass(91 * 86_400);
    assert!(
        stage
            .auth
            .list_api_keys(stage.merchant.id)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_key_ends_by_itself_and_with_its_merchant() {
    let stage = Stage::set().await;
    let expires_at = Some(stage.now() + TimeDelta::seconds(60));
    let (_, short) = stage
        .create(NewApiKey {
            expires_at,
            ..wanted()
        })
        .await;
    let (_, long) = stage.create(wanted()).await;
    stage.pass(59);
    stage.auth.authenticate(&short, None).await.unwrap();
    stage.pass(1);
    assert_nobody(stage.auth.authenticate(&short, None).await);
    stage.auth.authenticate(&long, None).await.unwrap();
    stage.change_status(MerchantStatus::Closed).await;
    stage.pass(5);
    assert_nobody(stage.auth.authenticate(&long, None).await);
}

#[tokio::test]
async fn a_key_comes_only_from_where_it_may() {
    let stage = Stage::set().await;
    let allowed_ips = vec!["203.0.113.7".to_owned(), "2001:db8::/32".to_owned()];
    let (_, text) = stage
        .create(NewApiKey {
            allowed_ips,
            ..wanted()
        })
        .await;
    for good in ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::1"] {
        stage
            .auth
            .authenticate(&text, Some(good.parse().unwrap()))
            .await
            .unwrap();
    }
    assert_nobody(
        stage
            .auth
            .authenticate(&text, Some("203.0.113.8".parse().unwrap()))
            .await,
    );
    assert_nobody(stage.auth.authenticate(&text, None).await);
}

#[tokio::test]
async fn a_key_that_cannot_be_meant_is_not_made() {
    let stage = Stage::set().await;
    let owner = stage.owner_actor().await;
    let past = Some(stage.now());
    let entry = "example.com".to_owned();
    for (wanted, refusal) in [
        (
            NewApiKey {
                name: " ".to_owned(),
                ..wanted()
            },
            ApiKeyCreateRefusal::InvalidName { longest: 100 },
        ),
        (
            NewApiKey {
                scopes: Vec::new(),
                ..wanted()
            },
            ApiKeyCreateRefusal::NoScopes,
        ),
        (
            NewApiKey {
                expires_at: past,
                ..wanted()
            },
            ApiKeyCreateRefusal::ExpiresInPast,
        ),
        (
            NewApiKey {
                scopes: Vec::new(),
                publishable: true,
                allowed_ips: vec!["203.0.113.7".to_owned()],
                ..wanted()
            },
            ApiKeyCreateRefusal::PublishableFromAnywhere,
        ),
        (
            NewApiKey {
                allowed_ips: vec![entry.clone()],
                ..wanted()
            },
            ApiKeyCreateRefusal::InvalidAddress { entry },
        ),
        (
            NewApiKey {
                allowed_ips: vec!["10.0.0.1".to_owned(); 51],
                ..wanted()
            },
            ApiKeyCreateRefusal::TooManyAddresses { most: 50 },
        ),
    ] {
        assert_eq!(stage.create_refused(&owner, wanted).await, refusal);
    }
}

#[tokio::test]
async fn a_key_never_exceeds_its_maker() {
    let stage = Stage::set().await;
    stage.colleague("viewer@example.com", Role::Viewer).await;
    let session = stage
        .auth
        .sign_in(
            "viewer@example.com",
            super::PASSWORD,
            None,
            &Origin::default(),
        )
        .await;
    let viewer = session.ok().unwrap().actor;
    let refusal = stage.create_refused(&viewer, wanted()).await;
    let scope = Scope::OrdersCreate.name();
    assert_eq!(refusal, ApiKeyCreateRefusal::ScopeNotHeld { scope });

    let all = NewApiKey {
        scopes: Scope::ALL.to_vec(),
        ..wanted()
    };
    let (_, text) = stage.create(all).await;
    let key = stage.auth.authenticate(&text, None).await.unwrap();
    assert_eq!(
        stage.create_refused(&key, wanted()).await,
        ApiKeyCreateRefusal::StaffOnly
    );
}

#[tokio::test]
async fn another_merchants_key_cannot_be_told_from_none() {
    let stage = Stage::set().await;
    let (row, text) = stage.create(wanted()).await;
    let mut stranger = stage.owner_actor().await;
    stranger.merchant_id = MerchantId(7);
    for id in [row.key.id, ApiKeyId(1)] {
        let answer = stage.auth.api_key_revoke(&stranger, id).await;
        assert!(matches!(
            answer,
            Err(Failure::Refused(ApiKeyRevokeRefusal::NotFound))
        ));
        let found = stage
            .auth
            .maybe_find_api_key(stranger.merchant_id, id)
            .await
            .unwrap();
        assert_eq!(found, None);
    }
    stage.auth.authenticate(&text, None).await.unwrap();
}

#[tokio::test]
async fn a_merchant_has_at_most_a_hundred_keys() {
    let stage = Stage::set().await;
    let owner = stage.owner_actor().await;
    let mut last = None;
    for _ in 0..100 {
        last = Some(
            stage
                .auth
                .api_key_create(&owner, wanted())
                .await
                .ok()
                .unwrap(),
        );
    }
    let refusal = stage.create_refused(&owner, wanted()).await;
    assert_eq!(refusal, ApiKeyCreateRefusal::TooManyKeys { most: 100 });
    stage
        .auth
        .api_key_revoke(&owner, last.unwrap().0.key.id)
        .await
        .ok()
        .unwrap();
    stage
        .auth
        .api_key_create(&owner, wanted())
        .await
        .ok()
        .unwrap();
}
