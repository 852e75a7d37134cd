//! Codes that somebody typed: counted first, then spent in the transaction of what they are for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use entity::{Instant, StaffId, recovery_code, second_factor};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use super::bound_to;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::db::Txn;
use crate::error::{Error, Failure, Refusal};
use crate::second_factor::model::{
    Counted, PENDING_FOR, SecondFactorRefusal, Secret, count, hash, is_of_app, may_pass, proves,
    staff_of, uncount,
};

/// How often it is waited for attempts that are looked at, and for how long each time.
const WAITS: u32 = 30;
const WAIT: Duration = Duration::from_millis(50);

/// What became of a code where it was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Nobody has looked at it.
    Unseen,
    /// It was right; it is spent where the transaction is committed.
    Right,
    /// It was right once, and is spent.
    Used,
    /// It was a guess.
    Wrong,
}

/// A code that somebody typed, counted already. A clone is the same code.
#[derive(Clone)]
pub struct Code(Arc<Typed>);

struct Typed {
    app: App,
    text: String,
    secret: Secret,
    purpose: String,
    /// Whose it is, and where counting stands since; or why it is not looked at.
    attempt: Result<(StaffId, Counted), SecondFactorRefusal>,
    fate: Mutex<Fate>,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// Runs `work` in one transaction of the actor's merchant, with a code that the actor typed. The attempt is
/// counted before, in a transaction of its own; a code that nobody looked at, or that was right, is taken back
/// where `work` came to nothing, and can be used again. `work` calls [`Code::spend`], or
/// [`Code::spend_for_money`], once it knows that it is no repetition: that, not this, refuses. `work` may run more
/// than once: see [`crate::db::Db::transaction_of`]. `tried` says what the code is for: `work` tells the audit log of
/// what it does, and this of what was denied, a wrong code as well as whatever else [`Refusal::denial`] names.
pub async fn with_code<T, R, F>(
    app: &App,
    actor: &Actor,
    text: &str,
    tried: Deed,
    work: impl Fn(Txn, Code) -> F,
) -> Result<T, Failure<R>>
where
    R: Refusal,
    F: Future<Output = Result<T, Failure<R>>>,
{
    let code = Code::count(app, actor, text, Secret::Confirmed, tried.action()).await?;
    let result = app
        .write(actor.merchant_id, |txn| work(txn, code.clone()))
        .await;
    code.settle(result.is_ok()).await?;
    audit::deny_refused(app, actor, tried, result).await
}

/// As [`with_code`], for what is the person's own, in whichever merchant: all that they work for are told of it.
pub(super) async fn with_own_code<T, R, F>(
    app: &App,
    actor: &Actor,
    text: &str,
    tried: Deed,
    work: impl Fn(Txn, Code) -> F,
) -> Result<T, Failure<R>>
where
    R: Refusal,
    F: Future<Output = Result<T, Failure<R>>>,
{
    let code = Code::count(app, actor, text, Secret::Confirmed, tried.action()).await?;
    let result = app
        .write_across(actor.merchant_id, |txn| work(txn, code.clone()))
        .await;
    code.settle(result.is_ok()).await?;
    audit::deny_refused(app, actor, tried, result).await
}

impl Code {
    /// Counts the attempt.
    pub(super) async fn count(
        app: &App,
        actor: &Actor,
        text: &str,
        secret: Secret,
        purpose: &str,
    ) -> Result<Self, Error> {
        let attempt = match staff_of(actor) {
            Ok(staff_id) => {
                let counted = counted(app, staff_id, secret).await?;
                counted.map(|counted| (staff_id, counted))
            }
            Err(refusal) => Err(refusal),
        };
        Ok(Self(Arc::new(Typed {
            app: app.clone(),
            text: text.to_owned(),
            secret,
            purpose: purpose.to_owned(),
            attempt,
            fate: Mutex::new(Fate::Unseen),
        })))
    }

    /// Proves and spends it under the lock of its owner's row: each time step once, each recovery code once.
    pub async fn spend<R: From<SecondFactorRefusal>>(
        &self,
        txn: &DatabaseTransaction,
    ) -> Result<(), Failure<R>> {
        self.spend_where(txn, false).await.map(|_| ())
    }

