//! Signing in, refreshing, signing out; and access that follows membership.

use entity::membership::Role;
use entity::merchant::MerchantStatus;
use entity::{MerchantId, refresh_token};

use super::{PASSWORD, Stage, assert_nobody};
use crate::auth::model::{Actor, Origin, Scopes, Who};
use crate::auth::refusal::{RefreshRefusal, SignInRefusal, SignOutRefusal, StaffCreateRefusal};
use crate::auth::service::Session;
use crate::error::{Error, Failure};

impl Stage {
    async fn refresh(&self, text: &str) -> Result<Session, RefreshRefusal> {
        self.refresh_for(text, None).await
    }

    async fn refresh_for(
        &self,
        text: &str,
        merchant_id: Option<MerchantId>,
    ) -> Result<Session, RefreshRefusal> {
        match self
            .auth
            .refresh(text, merchant_id, &Origin::default())
            .await
        {
            Ok(session) => Ok(session),
            Err(Failure::Refused(refusal)) => Err(refusal),
            Err(Failure::Failed(error)) => panic!("{error:?}"),
        }
    }

    async fn sign_in_refused(&self, email: &str, password: &str) -> SignInRefusal {
        self.sign_in_to_refused(email, password, None).await
    }

    async fn sign_in_to_refused(
        &self,
        email: &str,
        password: &str,
        merchant_id: Option<MerchantId>,
    ) -> SignInRefusal {
        match self
            .auth
            .sign_in(email, password, merchant_id, &Origin::default())
            .await
        {
            Err(Failure::Refused(refusal)) => refusal,
            Err(Failure::Failed(error)) => panic!("{error:?}"),
            Ok(session) => panic!("signed in: {:?}", session.actor),
        }
    }

    async fn is_signed_in(&self, session: &Session) -> Result<Actor, Error> {
        self.auth.authenticate(&session.access_token, None).await
    }
}

