//! The queries of exports.

use async_graphql::{Context, ID, Object};
use entity::export;

use super::enums::ExportKind;
use super::object::{Export, ExportColumn, ExportConnection};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::exports::model::columns::headings;
use crate::exports::service;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::paging::Paging;

/// The queries of exports.
#[derive(Debug, Default)]
pub struct ExportQuery;

#[Object]
impl ExportQuery {
    /// One export. What does not exist, or is another merchant's, is NOT_FOUND. Needs `exports:write`.
    #[graphql(guard = "Needs(Scope::ExportsWrite)")]
    async fn export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Nullable<Lean<Export>> {
        Some(find(ctx, &id).await)
    }

    /// The merchant's exports, newest first. Needs `exports:write`.
    #[graphql(guard = "Needs(Scope::ExportsWrite)")]
    async fn exports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<ExportConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let page = service::list(ctx.app(), ctx.actor()?.merchant_id, &paging).await?;
        let cursor = |row: &export::Model| row.id.to_string();
        Ok(Lean(ExportConnection::page(page, cursor, |row| {
            Lean(row.into())
        })))
    }

    /// The columns that a file of a list may have 可导出列, in their usual order. Needs `exports:write`.
    #[graphql(guard = "Needs(Scope::ExportsWrite)")]
    async fn export_columns(
        &self,
        #[graphql(desc = "Which list.")] kind: ExportKind,
    ) -> Vec<ExportColumn> {
        headings(kind.into())
            .into_iter()
            .map(ExportColumn::from)
            .collect()
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Lean<Export>, Error> {
    let id = read_id("id", id)?;
    let row = service::find(ctx.app(), ctx.actor()?.merchant_id, id).await?;
    Ok(Lean(row.into()))
}
