//! Asks providers about unpaid orders, so that a lost callback loses no payment, and closes those whose
//! time is over.

use chrono::{DateTime, TimeDelta, Utc};
use entity::order::{self, PaymentState};
use entity::{Instant, channel};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DbBackend, QueryFilter, QueryOrder, QuerySelect};

use super::close::close_in;
use super::pay::{Applied, apply, ask, currency, lock};
use crate::app::App;
use crate::channels::provider::{PaymentStatus, ProviderError};
use crate::channels::providers::Providers;
use crate::channels::service::maybe_find;
use crate::error::Error;
use crate::orders::model::{closes_unasked, next_query, retry_query};

/// What a provider says of an order.
type Answer = Result<PaymentStatus, ProviderError>;

/// How long a worker has for one order before another may take it.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// Takes orders whose provider is to be asked, for [`LEASE`]: no other instance takes them meanwhile,
/// and if this one dies they are taken again.
pub async fn claim_due(app: &App, limit: u64) -> Result<Vec<order::Model>, Error> {
    let now = app.clock.instant();
    app.db
        .transaction_across(|txn| async move {
            let txn = &*txn;
            let mut due = order::Entity::due(now)
                .order_by_asc(order::Column::NextQueryAt)
                .limit(limit);
            if app.db.backend() == DbBackend::Postgres {
                due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let due = due.all(txn).await?;
            for order in &due {
                order::Entity::update_of(order.merchant_id)
                    .filter(order::Column::Id.eq(order.id))
                    .col_expr(
                        order::Column::NextQueryAt,
                        Expr::value(Instant(now.0 + LEASE)),
                    )
                    .exec(txn)
                    .await?;
            }
            Ok::<_, Error>(due)
        })
        .await
}

/// Asks about one claimed order and records the answer: credits it, closes it when its time is over,
/// or plans the next question.
pub async fn settle_due(
    app: &App,
    providers: &Providers,
    order: &order::Model,
) -> Result<(), Error> {
    let merchant_id = order.merchant_id;
    let channel = maybe_find(app, merchant_id, order.channel_id)
        .await?
        .ok_or(Error::NotFound)?;
    let answer = match providers.find(app, &channel) {
        Err(error) => Err(error),
        Ok(provider) => ask(app, provider.as_ref(), order.id, currency(order)?).await,
    };
    let answer = match answer {
        known @ Ok(PaymentStatus::Paid(_) | PaymentStatus::Unpaid) => known,
        told => ask_previous(app, providers, &channel, order, told).await?,
    };
    match answer {
        Ok(PaymentStatus::Paid(payment)) => {
            match apply(app, &channel, order.id, &payment).await? {
                Applied::Paid | Applied::Nothing => return Ok(()),
                // Not credited: it stays unpaid, and closes when its time is over.
                Applied::Opened(_) => {}
            }
        }
        Ok(PaymentStatus::Unpaid | PaymentStatus::Unknown) => {}
        Err(error) => {
            tracing::warn!(order_id = %order.id, %error, "a provider could not be asked");
            return plan_again(app, order).await;
        }
    }
    let now = app.clock.now();
    let attempts = order.query_attempts.saturating_add(1);
    let next = next_query(made_at(order), order.expires_at.0, attempts, now);
    plan(app, order, next, now >= order.expires_at.0).await
}

/// Asks with the credentials that a channel had before, too, while these are believed, where those of now told
/// nothing: a payer who had a code then pays to that account. Returns what counts of both answers.
async fn ask_previous(
    app: &App,
    providers: &Providers,
    channel: &channel::Model,
    order: &order::Model,
    told: Answer,
) -> Result<Answer, Error> {
    let previous = match providers.maybe_find_previous(app, channel) {
        Ok(Some(previous)) => previous,
        Ok(None) => return Ok(told),
        Err(error) => {
            tracing::error!(channel_id = %channel.id, %error, "credentials before cannot be used");
            return Ok(told);
        }
    };
    let answer = ask(app, previous.as_ref(), order.id, currency(order)?).await;
    Ok(match answer {
        Ok(PaymentStatus::Unknown) => told,
        Ok(known) => Ok(known),
        // Whether there is money is not known, and is to be asked again.
        Err(error @ ProviderError::Unavailable(_)) => Err(error),
        Err(_) => told,
    })
}

/// Plans another try after the provider could not be asked. That counts as no answer: the order stays
/// open a while beyond its expiry, and is asked about for days.
async fn plan_again(app: &App, order: &order::Model) -> Result<(), Error> {
    let now = app.clock.now();
    let next = retry_query(made_at(order), order.expires_at.0, now);
    let next = next.map(|at| (at, order.query_attempts));
    plan(app, order, next, closes_unasked(order.expires_at.0, now)).await
}

fn made_at(order: &order::Model) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(order.id.made_at_ms()).unwrap_or_default()
}

async fn plan(
    app: &App,
    order: &order::Model,
    next: Option<(DateTime<Utc>, i16)>,
    closes: bool,
) -> Result<(), Error> {
    let merchant_id = order.merchant_id;
    app.write(merchant_id, |txn| async move {
        let current = lock(&txn, merchant_id, order.id).await?;
        if current.payment_state == PaymentState::Paid {
            return Ok(());
        }
        if closes && current.payment_state != PaymentState::Closed {
            close_in(app, &txn, &current, "system").await?;
        }
        order::Entity::update_of(merchant_id)
            .filter(order::Column::Id.eq(order.id))
            .col_expr(
                order::Column::NextQueryAt,
                Expr::value(next.map(|(at, _)| Instant(at))),
            )
            .col_expr(
                order::Column::QueryAttempts,
                Expr::value(next.map_or(current.query_attempts, |(_, attempts)| attempts)),
            )
            .exec(&*txn)
            .await?;
        Ok::<_, Error>(())
    })
    .await
}
