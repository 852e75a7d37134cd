//! The keys that sign access tokens: made ahead, taking turns, verifying until their last token ends.
//!
//! Every instance holds all living keys in memory and reads the table again once a minute. The next
//! key is written two minutes before it signs, so every instance (and whoever reads `/jwks.json`)
//! knows it before it meets its first token; a token of an unknown key makes an instance look at once.
//! The public half is always derived from the sealed private one: who can write to the table but has
//! no master key cannot slip in a key of their own.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use entity::{Instant, signing_key};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter,
};
use serde_json::{Value, json};

use super::secret::sha256;
use crate::app::App;
use crate::error::Error;

/// How long before it signs a key is made: two reloads of every instance.
const AHEAD: TimeDelta = TimeDelta::minutes(2);

/// How much longer than its turn a key may sign, where no instance was there to make the next.
const GRACE: TimeDelta = TimeDelta::minutes(10);

/// How often at most an unknown key makes an instance read the table.
const LOOK_AGAIN_MS: i64 = 5_000;

/// A number that all instances agree on, so that one makes the next key and the others wait.
const ROTATION_LOCK: i64 = 0x7969_6b65_7973;

/// A key, ready for use.
pub struct Key {
    id: String,
    public: Vec<u8>,
    verifying: DecodingKey,
    signing: EncodingKey,
    signs_from: DateTime<Utc>,
    retires_at: DateTime<Utc>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl Key {
    /// The `kid` of its tokens.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What signs.
    #[must_use]
    pub fn signing(&self) -> &EncodingKey {
        &self.signing
    }

    /// What verifies.
    #[must_use]
    pub fn verifying(&self) -> &DecodingKey {
        &self.verifying
    }

    fn open(row: signing_key::Model, app: &App) -> Result<Self, Error> {
        let pkcs8 = app.key.open(&row.sealed_private_key, &bound_to(&row.id))?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8)
            .map_err(|_| Error::internal(format!("signing key {} is no Ed25519 key", row.id)))?;
        let public = pair.public_key().as_ref().to_vec();
        if public != row.public_key {
            return Err(Error::internal(format!(
                "signing key {}: its halves do not belong together",
                row.id
            )));
        }
        Ok(Self {
            verifying: DecodingKey::from_ed_der(&public),
            signing: EncodingKey::from_ed_der(&pkcs8),
            id: row.id,
            public,
            signs_from: row.signs_from.0,
            retires_at: row.retires_at.0,
        })
    }
}

/// What the sealed half of a key is bound to.
pub(super) fn bound_to(id: &str) -> String {
    format!("signing_key/{id}")
}

/// How long keys and their tokens live.
#[derive(Clone, Copy, Debug)]
struct Turns {
    turn: TimeDelta,
    token: TimeDelta,
}

impl Turns {
    /// The key that signs now: the newest that has begun and outlives the tokens it would sign.
    fn signer(self, keys: &[Arc<Key>], now: DateTime<Utc>) -> Option<&Arc<Key>> {
        keys.iter()
            .filter(|key| key.signs_from <= now && now + self.token < key.retires_at)
            .max_by(|a, b| (a.signs_from, &a.id).cmp(&(b.signs_from, &b.id)))
    }

    /// When a key that should be made now begins to sign; none if none should be made.
    fn next(self, keys: &[Arc<Key>], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Some(signer) = self.signer(keys, now) else {
            return Some(now);
        };
        let is_ready = keys.iter().any(|key| key.signs_from > now);
        let is_due = now + AHEAD >= signer.signs_from + self.turn;
        (is_due && !is_ready).then(|| now + AHEAD)
    }
}

/// The keys of all instances, as this one knows them. Clones share them.
#[derive(Clone, Debug)]
pub struct Keyring(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    app: App,
    turns: Turns,
    keys: RwLock<Arc<[Arc<Key>]>>,
    /// One reload at a time.
    reloading: tokio::sync::Mutex<()>,
    /// When an unknown key last made this instance look, by the app's clock.
    looked_ms: AtomicI64,
}

impl Keyring {
    /// Reads the keys; makes the first one where there is none.
    pub async fn start(app: &App) -> Result<Self, Error> {
        let ring = Self(Arc::new(Shared {
            turns: Turns {
                turn: TimeDelta::seconds(app.settings.auth.signing_key_s),
                token: TimeDelta::seconds(
                    app.settings.auth.access_token_s + super::token::LEEWAY_S,
                ),
            },
            app: app.clone(),
            keys: RwLock::new(Arc::from([])),
            reloading: tokio::sync::Mutex::new(()),
            looked_ms: AtomicI64::new(0),
        }));
        ring.rotate().await?;
        Ok(ring)
    }

    /// Reads the keys again and, where it is time, makes the next one and removes those that verify
    /// nothing any more. Any number of instances may do so at once: one makes the key.
    pub async fn rotate(&self) -> Result<(), Error> {
        let _turn = self.0.reloading.lock().await;
        self.reload().await?;
        if self.0.turns.next(&self.keys(), self.now()).is_none() {
            return Ok(());
        }
        let ring = self.clone();
        let app = &self.0.app;
        app.db
            .transaction_across(move |txn| {
                let ring = ring.clone();
                async move { ring.make_next(&txn).await }
            })
            .await
            .map_err(|error: Error| error)?;
        self.reload().await
    }

