//! Gives back what nobody asked for: second payments, and late ones where the merchant's policy is so.

use entity::RefundId;
use entity::event::EventKind;
use entity::order_timeline::TimelineKind;
use entity::reconciliation_item::{self, ReconciliationKind};
use entity::refund::{self, RefundKind, RefundReason, RefundStatus};
use sea_orm::{DatabaseTransaction, QueryOrder, QuerySelect};

use super::book::{Step, take_step};
use super::create::Asked;
use crate::app::App;
use crate::auth::model::Actor;
use crate::db::violates_unique;
use crate::error::{Error, Failure};
use crate::orders::service::lock_order;
use crate::refunds::model::{CreateRefusal, Part, RefundDraft};

/// Items whose payment is to go back and has no refund yet, of all merchants, the oldest first.
pub async fn extras(app: &App, limit: u64) -> Result<Vec<reconciliation_item::Model>, Error> {
    Ok(reconciliation_item::Entity::to_refund()
        .order_by_asc(reconciliation_item::Column::Id)
        .limit(limit)
        .all(app.db.reads_across())
        .await?)
}

/// Makes the refund of an item, once: the item's place among the refunds is unique.
pub async fn create_extra(app: &App, item: &reconciliation_item::Model) -> Result<(), Error> {
    let made = app
        .write(item.merchant_id, |txn| async move {
            match item.kind {
                ReconciliationKind::LatePayment => late(app, &txn, item).await,
                _ => extra(app, &txn, item).await.map_err(Failure::from),
            }
        })
        .await;
    match made {
        Err(Failure::Failed(Error::Database(error)))
            if violates_unique(&error, "refunds_of_item")
                || violates_unique(&error, "reconciliation_item_id") =>
        {
            Ok(())
        }
        Err(Failure::Failed(error)) => Err(error),
        Err(Failure::Refused(refusal)) => {
            // It stays on the list for a person, and is tried again.
            tracing::warn!(item = %item.id, ?refusal, "a late payment was not refunded");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// A late payment made its order PAID: the order is refunded in full.
async fn late(
    app: &App,
    txn: &DatabaseTransaction,
    item: &reconciliation_item::Model,
) -> Result<(), Failure<CreateRefusal>> {
    let order_id = item.order_id.ok_or(Error::NotFound)?;
    let draft = RefundDraft {
        order_id: order_id.0,
        part: Part::Everything,
        reason: RefundReason::LatePayment,
        reason_text: None,
    };
    let asked = Asked {
        id: app.ids.next(),
        actor: &Actor::system(item.merchant_id),
        draft: &draft,
        item: Some(item.id),
    };
    asked.reserve(app, txn).await
}

/// A second payment was set aside when it came: it goes back as it is.
async fn extra(
    app: &App,
    txn: &DatabaseTransaction,
    item: &reconciliation_item::Model,
) -> Result<(), Error> {
    let order_id = item.order_id.ok_or(Error::NotFound)?;
    let order = lock_order(txn, item.merchant_id, order_id).await?;
    let id: RefundId = app.ids.next();
    let now = app.clock.instant();
    let step = Step {
        order: &order,
        from: None,
        refund: refund::Model {
            merchant_id: item.merchant_id,
            id,
            kind: RefundKind::ExtraPayment,
            order_id,
            member_id: order.member_id,
            channel_id: item.channel_id,
            method: order.method,
            provider_trade_no: Some(item.provider_trade_no.clone()),
            reconciliation_item_id: Some(item.id),
            currency: item.currency.clone(),
            amount_minor: item.received_minor.unwrap_or_default(),
            state: RefundStatus::Processing,
            reason: RefundReason::DuplicatePayment,
            reason_text: None,
            requested_by: "system".to_owned(),
            decided_by: None,
            decided_at: None,
            round: 1,
            attempts: 0,
            lease: 0,
            sent_at: None,
            sent_through: None,
            next_attempt_at: Some(now),
            needs_attention: false,
            provider_refund_no: None,
            error_code: None,
            error: None,
            fee_returned_minor: 0,
            succeeded_at: None,
            updated_at: now,
        },
        told: Some((TimelineKind::RefundRequested, EventKind::RefundRequested)),
        actor: "system",
        note: Some(item.provider_trade_no.clone()),
        forced: false,
    };
    take_step(app, txn, step)
        .await
        .map_err(|failure| match failure {
            Failure::Failed(error) => error,
            Failure::Refused(_) => {
                Error::internal("an extra payment takes nothing from the balance")
            }
        })
}
