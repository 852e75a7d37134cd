//! Writes down what became of an attempt: of the delivery, and of its endpoint.

use chrono::TimeDelta;
use entity::event::EventKind;
use entity::webhook_attempt::{self, WebhookFault};
use entity::webhook_delivery::{self, WebhookDeliveryState};
use entity::webhook_endpoint::{self, DisabledBecause, WebhookEndpointState};
use entity::{Instant, MerchantId, WebhookEndpointId};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::claim::Claimed;
use super::endpoints::{give_up, lock, tell, write};
use crate::app::App;
use crate::error::Error;
use crate::webhooks::model::{Answer, is_given_up, judge, wait_after};

/// How exactly it is known when an endpoint took something last: a busy one's row would be written each time.
const EXACTNESS: TimeDelta = TimeDelta::seconds(60);

/// Writes an attempt and what follows from it. The endpoint is locked before the delivery, as everywhere.
pub(super) async fn record(
    app: &App,
    claimed: &Claimed,
    sent_at: Instant,
    answer: &Answer,
) -> Result<(), Error> {
    let delivery = &claimed.delivery;
    let verdict = judge(claimed.way.kind(), answer);
    let drawn = rand::random();
    app.write(delivery.merchant_id, |txn| async move {
        if let Some(id) = delivery.endpoint_id {
            match verdict {
                Ok(()) => takes(app, &txn, delivery.merchant_id, id).await?,
                // It was sent nothing.
                Err(WebhookFault::NotComposed) => {}
                Err(fault) => fails(app, &txn, delivery.merchant_id, id, fault).await?,
            }
        }
        let current = webhook_delivery::Entity::of(delivery.merchant_id)
            .filter(webhook_delivery::Column::Id.eq(delivery.id))
            .lock_exclusive()
            .one(&*txn)
            .await?;
        let Some(current) = current.filter(|row| row.lease == delivery.lease) else {
            tracing::info!(delivery_id = %delivery.id, "an outcome came after its lease");
            return Ok(());
        };
        let attempt = webhook_attempt::Model {
            merchant_id: delivery.merchant_id,
            delivery_id: delivery.id,
            no: delivery.attempts,
            attempted_at: sent_at,
            took_ms: answer.took_ms,
            status: answer.status.ok().map(i32::from),
            error: verdict.err(),
            answer: (!answer.body.is_empty()).then(|| answer.body.clone()),
        };
        webhook_attempt::Entity::insert(attempt.into_active_model())
            .exec_without_returning(&*txn)
            .await?;
        let wait = wait_after(claimed.way.kind(), delivery.tries, drawn);
        let wait = wait.filter(|_| verdict != Err(WebhookFault::EndpointDisabled));
        settle(app, &txn, &current, answer, verdict, wait).await
    })
    .await
}

/// Writes what becomes of a delivery.
async fn settle(
    app: &App,
    txn: &DatabaseTransaction,
    current: &webhook_delivery::Model,
    answer: &Answer,
    verdict: Result<(), WebhookFault>,
    wait: Option<TimeDelta>,
) -> Result<(), Error> {
    use webhook_delivery::Column;
    let now = app.clock.instant();
    let goes_on = current.state == WebhookDeliveryState::Pending;
    let next = wait.filter(|_| goes_on).map(|wait| Instant(now.0 + wait));
    let (state, next) = match (verdict, next) {
        (Ok(()), _) => (WebhookDeliveryState::Delivered, None),
        (Err(_), Some(next)) => (WebhookDeliveryState::Pending, Some(next)),
        (Err(_), None) => (WebhookDeliveryState::Failed, None),
    };
    let delivered_at = match verdict {
        Ok(()) => Some(now),
        Err(_) => current.delivered_at,
    };
    webhook_delivery::Entity::update_of(current.merchant_id)
        .filter(Column::Id.eq(current.id))
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::NextAttemptAt, Expr::value(next))
        .col_expr(Column::DeliveredAt, Expr::value(delivered_at))
        .col_expr(
            Column::LastStatus,
            Expr::value(answer.status.ok().map(i32::from)),
        )
        .col_expr(Column::LastError, Expr::value(verdict.err()))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(txn)
        .await?;
    Ok(())
}

/// Notes that an endpoint took something; not each time.
async fn takes(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: WebhookEndpointId,
) -> Result<(), Error> {
    use webhook_endpoint::Column;
    let now = app.clock.instant();
    let is_news = Condition::any()
        .add(Column::FailingSince.is_not_null())
        .add(Column::LastDeliveredAt.is_null())
        .add(Column::LastDeliveredAt.lte(Instant(now.0 - EXACTNESS)));
    webhook_endpoint::Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .filter(is_news)
        .col_expr(Column::FailingSince, Expr::value(None::<Instant>))
        .col_expr(Column::LastError, Expr::value(None::<WebhookFault>))
        .col_expr(Column::LastDeliveredAt, Expr::value(now))
        .exec(txn)
        .await?;
    Ok(())
}

/// Notes that an endpoint took nothing, and disables one that is gone, or has taken nothing for days.
async fn fails(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: WebhookEndpointId,
    fault: WebhookFault,
) -> Result<(), Error> {
    let Some(before) = lock(txn, merchant_id, id).await? else {
        return Ok(());
    };
    if before.state != WebhookEndpointState::Enabled {
        return Ok(());
    }
    let now = app.clock.instant();
    let since = before.failing_since.unwrap_or(now);
    let because = if fault == WebhookFault::Gone {
        Some(DisabledBecause::Gone)
    } else {
        is_given_up(since.0, now.0).then_some(DisabledBecause::Failing)
    };
    let failing = webhook_endpoint::Model {
        failing_since: Some(since),
        last_error: Some(fault),
        ..before
    };
    let Some(because) = because else {
        return write(txn, &failing).await;
    };
    let disabled = webhook_endpoint::Model {
        state: WebhookEndpointState::Disabled,
        disabled_because: Some(because),
        version: failing.version + 1,
        updated_at: now,
        ..failing
    };
    write(txn, &disabled).await?;
    give_up(txn, &disabled).await?;
    tell(app, txn, &disabled, EventKind::WebhookEndpointDisabled).await
}
