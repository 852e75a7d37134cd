//! What happens to exports, live.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject, Subscription};
use entity::event::EventKind as Kind;
use entity::{ExportId, MerchantId};
use futures_util::Stream;

use super::object::Export;
use crate::app::App;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::events::Event;
use crate::exports::service;
use crate::graphql::events::EventType;
use crate::graphql::follow::{Tell, follow};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};

/// What happened to an export, and where to continue.
#[derive(Debug, SimpleObject)]
pub struct ExportEvent {
    /// Pass it as `after` to continue behind this event, on any instance.
    pub cursor: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    pub r#type: EventType,
    /// The export as it is now.
    pub export: Lean<Export>,
}

/// The subscriptions of exports.
#[derive(Debug, Default)]
pub struct ExportSubscription;

#[Subscription]
impl ExportSubscription {
    /// What happens to exports (asked for, some more written, finished, failed, called off, expired), in order, at
    /// least once; progress at most once a second. With `after` it continues behind that cursor and misses
    /// nothing; a cursor too old is CURSOR_EXPIRED. Needs `exports:write`.
    #[graphql(guard = "Needs(Scope::ExportsWrite)")]
    async fn export_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last cursor that was seen; only new events where it is missing.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ExportEvent, Error>> + use<>, Error> {
        let teller = Teller {
            app: ctx.app().clone(),
            merchant_id: ctx.actor()?.merchant_id,
        };
        follow(ctx, after, teller).await
    }
}

/// Tells of a merchant's exports.
struct Teller {
    app: App,
    merchant_id: MerchantId,
}

impl Tell for Teller {
    type Told = ExportEvent;

    fn cursor(told: &ExportEvent) -> &str {
        &told.cursor
    }

    fn wants(&self, kind: Kind) -> bool {
        matches!(
            kind,
            Kind::ExportCreated
                | Kind::ExportProgressed
                | Kind::ExportFinished
                | Kind::ExportFailed
                | Kind::ExportCanceled
                | Kind::ExportExpired
        )
    }

    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<ExportEvent>, Error> {
        let mut ids: Vec<ExportId> = events
            .iter()
            .map(|event| ExportId(event.subject_id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let exports = service::find_many(&self.app, self.merchant_id, &ids).await?;
        Ok(events
            .iter()
            .filter_map(|event| {
                let export = exports.get(&ExportId(event.subject_id))?;
                Some(ExportEvent {
                    cursor: event.cursor().to_string(),
                    occurred_at: event.occurred_at.into(),
                    r#type: event.kind.into(),
                    export: Lean(export.clone().into()),
                })
            })
            .collect())
    }
}
