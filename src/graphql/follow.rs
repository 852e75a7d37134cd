//! Follows a merchant's events: the part that all subscriptions share.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Context;
use entity::event::EventKind;
use futures_util::{Stream, stream};

use super::Ask;
use super::live::Course;
use crate::error::Error;
use crate::events::{Cursor, Event, Subscription};
use crate::throttle::turns::Turn;

/// What a subscriber is told of events.
pub trait Tell: Send + 'static {
    /// One answer.
    type Told: Send;

    /// The cursor of an answer.
    fn cursor(told: &Self::Told) -> &str;

    /// Whether it is told of such events.
    fn wants(&self, kind: EventKind) -> bool;

    /// What is told of events that came together, in their order; there is one at least.
    fn tell(
        &self,
        events: &[Arc<Event>],
    ) -> impl Future<Output = Result<Vec<Self::Told>, Error>> + Send;
}

/// Everything that is to be told along the execution's course. Where a subscriber continues was read before:
/// subscribers at different places share an execution ([`super::live`]).
pub async fn follow<T: Tell>(
    ctx: &Context<'_>,
    _after: Option<String>,
    teller: T,
) -> Result<impl Stream<Item = Result<T::Told, Error>> + use<T>, Error> {
    let course = ctx.data_opt::<Arc<Course>>().cloned();
    let course = course.ok_or_else(|| Error::internal("an execution without a course"))?;
    let (merchant_id, after) = (ctx.actor()?.merchant_id, Cursor(course.after));
    let follower = Follower {
        feed: ctx.app().events.subscribe(merchant_id, Some(after)).await?,
        teller,
        ready: VecDeque::new(),
        seen: course.after,
        course,
        turn: None,
    };
    follower.course.begin();
    Ok(stream::try_unfold(follower, |mut follower| async move {
        let told = follower.next().await?;
        Ok(told.map(|told| (told, follower)))
    }))
}

/// One execution: its place in the events, and what is ready to be told.
struct Follower<T: Tell> {
    feed: Subscription,
    teller: T,
    ready: VecDeque<T::Told>,
    /// The number of the last event that was looked at.
    seen: i64,
    course: Arc<Course>,
    /// Held until what is ready is executed, where many are told of it.
    turn: Option<Turn>,
}

impl<T: Tell> Follower<T> {
    async fn next(&mut self) -> Result<Option<T::Told>, Error> {
        loop {
            if let Some(told) = self.ready.pop_front() {
                self.course.hand_on(T::cursor(&told).parse()?);
                return Ok(Some(told));
            }
            self.turn = None;
            self.course.reach(self.seen);
            if self.course.is_done(self.seen) {
                return Ok(None);
            }
            let mut events = self.feed.next().await?;
            self.seen = events.last().map_or(self.seen, |event| event.seq);
            if let Some(until) = self.course.until {
                events.retain(|event| event.seq <= until);
            }
            events.retain(|event| self.teller.wants(event.kind));
            if events.is_empty() {
                continue;
            }
            self.course.pace.pay().await;
            let turn = loop {
                let turn = self.course.pace.turn().await;
                match self.teller.tell(&events).await {
                    Ok(ready) => {
                        self.ready = ready.into();
                        break turn;
                    }
                    Err(error) => {
                        // Nothing is skipped: it waits until the database is back, and lets requests learn
                        // that it is away.
                        drop(turn);
                        tracing::warn!(code = error.code(), "a subscription waits");
                        tokio::time::sleep(Duration::from_millis(500)).await;
                    }
                }
            };
            // One who is told alone may read slowly: the merchant's turns do not wait for that.
            self.turn = self.course.pace.is_shared().then_some(turn);
        }
    }
}
