//! Adds what a merchant's events tell to its buckets: each event once, for the position is written with it.

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::event::{self, EventKind};
use entity::{
    EventId, Instant, MerchantId, OrderId, RefundId, statistics_position, statistics_skip,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};

use super::facts::{Facts, Returned};
use super::serve::read_zone;
use super::write::add;
use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::statistics::model::{Buckets, Sale, given_back, made, paid, taken_back};

/// How many events are counted at once.
const BATCH: u64 = 2_000;

/// Counts the next events of a merchant; whether there may be more. Nothing is counted where there is no
/// build yet, and where another instance counted meanwhile.
pub async fn project(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    let position = statistics_position::Entity::of(merchant_id)
        .one(&app.db.reads(merchant_id))
        .await?;
    let Some(position) = position else {
        return Ok(false);
    };
    let events = event::Entity::of(merchant_id)
        .filter(event::Column::Seq.gt(position.seq))
        .order_by_asc(event::Column::Seq)
        .limit(BATCH)
        .all(&app.db.reads(merchant_id))
        .await?;
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Ok(false);
    };
    if first.seq != Some(position.seq + 1) {
        // Some were removed before they were counted: everything is to be read again.
        return Ok(false);
    }
    let next = Next {
        seq: last.seq.unwrap_or(position.seq),
        as_of: Instant(last.occurred_at.0.max(position.as_of.0)),
        skipped: skipped(app, merchant_id, &events).await?,
    };
    let zone = read_zone(&position.time_zone)?;
    let events: Vec<event::Model> = events
        .iter()
        .filter(|event| !next.skipped.contains(&event.id))
        .cloned()
        .collect();
    let facts = Facts {
        app,
        db: &app.db.reads(merchant_id),
        merchant_id,
    };
    let mut buckets = Buckets::default();
    fold(&facts, &events, zone, &mut buckets).await?;
    let counted = write(app, &position, &next, &buckets).await?;
    Ok(counted
        && last
            .seq
            .is_some_and(|seq| seq - position.seq >= BATCH as i64))
}

/// How far the position moves.
struct Next {
    seq: i64,
    as_of: Instant,
    skipped: Vec<EventId>,
}

/// Those of some events that a build has counted already.
async fn skipped(
    app: &App,
    merchant_id: MerchantId,
    events: &[event::Model],
) -> Result<Vec<EventId>, DbErr> {
    use statistics_skip::Column;
    let all: Vec<EventId> = statistics_skip::Entity::of(merchant_id)
        .select_only()
        .column(Column::EventId)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let now = |id: &EventId| events.iter().any(|event| event.id == *id);
    Ok(all.into_iter().filter(now).collect())
}

/// Adds what some events count.
pub(super) async fn fold<C: ConnectionTrait>(
    facts: &Facts<'_, C>,
    events: &[event::Model],
    zone: Tz,
    buckets: &mut Buckets,
) -> Result<(), DbErr> {
    let of = |kinds: &[EventKind]| -> Vec<i64> {
        let told = events.iter().filter(|event| kinds.contains(&event.kind));
        let mut ids: Vec<i64> = told.map(|event| event.subject_id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let refunds = of(&[EventKind::RefundSucceeded, EventKind::RefundReversed]);
    let refunds: Vec<RefundId> = refunds.into_iter().map(RefundId).collect();
    let refunds = facts.refunds_by_id(&refunds).await?;
    let refunds: HashMap<i64, Returned> = refunds.into_iter().map(|one| (one.id.0, one)).collect();
    let orders = of(&[EventKind::OrderCreated, EventKind::OrderPaid]);
    let mut orders: Vec<OrderId> = orders.into_iter().map(OrderId).collect();
    orders.extend(refunds.values().map(|refund| refund.order_id));
    orders.sort_unstable();
    orders.dedup();
    let orders = facts.orders(&orders).await?;
    for event in events {
        count(buckets, event, &orders, &refunds, zone);
    }
    Ok(())
}

/// What one event counts.
fn count(
    buckets: &mut Buckets,
    event: &event::Model,
    orders: &HashMap<OrderId, Sale>,
    refunds: &HashMap<i64, Returned>,
    zone: Tz,
) {
    let sale = orders.get(&OrderId(event.subject_id));
    let refund = refunds.get(&event.subject_id);
    let of_refund = refund.and_then(|refund| orders.get(&refund.order_id));
    match (event.kind, sale, refund.zip(of_refund)) {
        (EventKind::OrderCreated, Some(sale), _) => made(buckets, sale, zone),
        (EventKind::OrderPaid, Some(sale), _) => paid(buckets, sale, zone),
        (EventKind::RefundSucceeded, _, Some((refund, sale))) => {
            if let Some(step) = &refund.succeeded {
                given_back(buckets, sale, step, zone);
            }
        }
        (EventKind::RefundReversed, _, Some((refund, sale))) => {
            if let Some(step) = &refund.reversed {
                taken_back(buckets, sale, step, zone);
            }
        }
        _ => {}
    }
}

/// Writes buckets and position together; false where the position is no longer the one that was read.
async fn write(
    app: &App,
    read: &statistics_position::Model,
    next: &Next,
    buckets: &Buckets,
) -> Result<bool, Error> {
    use statistics_position::{Column, Entity};
    let merchant_id = read.merchant_id;
    app.db
        .transaction_of(merchant_id, |txn| async move {
            let now = Entity::of(merchant_id).lock_exclusive().one(&*txn).await?;
            let is_same =
                now.is_some_and(|now| (now.generation, now.seq) == (read.generation, read.seq));
            if !is_same {
                return Ok(false);
            }
            add(&txn, merchant_id, read.generation, buckets).await?;
            if !next.skipped.is_empty() {
                let column = statistics_skip::Column::EventId;
                statistics_skip::Entity::delete_of(merchant_id)
                    .filter(any_of(&app.db, column, &next.skipped))
                    .exec(&*txn)
                    .await?;
            }
            Entity::update_of(merchant_id)
                .col_expr(Column::Seq, Expr::value(next.seq))
                .col_expr(Column::AsOf, Expr::value(next.as_of))
                .exec(&*txn)
                .await?;
            Ok::<_, Error>(true)
        })
        .await
}
