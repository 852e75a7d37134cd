//! Maintenance windows as clients see them, and the query of them.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, InputObject, Object};
use entity::{ChannelId, maintenance_window};

use super::enums::MaintenanceSource;
use crate::auth::model::Scope;
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{Timestamp, read_ids};
use crate::graphql::{Ask, Needs, Nullable};
use crate::health::loader::{IncidentLoader, NextWindowOf};
use crate::health::service::maintenance::{self, WindowFilter};
use crate::paging::Paging;

/// A maintenance window.
#[derive(Clone, Debug)]
pub struct MaintenanceWindow {
    row: Arc<maintenance_window::Model>,
}

impl From<maintenance_window::Model> for MaintenanceWindow {
    fn from(row: maintenance_window::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

plain_object! {
    /// A maintenance window 维护窗口: when a channel is worked on, known ahead. No incident is opened meanwhile.
    MaintenanceWindow(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// When it begins.
        starts_at / "startsAt": Timestamp = self.row.starts_at.into();
        /// When it ends; where it was called off while it held, when that was.
        ends_at / "endsAt": Timestamp = self.row.ends_at.into();
        /// Who plans it.
        source / "source": MaintenanceSource = self.row.source.into();
        /// What is done, in words.
        note / "note": Option<&str> = self.row.note.as_deref();
        /// Who entered it: an id of staff or of an API key, or `system`.
        created_by / "createdBy": &str = self.row.created_by.as_str();
        /// When it was entered.
        created_at / "createdAt": Timestamp = self.row.created_at.into();
        /// When it was called off 取消.
        canceled_at / "canceledAt": Option<Timestamp> = self.row.canceled_at.map(Timestamp::from);
        /// Who called it off.
        canceled_by / "canceledBy": Option<&str> = self.row.canceled_by.as_deref();
    }
    {
        /// The channel.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await?;
            row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)
        }
    }
}

/// The window of a channel that holds now, or the next one.
pub async fn next_window(ctx: &Context<'_>, id: ChannelId) -> Nullable<Lean<MaintenanceWindow>> {
    let loader = ctx.data_unchecked::<DataLoader<IncidentLoader>>();
    let row = loader.load_one(NextWindowOf(id)).await.transpose()?;
    Some(row.map(|row| Lean(row.into())))
}

connection! {
    /// A list of maintenance windows.
    MaintenanceWindowConnection
    /// A maintenance window in a list.
    MaintenanceWindowEdge
    /// The window.
    node: Lean<MaintenanceWindow>
}

/// Which maintenance windows are wanted. Everything that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct MaintenanceWindowFilterInput {
    /// Of any of these channels.
    pub channel_ids: Option<Vec<ID>>,
    /// Those, too, that are over or were called off.
    #[graphql(default)]
    pub include_past: bool,
}

/// The query of maintenance windows.
#[derive(Debug, Default)]
pub struct MaintenanceQuery;

#[Object]
impl MaintenanceQuery {
    /// The merchant's maintenance windows 维护窗口 that hold or lie ahead, those entered last first. Needs
    /// `channels:read`.
    #[graphql(guard = "Needs(Scope::ChannelsRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn maintenance_windows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which windows; all that hold or lie ahead where it is missing.")]
        filter: Option<MaintenanceWindowFilterInput>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<MaintenanceWindowConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let filter = filter.unwrap_or_default();
        let channel_ids = filter.channel_ids.as_deref();
        let channel_ids = channel_ids.map(|ids| read_ids("filter.channelIds", ids));
        let filter = WindowFilter {
            channel_ids: channel_ids.transpose()?,
            include_past: filter.include_past,
        };
        let merchant_id = ctx.actor()?.merchant_id;
        let page = maintenance::list(ctx.app(), merchant_id, &filter, &paging).await?;
        Ok(Lean(MaintenanceWindowConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(row.into()),
        )))
    }
}
