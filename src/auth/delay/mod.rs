//! Delays between attempts to sign in: who guesses passwords of one account waits longer and longer.
//!
//! An attempt is counted before its password is looked at, in one statement: of many that come at once, those
//! beyond what is free are refused, on whichever instance. One that succeeds takes the count away; one whose
//! password could not be looked at does not count. Login names are counted whether they are an account's or not,
//! and kept as a keyed hash: neither the answer nor the table tells who has an account.

mod model;

use chrono::TimeDelta;
use entity::Instant;
use entity::sign_in_delay::{self, ActiveModel, Column, Entity};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};

use self::model::{FORGOTTEN_AFTER, LONGEST_AFTER, delay_after};
use super::service::{Auth, normal_email};
use crate::error::Error;

impl Auth {
    /// Counts an attempt to sign in, and tells its moment; or says when there may be one.
    pub(super) async fn attempt(&self, email: &str) -> Result<Instant, Error> {
        let login = self.login_hash(email);
        let now = self.app().clock.instant();
        let counting = login.clone();
        let counted = self.app().db.transaction_across(move |txn| {
            let login = counting.clone();
            async move {
                let row = ActiveModel {
                    login_hash: ActiveValue::Set(login),
                    failures: ActiveValue::Set(1),
                    last_at: ActiveValue::Set(now),
                    free_at: ActiveValue::Set(now),
                };
                let counted = Entity::insert(row)
                    .on_conflict(one_more(now))
                    .exec_without_returning(&*txn)
                    .await?;
                Ok::<_, Error>(counted)
            }
        });
        if counted.await? > 0 {
            return Ok(now);
        }
        let row = Entity::of_login(login)
            .one(self.app().db.reads_across())
            .await?;
        // It may have been taken away since: then nothing is in the way of the next attempt.
        let free_at = row.map_or(now, |row| row.free_at);
        let wait = (free_at.0 - now.0).num_milliseconds().clamp(1, i64::MAX);
        Err(Error::RateLimited {
            retry_after_ms: wait.unsigned_abs(),
        })
    }

    /// Takes an attempt back whose password was never looked at. Where others came since, what they have to
    /// wait for stands.
    pub(super) async fn take_back(&self, email: &str, attempt: Instant) -> Result<(), Error> {
        let (login, ms) = (self.login_hash(email), attempt.0.timestamp_millis());
        self.app()
            .db
            .transaction_across(move |txn| {
                let login = login.clone();
                async move {
                    let free_at = CaseStatement::new()
                        .case(Expr::col(Column::LastAt).eq(ms), Expr::value(ms))
                        .finally(Expr::col(Column::FreeAt));
                    let one_less = sign_in_delay::Entity::update_many()
                        .col_expr(Column::Failures, Expr::col(Column::Failures).sub(1_i64))
                        .col_expr(Column::FreeAt, free_at.into())
                        .filter(Column::LoginHash.eq(login.clone()))
                        .filter(Column::Failures.gt(1_i64))
                        .exec(&*txn)
                        .await?;
                    if one_less.rows_affected == 0 {
                        // It was the only one.
                        sign_in_delay::Entity::delete_many()
                            .filter(Column::LoginHash.eq(login))
                            .filter(Column::Failures.lte(1_i64))
                            .exec(&*txn)
                            .await?;
                    }
                    Ok(())
                }
            })
            .await
    }

    /// Forgets the failures of whoever has signed in.
    pub(super) async fn forget_failures(&self, email: &str) -> Result<(), Error> {
        let login = self.login_hash(email);
        self.app()
            .db
            .transaction_across(move |txn| {
                let login = login.clone();
                async move {
                    sign_in_delay::Entity::delete_many()
                        .filter(Column::LoginHash.eq(login))
                        .exec(&*txn)
                        .await?;
                    Ok(())
                }
            })
            .await
    }

    /// Removes failures that count no more.
    pub(super) async fn prune_failures(&self) -> Result<(), Error> {
        let before = Instant(self.app().clock.now() - FORGOTTEN_AFTER);
        self.app()
            .db
            .transaction_across(move |txn| async move {
                sign_in_delay::Entity::delete_many()
                    .filter(Column::LastAt.lte(before))
                    .exec(&*txn)
                    .await?;
                Ok(())
            })
            .await
    }

    fn login_hash(&self, email: &str) -> Vec<u8> {
        let login = format!("sign-in {}", normal_email(email));
        self.app().key.keyed_hash(&login)
    }
}

/// Counts one more attempt, if there may be one now: the row's lock makes those that come at once wait, and
/// look again.
fn one_more(now: Instant) -> OnConflict {
    let old = |column: Column| Expr::col((Entity, column));
    let ms = now.0.timestamp_millis();
    let forgotten_at = Instant(now.0 - FORGOTTEN_AFTER).0.timestamp_millis();
    let is_forgotten = || old(Column::LastAt).lte(forgotten_at);
    let failures: SimpleExpr = CaseStatement::new()
        .case(is_forgotten(), Expr::value(1_i64))
        .finally(old(Column::Failures).add(1_i64))
        .into();
    let mut free_at = CaseStatement::new().case(is_forgotten(), Expr::value(ms));
    for failures in 1..LONGEST_AFTER {
        let then = ms + delay_after(failures).num_milliseconds();
        free_at = free_at.case(old(Column::Failures).eq(failures - 1), Expr::value(then));
    }
    let longest: TimeDelta = delay_after(LONGEST_AFTER);
    let free_at: SimpleExpr = free_at
        .finally(Expr::value(ms + longest.num_milliseconds()))
        .into();
    OnConflict::column(Column::LoginHash)
        .value(Column::Failures, failures)
        .value(Column::LastAt, Expr::value(ms))
        .value(Column::FreeAt, free_at)
        .action_and_where(old(Column::FreeAt).lte(ms))
        .to_owned()
}
