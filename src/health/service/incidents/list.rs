//! Reads incidents.

use std::collections::HashMap;

use entity::incident::{Column, Entity, IncidentState, Model};
use entity::{ChannelId, IncidentId, Instant, MerchantId};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, Select};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};
use crate::time_range::TimeRange;

/// Which incidents are wanted; what is none asks for all.
#[derive(Clone, Debug, Default)]
pub struct IncidentFilter {
    /// Of any of these channels.
    pub channel_ids: Option<Vec<ChannelId>>,
    /// In any of these states.
    pub states: Option<Vec<IncidentState>>,
    /// Opened in this span.
    pub opened: Option<TimeRange>,
}

/// One incident.
pub async fn find(app: &App, merchant_id: MerchantId, id: IncidentId) -> Result<Model, Error> {
    Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)
}

/// A page of a merchant's incidents, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &IncidentFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted(app, merchant_id, filter);
    let select = newest_first::<_, _, IncidentId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many incidents a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &IncidentFilter,
) -> Result<u64, Error> {
    let select = wanted(app, merchant_id, filter);
    Ok(select.count(&app.db.reads(merchant_id)).await?)
}

fn wanted(app: &App, merchant_id: MerchantId, filter: &IncidentFilter) -> Select<Entity> {
    let mut select = Entity::of(merchant_id);
    if let Some(ids) = &filter.channel_ids {
        select = select.filter(any_of(&app.db, Column::ChannelId, ids));
    }
    if let Some(states) = &filter.states {
        select = select.filter(Column::State.is_in(states.iter().copied()));
    }
    if let Some(span) = filter.opened {
        select = select
            .filter(Column::OpenedAt.gte(Instant(span.from)))
            .filter(Column::OpenedAt.lt(Instant(span.to)));
    }
    select
}

/// Incidents by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[IncidentId],
) -> Result<HashMap<IncidentId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The incidents of some channels that are not over.
pub async fn find_open(
    app: &App,
    merchant_id: MerchantId,
    channels: &[ChannelId],
) -> Result<HashMap<ChannelId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::ChannelId, channels))
        .filter(Column::ResolvedAt.is_null())
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.channel_id, row)).collect())
}
