//! What happens to refunds, live.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject, Subscription};
use entity::event::EventKind as Kind;
use entity::{MerchantId, RefundId};
use futures_util::Stream;

use super::object::Refund;
use crate::app::App;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::events::Event;
use crate::graphql::events::EventType;
use crate::graphql::follow::{Tell, follow};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};
use crate::refunds::service;

/// What happened to a refund, and where to continue.
#[derive(Debug, SimpleObject)]
pub struct RefundEvent {
    /// Pass it as `after` to continue behind this event, on any instance.
    pub cursor: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    pub r#type: EventType,
    /// The refund as it is now.
    pub refund: Lean<Refund>,
}

/// The subscriptions of refunds.
#[derive(Debug, Default)]
pub struct RefundSubscription;

#[Subscription]
impl RefundSubscription {
    /// What happens to refunds (asked for, approved, rejected, succeeded, failed, unknown, retried, returned),
    /// in order, at least once. With `after` it continues behind that cursor and misses nothing; a cursor too
    /// old is CURSOR_EXPIRED. Needs `refunds:read`.
    #[graphql(guard = "Needs(Scope::RefundsRead)")]
    async fn refund_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last cursor that was seen; only new events where it is missing.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<RefundEvent, Error>> + use<>, Error> {
        let merchant_id = ctx.actor()?.merchant_id;
        let teller = Teller {
            app: ctx.app().clone(),
            merchant_id,
        };
        follow(ctx, after, teller).await
    }
}

/// Tells of a merchant's refunds.
struct Teller {
    app: App,
    merchant_id: MerchantId,
}

impl Tell for Teller {
    type Told = RefundEvent;

    fn cursor(told: &RefundEvent) -> &str {
        &told.cursor
    }

    fn wants(&self, kind: Kind) -> bool {
        matches!(
            kind,
            Kind::RefundRequested
                | Kind::RefundApproved
                | Kind::RefundRejected
                | Kind::RefundSucceeded
                | Kind::RefundFailed
                | Kind::RefundUnknown
                | Kind::RefundAbnormal
                | Kind::RefundRetried
                | Kind::RefundReversed
        )
    }

    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<RefundEvent>, Error> {
        let mut ids: Vec<RefundId> = events
            .iter()
            .map(|event| RefundId(event.subject_id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let refunds = service::find_many(&self.app, self.merchant_id, &ids).await?;
        Ok(events
            .iter()
            .filter_map(|event| {
                let refund = refunds.get(&RefundId(event.subject_id))?;
                Some(RefundEvent {
                    cursor: event.cursor().to_string(),
                    occurred_at: event.occurred_at.into(),
                    r#type: event.kind.into(),
                    refund: Lean(refund.clone().into()),
                })
            })
            .collect())
    }
}
