//! Reads what became of messages with their members.

use std::collections::HashMap;

use entity::message_recipient::{Column, Entity, MessageOutcome, Model};
use entity::{MerchantId, MessageId, MessageRecipientId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, QueryFilter, Select};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::filters::any_value;
use crate::paging::{Page, Paging};

/// Recipients by id.
pub async fn find_recipients(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MessageRecipientId],
) -> Result<HashMap<MessageRecipientId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A message's recipients with any of these outcomes; all where none are named.
pub(super) fn wanted_recipients(
    merchant_id: MerchantId,
    id: MessageId,
    outcomes: Option<&Vec<MessageOutcome>>,
) -> Select<Entity> {
    let all = Condition::all().add_option(any_value(Column::Outcome, outcomes));
    Entity::of(merchant_id)
        .filter(Column::MessageId.eq(id))
        .filter(all)
}

/// A page of a message's recipients, those first who were written to last.
pub async fn list_recipients(
    app: &App,
    merchant_id: MerchantId,
    id: MessageId,
    outcomes: Option<&Vec<MessageOutcome>>,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted_recipients(merchant_id, id, outcomes);
    let select = newest_first::<_, _, MessageRecipientId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}
