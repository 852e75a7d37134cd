//! The queries of reconciliation.

use async_graphql::{Context, ID, Object};

use super::inputs::ReconciliationItemFilterInput;
use super::item::ReconciliationItemConnection;
use super::run::ReconciliationRunConnection;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::paging::Paging;
use crate::reconciliation::service;

/// The queries of reconciliation.
#[derive(Debug, Default)]
pub struct ReconciliationQuery;

#[Object]
impl ReconciliationQuery {
    /// What does not fit between payment platforms and us 对账差异, newest first. Needs `reconciliation:read`.
    #[graphql(guard = "Needs(Scope::ReconciliationRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn reconciliation_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which; all where it is missing.")] filter: Option<
            ReconciliationItemFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<ReconciliationItemConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let zone = crate::merchant::find(app, merchant_id).await?.zone;
        let filter = filter.unwrap_or_default().read(app.clock.now(), zone)?;
        let page = service::list_items(app, merchant_id, &filter, &paging).await?;
        Ok(ReconciliationItemConnection::of(page))
    }

    /// The bills that were compared 对账批次, newest first. Needs `reconciliation:read`.
    #[graphql(guard = "Needs(Scope::ReconciliationRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn reconciliation_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of a channel.")] channel_id: Option<ID>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<ReconciliationRunConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let channel_id = channel_id.map(|id| read_id("channelId", &id)).transpose()?;
        let merchant_id = ctx.actor()?.merchant_id;
        let page = service::list_runs(ctx.app(), merchant_id, channel_id, &paging).await?;
        Ok(ReconciliationRunConnection::of(page))
    }
}
