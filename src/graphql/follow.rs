//! Follows a merchant's events for one subscriber: the part that all subscriptions share.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use entity::MerchantId;
use entity::event::EventKind;
use futures_util::{Stream, stream};

use crate::app::App;
use crate::error::Error;
use crate::events::{Cursor, Event, Subscription};

/// What a subscriber is told of events.
pub trait Tell: Send + 'static {
    /// One answer.
    type Told: Send;

    /// Whether it is told of such events.
    fn wants(&self, kind: EventKind) -> bool;

    /// What is told of events that came together, in their order; there is one at least.
    fn tell(
        &self,
        events: &[Arc<Event>],
    ) -> impl Future<Output = Result<Vec<Self::Told>, Error>> + Send;
}

/// Everything that is to be told, behind a cursor or from now on, without end. A cursor that cannot be meant,
/// or is too old, is an error at once.
pub async fn follow<T: Tell>(
    app: &App,
    merchant_id: MerchantId,
    after: Option<String>,
    teller: T,
) -> Result<impl Stream<Item = Result<T::Told, Error>> + use<T>, Error> {
    let after: Option<Cursor> = after.map(|text| text.parse()).transpose()?;
    let follower = Follower {
        feed: app.events.subscribe(merchant_id, after).await?,
        teller,
        ready: VecDeque::new(),
    };
    Ok(stream::try_unfold(follower, |mut follower| async move {
        let told = follower.next().await?;
        Ok(Some((told, follower)))
    }))
}

/// One subscriber: its place in the events, and what is ready for it.
struct Follower<T: Tell> {
    feed: Subscription,
    teller: T,
    ready: VecDeque<T::Told>,
}

impl<T: Tell> Follower<T> {
    async fn next(&mut self) -> Result<T::Told, Error> {
        loop {
            if let Some(told) = self.ready.pop_front() {
                return Ok(told);
            }
            let mut events = self.feed.next().await?;
            events.retain(|event| self.teller.wants(event.kind));
            if events.is_empty() {
                continue;
            }
            self.ready = loop {
                match self.teller.tell(&events).await {
                    Ok(ready) => break ready.into(),
                    Err(error) => {
                        // Nothing is skipped: it waits until the database is back.
                        tracing::warn!(code = error.code(), "a subscription waits");
                        tokio::time::sleep(Duration::from_millis(500)).await;
                    }
                }
            };
        }
    }
}
