//! The row that says how a channel is: locked before it changes, made where it is missing.

use entity::{ChannelId, Instant, MerchantId, channel_health};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use crate::error::Error;
use crate::health::model::state::unknown;

/// Locks a channel's row; where there is none, one is made that knows nothing.
pub async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    at: Instant,
) -> Result<channel_health::Model, Error> {
    let locked = || {
        channel_health::Entity::of(merchant_id)
            .filter(channel_health::Column::ChannelId.eq(channel_id))
            .lock_exclusive()
            .one(txn)
    };
    if let Some(row) = locked().await? {
        return Ok(row);
    }
    let row = unknown(merchant_id, channel_id, at).into_active_model();
    channel_health::Entity::insert(row)
        .on_conflict(key().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    locked().await?.ok_or(Error::NotFound)
}

/// Writes a row that this transaction has locked.
pub async fn save(txn: &DatabaseTransaction, row: channel_health::Model) -> Result<(), Error> {
    channel_health::Entity::update_of(row.merchant_id)
        .filter(channel_health::Column::ChannelId.eq(row.channel_id))
        .set(row.into_active_model().reset_all())
        .exec(txn)
        .await?;
    Ok(())
}

/// What a row is known by.
pub(super) fn key() -> OnConflict {
    OnConflict::columns([
        channel_health::Column::MerchantId,
        channel_health::Column::ChannelId,
    ])
}
