//! Access tokens: short-lived JWTs, signed with Ed25519. Whatever is not exactly what we sign fails.
//!
//! The header must be the one we write, to the letter: `EdDSA`, `at+jwt`, a key we know, nothing else.
//! So there is no `alg` to choose, no key to bring along (`jwk`, `jku`, `x5c`) and nothing `crit`ical.
//! The times are checked against the app's clock on every use, also of a token that is remembered.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{MerchantId, StaffId, TokenFamilyId};
use jsonwebtoken::{Algorithm, Header, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

use super::keys::Keyring;
use super::secret::{random_hex, sha256};
use crate::app::App;
use crate::error::Error;

/// How far the clocks of two instances may be apart.
pub const LEEWAY_S: i64 = 5;

/// The longest text that is looked at.
const LONGEST: usize = 2_048;

/// How many verdicts are remembered.
const REMEMBERED: u64 = 20_000;

/// What a token says, and nothing beside.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The member of staff.
    sub: String,
    /// The merchant.
    mer: String,
    /// The sign-in.
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
}

/// A new access token.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The text that clients send.
    pub text: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Who a token was made for. Whether they may still act is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The member of staff.
    pub staff_id: StaffId,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The sign-in that it descends from.
    pub family_id: TokenFamilyId,
    key_id: String,
    valid_from_s: i64,
    expires_at_s: i64,
}

impl Verified {
    /// When the token ends.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.expires_at_s, 0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    fn is_in_time(&self, now: DateTime<Utc>) -> bool {
        let now_s = now.timestamp();
        self.valid_from_s <= now_s.saturating_add(LEEWAY_S)
            && now_s < self.expires_at_s.saturating_add(LEEWAY_S)
    }
}

/// Signs and verifies access tokens.
#[derive(Clone, Debug)]
pub struct Tokens {
    app: App,
    keyring: Keyring,
    validation: Validation,
    /// Good tokens by their SHA-256: a signature costs a tenth of a millisecond, this a microsecond.
    verdicts: Cache<[u8; 32], Verified>,
}

impl Tokens {
    /// Tokens signed with the keys of a keyring.
    #[must_use]
    pub fn new(app: &App, keyring: &Keyring) -> Self {
        let settings = &app.settings.auth;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.issuer]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // The library asks the system's clock; `is_in_time` asks the app's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let life = u64::try_from(settings.access_token_s).unwrap_or(1);
        Self {
            app: app.clone(),
            keyring: keyring.clone(),
            validation,
            verdicts: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(Duration::from_secs(life))
                .build(),
        }
    }

    /// Signs a token for a member of staff of a merchant.
    pub async fn sign(
        &self,
        staff_id: StaffId,
        merchant_id: MerchantId,
        family_id: TokenFamilyId,
    ) -> Result<AccessToken, Error> {
        let key = self.keyring.signer().await?;
        let settings = &self.app.settings.auth;
        let now = self.app.clock.now();
        let expires_at = now + TimeDelta::seconds(settings.access_token_s);
        let claims = Claims {
            iss: settings.issuer.clone(),
            aud: settings.issuer.clone(),
            sub: staff_id.to_string(),
            mer: merchant_id.to_string(),
            sid: family_id.to_string(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: expires_at.timestamp(),
            jti: random_hex::<16>()?,
        };
        let text = jsonwebtoken::encode(&header(key.id()), &claims, key.signing())
            .map_err(|error| Error::internal(format!("signing a token: {error}")))?;
        let expires_at = DateTime::from_timestamp(claims.exp, 0).unwrap_or(expires_at);
        Ok(AccessToken { text, expires_at })
    }

    /// Who a token was made for; everything but a good token in its time is `Unauthenticated`.
    pub async fn verify(&self, text: &str) -> Result<Verified, Error> {
        if text.len() > LONGEST {
            return Err(Error::Unauthenticated);
        }
        let hash = sha256(text.as_bytes());
        let verified = match self.verdicts.get(&hash) {
            // A key that was removed takes its tokens with it.
            Some(verified) if self.keyring.known(&verified.key_id).is_some() => verified,
            Some(_) => return Err(Error::Unauthenticated),
            None => {
                let verified = self.check(text).await?;
                if verified.is_in_time(self.app.clock.now()) {
                    self.verdicts.insert(hash, verified.clone());
                }
                verified
            }
        };
        if verified.is_in_time(self.app.clock.now()) {
            Ok(verified)
        } else {
            Err(Error::Unauthenticated)
        }
    }

    /// Checks everything but the times.
    async fn check(&self, text: &str) -> Result<Verified, Error> {
        let stranger = |_| Error::Unauthenticated;
        let found = jsonwebtoken::decode_header(text).map_err(stranger)?;
        let key_id = found.kid.as_deref().ok_or(Error::Unauthenticated)?;
        if found != header(key_id) {
            return Err(Error::Unauthenticated);
        }
        let key = self.keyring.maybe_find(key_id).await?;
        let key = key.ok_or(Error::Unauthenticated)?;
        let claims = jsonwebtoken::decode::<Claims>(text, key.verifying(), &self.validation)
            .map_err(|_| Error::Unauthenticated)?
            .claims;
        let unread = |_| Error::Unauthenticated;
        Ok(Verified {
            staff_id: claims.sub.parse().map_err(unread)?,
            merchant_id: claims.mer.parse().map_err(unread)?,
            family_id: claims.sid.parse().map_err(unread)?,
            key_id: key.id().to_owned(),
            valid_from_s: claims.nbf.max(claims.iat),
            expires_at_s: claims.exp,
        })
    }
}

/// The header of a token of ours: exactly this.
fn header(key_id: &str) -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(key_id.to_owned());
    header
}
