//! Takes bank accounts whose check is due, for a while: a lease.

use chrono::TimeDelta;
use entity::Instant;
use entity::bank_account::{self, BankAccountState, Column};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DbBackend, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::channels::provider::AT_WORK_FOR;
use crate::error::Error;

/// A bank account that this worker has, until the lease is over.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The account, its counters already those of this claim.
    pub account: bank_account::Model,
    /// Whether its small amount may have been sent before.
    pub asked_before: bool,
    /// Whether it may be sent under this claim, where the platform does not know it: decided by the claim's own time.
    pub may_send: bool,
}

/// Takes bank accounts whose check is due. The claim is written before anything is sent: who takes an account
/// after a worker that died knows that it may have been sent, and when. A claim counts up the lease, and an answer
/// counts only under the last one.
pub async fn claim_due(app: &App, limit: u64) -> Result<Vec<Claimed>, Error> {
    let now = app.clock.instant();
    let lease = i64::try_from(app.settings.bank_accounts.lease_ms).unwrap_or(30_000);
    let until = Some(Instant(now.0 + TimeDelta::milliseconds(lease)));
    app.db
        .transaction_across(|txn| async move {
            let mut due = bank_account::Entity::due(now)
                .filter(Column::State.eq(BankAccountState::Checking))
                .order_by_asc(Column::CheckNextAt)
                .limit(limit);
            if app.db.backend() == DbBackend::Postgres {
                due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let mut claimed = Vec::new();
            for mut account in due.all(&*txn).await? {
                let asked_before = account.check_asked_at;
                account.check_lease += 1;
                account.check_attempts += 1;
                account.check_next_at = until;
                let may_send = asked_before.is_none_or(|at| at.0 + AT_WORK_FOR <= now.0);
                if may_send {
                    account.check_asked_at = Some(now);
                }
                bank_account::Entity::update_of(account.merchant_id)
                    .filter(Column::Id.eq(account.id))
                    .col_expr(Column::CheckLease, Expr::value(account.check_lease))
                    .col_expr(Column::CheckAttempts, Expr::value(account.check_attempts))
                    .col_expr(Column::CheckAskedAt, Expr::value(account.check_asked_at))
                    .col_expr(Column::CheckNextAt, Expr::value(until))
                    .exec(&*txn)
                    .await?;
                claimed.push(Claimed {
                    account,
                    asked_before: asked_before.is_some(),
                    may_send,
                });
            }
            Ok::<_, Error>(claimed)
        })
        .await
}
