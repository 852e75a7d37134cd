//! Reads settlements.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::settlement::{self, Column, Entity};
use entity::{ChannelId, MerchantId, SettlementId};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};
use crate::time_range::TimeRange;

/// A settlement, as it is kept.
pub type Settled = settlement::Model;

/// Which settlements are wanted; all conditions hold.
#[derive(Clone, Debug, Default)]
pub struct SettlementFilter {
    /// Whose money it is.
    pub channels: Option<Vec<ChannelId>>,
    /// When it became available.
    pub released: Option<TimeRange>,
}

/// A page of a merchant's settlements, newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &SettlementFilter,
    paging: &Paging,
) -> Result<Page<Settled>, Error> {
    let mut select = Entity::of(merchant_id);
    if let Some(channels) = &filter.channels {
        select = select.filter(any_of(&app.db, Column::ChannelId, channels));
    }
    if let Some(range) = &filter.released {
        // The instant in its id is that of its release.
        let first = |at: DateTime<Utc>| SettlementId::first_at(at.timestamp_millis());
        select = select
            .filter(Column::Id.gte(first(range.from)))
            .filter(Column::Id.lt(first(range.to)));
    }
    let select = newest_first::<_, _, SettlementId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// Settlements by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[SettlementId],
) -> Result<HashMap<SettlementId, Settled>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
