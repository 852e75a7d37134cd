//! What happens to incidents, live.

use std::sync::Arc;

use async_graphql::{Context, Enum, SimpleObject, Subscription};
use entity::event::EventKind as Kind;
use entity::{IncidentId, MerchantId};
use futures_util::Stream;

use super::incident::Incident;
use crate::app::App;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::events::Event;
use crate::graphql::follow::{Tell, follow};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};
use crate::health::service::incidents;

/// What happened to an incident 告警类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ChannelAlertType {
    /// 故障发生: a channel does not work as it should.
    Opened,
    /// 故障加重: a degraded channel went down.
    Worsened,
    /// 故障已确认: somebody knows of it.
    Acknowledged,
    /// 故障恢复: it is over.
    Resolved,
}

impl ChannelAlertType {
    const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::IncidentOpened => Some(Self::Opened),
            Kind::IncidentWorsened => Some(Self::Worsened),
            Kind::IncidentAcknowledged => Some(Self::Acknowledged),
            Kind::IncidentResolved => Some(Self::Resolved),
            _ => None,
        }
    }
}

/// What happened to an incident 渠道告警, and where to continue.
#[derive(Debug, SimpleObject)]
pub struct ChannelAlert {
    /// Pass it as `after` to continue behind this alert, on any instance.
    pub cursor: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    pub r#type: ChannelAlertType,
    /// The incident as it is now.
    pub incident: Lean<Incident>,
}

/// The subscription to alerts.
#[derive(Debug, Default)]
pub struct AlertSubscription;

#[Subscription]
impl AlertSubscription {
    /// What happens to channels' incidents 渠道告警 (opened, worsened, acknowledged, resolved), in order, at
    /// least once. With `after` it continues behind that cursor and misses nothing; a cursor too old is
    /// CURSOR_EXPIRED. Needs `channels:read`.
    #[graphql(guard = "Needs(Scope::ChannelsRead)")]
    async fn channel_alert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last cursor that was seen; only new alerts where it is missing.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ChannelAlert, Error>> + use<>, Error> {
        let merchant_id = ctx.actor()?.merchant_id;
        let teller = Teller {
            app: ctx.app().clone(),
            merchant_id,
        };
        follow(ctx, after, teller).await
    }
}

/// Tells of a merchant's incidents.
struct Teller {
    app: App,
    merchant_id: MerchantId,
}

impl Tell for Teller {
    type Told = ChannelAlert;

    fn cursor(told: &ChannelAlert) -> &str {
        &told.cursor
    }

    fn wants(&self, kind: Kind) -> bool {
        ChannelAlertType::of(kind).is_some()
    }

    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<ChannelAlert>, Error> {
        let mut ids: Vec<IncidentId> = events
            .iter()
            .map(|event| IncidentId(event.subject_id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let found = incidents::find_many(&self.app, self.merchant_id, &ids).await?;
        Ok(events
            .iter()
            .filter_map(|event| {
                let incident = found.get(&IncidentId(event.subject_id))?;
                Some(ChannelAlert {
                    cursor: event.cursor().to_string(),
                    occurred_at: event.occurred_at.into(),
                    r#type: ChannelAlertType::of(event.kind)?,
                    incident: Lean(incident.clone().into()),
                })
            })
            .collect())
    }
}
