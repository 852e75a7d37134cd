//! Writes what happened to an order: its timeline, and the event that subscribers are told.

use entity::event::EventKind;
use entity::order_timeline::TimelineKind;
use entity::{Instant, MerchantId, OrderId, TimelineEntryId, order_timeline};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect,
};

use crate::app::App;
use crate::events;

/// One thing that happened to one order.
pub struct Happening<'a> {
    /// Whose order.
    pub merchant_id: MerchantId,
    /// Which order.
    pub order_id: OrderId,
    /// What, in the timeline.
    pub timeline: TimelineKind,
    /// What, for subscribers.
    pub event: Option<EventKind>,
    /// Who did it.
    pub actor: &'a str,
    /// What is worth knowing beside it.
    pub note: Option<String>,
    /// When.
    pub at: Instant,
}

/// Writes it in the transaction of the change itself, which holds the order's lock.
pub async fn record(
    app: &App,
    txn: &DatabaseTransaction,
    happening: Happening<'_>,
) -> Result<(), DbErr> {
    let id = next_id(app, txn, &happening).await?;
    order_timeline::Entity::insert(order_timeline::ActiveModel {
        merchant_id: ActiveValue::Set(happening.merchant_id),
        order_id: ActiveValue::Set(happening.order_id),
        id: ActiveValue::Set(id),
        kind: ActiveValue::Set(happening.timeline),
        actor: ActiveValue::Set(happening.actor.to_owned()),
        note: ActiveValue::Set(happening.note),
        occurred_at: ActiveValue::Set(happening.at),
    })
    .exec_without_returning(txn)
    .await?;
    if let Some(kind) = happening.event {
        events::record(
            txn,
            &app.ids,
            happening.at,
            happening.merchant_id,
            kind,
            happening.order_id,
        )
        .await?;
    }
    Ok(())
}

/// An id behind every earlier entry of the order: another instance's clock may run ahead of ours, and
/// a timeline is read by id.
async fn next_id(
    app: &App,
    txn: &DatabaseTransaction,
    happening: &Happening<'_>,
) -> Result<TimelineEntryId, DbErr> {
    let next: TimelineEntryId = app.ids.next();
    if happening.timeline == TimelineKind::Created {
        return Ok(next);
    }
    let last: Option<Option<TimelineEntryId>> = order_timeline::Entity::of(happening.merchant_id)
        .filter(order_timeline::Column::OrderId.eq(happening.order_id))
        .select_only()
        .column_as(order_timeline::Column::Id.max(), "id")
        .into_tuple()
        .one(txn)
        .await?;
    Ok(match last.flatten() {
        Some(last) => next.max(TimelineEntryId(last.0 + 1)),
        None => next,
    })
}