    /// Under the lock of all instances, asks again whether a key is due, and makes it.
    async fn make_next(&self, txn: &DatabaseTransaction) -> Result<(), Error> {
        let Shared { app, turns, .. } = &*self.0;
        if app.db.backend() == DbBackend::Postgres {
            txn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({ROTATION_LOCK})"))
                .await?;
        }
        let now = self.now();
        let rows = signing_key::Entity::alive(Instant(now)).all(txn).await?;
        let keys = open_all(rows, app)?;
        let Some(signs_from) = turns.next(&keys, now) else {
            return Ok(());
        };
        let row = generate(
            app,
            now,
            signs_from,
            signs_from + turns.turn + turns.token + GRACE,
        )?;
        tracing::info!(kid = row.id.try_as_ref().map_or("", String::as_str), %signs_from, "a signing key was made");
        signing_key::Entity::insert(row)
            .exec_without_returning(txn)
            .await?;
        signing_key::Entity::delete_many()
            .filter(signing_key::Column::RetiresAt.lte(Instant(now)))
            .exec(txn)
            .await?;
        Ok(())
    }

    async fn reload(&self) -> Result<(), Error> {
        let app = &self.0.app;
        let rows = signing_key::Entity::alive(Instant(self.now()))
            .all(app.db.reads_across())
            .await?;
        let keys = open_all(rows, app)?;
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::from(keys);
        Ok(())
    }

    /// The key that signs now; made on the spot where the worker that makes it ahead did not run.
    pub async fn signer(&self) -> Result<Arc<Key>, Error> {
        if let Some(key) = self.maybe_signer() {
            return Ok(key);
        }
        self.rotate().await?;
        self.maybe_signer()
            .ok_or_else(|| Error::internal("there is no key to sign with"))
    }

    fn maybe_signer(&self) -> Option<Arc<Key>> {
        let keys = self.keys();
        self.0.turns.signer(&keys, self.now()).map(Arc::clone)
    }

    /// The living key of a `kid`, if this instance knows it.
    #[must_use]
    pub fn known(&self, id: &str) -> Option<Arc<Key>> {
        let now = self.now();
        let keys = self.keys();
        let key = keys.iter().find(|key| key.id == id && now < key.retires_at);
        key.map(Arc::clone)
    }

    /// The living key of a `kid`. An unknown one is looked for in the table, at most once every five
    /// seconds, so that invented ones cost nothing.
    pub async fn maybe_find(&self, id: &str) -> Result<Option<Arc<Key>>, Error> {
        if let Some(key) = self.known(id) {
            return Ok(Some(key));
        }
        let _turn = self.0.reloading.lock().await;
        let now_ms = self.now().timestamp_millis();
        let since_ms = now_ms - self.0.looked_ms.load(Ordering::Relaxed);
        if !(0..LOOK_AGAIN_MS).contains(&since_ms) {
            self.0.looked_ms.store(now_ms, Ordering::Relaxed);
            self.reload().await?;
        }
        Ok(self.known(id))
    }

    /// The public halves (RFC 7517), the next key's included: what `/jwks.json` serves.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let now = self.now();
        let keys = self.keys();
        let keys: Vec<Value> = keys
            .iter()
            .filter(|key| now < key.retires_at)
            .map(|key| {
                json!({
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "x": BASE64URL_NOPAD.encode(&key.public),
                    "kid": key.id,
                    "use": "sig",
                    "alg": "EdDSA",
                })
            })
            .collect();
        json!({ "keys": keys })
    }

    fn keys(&self) -> Arc<[Arc<Key>]> {
        Arc::clone(&self.0.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.app.clock.now()
    }
}

fn open_all(rows: Vec<signing_key::Model>, app: &App) -> Result<Vec<Arc<Key>>, Error> {
    rows.into_iter()
        .map(|row| Key::open(row, app).map(Arc::new))
        .collect()
}

/// A new key, sealed, named by its public half.
fn generate(
    app: &App,
    now: DateTime<Utc>,
    signs_from: DateTime<Utc>,
    retires_at: DateTime<Utc>,
) -> Result<signing_key::ActiveModel, Error> {
    let failed = |_| Error::internal("a signing key could not be made");
    let pair = Ed25519KeyPair::generate().map_err(failed)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(failed)?;
    let public = pair.public_key().as_ref().to_vec();
    let id = HEXLOWER.encode(&sha256(&public)[..8]);
    Ok(signing_key::ActiveModel {
        sealed_private_key: ActiveValue::Set(app.key.seal(pkcs8.as_ref(), &bound_to(&id))?),
        id: ActiveValue::Set(id),
        public_key: ActiveValue::Set(public),
        created_at: ActiveValue::Set(Instant(now)),
        signs_from: ActiveValue::Set(Instant(signs_from)),
        retires_at: ActiveValue::Set(Instant(retires_at)),
    })
}
