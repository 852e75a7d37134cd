//! Takes payouts whose turn it is, for a while: a lease.

use chrono::TimeDelta;
use entity::Instant;
use entity::payout::{self, PayoutStatus};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DbBackend, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;

/// A payout that this worker has, until the lease is over.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The payout, its counters already those of this claim.
    pub payout: payout::Model,
    /// How often it may have been sent or asked about before.
    pub attempts_before: i32,
}

/// Takes payouts whose turn it is. The claim is written before anything is sent: a worker that dies afterwards may
/// have sent it, and whoever takes it next knows that. A claim counts up the lease, and an outcome counts only under
/// the last one, so a worker that was only slow cannot overwrite another's word.
pub async fn claim_due(app: &App, limit: u64) -> Result<Vec<Claimed>, Error> {
    let now = app.clock.instant();
    let lease = i64::try_from(app.settings.payouts.lease_ms).unwrap_or(30_000);
    let until = Instant(now.0 + TimeDelta::milliseconds(lease));
    app.db
        .transaction_across(|txn| async move {
            let mut due = payout::Entity::due(now)
                .filter(payout::Column::State.is_in([
                    PayoutStatus::Processing,
                    PayoutStatus::Unknown,
                    PayoutStatus::Paid,
                ]))
                .order_by_asc(payout::Column::NextAttemptAt)
                .limit(limit);
            if app.db.backend() == DbBackend::Postgres {
                due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let due = due.all(&*txn).await?;
            let mut claimed = Vec::with_capacity(due.len());
            for payout in due {
                // The first claim sends it.
                let sent_at = payout.sent_at.or(Some(now));
                payout::Entity::update_of(payout.merchant_id)
                    .filter(payout::Column::Id.eq(payout.id))
                    .col_expr(payout::Column::SentAt, Expr::value(sent_at))
                    .col_expr(payout::Column::NextAttemptAt, Expr::value(until))
                    .col_expr(
                        payout::Column::Lease,
                        Expr::col(payout::Column::Lease).add(1),
                    )
                    .col_expr(
                        payout::Column::Attempts,
                        Expr::col(payout::Column::Attempts).add(1),
                    )
                    .exec(&*txn)
                    .await?;
                claimed.push(Claimed {
                    attempts_before: payout.attempts,
                    payout: payout::Model {
                        lease: payout.lease + 1,
                        attempts: payout.attempts + 1,
                        sent_at,
                        next_attempt_at: Some(until),
                        ..payout
                    },
                });
            }
            Ok::<_, Error>(claimed)
        })
        .await
}
