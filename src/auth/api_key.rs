//! API keys: made by a person within their own scopes, shown once, revoked at once.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use entity::merchant::Entity as Merchants;
use entity::{ApiKeyId, Instant, MerchantId, api_key, membership};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveValue, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};

use super::address::{self, Network};
use super::loader::with_creators;
use super::members::Colleague;
use super::model::{Actor, Scope, Scopes, Who};
use super::refusal::{ApiKeyCreateRefusal, ApiKeyRevokeRefusal};
use super::secret;
use super::service::Auth;
use crate::audit::{self, Deed};
use crate::error::{Error, Failure};

/// Keys of a merchant that are not revoked, at the most.
const MOST_KEYS: u64 = 100;
/// Entries of an allow-list, at the most.
const MOST_ADDRESSES: usize = 50;
/// Characters of a name, at the most.
const LONGEST_NAME: usize = 100;
/// How long a revoked key is listed.
const LISTED: TimeDelta = TimeDelta::days(90);
/// Keys that are listed, at the most.
const LONGEST_LIST: u64 = 500;

/// All that a publishable key may ever do.
const PUBLISHABLE: Scopes = Scopes::of_one(Scope::CheckoutRead);

/// What begins a key's text.
const fn kind_of(publishable: bool) -> &'static str {
    if publishable {
        secret::PUBLISHABLE_KEY
    } else {
        secret::API_KEY
    }
}

/// Whether a text says of itself that it is a publishable key.
#[must_use]
pub fn is_publishable(text: &str) -> bool {
    text.starts_with(secret::PUBLISHABLE_KEY)
}

/// What an API key is to be.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What the merchant calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Where it may come from: addresses and networks; none is from anywhere.
    pub allowed_ips: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether it may stand in a page: then it may see what that page offers, and nothing else.
    pub publishable: bool,
}

/// An API key, and who made it, if they still work here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// The key.
    pub key: api_key::Model,
    /// Its maker.
    pub creator: Option<Colleague>,
}

/// The scopes that a row keeps. A name that is not known any more allows nothing.
#[must_use]
pub fn scopes_of(row: &api_key::Model) -> Scopes {
    if row.publishable {
        return PUBLISHABLE;
    }
    let known: Vec<Scope> = row.scopes.split(' ').filter_map(Scope::of_name).collect();
    Scopes::of(&known)
}

/// Checks what is asked for, and turns it into a row without id and secret.
fn decide(
    actor: &Actor,
    wanted: NewApiKey,
    now: DateTime<Utc>,
) -> Result<api_key::Model, ApiKeyCreateRefusal> {
    let Who::Staff { staff_id, .. } = actor.who else {
        return Err(ApiKeyCreateRefusal::StaffOnly);
    };
    let name = wanted.name.trim();
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) {
        return Err(ApiKeyCreateRefusal::InvalidName {
            longest: LONGEST_NAME,
        });
    }
    let scopes = if wanted.publishable {
        if let Some(scope) = wanted.scopes.iter().find(|it| **it != Scope::CheckoutRead) {
            return Err(ApiKeyCreateRefusal::NotPublishable {
                scope: scope.name(),
            });
        }
        PUBLISHABLE
    } else {
        Scopes::of(&wanted.scopes)
    };
    let scope_names: Vec<&str> = scopes.iter().map(Scope::name).collect();
    if scope_names.is_empty() {
        return Err(ApiKeyCreateRefusal::NoScopes);
    }
    if let Some(scope) = scopes.iter().find(|scope| !actor.may(*scope)) {
        return Err(ApiKeyCreateRefusal::ScopeNotHeld {
            scope: scope.name(),
        });
    }
    if wanted.publishable && !wanted.allowed_ips.is_empty() {
        return Err(ApiKeyCreateRefusal::PublishableFromAnywhere);
    }
    if wanted.allowed_ips.len() > MOST_ADDRESSES {
        return Err(ApiKeyCreateRefusal::TooManyAddresses {
            most: MOST_ADDRESSES,
        });
    }
    let is_wrong = |entry: &&String| entry.parse::<Network>().is_err();
    if let Some(entry) = wanted.allowed_ips.iter().find(is_wrong) {
        return Err(ApiKeyCreateRefusal::InvalidAddress {
            entry: entry.chars().take(50).collect(),
        });
    }
    if wanted
        .expires_at
        .is_some_and(|expires_at| expires_at <= now)
    {
        return Err(ApiKeyCreateRefusal::ExpiresInPast);
    }
    let in_ms =
        |instant: DateTime<Utc>| DateTime::from_timestamp_millis(instant.timestamp_millis());
    Ok(api_key::Model {
        merchant_id: actor.merchant_id,
        id: ApiKeyId(0),
        name: name.to_owned(),
        secret_hash: Vec::new(),
        scopes: scope_names.join(" "),
        allowed_ips: (!wanted.allowed_ips.is_empty()).then(|| wanted.allowed_ips.join(" ")),
        created_by: staff_id,
        created_at: Instant(now),
        expires_at: wanted.expires_at.and_then(in_ms).map(Instant),
        revoked_at: None,
        publishable: wanted.publishable,
    })
}

