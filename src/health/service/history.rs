//! Reads how channels' health has changed.

use std::collections::HashMap;

use entity::channel_health_change::{Column, Entity, Model};
use entity::{ChannelId, HealthChangeId, MerchantId};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};

/// A page of the changes of a channel's health, the newest first.
pub async fn list_changes(
    app: &App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = Entity::of(merchant_id).filter(Column::ChannelId.eq(channel_id));
    let select = newest_first::<_, _, HealthChangeId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// Changes of a merchant by id.
pub async fn find_changes(
    app: &App,
    merchant_id: MerchantId,
    ids: &[HealthChangeId],
) -> Result<HashMap<HealthChangeId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
