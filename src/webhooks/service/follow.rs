//! Follows merchants' events, and makes deliveries of them: position and deliveries are written together.

use std::collections::HashSet;

use entity::event::{self, EventKind};
use entity::webhook_delivery::{self, WebhookDeliveryState};
use entity::webhook_endpoint::{self, WebhookEndpointState};
use entity::{MerchantId, OrderId, event_head, order_notify_url, webhook_position};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::app::App;
use crate::crash;
use crate::db::any_of;
use crate::error::Error;
use crate::webhooks::model::is_told;

/// How many events are made into deliveries at once.
const BATCH: u64 = 500;
/// How many merchants are looked at at once.
const MERCHANTS: u64 = 500;
/// How many batches of one merchant are made before the next one has its turn.
const BATCHES: usize = 10;
/// How many deliveries one statement writes: SQLite binds 32,766 values at the most.
const MANY: usize = 1_000;

/// What following came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Whether there was anything to look at.
    pub is_any: bool,
    /// Whether there is more to be made at once: of a long backlog some is made at a time.
    pub is_more: bool,
}

/// Makes deliveries of what was numbered since it was last looked, a merchant after the other. What is wrong with one
/// of them is logged, and holds up no other.
pub async fn follow(app: &App) -> Result<Followed, Error> {
    use webhook_position::{Column, Entity};
    let (mut beyond, mut followed) = (None, Followed::default());
    loop {
        let mut some = Entity::behind();
        if let Some(last) = beyond {
            some = some.filter(Column::MerchantId.gt(last));
        }
        let behind: Vec<MerchantId> = some
            .select_only()
            .column(Column::MerchantId)
            .order_by_asc(Column::MerchantId)
            .limit(MERCHANTS)
            .into_tuple()
            .all(app.db.reads_across())
            .await?;
        for merchant_id in &behind {
            if app.shutdown.is_cancelled() {
                return Ok(Followed::default());
            }
            match follow_one(app, *merchant_id).await {
                Ok(more) => {
                    followed.is_any = true;
                    followed.is_more |= more;
                }
                Err(error) => {
                    tracing::warn!(%merchant_id, ?error, "events were not made into webhooks");
                }
            }
        }
        beyond = behind.last().copied();
        if (behind.len() as u64) < MERCHANTS {
            return Ok(followed);
        }
    }
}

/// Makes deliveries of a merchant's events, some batches of them; whether there may be more.
async fn follow_one(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    for _ in 0..BATCHES {
        if !step(app, merchant_id).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Begins to follow a merchant's events, behind its last one, unless they are followed already.
pub(super) async fn begin(txn: &DatabaseTransaction, merchant_id: MerchantId) -> Result<(), Error> {
    let position = webhook_position::Model {
        merchant_id,
        seq: last_seq(txn, merchant_id).await?,
    };
    webhook_position::Entity::insert(position.into_active_model())
        .on_conflict(
            OnConflict::column(webhook_position::Column::MerchantId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

async fn last_seq(txn: &DatabaseTransaction, merchant_id: MerchantId) -> Result<i64, Error> {
    let head = event_head::Entity::of(merchant_id).one(txn).await?;
    Ok(head.map_or(0, |head| head.last_seq))
}

/// Makes deliveries of a merchant's next events; whether there may be more. One that another instance is at
/// is left to it.
async fn step(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    app.db
        .transaction_of(merchant_id, |txn| async move {
            let mut place = webhook_position::Entity::of(merchant_id);
            if app.db.backend() == DbBackend::Postgres {
                place = place.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let Some(position) = place.one(&*txn).await? else {
                return Ok(false);
            };
            // Read first: what is numbered meanwhile is not passed over.
            let last = last_seq(&txn, merchant_id).await?;
            let events = event::Entity::of(merchant_id)
                .filter(event::Column::Seq.gt(position.seq))
                .order_by_asc(event::Column::Seq)
                .limit(BATCH)
                .all(&*txn)
                .await?;
            let read = events.last().and_then(|event| event.seq);
            let deliveries = deliveries(app, &txn, merchant_id, &events).await?;
            for some in deliveries.chunks(MANY) {
                let some = some.iter().cloned().map(IntoActiveModel::into_active_model);
                webhook_delivery::Entity::insert_many(some)
                    .exec_without_returning(&*txn)
                    .await?;
            }
            crash::point("webhook.following");
            // Where events were removed before they were looked at, there is nothing to wait for.
            let seq = read.unwrap_or(last).max(position.seq);
            webhook_position::Entity::update_of(merchant_id)
                .col_expr(webhook_position::Column::Seq, Expr::value(seq))
                .exec(&*txn)
                .await?;
            Ok::<_, Error>(events.len() as u64 == BATCH)
        })
        .await
}

/// The deliveries that follow from some events: one for each endpoint that wants it, and one for each order
/// that was paid and whose shop is called.
async fn deliveries(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    events: &[event::Model],
) -> Result<Vec<webhook_delivery::Model>, Error> {
    let endpoints = webhook_endpoint::Entity::of(merchant_id)
        .filter(webhook_endpoint::Column::State.eq(WebhookEndpointState::Enabled))
        .all(txn)
        .await?;
    let paid: Vec<OrderId> = events
        .iter()
        .filter(|event| event.kind == EventKind::OrderPaid)
        .map(|event| OrderId(event.subject_id))
        .collect();
    let column = order_notify_url::Column::OrderId;
    let called: HashSet<OrderId> = if paid.is_empty() {
        HashSet::new()
    } else {
        let found = order_notify_url::Entity::of(merchant_id)
            .filter(any_of(&app.db, column, &paid))
            .all(txn)
            .await?;
        found.into_iter().map(|row| row.order_id).collect()
    };
    let mut all = Vec::new();
    for event in events {
        let name = event.kind.to_value();
        if !is_told(&name) {
            continue;
        }
        for endpoint in endpoints.iter().filter(|one| wants(one, event, &name)) {
            all.push(webhook_delivery::Model {
                endpoint_id: Some(endpoint.id),
                ..delivery(app, event)
            });
        }
        let order_id = OrderId(event.subject_id);
        if event.kind == EventKind::OrderPaid && called.contains(&order_id) {
            all.push(webhook_delivery::Model {
                order_id: Some(order_id),
                ..delivery(app, event)
            });
        }
    }
    Ok(all)
}

fn wants(endpoint: &webhook_endpoint::Model, event: &event::Model, name: &str) -> bool {
    let mut types = endpoint.event_types.split(' ');
    let is_wanted = endpoint.event_types.is_empty() || types.any(|wanted| wanted == name);
    is_wanted && event.occurred_at.0 >= endpoint.active_since.0
}

/// A delivery of an event, to nowhere yet.
fn delivery(app: &App, event: &event::Model) -> webhook_delivery::Model {
    let now = app.clock.instant();
    webhook_delivery::Model {
        merchant_id: event.merchant_id,
        id: app.ids.next(),
        endpoint_id: None,
        order_id: None,
        event_id: event.id,
        event_seq: event.seq.unwrap_or_default(),
        event_kind: event.kind,
        subject_id: event.subject_id,
        occurred_at: event.occurred_at,
        state: WebhookDeliveryState::Pending,
        attempts: 0,
        tries: 0,
        lease: 0,
        next_attempt_at: Some(now),
        delivered_at: None,
        last_status: None,
        last_error: None,
        updated_at: now,
    }
}