impl Auth {
    /// Makes an API key and returns its text, which is not kept and cannot be shown again.
    pub async fn api_key_create(
        &self,
        actor: &Actor,
        wanted: NewApiKey,
    ) -> Result<(ApiKeyRow, String), Failure<ApiKeyCreateRefusal>> {
        let app = self.app();
        let tried = Deed::of("apiKeyCreate");
        let decided = decide(actor, wanted, app.clock.now()).map_err(Failure::Refused);
        let mut key = audit::deny_refused(app, actor, tried, decided).await?;
        key.id = app.ids.next();
        let made = secret::make(kind_of(key.publishable), key.merchant_id, key.id)?;
        key.secret_hash = made.hash;
        let new = &key;
        app.write(key.merchant_id, |txn| async move {
            insert(&txn, actor, new.clone()).await?;
            let deed = Deed::of("apiKeyCreate").on(new.id).made(shown(new));
            audit::record(app, &txn, actor, deed).await?;
            Ok::<_, Failure<ApiKeyCreateRefusal>>(())
        })
        .await?;
        self.access().api_keys_changed();
        Ok((self.with_creator(key).await?, made.text))
    }

    /// Revokes an API key: here at once, on other instances within five seconds. Revoking it again
    /// changes nothing and is no error.
    pub async fn api_key_revoke(
        &self,
        actor: &Actor,
        id: ApiKeyId,
    ) -> Result<ApiKeyRow, Failure<ApiKeyRevokeRefusal>> {
        let app = self.app();
        let now = app.clock.instant();
        let merchant_id = actor.merchant_id;
        let key = app
            .write(merchant_id, |txn| async move {
                let (key, is_new) = revoke(&txn, merchant_id, id, now).await?;
                if is_new {
                    let deed = Deed::of("apiKeyRevoke").on(id).gone(shown(&key));
                    audit::record(app, &txn, actor, deed).await?;
                }
                Ok::<_, Failure<ApiKeyRevokeRefusal>>(key)
            })
            .await?;
        self.access().api_keys_changed();
        Ok(self.with_creator(key).await?)
    }

    /// A merchant's API keys, the newest first; revoked ones for ninety days.
    pub async fn list_api_keys(&self, merchant_id: MerchantId) -> Result<Vec<ApiKeyRow>, Error> {
        let app = self.app();
        let since = Instant(app.clock.now() - LISTED);
        let keys = api_key::Entity::of(merchant_id)
            .filter(
                Condition::any()
                    .add(api_key::Column::RevokedAt.is_null())
                    .add(api_key::Column::RevokedAt.gt(since)),
            )
            .order_by_desc(api_key::Column::Id)
            .limit(LONGEST_LIST)
            .all(&app.db.reads(merchant_id))
            .await?;
        with_creators(app, merchant_id, keys).await
    }