    /// As [`Code::spend`], for what makes money leave: refused also while the second factor rests.
    pub async fn spend_for_money<R: From<SecondFactorRefusal>>(
        &self,
        txn: &DatabaseTransaction,
    ) -> Result<(), Failure<R>> {
        self.spend_where(txn, true).await.map(|_| ())
    }

    /// As [`Code::spend`]; returns since when, or from when on, money may leave by the second factor.
    pub async fn spend_rested_from<R: From<SecondFactorRefusal>>(
        &self,
        txn: &DatabaseTransaction,
    ) -> Result<Instant, Failure<R>> {
        let row = self.spend_where(txn, false).await?;
        Ok(rested_from(&self.0.app, &row).unwrap_or_else(|| self.0.app.clock.instant()))
    }

    /// Spends it, and returns its owner's row as it was before.
    pub(super) async fn spend_where<R: From<SecondFactorRefusal>>(
        &self,
        txn: &DatabaseTransaction,
        for_money: bool,
    ) -> Result<second_factor::Model, Failure<R>> {
        let refused = |refusal: SecondFactorRefusal| Failure::Refused(R::from(refusal));
        self.become_of(Fate::Unseen);
        let (staff_id, _) = self.0.attempt.clone().map_err(refused)?;
        let row = second_factor::Entity::of_staff(staff_id)
            .lock_exclusive()
            .one(txn)
            .await?
            .filter(|row| is_there(row, self.0.secret, self.0.app.clock.instant()))
            .ok_or_else(|| refused(SecondFactorRefusal::SecondFactorNeeded))?;
        if for_money && let Some(until) = rests_until(&self.0.app, &row) {
            let until = until.0;
            return Err(refused(SecondFactorRefusal::SecondFactorResting { until }));
        }
        let fate = self.look(txn, &row).await?;
        self.become_of(fate);
        match fate {
            Fate::Right => {
                tracing::info!(%staff_id, purpose = self.0.purpose, "a second factor proved it");
                Ok(row)
            }
            Fate::Used => Err(refused(SecondFactorRefusal::CodeUsed)),
            Fate::Wrong | Fate::Unseen => Err(refused(SecondFactorRefusal::WrongCode)),
        }
    }

    async fn look(
        &self,
        txn: &DatabaseTransaction,
        row: &second_factor::Model,
    ) -> Result<Fate, Error> {
        let app = &self.0.app;
        let pending = self.0.secret == Secret::Pending;
        if !is_of_app(&self.0.text) {
            return if pending {
                Ok(Fate::Wrong)
            } else {
                self.look_at_recovery(txn, row.staff_id).await
            };
        }
        let sealed = match self.0.secret {
            Secret::Confirmed => &row.sealed_secret,
            Secret::Pending => &row.pending_secret,
        };
        let sealed = sealed.as_deref().unwrap_or_default();
        let secret = app.key.open(sealed, &bound_to(row.staff_id))?;
        let Some(step) = proves(&secret, &self.0.text, app.clock.now()) else {
            return Ok(Fate::Wrong);
        };
        // The steps of a new secret are its own.
        if !pending && step <= row.last_step {
            return Ok(Fate::Used);
        }
        second_factor::Entity::update_of_staff(row.staff_id)
            .col_expr(second_factor::Column::LastStep, Expr::value(step))
            .exec(txn)
            .await?;
        forgiven(txn, row.staff_id).await?;
        Ok(Fate::Right)
    }

    async fn look_at_recovery(
        &self,
        txn: &DatabaseTransaction,
        staff_id: StaffId,
    ) -> Result<Fate, Error> {
        let kept = hash(staff_id, &self.0.text);
        let spent = recovery_code::Entity::update_of_staff(staff_id)
            .filter(recovery_code::Column::CodeHash.eq(kept.clone()))
            .filter(recovery_code::Column::UsedAt.is_null())
            .col_expr(
                recovery_code::Column::UsedAt,
                Expr::value(self.0.app.clock.instant()),
            )
            .exec(txn)
            .await?;
        if spent.rows_affected > 0 {
            forgiven(txn, staff_id).await?;
            return Ok(Fate::Right);
        }
        let known = recovery_code::Entity::of_staff(staff_id)
            .filter(recovery_code::Column::CodeHash.eq(kept))
            .one(txn)
            .await?;
        Ok(known.map_or(Fate::Wrong, |_| Fate::Used))
    }

