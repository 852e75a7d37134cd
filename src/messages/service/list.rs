//! Reads messages.

use std::collections::HashMap;

use entity::message::{Column, Entity, Model};
use entity::{MerchantId, MessageId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, Select};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::filters::any_value;
use crate::messages::model::MessageFilter;
use crate::paging::{Page, Paging};

/// One message of a merchant; none where it is another merchant's.
pub async fn maybe_find(
    app: &App,
    merchant_id: MerchantId,
    id: MessageId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// Messages of a merchant by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of a merchant's messages, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &MessageFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, MessageId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many messages a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &MessageFilter,
) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

fn wanted(merchant_id: MerchantId, filter: &MessageFilter) -> Select<Entity> {
    let all = Condition::all().add_option(any_value(Column::State, filter.states.as_ref()));
    Entity::of(merchant_id).filter(all)
}
