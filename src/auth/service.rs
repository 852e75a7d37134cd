//! Does: signs people in, tells who is asking, and answers who works for a merchant.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::merchant::MerchantStatus;
use entity::{MerchantId, StaffId, TokenFamilyId, membership, merchant, staff};

use super::access::Access;
use super::keys::Keyring;
use super::members::{self, Colleague, NoMerchant};
use super::model::{Actor, Origin, Who};
use super::password::Passwords;
use super::refresh::SignedIn;
use super::refusal::SignInRefusal;
use super::secret;
use super::token::{AccessToken, Tokens};
use super::{api_key, model};
use crate::app::App;
use crate::audit::{self, By, Deed};
use crate::error::{Error, Failure};

/// Who is asking, and everything that answers it. A clone is cheap.
#[derive(Clone, Debug)]
pub struct Auth(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    app: App,
    passwords: Passwords,
    keyring: Keyring,
    tokens: Tokens,
    access: Access,
}

/// What a client holds after it signed in.
#[derive(Clone)]
pub struct Session {
    /// The access token.
    pub access_token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// What the next one is asked for with; used once.
    pub refresh_token: String,
    /// Who signed in.
    pub actor: Actor,
}

/// Who sent a bearer token, and what ends it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who.
    pub actor: Actor,
    /// When the token ends; none for an API key.
    pub expires_at: Option<DateTime<Utc>>,
    /// The sign-in that the token descends from; none for an API key.
    pub sign_in: Option<TokenFamilyId>,
}

impl Auth {
    /// Reads the signing keys and makes the first one where there is none. The database is migrated.
    pub async fn start(app: &App) -> Result<Self, Error> {
        let keyring = Keyring::start(app).await?;
        Ok(Self(Arc::new(Shared {
            passwords: Passwords::start(&app.settings.auth).await?,
            tokens: Tokens::new(app, &keyring),
            access: Access::new(app),
            keyring,
            app: app.clone(),
        })))
    }

