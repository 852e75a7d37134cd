//! Maintenance windows: planned, called off, announced by payment platforms, listed.

use std::collections::HashMap;

use entity::event::EventKind;
use entity::maintenance_window::{Column, Entity, MaintenanceSource, Model};
use entity::{ChannelId, Instant, MaintenanceWindowId, MerchantId, channel};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::app::App;
use crate::auth::model::Actor;
use crate::db::{any_of, newest_first};
use crate::error::{Error, Failure};
use crate::events;
use crate::health::model::maintenance::{CancelRefusal, ScheduleRefusal, WindowDraft, called_off};
use crate::paging::{Page, Paging};

/// Plans a window. Windows of one channel are entered one after the other, so none meets another.
pub async fn schedule(
    app: &App,
    actor: &Actor,
    channel_id: ChannelId,
    draft: &WindowDraft,
) -> Result<Model, Failure<ScheduleRefusal>> {
    let (merchant_id, by) = (actor.merchant_id, &actor.name());
    app.write(merchant_id, |txn| async move {
        enter(app, &txn, (merchant_id, channel_id), draft, by).await
    })
    .await
}

/// Enters what a channel's payment platform announces; a window that is known by its beginning, or that
/// meets another, is not entered again.
pub async fn announce(
    app: &App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    announced: &[WindowDraft],
) -> Result<(), Error> {
    for draft in announced {
        let known = Entity::of(merchant_id)
            .filter(Column::ChannelId.eq(channel_id))
            .filter(Column::StartsAt.eq(Instant(draft.starts_at)))
            .filter(Column::Source.eq(MaintenanceSource::Provider));
        if known.one(app.db.reads()).await?.is_some() {
            continue;
        }
        let entered = app.write(merchant_id, |txn| async move {
            enter(app, &txn, (merchant_id, channel_id), draft, "system").await
        });
        match entered.await {
            Ok(_) => {}
            Err(Failure::Refused(refusal)) => {
                tracing::info!(%channel_id, ?refusal, "an announced window was not entered");
            }
            Err(Failure::Failed(error)) => return Err(error),
        }
    }
    Ok(())
}

async fn enter(
    app: &App,
    txn: &DatabaseTransaction,
    (merchant_id, channel_id): (MerchantId, ChannelId),
    draft: &WindowDraft,
    by: &str,
) -> Result<Model, Failure<ScheduleRefusal>> {
    // Orders refer to the channel meanwhile, which this lock does not keep from them.
    channel::Entity::of(merchant_id)
        .filter(channel::Column::Id.eq(channel_id))
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?
        .ok_or(Failure::Refused(ScheduleRefusal::ChannelNotFound))?;
    let now = app.clock.instant();
    let ahead = Entity::of(merchant_id)
        .filter(Column::ChannelId.eq(channel_id))
        .filter(Column::EndsAt.gt(now))
        .filter(Column::CanceledAt.is_null())
        .all(txn)
        .await?;
    let same = |one: &&Model| {
        draft.source == MaintenanceSource::Provider
            && (one.source, one.starts_at.0) == (draft.source, draft.starts_at)
    };
    if let Some(known) = ahead.iter().find(same) {
        return Ok(known.clone());
    }
    let draft = draft.check(&ahead, now.0).map_err(Failure::Refused)?;
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
    Ok(Page::of(select.all(app.db.reads()).await?, paging))
}

/// Windows by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MaintenanceWindowId],
) -> Result<HashMap<MaintenanceWindowId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(app.db.reads())
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
        .all(app.db.reads())
        .await?;
    let mut next = HashMap::new();
    for row in rows {
        next.entry(row.channel_id).or_insert(row);
    }
    Ok(next)
}
