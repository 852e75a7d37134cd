//! Takes refunds whose turn it is, for a while: a lease.

use chrono::TimeDelta;
use entity::Instant;
use entity::refund::{self, RefundStatus};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DbBackend, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;

/// A refund that this worker has, until the lease is over.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The refund, its counters already those of this claim.
    pub refund: refund::Model,
    /// How often it may have been sent or asked about before.
    pub attempts_before: i32,
    /// When it was last sent before.
    pub sent_before: Option<Instant>,
}

impl Claimed {
    /// Whether it was sent before it was retried, and only a person said that it had failed.
    pub(super) fn may_be_known(&self) -> bool {
        self.attempts_before == 0 && self.sent_before.is_some()
    }
}

/// Takes refunds whose turn it is. The claim is written before anything is sent: a worker that dies
/// afterwards may have sent it, and whoever takes it next knows that. A claim counts up the lease, and an
/// outcome counts only under the last one, so a worker that was only slow cannot overwrite another's word.
pub async fn claim_due(app: &App, limit: u64) -> Result<Vec<Claimed>, Error> {
    let now = app.clock.instant();
    let lease = i64::try_from(app.settings.refunds.lease_ms).unwrap_or(30_000);
    let until = Instant(now.0 + TimeDelta::milliseconds(lease));
    app.db
        .transaction_across(|txn| async move {
            let mut due = refund::Entity::due(now)
                .filter(refund::Column::State.is_in([
                    RefundStatus::Processing,
                    RefundStatus::Unknown,
                    RefundStatus::Abnormal,
                ]))
                .order_by_asc(refund::Column::NextAttemptAt)
                .limit(limit);
            if app.db.backend() == DbBackend::Postgres {
                due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let due = due.all(&*txn).await?;
            let mut claimed = Vec::with_capacity(due.len());
            for refund in due {
                // The first claim sends it.
                let sent_at = refund.sent_at.or(Some(now));
                refund::Entity::update_of(refund.merchant_id)
                    .filter(refund::Column::Id.eq(refund.id))
                    .col_expr(refund::Column::SentAt, Expr::value(sent_at))
                    .col_expr(refund::Column::NextAttemptAt, Expr::value(until))
                    .col_expr(
                        refund::Column::Lease,
                        Expr::col(refund::Column::Lease).add(1),
                    )
                    .col_expr(
                        refund::Column::Attempts,
                        Expr::col(refund::Column::Attempts).add(1),
                    )
                    .exec(&*txn)
                    .await?;
                claimed.push(Claimed {
                    attempts_before: refund.attempts,
                    sent_before: refund.sent_at,
                    refund: refund::Model {
                        lease: refund.lease + 1,
                        attempts: refund.attempts + 1,
                        sent_at,
                        next_attempt_at: Some(until),
                        ..refund
                    },
                });
            }
            Ok::<_, Error>(claimed)
        })
        .await
}
