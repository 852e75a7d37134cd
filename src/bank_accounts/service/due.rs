//! Takes bank accounts whose check is due, for a while: a lease.

use chrono::TimeDelta;
use entity::Instant;
use entity::bank_account::{self, BankAccountState};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DbBackend, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;

/// Takes bank accounts whose check is due. The claim is written before anything is sent: who takes an account
/// after a worker that died knows that it may have been sent. A claim counts up the lease, and an answer counts only
/// under the last one.
pub async fn claim_due(app: &App, limit: u64) -> Result<Vec<bank_account::Model>, Error> {
    let now = app.clock.instant();
    let lease = i64::try_from(app.settings.bank_accounts.lease_ms).unwrap_or(30_000);
    let until = Some(Instant(now.0 + TimeDelta::milliseconds(lease)));
    app.db
        .transaction(|txn| async move {
            let mut due = bank_account::Entity::due(now)
                .filter(bank_account::Column::State.eq(BankAccountState::Checking))
                .order_by_asc(bank_account::Column::CheckNextAt)
                .limit(limit);
            if app.db.backend() == DbBackend::Postgres {
                due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let mut claimed = due.all(&*txn).await?;
            for account in &mut claimed {
                account.check_lease += 1;
                account.check_attempts += 1;
                account.check_next_at = until;
                bank_account::Entity::update_of(account.merchant_id)
                    .filter(bank_account::Column::Id.eq(account.id))
                    .col_expr(
                        bank_account::Column::CheckLease,
                        Expr::value(account.check_lease),
                    )
                    .col_expr(
                        bank_account::Column::CheckAttempts,
                        Expr::value(account.check_attempts),
                    )
                    .col_expr(bank_account::Column::CheckNextAt, Expr::value(until))
                    .exec(&*txn)
                    .await?;
            }
            Ok::<_, Error>(claimed)
        })
        .await
}
