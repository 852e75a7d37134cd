//! Reads entries, each with its place in the chain.

use std::collections::HashMap;

use entity::audit_entry::{self, Column, Entity, Model};
use entity::{AuditEntryId, MerchantId, audit_seal};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};

use crate::app::App;
use crate::audit::model::AuditFilter;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};

/// An entry, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The entry.
    pub row: Model,
    /// Its place in the chain; none until it is sealed.
    pub seq: Option<i64>,
}

/// A page of a merchant's entries, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &AuditFilter,
    paging: &Paging,
) -> Result<Page<Shown>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, AuditEntryId>(select, Column::Id, paging)?;
    let rows = select.all(&app.db.reads(merchant_id)).await?;
    let shown = shown(app, merchant_id, rows).await?;
    Ok(Page::of(shown, paging))
}

/// How many entries a filter wants.
pub async fn count(app: &App, merchant_id: MerchantId, filter: &AuditFilter) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

/// One entry.
pub async fn maybe_find(
    app: &App,
    merchant_id: MerchantId,
    id: AuditEntryId,
) -> Result<Option<Shown>, Error> {
    let row = Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?;
    let rows = row.into_iter().collect();
    Ok(shown(app, merchant_id, rows).await?.pop())
}

async fn shown(app: &App, merchant_id: MerchantId, rows: Vec<Model>) -> Result<Vec<Shown>, Error> {
    let ids: Vec<AuditEntryId> = rows.iter().map(|row| row.id).collect();
    let seals: Vec<(AuditEntryId, i64)> = audit_seal::Entity::of(merchant_id)
        .filter(any_of(&app.db, audit_seal::Column::EntryId, &ids))
        .select_only()
        .column(audit_seal::Column::EntryId)
        .column(audit_seal::Column::Seq)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let seals: HashMap<AuditEntryId, i64> = seals.into_iter().collect();
    let shown = rows.into_iter().map(|row| Shown {
        seq: seals.get(&row.id).copied(),
        row,
    });
    Ok(shown.collect())
}

fn wanted(merchant_id: MerchantId, filter: &AuditFilter) -> Select<audit_entry::Entity> {
    let mut all = Condition::all()
        .add_option(filter.actors.as_ref().map(|any| Column::Actor.is_in(any)))
        .add_option(filter.actions.as_ref().map(|any| Column::Action.is_in(any)))
        .add_option(filter.outcome.map(|outcome| Column::Outcome.eq(outcome)))
        .add_option(filter.target.as_deref().map(|id| Column::Target.eq(id)))
        .add_option(filter.ip.as_deref().map(|ip| Column::Ip.eq(ip)));
    if let Some(range) = &filter.range {
        let first =
            |at: chrono::DateTime<chrono::Utc>| AuditEntryId::first_at(at.timestamp_millis());
        all = all
            .add(Column::Id.gte(first(range.from)))
            .add(Column::Id.lt(first(range.to)));
    }
    Entity::of(merchant_id).filter(all)
}
