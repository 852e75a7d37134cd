//! A merchant's tiers, kept in memory for a second.

use std::sync::Arc;
use std::time::Duration;

use entity::MerchantId;
use entity::tier::{Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, QueryFilter};

use crate::app::App;
use crate::error::Error;
use crate::tiers::model::Ladder;
use crate::understood::Kept;

impl Kept for Ladder {
    const BELIEVED_FOR: Duration = Duration::from_secs(1);
}

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

/// Has a merchant's tiers read again: they are others by now.
pub(super) fn forget(app: &App, merchant_id: MerchantId) {
    app.understood.forget::<Ladder>(merchant_id);
}

fn known(app: &App, merchant_id: MerchantId) -> Option<Arc<Ladder>> {
    app.understood.get(merchant_id)
}

fn keep(app: &App, merchant_id: MerchantId, ladder: Ladder) -> Arc<Ladder> {
    app.understood.keep(merchant_id, ladder)
}
