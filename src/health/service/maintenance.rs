//! Maintenance windows: planned, called off, announced by payment platforms, listed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::event::EventKind;
use entity::maintenance_window::{Column, Entity, MaintenanceSource, Model};
use entity::{ChannelId, Instant, MaintenanceWindowId, MerchantId, channel};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::db::{any_of, newest_first};
use crate::error::{Error, Failure};
use crate::events;
use crate::health::model::maintenance::{
    Announced, CancelRefusal, ScheduleRefusal, WindowDraft, called_off,
};
use crate::paging::{Page, Paging};

/// Plans a window. Windows of one channel are entered one after the other, so none meets another.
pub async fn schedule(
    app: &App,
    actor: &Actor,
    channel_id: ChannelId,
    draft: &WindowDraft,
) -> Result<Model, Failure<ScheduleRefusal>> {
    let (merchant_id, by) = (actor.merchant_id, &actor.name());
    let key = (merchant_id, channel_id);
    app.write(merchant_id, |txn| async move {
        lock(&txn, key).await?;
        let now = app.clock.now();
        let ahead = beside(&*txn, key, draft, now).await?;
        let draft = draft.check(&ahead, now).map_err(Failure::Refused)?;
        let entered = enter(app, &txn, key, draft, by).await?;
        let planned = json!({ "startsAt": entered.starts_at.0, "endsAt": entered.ends_at.0 });
        let deed = Deed::of("maintenanceWindowSchedule")
            .on(entered.id)
            .made(planned);
        audit::record(app, &txn, actor, deed).await?;
        Ok(entered)
    })
    .await
}

/// Enters what a channel's payment platform announces, and moves the end of what is known by its beginning. What
/// was called off, or would meet another window, is not.
pub async fn announce(
    app: &App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    announced: &[WindowDraft],
) -> Result<(), Error> {
    let key = (merchant_id, channel_id);
    for draft in announced {
        let now = app.clock.now();
        let known = beside(&app.db.reads(merchant_id), key, draft, now).await?;
        match draft.announced(&known, now) {
            Ok(Announced::Known) => continue,
            Ok(Announced::New(_) | Announced::Moved(..)) => {}
            Err(refusal) => {
                tracing::debug!(%channel_id, ?refusal, "an announced window was not entered");
                continue;
            }
        }
        let entered = app.write(merchant_id, |txn| async move {
            lock(&txn, key).await?;
            let now = app.clock.now();
            let known = beside(&*txn, key, draft, now).await?;
            match draft.announced(&known, now).map_err(Failure::Refused)? {
                Announced::Known => Ok(()),
                Announced::New(draft) => {
                    let entered = enter(app, &txn, key, draft, "system").await;
                    entered.map(|_| ()).map_err(Failure::Failed)
                }
                Announced::Moved(id, ends_at) => {
                    let moved = move_end(app, &txn, merchant_id, id, ends_at).await;
                    moved.map_err(Failure::Failed)
                }
            }
        });
        match entered.await {
            Ok(()) => {}
            // Somebody has just planned one.
            Err(Failure::Refused(refusal)) => {
                tracing::debug!(%channel_id, ?refusal, "an announced window was not entered");
            }
            Err(Failure::Failed(error)) => return Err(error),
        }
    }
    Ok(())
}

/// The windows of a channel that are not over, and those that its platform has announced for the same time.
async fn beside(
    connection: &impl ConnectionTrait,
    (merchant_id, channel_id): (MerchantId, ChannelId),
    draft: &WindowDraft,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let ahead = Condition::all()
        .add(Column::EndsAt.gt(Instant(now)))
        .add(Column::CanceledAt.is_null());
    let same = Condition::all()
        .add(Column::StartsAt.eq(Instant(draft.starts_at)))
        .add(Column::Source.eq(MaintenanceSource::Provider));
    Entity::of(merchant_id)
        .filter(Column::ChannelId.eq(channel_id))
        .filter(Condition::any().add(ahead).add(same))
        .all(connection)
        .await
}

/// Moves the end of a window that a payment platform has announced.
async fn move_end(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MaintenanceWindowId,
    ends_at: DateTime<Utc>,
) -> Result<(), Error> {
    Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .col_expr(Column::EndsAt, Expr::value(Instant(ends_at)))
        .exec(txn)
        .await?;
    let kind = EventKind::MaintenanceScheduled;
    events::record(txn, &app.ids, app.clock.instant(), merchant_id, kind, id).await?;
    Ok(())
}