#[tokio::test]
async fn who_was_turned_away_has_guessed_nothing() {
    let stage = Stage::set().await;
    let email = "owner@example.com";
    // Three failures are free, and the fourth is followed by a wait: one less than that, and nothing is.
    for _ in 0..3 {
        let refusal = stage.sign_in_refused(email, "wrong").await;
        assert_eq!(refusal, SignInRefusal::WrongCredentials);
    }
    for place in [email, "nobody@example.com"] {
        let occupied = stage.auth.passwords().occupy();
        for _ in 0..5 {
            let turned_away = stage
                .auth
                .sign_in(place, PASSWORD, None, &Origin::default())
                .await
                .err();
            assert!(
                matches!(turned_away, Some(Failure::Failed(Error::LimitExceeded(_)))),
                "{turned_away:?}"
            );
        }
        drop(occupied);
    }
    for _ in 0..4 {
        let refusal = stage.sign_in_refused("nobody@example.com", "wrong").await;
        assert_eq!(refusal, SignInRefusal::WrongCredentials);
    }
    assert!(
        stage
            .auth
            .sign_in(email, PASSWORD, None, &Origin::default())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn who_signs_in_acts_with_their_role() {
    let stage = Stage::set().await;
    let session = stage
        .auth
        .sign_in(" Owner@Example.COM ", PASSWORD, None, &Origin::default())
        .await
        .ok()
        .unwrap();
    let actor = stage.is_signed_in(&session).await.unwrap();
    assert_eq!(actor, session.actor);
    assert_eq!(actor.merchant_id, stage.merchant.id);
    assert_eq!(
        actor.who,
        Who::Staff {
            staff_id: stage.owner.id,
            role: Role::Owner
        }
    );
    assert_eq!(actor.scopes, Scopes::of_role(Role::Owner));
    assert_eq!((session.expires_at - stage.now()).num_seconds(), 600);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_one_answer() {
    let stage = Stage::set().await;
    for (email, password) in [
        ("owner@example.com", "wrong horse"),
        ("owner@example.com", ""),
        ("nobody@example.com", PASSWORD),
        ("nobody@example.com", "nobody's"),
        ("", ""),
        ("owner@example.com", &"x".repeat(100_000)),
    ] {
        let refusal = stage.sign_in_refused(email, password).await;
        assert_eq!(refusal, SignInRefusal::WrongCredentials);
    }
}

#[tokio::test]
async fn nobody_signs_in_to_a_merchant_that_is_not_theirs_or_is_closed() {
    let stage = Stage::set().await;
    let (owner, id) = ("owner@example.com", stage.merchant.id);
    let stranger = Some(MerchantId(7));
    let refusal = stage.sign_in_to_refused(owner, PASSWORD, stranger).await;
    assert_eq!(refusal, SignInRefusal::NotAMember);
    stage
        .auth
        .staff_create("new@example.com", "新人", PASSWORD)
        .await
        .unwrap();
    let refusal = stage.sign_in_refused("new@example.com", PASSWORD).await;
    assert_eq!(refusal, SignInRefusal::NotAMember);

    let session = stage.sign_in().await;
    stage.change_status(MerchantStatus::Suspended).await;
    stage.pass(5);
    stage.is_signed_in(&session).await.unwrap();
    stage.change_status(MerchantStatus::Closed).await;
    stage.pass(5);
    assert_nobody(stage.is_signed_in(&session).await);
    assert_nobody(stage.auth.recheck(&session.actor, None).await);
    let refusal = stage.sign_in_to_refused(owner, PASSWORD, Some(id)).await;
    assert_eq!(refusal, SignInRefusal::MerchantClosed);
    let refusal = stage.refresh(&session.refresh_token).await.err().unwrap();
    assert_eq!(refusal, RefreshRefusal::MerchantClosed);

    // Another merchant of the same person is open.
    let another = stage.another_merchant().await;
    assert_eq!(stage.sign_in().await.actor.merchant_id, another.id);
}

#[tokio::test]
async fn a_removed_or_changed_membership_takes_effect_within_five_seconds() {
    let stage = Stage::set().await;
    let session = stage.sign_in().await;
    stage.is_signed_in(&session).await.unwrap();
    stage.change_role(Role::Viewer).await;
    stage.pass(5);
    let actor = stage.is_signed_in(&session).await.unwrap();
    assert_eq!(actor.scopes, Scopes::of_role(Role::Viewer));
    assert_eq!(
        stage.auth.recheck(&session.actor, None).await.unwrap(),
        actor
    );

    stage.remove_membership().await;
    stage.pass(4);
    stage.is_signed_in(&session).await.unwrap();
    stage.pass(1);
    assert_nobody(stage.is_signed_in(&session).await);
    assert_nobody(stage.auth.recheck(&session.actor, None).await);
    let refusal = stage.refresh(&session.refresh_token).await.err().unwrap();
    assert_eq!(refusal, RefreshRefusal::NotAMember);
    assert!(matches!(
        stage.auth.mint(stage.owner.id, stage.merchant.id).await,
        Err(Error::NotFound)
    ));
}

#[tokio::test]
async fn an_access_token_ends_also_where_it_was_seen_before() {
    let stage = Stage::set().await;
    let session = stage.sign_in().await;
    stage.is_signed_in(&session).await.unwrap();
    stage.pass(604);
    stage.is_signed_in(&session).await.unwrap();
    stage.pass(1);
    assert_nobody(stage.is_signed_in(&session).await);
}

#[tokio::test]
async fn a_refresh_token_is_used_once() {
    let stage = Stage::set().await;
    let first = stage.sign_in().await;
    let second = stage.refresh(&first.refresh_token).await.ok().unwrap();
    stage.is_signed_in(&second).await.unwrap();
    let third = stage.refresh(&second.refresh_token).await.ok().unwrap();
    let elsewhere = stage.sign_in().await;

    let refusal = stage.refresh(&first.refresh_token).await.err().unwrap();
    assert_eq!(refusal, RefreshRefusal::TokenReused);
    for ended in [&first, &second, &third] {
        let refusal = stage.refresh(&ended.refresh_token).await.err().unwrap();
        assert_eq!(
            refusal,
            RefreshRefusal::InvalidToken,
            "the family has ended"
        );
    }
    // Another sign-in goes on.
    stage.refresh(&elsewhere.refresh_token).await.ok().unwrap();
}

#[tokio::test]
async fn of_many_uses_at_once_one_wins_and_the_sign_in_ends() {
    let stage = Stage::set().await;
    let session = stage.sign_in().await;
    let second = stage.second_instance().await;
    let nowhere = Origin::default();
    let at_once = (0..8).map(|n| {
        let auth = if n % 2 == 0 { &stage.auth } else { &second };
        auth.refresh(&session.refresh_token, None, &nowhere)
    });
    let answers = futures_util::future::join_all(at_once).await;
    let won: Vec<Session> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(won.len(), 1);
    let refusal = stage.refresh(&won[0].refresh_token).await.err().unwrap();
    assert_eq!(refusal, RefreshRefusal::InvalidToken);
}

#[tokio::test]
async fn a_refresh_token_needs_its_secret() {
    let stage = Stage::set().await;
    let session = stage.sign_in().await;
    let mut text = session.refresh_token.clone();
    let last = text.pop().unwrap();
    text.push(if last == '0' { '1' } else { '0' });
    for text in [text.as_str(), "", "yr_", &session.access_token] {
        let refusal = stage.refresh(text).await.err().unwrap();
        assert_eq!(refusal, RefreshRefusal::InvalidToken);
        let answer = stage.auth.sign_out(text, false, &Origin::default()).await;
        assert!(matches!(
            answer,
            Err(Failure::Refused(SignOutRefusal::InvalidToken))
        ));
    }
    assert_nobody(stage.auth.authenticate(&session.refresh_token, None).await);
    // It was not used up.
    stage.refresh(&session.refresh_token).await.ok().unwrap();
}

#[tokio::test]
async fn a_refresh_token_ends_unused_and_is_removed() {
    let stage = Stage::set().await;
    let session = stage.sign_in().await;
    let life = stage.app.settings.auth.refresh_token_s;
    stage.pass(life - 1);
    let session = stage.refresh(&session.refresh_token).await.ok().unwrap();
    stage.pass(life);
    let refusal = stage.refresh(&session.refresh_token).await.err().unwrap();
    assert_eq!(refusal, RefreshRefusal::InvalidToken);
    assert_eq!(stage.auth.prune_refresh_tokens().await.unwrap(), 2);
    let rows = refresh_token::Entity::of_staff(stage.owner.id);
    let left = rows.all(stage.app.db.reads_across()).await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn refreshing_may_change_the_merchant() {
    let stage = Stage::set().await;
    let another = stage.another_merchant().await;
    let session = stage.sign_in().await;
    assert_eq!(
        session.actor.merchant_id, stage.merchant.id,
        "the first that they joined"
    );
    let stranger = Some(MerchantId(7));
    let refusal = stage
        .refresh_for(&session.refresh_token, stranger)
        .await
        .err()
        .unwrap();
    assert_eq!(refusal, RefreshRefusal::NotAMember);
    let moved = stage
        .refresh_for(&session.refresh_token, Some(another.id))
        .await
        .ok()
        .unwrap();
    assert_eq!(moved.actor.merchant_id, another.id);
    assert_eq!(moved.actor.scopes, Scopes::of_role(Role::Viewer));
    assert_eq!(stage.is_signed_in(&moved).await.unwrap(), moved.actor);
    let stayed = stage.refresh(&moved.refresh_token).await.ok().unwrap();
    assert_eq!(stayed.actor.merchant_id, another.id);
}

#[tokio::test]
async fn who_signs_out_cannot_refresh() {
    let stage = Stage::set().await;
    let first = stage.sign_in().await;
    let second = stage.refresh(&first.refresh_token).await.ok().unwrap();
    stage
        .auth
        .sign_out(&first.refresh_token, false, &Origin::default())
        .await
        .ok()
        .unwrap();
    stage
        .auth
        .sign_out(&second.refresh_token, false, &Origin::default())
        .await
        .ok()
        .unwrap();
    let refusal = stage.refresh(&second.refresh_token).await.err().unwrap();
    assert_eq!(refusal, RefreshRefusal::InvalidToken);
}

#[tokio::test]
async fn a_refresh_on_its_way_does_not_outlive_a_sign_out() {
    let stage = Stage::set().await;
    for later in 0..20 {
        let session = stage.sign_in().await;
        let sign_out = async {
            // Each time a read later, so that it meets the refresh at each of its steps.
            for _ in 0..later {
                stage.auth.find_merchant(stage.merchant.id).await.unwrap();
            }
            stage
                .auth
                .sign_out(&session.refresh_token, false, &Origin::default())
                .await
        };
        let nowhere = Origin::default();
        let refresh = stage.auth.refresh(&session.refresh_token, None, &nowhere);
        let (refreshed, signed_out) = futures_util::join!(refresh, sign_out);
        signed_out.ok().unwrap();
        if let Ok(refreshed) = refreshed {
            let refusal = stage.refresh(&refreshed.refresh_token).await.err().unwrap();
            assert_eq!(refusal, RefreshRefusal::InvalidToken);
        }
    }
}

#[tokio::test]
async fn an_account_needs_an_address_of_its_own_and_a_password() {
    let stage = Stage::set().await;
    for (email, name, password, wanted) in [
        (
            "OWNER@example.com",
            "王",
            PASSWORD,
            StaffCreateRefusal::EmailTaken,
        ),
        ("owner", "王", PASSWORD, StaffCreateRefusal::InvalidEmail),
        (
            "a b@example.com",
            "王",
            PASSWORD,
            StaffCreateRefusal::InvalidEmail,
        ),
        (
            "x@example.com",
            " ",
            PASSWORD,
            StaffCreateRefusal::InvalidName { longest: 100 },
        ),
        (
            "x@example.com",
            "王",
            "1234567",
            StaffCreateRefusal::InvalidPassword {
                fewest: 8,
                most: 256,
            },
        ),
    ] {
        match stage.auth.staff_create(email, name, password).await {
            Err(Failure::Refused(refusal)) => assert_eq!(refusal, wanted),
            other => panic!("{email}: {other:?}"),
        }
    }
}
