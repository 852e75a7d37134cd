//! What happens to payouts, live.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject, Subscription};
use entity::event::EventKind as Kind;
use entity::{MerchantId, PayoutId};
use futures_util::Stream;

use super::inputs::PayoutFilterInput;
use super::object::Payout;
use crate::app::App;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::events::Event;
use crate::graphql::events::EventType;
use crate::graphql::follow::{Tell, follow};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};
use crate::orders::schema::query::reading;
use crate::payouts::model::PayoutFilter;
use crate::payouts::service;

/// What happened to a payout, and where to continue.
#[derive(Debug, SimpleObject)]
pub struct PayoutEvent {
    /// Pass it as `after` to continue behind this event, on any instance.
    pub cursor: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    pub r#type: EventType,
    /// The payout as it is now.
    pub payout: Lean<Payout>,
}

/// The subscriptions of payouts.
#[derive(Debug, Default)]
pub struct PayoutSubscription;

#[Subscription]
impl PayoutSubscription {
    /// What happens to payouts (asked for, approved, rejected, called off, paid, failed, unknown, returned), in order,
    /// at least once. With `after` it continues behind that cursor and misses nothing; a cursor too old is
    /// CURSOR_EXPIRED. Needs `payouts:read`.
    #[graphql(guard = "Needs(Scope::PayoutsRead)")]
    async fn payout_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only payouts that are such now, by state, origin, account, amount and attention; spans \
            and numbers are not looked at."
        )]
        filter: Option<PayoutFilterInput>,
        #[graphql(desc = "The last cursor that was seen; only new events where it is missing.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<PayoutEvent, Error>> + use<>, Error> {
        let merchant_id = ctx.actor()?.merchant_id;
        let filter = filter.unwrap_or_default().read(&reading(ctx).await?)?;
        let teller = Teller {
            app: ctx.app().clone(),
            merchant_id,
            filter,
        };
        follow(ctx, after, teller).await
    }
}

/// Tells of a merchant's payouts.
struct Teller {
    app: App,
    merchant_id: MerchantId,
    filter: PayoutFilter,
}

impl Tell for Teller {
    type Told = PayoutEvent;

    fn cursor(told: &PayoutEvent) -> &str {
        &told.cursor
    }

    fn wants(&self, kind: Kind) -> bool {
        matches!(
            kind,
            Kind::PayoutRequested
                | Kind::PayoutApproved
                | Kind::PayoutRejected
                | Kind::PayoutCanceled
                | Kind::PayoutPaid
                | Kind::PayoutFailed
                | Kind::PayoutUnknown
                | Kind::PayoutReturned
        )
    }

    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<PayoutEvent>, Error> {
        let mut ids: Vec<PayoutId> = events
            .iter()
            .map(|event| PayoutId(event.subject_id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let payouts = service::find_many(&self.app, self.merchant_id, &ids).await?;
        Ok(events
            .iter()
            .filter_map(|event| {
                let payout = payouts.get(&PayoutId(event.subject_id))?;
                self.filter.wants(payout).then(|| PayoutEvent {
                    cursor: event.cursor().to_string(),
                    occurred_at: event.occurred_at.into(),
                    r#type: event.kind.into(),
                    payout: Lean(payout.clone().into()),
                })
            })
            .collect())
    }
}
