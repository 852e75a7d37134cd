//! The queries of channels.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::object::Channel;
use crate::auth::model::Scope;
use crate::channels::service;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};

/// The queries of channels.
#[derive(Debug, Default)]
pub struct ChannelQuery;

#[Object]
impl ChannelQuery {
    /// One channel. Another merchant's is NOT_FOUND. Needs `channels:read`.
    #[graphql(guard = "Needs(Scope::ChannelsRead)")]
    async fn channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Nullable<Lean<Channel>> {
        Some(find(ctx, &id).await)
    }

    /// The merchant's channels, in the order of the payment page. Needs `channels:read`.
    #[graphql(guard = "Needs(Scope::ChannelsRead)")]
    async fn channels(&self, ctx: &Context<'_>) -> Result<Vec<Lean<Channel>>, Error> {
        let rows = service::list(ctx.app(), ctx.actor()?.merchant_id).await?;
        Ok(rows
            .into_iter()
            .map(|row| Lean(Channel { row: Arc::new(row) }))
            .collect())
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Lean<Channel>, Error> {
    let id = read_id("id", id)?;
    let row = service::maybe_find(ctx.app(), ctx.actor()?.merchant_id, id).await?;
    row.map(|row| Lean(Channel { row: Arc::new(row) }))
        .ok_or(Error::NotFound)
}
