//! Reads exports.

use std::collections::HashMap;

use entity::export::{Column, Entity, Model};
use entity::{ExportId, MerchantId};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};

/// One export.
pub async fn find(app: &App, merchant_id: MerchantId, id: ExportId) -> Result<Model, Error> {
    Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)
}

/// A page of a merchant's exports, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = newest_first::<_, _, ExportId>(Entity::of(merchant_id), Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// Exports by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[ExportId],
) -> Result<HashMap<ExportId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
