//! Reads a merchant's channels.

use std::collections::HashMap;
use std::sync::Arc;

use entity::{ChannelId, MerchantId, channel};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::app::App;
use crate::error::Error;

/// A merchant's channels, in the order of the payment page.
pub async fn list(app: &App, merchant_id: MerchantId) -> Result<Vec<channel::Model>, Error> {
    Ok(in_order(merchant_id)
        .all(&app.db.reads(merchant_id))
        .await?)
}

/// A merchant's channels, in the order of the payment page, to be read.
pub(super) fn in_order(merchant_id: MerchantId) -> sea_orm::Select<channel::Entity> {
    channel::Entity::of(merchant_id)
        .order_by_asc(channel::Column::DisplayOrder)
        .order_by_asc(channel::Column::Id)
}

/// A merchant's channels, to be shown beside an order: name, kind, method. They may be a second old, which
/// no decision may rest on.
pub async fn list_shown(
    app: &App,
    merchant_id: MerchantId,
) -> Result<Arc<Vec<Arc<channel::Model>>>, Error> {
    if let Some(known) = app.channels.get(&merchant_id) {
        return Ok(known);
    }
    let rows = list(app, merchant_id).await?;
    let channels = Arc::new(rows.into_iter().map(Arc::new).collect::<Vec<_>>());
    app.channels.insert(merchant_id, Arc::clone(&channels));
    Ok(channels)
}

/// One channel of a merchant; none where it is another merchant's.
pub async fn maybe_find(
    app: &App,
    merchant_id: MerchantId,
    id: ChannelId,
) -> Result<Option<channel::Model>, Error> {
    Ok(channel::Entity::of(merchant_id)
        .filter(channel::Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// Whose a channel is; none where there is no such channel. For whoever runs the gateway.
pub async fn owner(app: &App, id: ChannelId) -> Result<Option<MerchantId>, Error> {
    let row = channel::Entity::all()
        .filter(channel::Column::Id.eq(id))
        .one(app.db.reads_across())
        .await?;
    Ok(row.map(|row| row.merchant_id))
}

/// Channels of a merchant by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[ChannelId],
) -> Result<HashMap<ChannelId, channel::Model>, Error> {
    let rows = channel::Entity::of(merchant_id)
        .filter(channel::Column::Id.is_in(ids.iter().copied()))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Where a channel's payment platform reports payments to.
#[must_use]
pub fn callback_url(app: &App, channel: &channel::Model) -> String {
    format!(
        "{}/callbacks/{}.{}",
        app.settings.http.public_url.trim_end_matches('/'),
        channel.merchant_id,
        channel.id
    )
}
