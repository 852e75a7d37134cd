//! How channels' health changes, live.

use std::sync::Arc;

use async_graphql::{Context, ID, SimpleObject, Subscription};
use entity::event::EventKind as Kind;
use entity::{ChannelId, HealthChangeId, MerchantId};
use futures_util::Stream;

use super::change::ChannelHealthChange;
use crate::app::App;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::events::Event;
use crate::graphql::follow::{Tell, follow};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::{Timestamp, read_ids};
use crate::graphql::{Ask, Needs};
use crate::health::service;

/// A change of a channel's health, and where to continue.
#[derive(Debug, SimpleObject)]
pub struct ChannelHealthEvent {
    /// Pass it as `after` to continue behind this event, on any instance.
    pub cursor: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What changed.
    pub change: Lean<ChannelHealthChange>,
}

/// The subscriptions of channels' health.
#[derive(Debug, Default)]
pub struct HealthSubscription;

#[Subscription]
impl HealthSubscription {
    /// How the health of channels changes 渠道健康变化, in order, at least once. With `after` it continues behind
    /// that cursor and misses nothing; a cursor too old is CURSOR_EXPIRED. Needs `channels:read`.
    #[graphql(guard = "Needs(Scope::ChannelsRead)")]
    async fn channel_health_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these channels, at most 50; all where it is missing.")]
        channel_ids: Option<Vec<ID>>,
        #[graphql(desc = "The last cursor that was seen; only new events where it is missing.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ChannelHealthEvent, Error>> + use<>, Error> {
        let wanted = channel_ids.map(|ids| read_ids("channelIds", &ids));
        let teller = Teller {
            app: ctx.app().clone(),
            merchant_id: ctx.actor()?.merchant_id,
            wanted: wanted.transpose()?,
        };
        follow(ctx, after, teller).await
    }
}

/// Tells how the health of a merchant's channels changes, or of some of them.
struct Teller {
    app: App,
    merchant_id: MerchantId,
    wanted: Option<Vec<ChannelId>>,
}

impl Tell for Teller {
    type Told = ChannelHealthEvent;

    fn cursor(told: &ChannelHealthEvent) -> &str {
        &told.cursor
    }

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::ChannelHealthChanged
    }

    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<ChannelHealthEvent>, Error> {
        let ids: Vec<HealthChangeId> = events
            .iter()
            .map(|event| HealthChangeId(event.subject_id))
            .collect();
        let changes = service::find_changes(&self.app, self.merchant_id, &ids).await?;
        let wanted = |id| self.wanted.as_ref().is_none_or(|ids| ids.contains(&id));
        let told = events.iter().filter_map(|event| {
            let row = changes.get(&HealthChangeId(event.subject_id))?;
            wanted(row.channel_id).then(|| ChannelHealthEvent {
                cursor: event.cursor().to_string(),
                occurred_at: event.occurred_at.into(),
                change: Lean(ChannelHealthChange { row: row.clone() }),
            })
        });
        Ok(told.collect())
    }
}
