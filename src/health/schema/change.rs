//! How a channel's health has changed, as clients see it.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::{channel, channel_health_change};

use super::enums::{HealthCause, HealthState};
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::health::service;
use crate::paging::Paging;

/// A change of a channel's health.
#[derive(Clone, Debug)]
pub struct ChannelHealthChange {
    /// The row.
    pub row: channel_health_change::Model,
}

plain_object! {
    /// A change of a channel's health 健康变化; it is never edited.
    ChannelHealthChange(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// How the channel was.
        from / "from": HealthState = self.row.from_state.into();
        /// How it was from then on.
        to / "to": HealthState = self.row.to_state.into();
        /// Why.
        cause / "cause": Option<HealthCause> = self.row.cause.map(HealthCause::from);
        /// Who said so: `system`, or an id of staff or of an API key.
        changed_by / "changedBy": &str = self.row.changed_by.as_str();
        /// When.
        changed_at / "changedAt": Timestamp = self.row.changed_at.into();
    }
    {
        /// The channel, as it is now.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await?;
            row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)
        }
    }
}

connection! {
    /// A list of changes of a channel's health.
    ChannelHealthChangeConnection
    /// A change in a list.
    ChannelHealthChangeEdge
    /// The change.
    node: Lean<ChannelHealthChange>
}

/// A page of the changes of a channel's health, the newest first.
pub async fn of_channel(
    ctx: &Context<'_>,
    channel: &channel::Model,
    paging: &Paging,
) -> Result<Lean<ChannelHealthChangeConnection>, Error> {
    let page = service::list_changes(ctx.app(), channel.merchant_id, channel.id, paging).await?;
    let node = |row| Lean(ChannelHealthChange { row });
    Ok(Lean(ChannelHealthChangeConnection::page(
        page,
        |row| row.id.to_string(),
        node,
    )))
}
