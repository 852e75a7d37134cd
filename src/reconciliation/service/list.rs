//! Reads runs, and what does not fit.

use std::collections::HashMap;

use entity::reconciliation_item::{self, ReconciliationKind};
use entity::{
    ChannelId, MerchantId, ReconciliationItemId, ReconciliationRunId, channel, reconciliation_run,
};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};
use crate::time_range::TimeRange;

/// Which items are wanted: all that fulfil each condition that is there.
#[derive(Clone, Debug, Default)]
pub struct ItemFilter {
    /// Those that wait for a person, or those that were settled.
    pub open: Option<bool>,
    /// Those of any of these kinds.
    pub kinds: Option<Vec<ReconciliationKind>>,
    /// Those of a channel.
    pub channel_id: Option<ChannelId>,
    /// Those that a run found first.
    pub run_id: Option<ReconciliationRunId>,
    /// Those found in a span of time.
    pub found: Option<TimeRange>,
}

/// A page of a merchant's reconciliation items, newest first.
pub async fn list_items(
    app: &App,
    merchant_id: MerchantId,
    filter: &ItemFilter,
    paging: &Paging,
) -> Result<Page<reconciliation_item::Model>, Error> {
    use reconciliation_item::Column;
    let mut select = reconciliation_item::Entity::of(merchant_id);
    if let Some(open) = filter.open {
        select = select.filter(if open {
            Column::ResolvedAt.is_null()
        } else {
            Column::ResolvedAt.is_not_null()
        });
    }
    if let Some(kinds) = &filter.kinds {
        select = select.filter(Column::Kind.is_in(kinds.iter().copied()));
    }
    if let Some(channel_id) = filter.channel_id {
        select = select.filter(Column::ChannelId.eq(channel_id));
    }
    if let Some(run_id) = filter.run_id {
        select = select.filter(Column::RunId.eq(run_id));
    }
    if let Some(found) = &filter.found {
        // An id holds the instant at which it was made.
        let first = |at: chrono::DateTime<chrono::Utc>| {
            ReconciliationItemId::first_at(at.timestamp_millis())
        };
        select = select
            .filter(Column::Id.gte(first(found.from)))
            .filter(Column::Id.lt(first(found.to)));
    }
    let select = newest_first::<_, _, ReconciliationItemId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// Reconciliation items by id.
pub async fn find_items(
    app: &App,
    merchant_id: MerchantId,
    ids: &[ReconciliationItemId],
) -> Result<HashMap<ReconciliationItemId, reconciliation_item::Model>, Error> {
    let rows = reconciliation_item::Entity::of(merchant_id)
        .filter(any_of(&app.db, reconciliation_item::Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Open items of a channel that were missing here, near midnight: they may have become known.
pub(super) async fn waiting(
    app: &App,
    channel: &channel::Model,
) -> Result<Vec<reconciliation_item::Model>, Error> {
    use reconciliation_item::Column;
    Ok(reconciliation_item::Entity::of(channel.merchant_id)
        .filter(Column::ResolvedAt.is_null())
        .filter(Column::ChannelId.eq(channel.id))
        .filter(Column::Kind.eq(ReconciliationKind::MissingHere))
        .filter(Column::Carried.eq(true))
        .all(&app.db.reads(channel.merchant_id))
        .await?)
}

/// A page of a merchant's runs, newest first; of one channel where one is named.
pub async fn list_runs(
    app: &App,
    merchant_id: MerchantId,
    channel_id: Option<ChannelId>,
    paging: &Paging,
) -> Result<Page<reconciliation_run::Model>, Error> {
    use reconciliation_run::Column;
    let mut select = reconciliation_run::Entity::of(merchant_id);
    if let Some(channel_id) = channel_id {
        select = select.filter(Column::ChannelId.eq(channel_id));
    }
    let select = newest_first::<_, _, ReconciliationRunId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// Runs by id.
pub async fn find_runs(
    app: &App,
    merchant_id: MerchantId,
    ids: &[ReconciliationRunId],
) -> Result<HashMap<ReconciliationRunId, reconciliation_run::Model>, Error> {
    let rows = reconciliation_run::Entity::of(merchant_id)
        .filter(any_of(&app.db, reconciliation_run::Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