    /// An API key of a merchant.
    pub async fn maybe_find_api_key(
        &self,
        merchant_id: MerchantId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKeyRow>, Error> {
        let row = api_key::Entity::of(merchant_id)
            .filter(api_key::Column::Id.eq(id))
            .one(&self.app().db.reads(merchant_id))
            .await?;
        match row {
            Some(key) => Ok(Some(self.with_creator(key).await?)),
            None => Ok(None),
        }
    }

    async fn with_creator(&self, key: api_key::Model) -> Result<ApiKeyRow, Error> {
        let mut rows = with_creators(self.app(), key.merchant_id, vec![key]).await?;
        rows.pop()
            .ok_or_else(|| Error::internal("an API key was lost on the way"))
    }

    /// Who sends an API key: it exists, its secret is right, it has not ended, and it may come from
    /// there.
    pub(super) async fn api_key_actor(
        &self,
        text: &str,
        ip: Option<IpAddr>,
    ) -> Result<Actor, Error> {
        let publishable = is_publishable(text);
        let claimed = secret::read::<MerchantId, ApiKeyId>(
            kind_of(publishable),
            MerchantId::PREFIX,
            ApiKeyId::PREFIX,
            text,
        )
        .ok_or(Error::Unauthenticated)?;
        let row = self.access().api_key(claimed.owner, claimed.id).await?;
        let row = row.ok_or(Error::Unauthenticated)?;
        let is_good = claimed.is_proven_by(&row.secret_hash)
            && row.publishable == publishable
            && is_alive(&row, self.app().clock.now())
            && address::lets_in(row.allowed_ips.as_deref(), ip)
            && self.access().is_open(row.merchant_id).await?;
        if !is_good {
            return Err(Error::Unauthenticated);
        }
        Ok(actor_of(&row))
    }
}

/// Whether a key is neither revoked nor expired.
#[must_use]
pub fn is_alive(row: &api_key::Model, now: DateTime<Utc>) -> bool {
    row.revoked_at.is_none() && row.expires_at.is_none_or(|expires_at| now < expires_at.0)
}

/// What a key acts as.
pub(super) fn actor_of(row: &api_key::Model) -> Actor {
    Actor {
        merchant_id: row.merchant_id,
        who: if row.publishable {
            Who::PublishableKey(row.id)
        } else {
            Who::ApiKey(row.id)
        },
        scopes: scopes_of(row),
        origin: None,
    }
}

async fn insert(
    txn: &DatabaseTransaction,
    actor: &Actor,
    key: api_key::Model,
) -> Result<(), Failure<ApiKeyCreateRefusal>> {
    // The merchant's row is the lock under which its keys are counted.
    Merchants::of(key.merchant_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    check_still(txn, actor, &key).await?;
    let living = api_key::Entity::of(key.merchant_id)
        .filter(api_key::Column::RevokedAt.is_null())
        .count(txn)
        .await?;
    if living >= MOST_KEYS {
        return Err(Failure::Refused(ApiKeyCreateRefusal::TooManyKeys {
            most: MOST_KEYS,
        }));
    }
    api_key::Entity::insert(key.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Whether whoever makes a key still has the role that they act by, read anew under the lock: a key that somebody
/// made who was just let go would stay.
async fn check_still(
    txn: &DatabaseTransaction,
    actor: &Actor,
    key: &api_key::Model,
) -> Result<(), Failure<ApiKeyCreateRefusal>> {
    let own = membership::Entity::of(key.merchant_id)
        .filter(membership::Column::StaffId.eq(key.created_by))
        .one(txn)
        .await?;
    if own.is_some_and(|own| actor.has_role(own.role)) {
        return Ok(());
    }
    let scope = Scope::ApiKeysWrite.name();
    Err(Failure::Refused(ApiKeyCreateRefusal::ScopeNotHeld {
        scope,
    }))
}

/// Revokes a key; whether it was not revoked before.
async fn revoke(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: ApiKeyId,
    now: Instant,
) -> Result<(api_key::Model, bool), Failure<ApiKeyRevokeRefusal>> {
    let revoked = api_key::ActiveModel {
        revoked_at: ActiveValue::Set(Some(now)),
        ..Default::default()
    };
    let changed = api_key::Entity::update_of(merchant_id)
        .set(revoked)
        .filter(api_key::Column::Id.eq(id))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    let row = api_key::Entity::of(merchant_id)
        .filter(api_key::Column::Id.eq(id))
        .one(txn)
        .await?;
    let row = row.ok_or(Failure::Refused(ApiKeyRevokeRefusal::NotFound))?;
    Ok((row, changed.rows_affected > 0))
}

/// A key as the audit log shows it.
fn shown(row: &api_key::Model) -> Value {
    json!({
        "name": row.name,
        "scopes": row.scopes,
        "allowedIps": row.allowed_ips,
        "expiresAt": row.expires_at.map(|at| at.0),
        "publishable": row.publishable,
    })
}