/// Locks a channel, so that its windows are entered one after the other. Orders refer to the channel meanwhile,
/// which this lock does not keep from them.
async fn lock(
    txn: &DatabaseTransaction,
    (merchant_id, channel_id): (MerchantId, ChannelId),
) -> Result<(), Failure<ScheduleRefusal>> {
    let locked = channel::Entity::of(merchant_id)
        .filter(channel::Column::Id.eq(channel_id))
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    locked
        .map(|_| ())
        .ok_or(Failure::Refused(ScheduleRefusal::ChannelNotFound))
}

async fn enter(
    app: &App,
    txn: &DatabaseTransaction,
    (merchant_id, channel_id): (MerchantId, ChannelId),
    draft: WindowDraft,
    by: &str,
) -> Result<Model, Error> {
    let now = app.clock.instant();
    let window = Model {
        merchant_id,
        id: app.ids.next(),
        channel_id,
        starts_at: Instant(draft.starts_at),
        ends_at: Instant(draft.ends_at),
        source: draft.source,
        note: draft.note,
        created_by: by.to_owned(),
        created_at: now,
        canceled_at: None,
        canceled_by: None,
    };
    Entity::insert(window.clone().into_active_model())
        .exec_without_returning(txn)
        .await?;
    let kind = EventKind::MaintenanceScheduled;
    events::record(txn, &app.ids, now, merchant_id, kind, window.id).await?;
    Ok(window)
}

/// Calls a window off; one under way ends now. Called off twice, the first time counts.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: MaintenanceWindowId,
) -> Result<Model, Failure<CancelRefusal>> {
    let (merchant_id, by) = (actor.merchant_id, &actor.name());
    app.write(merchant_id, |txn| async move {
        let window = Entity::of(merchant_id)
            .filter(Column::Id.eq(id))
            .lock_exclusive()
            .one(&*txn)
            .await?
            .ok_or(Failure::Refused(CancelRefusal::NotFound))?;
        let now = app.clock.instant();
        let Some(ends_at) = called_off(&window, now.0).map_err(Failure::Refused)? else {
            return Ok(window);
        };
        let window = Model {
            ends_at: Instant(ends_at),
            canceled_at: Some(now),
            canceled_by: Some(by.clone()),
            ..window
        };
        Entity::update_of(merchant_id)
            .filter(Column::Id.eq(id))
            .col_expr(Column::EndsAt, Expr::value(window.ends_at))
            .col_expr(Column::CanceledAt, Expr::value(window.canceled_at))
            .col_expr(Column::CanceledBy, Expr::value(window.canceled_by.clone()))
            .exec(&*txn)
            .await?;
        let kind = EventKind::MaintenanceCanceled;
        events::record(&txn, &app.ids, now, merchant_id, kind, id).await?;
        let deed = Deed::of("maintenanceWindowCancel").on(id);
        audit::record(app, &txn, actor, deed).await?;
        Ok(window)
    })
    .await
}

/// Which windows are wanted.
#[derive(Clone, Debug, Default)]
pub struct WindowFilter {
    /// Of any of these channels; of all where it is none.
    pub channel_ids: Option<Vec<ChannelId>>,
    /// Those, too, that are over or were called off.
    pub include_past: bool,
}

/// A page of a merchant's windows, those entered last first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &WindowFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let mut select = Entity::of(merchant_id);
    if let Some(ids) = &filter.channel_ids {
        select = select.filter(any_of(&app.db, Column::ChannelId, ids));
    }
    if !filter.include_past {
        select = select
            .filter(Column::EndsAt.gt(app.clock.instant()))
            .filter(Column::CanceledAt.is_null());
    }
    let select = newest_first::<_, _, MaintenanceWindowId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// Windows by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MaintenanceWindowId],
) -> Result<HashMap<MaintenanceWindowId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The window of each of some channels that holds now, or the next one.
pub async fn find_next(
    app: &App,
    merchant_id: MerchantId,
    channels: &[ChannelId],
) -> Result<HashMap<ChannelId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::ChannelId, channels))
        .filter(Column::EndsAt.gt(app.clock.instant()))
        .filter(Column::CanceledAt.is_null())
        .order_by_asc(Column::StartsAt)
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut next = HashMap::new();
    for row in rows {
        next.entry(row.channel_id).or_insert(row);
    }
    Ok(next)
}
