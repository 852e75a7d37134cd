//! Reads what does not fit.

use std::collections::HashMap;

use entity::reconciliation_item::{Column, Entity, Model};
use entity::{MerchantId, ReconciliationItemId};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::app::App;
use crate::db::newest_first;
use crate::error::Error;
use crate::paging::{Page, Paging};

/// A page of a merchant's reconciliation items, newest first; open ones alone where `open` says so.
pub async fn list_items(
    app: &App,
    merchant_id: MerchantId,
    open: Option<bool>,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let mut select = Entity::of(merchant_id);
    if let Some(open) = open {
        select = select.filter(if open {
            Column::ResolvedAt.is_null()
        } else {
            Column::ResolvedAt.is_not_null()
        });
    }
    let select = newest_first::<_, _, ReconciliationItemId>(select, Column::Id, paging)?;
    Ok(Page::of(select.all(app.db.reads()).await?, paging))
}

/// Reconciliation items by id.
pub async fn find_items(
    app: &App,
    merchant_id: MerchantId,
    ids: &[ReconciliationItemId],
) -> Result<HashMap<ReconciliationItemId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(crate::db::any_of(&app.db, Column::Id, ids))
        .all(app.db.reads())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