    /// The keys that sign access tokens; their public halves are `/jwks.json`.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn access(&self) -> &Access {
        &self.0.access
    }

    /// Who sends a bearer token: a member of staff's access token or a shop's API key. Everything
    /// that does not let somebody act now is `Unauthenticated`.
    pub async fn authenticate(&self, bearer: &str, ip: Option<IpAddr>) -> Result<Actor, Error> {
        Ok(self.authenticate_until(bearer, ip).await?.actor)
    }

    /// As [`Auth::authenticate`], and what ends it: for connections that may outlive it. Of an API key,
    /// [`Auth::recheck`] knows.
    pub async fn authenticate_until(
        &self,
        bearer: &str,
        ip: Option<IpAddr>,
    ) -> Result<Known, Error> {
        if bearer.starts_with(secret::API_KEY) || api_key::is_publishable(bearer) {
            return Ok(Known {
                actor: self.api_key_actor(bearer, ip).await?,
                expires_at: None,
                sign_in: None,
            });
        }
        let verified = self.0.tokens.verify(bearer).await?;
        let sign_in = Some(verified.family_id);
        let actor = self.staff_actor(verified.merchant_id, verified.staff_id, sign_in);
        Ok(Known {
            actor: actor.await?,
            expires_at: Some(verified.expires_at()),
            sign_in,
        })
    }

    /// Whether an actor may still act, by the sign-in that they came with, and what they may do now: for
    /// connections that outlive a token. Costs nothing more often than every five seconds.
    pub async fn recheck(
        &self,
        actor: &Actor,
        sign_in: Option<TokenFamilyId>,
    ) -> Result<Actor, Error> {
        match actor.who {
            Who::System | Who::Link => Ok(actor.clone()),
            Who::Staff { staff_id, .. } => {
                self.staff_actor(actor.merchant_id, staff_id, sign_in).await
            }
            Who::ApiKey(id) | Who::PublishableKey(id) => {
                let row = self.0.access.api_key(actor.merchant_id, id).await?;
                let now = self.app().clock.now();
                let row = row.filter(|row| api_key::is_alive(row, now));
                let row = row.ok_or(Error::Unauthenticated)?;
                if !self.0.access.is_open(actor.merchant_id).await? {
                    return Err(Error::Unauthenticated);
                }
                Ok(api_key::actor_of(&row))
            }
        }
    }

    async fn staff_actor(
        &self,
        merchant_id: MerchantId,
        staff_id: StaffId,
        sign_in: Option<TokenFamilyId>,
    ) -> Result<Actor, Error> {
        let standing = self.0.access.standing(merchant_id, staff_id).await?;
        let standing = standing.ok_or(Error::Unauthenticated)?;
        if standing.has_ended(sign_in) {
            return Err(Error::Unauthenticated);
        }
        let role = standing.role;
        if !self.0.access.is_open(merchant_id).await? {
            return Err(Error::Unauthenticated);
        }
        Ok(Actor {
            merchant_id,
            who: Who::Staff { staff_id, role },
            scopes: model::Scopes::of_role(role),
            origin: None,
        })
    }

    /// Signs a person in to a merchant; without one, to the first that they joined. An unknown
    /// address and a wrong password give the same answer after the same time; after some of them nobody may
    /// try for a while: see [`super::delay`].
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        merchant_id: Option<MerchantId>,
        origin: &Origin,
    ) -> Result<Session, Failure<SignInRefusal>> {
        let found = self.by_password(email, password, origin).await?;
        let staff = found.ok_or(Failure::Refused(SignInRefusal::WrongCredentials))?;
        let db = self.app().db.reads_across();
        let memberships = members::memberships(db, staff.id).await?;
        let chosen = members::choose(&memberships, merchant_id);
        let (membership, _) = chosen.map_err(|no| {
            Failure::Refused(match no {
                NoMerchant::NotAMember => SignInRefusal::NotAMember,
                NoMerchant::Closed => SignInRefusal::MerchantClosed,
            })
        })?;
        let begun = self.begin_family(&staff, membership, origin).await?;
        // Another password was chosen while this one was looked at.
        let (signed_in, refresh_token) =
            begun.ok_or(Failure::Refused(SignInRefusal::WrongCredentials))?;
        Ok(self.session(signed_in, refresh_token).await?)
    }

    /// The account of a person who is signed in, where this is their password: asked for again before what a
    /// stolen session must not do. It is counted as an attempt to sign in.
    pub async fn maybe_prove_password(
        &self,
        actor: &Actor,
        staff_id: StaffId,
        password: &str,
    ) -> Result<Option<staff::Model>, Error> {
        let found = staff::Entity::of_ids([staff_id]);
        let known = found.one(self.app().db.reads_across()).await?;
        let email = known.ok_or(Error::Unauthenticated)?.email;
        let origin = actor.origin.as_deref().cloned().unwrap_or_default();
        self.by_password(&email, password, &origin).await
    }

    /// Has the audit logs of all merchants of an account tell of a refused sign-in: afterwards, so that the answer
    /// takes as long where there is no such account.
    fn tell_refused(&self, email: &str, origin: &Origin) {
        let (auth, email, origin) = (self.clone(), normal_email(email), origin.clone());
        self.app().tasks.spawn(async move {
            let told = auth.deny_sign_in(&email, &origin).await;
            if let Err(error) = told {
                tracing::warn!(?error, "a refused sign-in is not in the audit log");
            }
        });
    }

    async fn deny_sign_in(&self, email: &str, origin: &Origin) -> Result<(), Error> {
        let Some(person) = self.maybe_find_account(email).await? else {
            return Ok(());
        };
        for (membership, _) in self.list_memberships(person.id).await? {
            let by = By::staff(membership.merchant_id, person.id, origin);
            let deed = Deed::of("signIn").denied("WRONG_CREDENTIALS");
            audit::deny(self.app(), by, deed).await;
        }
        Ok(())
    }

    /// Whose address and password these are, counted: after some failures nobody may try for a while. The audit
    /// logs of an account's merchants tell of a wrong password.
    pub(crate) async fn by_password(
        &self,
        email: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<Option<staff::Model>, Error> {
        let attempt = self.attempt(email).await?;
        let found = match self.maybe_find_by_password(email, password).await {
            Ok(found) => found,
            Err(error) => {
                // Nobody has guessed anything: it was our fault, or too many came at once.
                if let Err(error) = self.take_back(email, attempt).await {
                    tracing::warn!(
                        ?error,
                        "an attempt to sign in that came to nothing is counted"
                    );
                }
                return Err(error);
            }
        };
        if found.is_none() {
            self.tell_refused(email, origin);
        } else {
            self.forget_failures(email).await?;
        }
        Ok(found)
    }

    /// Whose address and password these are. It takes as long where they are nobody's.
    async fn maybe_find_by_password(
        &self,
        email: &str,
        password: &str,
    ) -> Result<Option<staff::Model>, Error> {
        let found = staff::Entity::of_email(&normal_email(email))
            .one(self.app().db.reads_across())
            .await?;
        let hash = found.as_ref().map(|staff| staff.password_hash.as_str());
        let is_right = self.0.passwords.verify(password, hash).await?;
        Ok(found.filter(|_| is_right))
    }

    pub(crate) async fn session(
        &self,
        signed_in: SignedIn,
        refresh_token: String,
    ) -> Result<Session, Error> {
        let SignedIn {
            staff_id,
            merchant_id,
            family_id,
            ..
        } = signed_in;
        let access = self.0.tokens.sign(staff_id, merchant_id, family_id).await?;
        Ok(Session {
            access_token: access.text,
            expires_at: access.expires_at,
            refresh_token,
            actor: signed_in.actor(),
        })
    }

    /// An access token without a password, for the command line: of a member of staff in a merchant.
    pub async fn mint(
        &self,
        staff_id: StaffId,
        merchant_id: MerchantId,
    ) -> Result<AccessToken, Error> {
        self.maybe_find_staff(merchant_id, staff_id)
            .await?
            .ok_or(Error::NotFound)?;
        let family_id: TokenFamilyId = self.app().ids.next();
        self.0.tokens.sign(staff_id, merchant_id, family_id).await
    }

    /// As [`Auth::mint`], by e-mail address; for the first of their merchants where none is named.
    pub async fn mint_by_email(
        &self,
        email: &str,
        merchant_id: Option<MerchantId>,
    ) -> Result<AccessToken, Error> {
        let person = self.maybe_find_account(email).await?;
        let person = person.ok_or(Error::NotFound)?;
        let merchant_id = match merchant_id {
            Some(id) => id,
            None => {
                let memberships = self.list_memberships(person.id).await?;
                let first = memberships.first().ok_or(Error::NotFound)?;
                first.1.id
            }
        };
        self.mint(person.id, merchant_id).await
    }

    /// A merchant.
    pub async fn find_merchant(&self, id: MerchantId) -> Result<merchant::Model, Error> {
        let row = merchant::Entity::of(id)
            .one(&self.app().db.reads(id))
            .await?;
        row.ok_or(Error::NotFound)
    }

    /// A merchant's member of staff.
    pub async fn maybe_find_staff(
        &self,
        merchant_id: MerchantId,
        staff_id: StaffId,
    ) -> Result<Option<Colleague>, Error> {
        let db = &self.app().db.reads(merchant_id);
        Ok(members::colleagues(db, merchant_id, Some(vec![staff_id]))
            .await?
            .pop())
    }

    /// A merchant's members of staff, the longest first.
    pub async fn list_staff(&self, merchant_id: MerchantId) -> Result<Vec<Colleague>, Error> {
        Ok(members::colleagues(&self.app().db.reads(merchant_id), merchant_id, None).await?)
    }

    /// The merchants that a person may switch to, with the role in each; closed ones are left out.
    pub async fn list_memberships(
        &self,
        staff_id: StaffId,
    ) -> Result<Vec<(membership::Model, merchant::Model)>, Error> {
        let mut rows = members::memberships(self.app().db.reads_across(), staff_id).await?;
        rows.retain(|(_, merchant)| merchant.status != MerchantStatus::Closed);
        Ok(rows)
    }
}

/// An address as it is stored: case and blanks around it tell nobody apart.
pub(crate) fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}
