//! The queries of incidents.

use async_graphql::{Context, ID, InputObject, Object};

use super::enums::IncidentState;
use super::incident::{Incident, IncidentConnection};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::{read_id, read_ids};
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs, Nullable};
use crate::health::service::incidents::{self, IncidentFilter};
use crate::orders::schema::inputs::Reading;
use crate::orders::schema::reading;
use crate::paging::Paging;

/// Which incidents are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct IncidentFilterInput {
    /// Of any of these channels.
    pub channel_ids: Option<Vec<ID>>,
    /// In any of these states.
    pub states: Option<Vec<IncidentState>>,
    /// Opened in this span.
    pub opened_in: Option<TimeRangeInput>,
}

impl IncidentFilterInput {
    fn read(&self, reading: &Reading) -> Result<IncidentFilter, Error> {
        let channel_ids = self.channel_ids.as_deref();
        let channel_ids = channel_ids.map(|ids| read_ids("filter.channelIds", ids));
        let opened = self
            .opened_in
            .map(|span| span.read("filter.openedIn", reading.now, reading.zone));
        Ok(IncidentFilter {
            channel_ids: channel_ids.transpose()?,
            states: self
                .states
                .as_ref()
                .map(|states| states.iter().map(|state| (*state).into()).collect()),
            opened: opened.transpose()?,
        })
    }
}

/// The queries of incidents.
#[derive(Debug, Default)]
pub struct IncidentQuery;

#[Object]
impl IncidentQuery {
    /// One incident 渠道故障. Another merchant's is NOT_FOUND. Needs `channels:read`.
    #[graphql(guard = "Needs(Scope::ChannelsRead)")]
    async fn incident(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Nullable<Lean<Incident>> {
        Some(find(ctx, &id).await)
    }

    /// The merchant's incidents, newest first. Needs `channels:read`.
    #[graphql(guard = "Needs(Scope::ChannelsRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn incidents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which incidents; all where it is missing.")] filter: Option<
            IncidentFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<IncidentConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let filter = filter.unwrap_or_default().read(&reading(ctx).await?)?;
        // Taken before the incidents are read: what happens meanwhile is seen twice, never not at all.
        let event_cursor = if ctx.look_ahead().field("eventCursor").exists() {
            Some(app.events.head(merchant_id).await?.to_string())
        } else {
            None
        };
        let page = incidents::list(app, merchant_id, &filter, &paging).await?;
        Ok(Lean(IncidentConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(row.into()),
            merchant_id,
            filter,
            event_cursor,
        )))
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Lean<Incident>, Error> {
    let id = read_id("id", id)?;
    let row = incidents::find(ctx.app(), ctx.actor()?.merchant_id, id).await?;
    Ok(Lean(row.into()))
}