    fn become_of(&self, fate: Fate) {
        *self.0.fate.lock().unwrap_or_else(PoisonError::into_inner) = fate;
    }

    fn fate(&self) -> Fate {
        *self.0.fate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the attempt back where it guessed nothing and nothing came of it.
    pub(super) async fn settle(&self, committed: bool) -> Result<(), Error> {
        let Ok((staff_id, attempt)) = self.0.attempt.clone() else {
            return Ok(());
        };
        match self.fate() {
            Fate::Wrong => return Ok(()),
            Fate::Right if committed => return Ok(()),
            Fate::Right | Fate::Used | Fate::Unseen => {}
        }
        self.0
            .app
            .db
            .transaction_across(|txn| async move {
                let row = second_factor::Entity::of_staff(staff_id)
                    .lock_exclusive()
                    .one(&*txn)
                    .await?;
                match row {
                    Some(row) => write(&txn, staff_id, uncount(counted_in(&row), attempt)).await,
                    None => Ok(()),
                }
            })
            .await
    }
}

/// Counts one more attempt of a person's, if they may have one now. Where one right code came for several things at
/// once, those that are looked at block for a moment, until they are taken back: it is waited for.
async fn counted(
    app: &App,
    staff_id: StaffId,
    secret: Secret,
) -> Result<Result<Counted, SecondFactorRefusal>, Error> {
    for _ in 0..WAITS {
        match counted_now(app, staff_id, secret).await? {
            (Err(_), true) => tokio::time::sleep(WAIT).await,
            (counted, _) => return Ok(counted),
        }
    }
    Ok(counted_now(app, staff_id, secret).await?.0)
}

/// Counts one more attempt, if there may be one; else whether there soon may.
async fn counted_now(
    app: &App,
    staff_id: StaffId,
    secret: Secret,
) -> Result<(Result<Counted, SecondFactorRefusal>, bool), Error> {
    let now = app.clock.instant();
    app.db
        .transaction_across(|txn| async move {
            let row = second_factor::Entity::of_staff(staff_id)
                .lock_exclusive()
                .one(&*txn)
                .await?;
            let Some(row) = row.filter(|row| is_there(row, secret, now)) else {
                return Ok((Err(SecondFactorRefusal::SecondFactorNeeded), false));
            };
            let before = counted_in(&row);
            let counted = count(before, now.0);
            if let Ok(counted) = counted {
                write(&txn, staff_id, counted).await?;
            }
            Ok::<_, Error>((counted, may_pass(before, now.0)))
        })
        .await
}

fn counted_in(row: &second_factor::Model) -> Counted {
    Counted {
        failures: row.failures,
        blocked_until: row.blocked_until.map(|until| until.0),
    }
}

async fn write(
    txn: &DatabaseTransaction,
    staff_id: StaffId,
    counted: Counted,
) -> Result<(), Error> {
    second_factor::Entity::update_of_staff(staff_id)
        .col_expr(
            second_factor::Column::Failures,
            Expr::value(counted.failures),
        )
        .col_expr(
            second_factor::Column::BlockedUntil,
            Expr::value(counted.blocked_until.map(Instant)),
        )
        .exec(txn)
        .await?;
    Ok(())
}

/// Whoever was right begins anew.
async fn forgiven(txn: &DatabaseTransaction, staff_id: StaffId) -> Result<(), Error> {
    let nothing = Counted {
        failures: 0,
        blocked_until: None,
    };
    write(txn, staff_id, nothing).await
}

/// Whether there is a secret to compare with.
fn is_there(row: &second_factor::Model, secret: Secret, now: Instant) -> bool {
    match secret {
        Secret::Confirmed => row.confirmed_at.is_some(),
        Secret::Pending => row.pending_at.is_some_and(|at| at.0 + PENDING_FOR > now.0),
    }
}

/// Until when no money leaves by a second factor; none where it may.
pub(super) fn rests_until(app: &App, row: &second_factor::Model) -> Option<Instant> {
    rested_from(app, row).filter(|until| until.0 > app.clock.now())
}

/// When a second factor has rested; none where there is none.
fn rested_from(app: &App, row: &second_factor::Model) -> Option<Instant> {
    let rest = TimeDelta::seconds(app.settings.second_factor.rest_s);
    Some(Instant(row.confirmed_at?.0 + rest))
}
