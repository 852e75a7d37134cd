//! Today, live.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, SimpleObject, Subscription};
use entity::MerchantId;
use entity::event::EventKind as Kind;
use futures_util::Stream;

use super::today::Today;
use crate::app::App;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::events::{Cursor, Event};
use crate::graphql::follow::{Tell, follow};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};
use crate::overview::service;

/// What changes a tile.
const CHANGES: [Kind; 7] = [
    Kind::OrderCreated,
    Kind::OrderPaid,
    Kind::OrderClosed,
    Kind::OrderFulfilled,
    Kind::OrderPaymentFailed,
    Kind::RefundSucceeded,
    Kind::RefundReversed,
];

/// How long statistics may take to count an event that is told of.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// The tiles, whenever something happened.
#[derive(Debug, SimpleObject)]
pub struct TodayEvent {
    /// Pass it as `after` to continue behind this, on any instance.
    pub cursor: String,
    /// When the last thing happened that is told of; now, for the first value.
    pub occurred_at: Timestamp,
    /// The merchant's day so far.
    pub today: Today,
}

/// The subscriptions of the overview.
#[derive(Debug, Default)]
pub struct OverviewSubscription;

#[Subscription]
impl OverviewSubscription {
    /// The tiles of a front page 今日概览: at once as they are, and again when something happened, at most
    /// once a second. Everything that happened meanwhile is in one answer. With `after` it says nothing at
    /// first, and continues behind that cursor; a cursor too old is CURSOR_EXPIRED. Needs `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn today_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The last cursor that was seen; the tiles of now, at once, where it is missing."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<TodayEvent, Error>> + use<>, Error> {
        let teller = Teller {
            app: ctx.app().clone(),
            merchant_id: ctx.actor()?.merchant_id,
        };
        follow(ctx, after, teller).await
    }
}

/// Tells of a merchant's day.
struct Teller {
    app: App,
    merchant_id: MerchantId,
}

impl Teller {
    async fn today(&self, at: Cursor, occurred_at: Timestamp) -> Result<TodayEvent, Error> {
        let merchant = crate::merchant::find(&self.app, self.merchant_id).await?;
        Ok(TodayEvent {
            cursor: at.to_string(),
            occurred_at,
            today: Today {
                row: service::today(&self.app, self.merchant_id).await?,
                currency: merchant.currency,
                event_cursor: Some(at.to_string()),
            },
        })
    }

    /// Waits until the statistics have counted an event, and not for long: what they miss is told the next
    /// time.
    async fn counted(&self, seq: i64) -> Result<(), Error> {
        let waits = async {
            loop {
                let served =
                    crate::statistics::service::served(&self.app, self.merchant_id).await?;
                if served.generation.is_none() || served.seq >= seq {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waits)
            .await
            .unwrap_or(Ok(()))
    }
}

impl Tell for Teller {
    type Told = TodayEvent;

    const REST: Option<Duration> = Some(Duration::from_secs(1));

    fn cursor(told: &TodayEvent) -> &str {
        &told.cursor
    }

    fn wants(&self, kind: Kind) -> bool {
        CHANGES.contains(&kind)
    }

    async fn open(&self, at: Cursor) -> Result<Option<TodayEvent>, Error> {
        let now = Timestamp(self.app.clock.now());
        self.today(at, now).await.map(Some)
    }

    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<TodayEvent>, Error> {
        let Some(last) = events.last() else {
            return Ok(Vec::new());
        };
        self.counted(last.seq).await?;
        let told = self.today(last.cursor(), last.occurred_at.into()).await?;
        Ok(vec![told])
    }
}
