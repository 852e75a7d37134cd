//! A merchant's tiers, kept in memory for a second.

use std::sync::Arc;

use entity::MerchantId;
use entity::tier::{Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, QueryFilter};

use crate::app::App;
use crate::error::Error;
use crate::tiers::model::Ladder;

/// A merchant's tiers; they may be a second old.
pub async fn shown(app: &App, merchant_id: MerchantId) -> Result<Arc<Ladder>, Error> {
    match known(app, merchant_id) {
        Some(known) => Ok(known),
        None => Ok(keep(
            app,
            merchant_id,
            read(&app.db.reads(merchant_id), merchant_id).await?,
        )),
    }
}

/// The same for who is inside a transaction: waiting there for a second connection may be waiting for oneself.
pub async fn shown_in(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<Arc<Ladder>, DbErr> {
    match known(app, merchant_id) {
        Some(known) => Ok(known),
        None => Ok(keep(app, merchant_id, read(txn, merchant_id).await?)),
    }
}

/// A merchant's tiers as they are.
pub(super) async fn read<C: ConnectionTrait>(
    db: &C,
    merchant_id: MerchantId,
) -> Result<Ladder, DbErr> {
    let rows = Entity::of(merchant_id)
        .filter(Column::RemovedAt.is_null())
        .all(db)
        .await?;
    Ok(Ladder::of(rows))
}

fn known(app: &App, merchant_id: MerchantId) -> Option<Arc<Ladder>> {
    app.tiers.get(&merchant_id)?.downcast().ok()
}

fn keep(app: &App, merchant_id: MerchantId, ladder: Ladder) -> Arc<Ladder> {
    let ladder = Arc::new(ladder);
    app.tiers.insert(merchant_id, Arc::clone(&ladder) as Arc<_>);
    ladder
}
