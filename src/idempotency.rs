//! Idempotency keys 幂等键: one request has one effect, however often it is sent.
//!
//! A key is claimed in the transaction of what it is for, so that both are there or neither is: whoever
//! sends the same again, also after a crash, gets what was made the first time. The same key with another
//! body is refused, and so is one whose first request is still under way after [`PATIENCE`]. Keys are kept
//! for [`KEPT_DAYS`] days.

use aws_lc_rs::digest;
use chrono::TimeDelta;
use entity::idempotency_key::{ActiveModel, Column, Entity};
use entity::{Instant, MerchantId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    QueryFilter,
};

use crate::app::App;
use crate::db;
use crate::error::{Error, Problem};

/// How long a request waits for an earlier one with its key.
const PATIENCE: &str = "2s";
/// How many days a key is known.
pub const KEPT_DAYS: i64 = 30;

/// A client's key, with what it is for.
#[derive(Clone, Debug)]
pub struct Key {
    text: String,
    operation: &'static str,
    body_hash: Vec<u8>,
}

/// What a claim found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The key was never used: it now belongs to what is about to be made.
    New,
    /// It was used for the same: this is what it made.
    Known(i64),
    /// It was used for something else.
    Reused,
    /// Its first request is still under way. The transaction can do nothing more.
    InProgress,
}

impl Key {
    /// A key for an operation on a body.
    pub fn read(
        text: &str,
        operation: &'static str,
        body: &impl serde::Serialize,
    ) -> Result<Self, Error> {
        check(text)?;
        let body = serde_json::to_vec(body).map_err(|error| Error::internal(error.to_string()))?;
        Ok(Self {
            text: text.to_owned(),
            operation,
            body_hash: digest::digest(&digest::SHA256, &body).as_ref().to_vec(),
        })
    }

    /// Claims the key for `subject_id`, which the transaction is about to make. Comes first in its
    /// transaction.
    pub async fn claim(
        &self,
        app: &App,
        txn: &DatabaseTransaction,
        merchant_id: MerchantId,
        subject_id: impl Into<i64>,
    ) -> Result<Claim, Error> {
        if app.db.backend() == DbBackend::Postgres {
            txn.execute_unprepared(&format!("SET LOCAL lock_timeout = '{PATIENCE}'"))
                .await?;
        }
        let claimed = Entity::insert(ActiveModel {
            merchant_id: ActiveValue::Set(merchant_id),
            key: ActiveValue::Set(self.text.clone()),
            operation: ActiveValue::Set(self.operation.to_owned()),
            body_hash: ActiveValue::Set(self.body_hash.clone()),
            subject_id: ActiveValue::Set(subject_id.into()),
            created_at: ActiveValue::Set(app.clock.instant()),
        })
        .on_conflict(
            OnConflict::columns([Column::MerchantId, Column::Key])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await;
        match claimed {
            Err(error) if db::waited_in_vain(&error) => Ok(Claim::InProgress),
            Ok(0) => self.replay(txn, merchant_id).await,
            other => Ok(other.map(|_| Claim::New)?),
        }
    }

    async fn replay(
        &self,
        txn: &DatabaseTransaction,
        merchant_id: MerchantId,
    ) -> Result<Claim, Error> {
        let known = Entity::of(merchant_id)
            .filter(Column::Key.eq(self.text.as_str()))
            .one(txn)
            .await?
            .ok_or_else(|| Error::internal("an idempotency key vanished"))?;
        let same = known.body_hash == self.body_hash && known.operation == self.operation;
        Ok(if same {
            Claim::Known(known.subject_id)
        } else {
            Claim::Reused
        })
    }
}

/// A key is 8 to 128 characters of text.
pub fn check(text: &str) -> Result<(), Error> {
    if (8..=128).contains(&text.len()) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::bad_input(
        "idempotencyKey",
        "is 8 to 128 characters of text.",
        "须为 8 至 128 个字符。",
    ))
}

/// What is said of a key that was used for something else.
#[must_use]
pub fn reused() -> Problem {
    Problem::new(
        "The idempotency key was used with another input; use a new key for a new request.",
        "幂等键已用于不同的请求内容，新请求请使用新的幂等键。",
    )
}

/// What is said of a key whose first request is still under way.
#[must_use]
pub fn in_progress() -> Problem {
    Problem::new(
        "The first request with this idempotency key is still under way; send the same again shortly.",
        "使用该幂等键的请求仍在处理中，请稍后以相同内容重试。",
    )
}

/// Forgets a merchant's keys that are older than [`KEPT_DAYS`].
pub async fn prune(app: &App, merchant_id: MerchantId) -> Result<u64, DbErr> {
    let before = Instant(app.clock.now() - TimeDelta::days(KEPT_DAYS));
    let gone = Entity::delete_of(merchant_id)
        .filter(Column::CreatedAt.lt(before))
        .exec(&app.db.writes(merchant_id))
        .await?;
    Ok(gone.rows_affected)
}
