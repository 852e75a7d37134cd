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

/// How often it is asked whether statistics have counted an event: at first, and after a second.
const OFTEN: Duration = Duration::from_millis(20);
const SELDOM: Duration = Duration::from_millis(250);

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
    /// once a second. Everything that happened meanwhile is in one answer; what happened is told once it is in the
    /// figures, normally less than a second later. With `after` it says nothing at
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
    /// The tiles as they are, told of so much of what happened.
    async fn event(
        &self,
        row: service::Today,
        at: Cursor,
        occurred_at: Timestamp,
    ) -> Result<TodayEvent, Error> {
        let merchant = crate::merchant::find(&self.app, self.merchant_id).await?;
        Ok(TodayEvent {
            cursor: at.to_string(),
            occurred_at,
            today: Today {
                row,
                currency: merchant.currency,
                event_cursor: Some(at.to_string()),
            },
        })
    }

    async fn today(&self) -> Result<service::Today, Error> {
        service::today(&self.app, self.merchant_id).await
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

    /// Waits until the statistics have counted an event: what is told without it would stay wrong until the next.
    async fn ready(&self, seq: i64) -> Result<(), Error> {
        for turn in 0_u32.. {
            let served = crate::statistics::service::served(&self.app, self.merchant_id).await?;
            if served.seq >= seq {
                break;
            }
            tokio::time::sleep(if turn < 50 { OFTEN } else { SELDOM }).await;
        }
        Ok(())
    }

    /// What is not in the figures yet is behind the cursor.
    async fn open(&self, at: Cursor) -> Result<Option<TodayEvent>, Error> {
        let now = Timestamp(self.app.clock.now());
        let row = self.today().await?;
        let at = Cursor(at.0.min(row.seq));
        self.event(row, at, now).await.map(Some)
    }

    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<TodayEvent>, Error> {
        let Some(last) = events.last() else {
            return Ok(Vec::new());
        };
        // A build that was begun before takes its place without it, for a moment.
        let row = loop {
            let row = self.today().await?;
            if row.seq >= last.seq {
                break row;
            }
            self.ready(last.seq).await?;
        };
        let occurred_at = last.occurred_at.into();
        Ok(vec![self.event(row, last.cursor(), occurred_at).await?])
    }
}
