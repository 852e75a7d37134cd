//! Reads what does not fit between payments and orders.

use std::collections::HashMap;

use entity::reconciliation_item::{Column, Entity, Model};
use entity::{MerchantId, ReconciliationItemId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;
use crate::paging::{Page, Paging, bad_cursor};

/// A page of a merchant's reconciliation items, newest first; open ones alone where `open` says so.
pub async fn list_items(
    app: &App,
    merchant_id: MerchantId,
    open: Option<bool>,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let mut select = Entity::of(merchant_id).limit(paging.limit + 1);
    if let Some(open) = open {
        select = select.filter(if open {
            Column::ResolvedAt.is_null()
        } else {
            Column::ResolvedAt.is_not_null()
        });
    }
    let place = |text: &str, backward| -> Result<ReconciliationItemId, Error> {
        text.parse().map_err(|_| bad_cursor(backward))
    };
    if let Some(text) = &paging.beyond {
        let id = place(text, paging.backward)?;
        select = select.filter(if paging.backward {
            Column::Id.gt(id)
        } else {
            Column::Id.lt(id)
        });
    }
    if let Some(text) = &paging.until {
        let id = place(text, !paging.backward)?;
        select = select.filter(if paging.backward {
            Column::Id.lt(id)
        } else {
            Column::Id.gt(id)
        });
    }
    let select = if paging.backward {
        select.order_by_asc(Column::Id)
    } else {
        select.order_by_desc(Column::Id)
    };
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
