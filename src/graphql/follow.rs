//! Follows a merchant's events: the part that all subscriptions share.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Context;
use entity::event::EventKind;
use futures_util::{Stream, stream};

use super::Ask;
use super::live::Course;
use crate::error::Error;
use crate::events::{Cursor, Event, Subscription};
use crate::throttle::turns::Turn;

/// How long the next events are waited for, where they are told together, and how long all of them at the most:
/// where they never end, something is told all the same.
const MORE: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_millis(200);

/// How long somebody who has just come waits until everything can be told; then it is told as it is, and again.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What a subscriber is told of events.
pub trait Tell: Send + 'static {
    /// One answer.
    type Told: Send;

    /// How long it says nothing after an answer; what happens meanwhile is told together. None where each lot
    /// of events is told as it comes.
    const REST: Option<Duration> = None;

    /// The cursor of an answer.
    fn cursor(told: &Self::Told) -> &str;

    /// Whether it is told of such events.
    fn wants(&self, kind: EventKind) -> bool;

    /// What is told before anything happened, to who has no cursor; `at` is the last event's. Only where
    /// [`super::live`] knows that the subscription begins so.
    fn open(&self, _at: Cursor) -> impl Future<Output = Result<Option<Self::Told>, Error>> + Send {
        std::future::ready(Ok(None))
    }

    /// Waits until everything up to an event can be told: what is told may follow the events at a distance.
    fn ready(&self, _seq: i64) -> impl Future<Output = Result<(), Error>> + Send {
        std::future::ready(Ok(()))
    }

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
        told_at: None,
        opening: Opening::Ahead,
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
    /// When something was last told.
    told_at: Option<Instant>,
    /// Whether it has said how things are, where it begins so.
    opening: Opening,
}

/// How far an execution is that begins with how things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    /// It has said nothing.
    Ahead,
    /// It has said what could be told, and not everything that had happened.
    Short,
    /// It has said it.
    Over,
}

impl<T: Tell> Follower<T> {
    async fn next(&mut self) -> Result<Option<T::Told>, Error> {
        loop {
            if let Some(told) = self.ready.pop_front() {
                self.course.hand_on(T::cursor(&told).parse()?);
                return Ok(Some(told));
            }
            self.turn = None;
            if self.open().await {
                continue;
            }
            self.course.reach(self.seen);
            if self.course.is_done(self.seen) {
                return Ok(None);
            }
            let events = self.gather().await?;
            let Some(last) = events.last() else {
                continue;
            };
            // Before its turn, which others wait for.
            self.ready(last.seq).await;
            self.course.pace.pay().await;
            let turn = loop {
                let turn = self.course.pace.turn().await;
                match self.teller.tell(&events).await {
                    Ok(ready) => {
                        self.ready = ready.into();
                        self.told_at = Some(Instant::now());
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

    /// Waits until everything up to an event can be told, however long that takes.
    async fn ready(&self, seq: i64) {
        while let Err(error) = self.teller.ready(seq).await {
            tracing::warn!(code = error.code(), "a subscription waits");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Says how things are, where it begins so; once more where something was missing that had happened. Whether
    /// there is something to be told.
    async fn open(&mut self) -> bool {
        if !self.course.opens || self.opening == Opening::Over {
            return false;
        }
        let at = self.course.after;
        if self.opening == Opening::Ahead {
            let ready = tokio::time::timeout(PATIENCE, self.ready(at)).await;
            self.opening = ready.map_or(Opening::Short, |()| Opening::Over);
        } else {
            self.ready(at).await;
            self.opening = Opening::Over;
        }
        let told = loop {
            match self.teller.open(Cursor(at)).await {
                Ok(told) => break told,
                Err(error) => {
                    tracing::warn!(code = error.code(), "a subscription waits");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        };
        self.told_at = Some(Instant::now());
        self.ready.extend(told);
        !self.ready.is_empty()
    }

    /// The next events that are wanted. After a rest they are all that came meanwhile, and of those the last
    /// is enough.
    async fn gather(&mut self) -> Result<Vec<Arc<Event>>, Error> {
        if let (Some(rest), Some(told_at)) = (T::REST, self.told_at)
            && self.course.until.is_none()
        {
            tokio::time::sleep_until((told_at + rest).into()).await;
        }
        let mut events = self.feed.next().await?;
        self.sift(&mut events);
        let began = Instant::now();
        let is_open = || T::REST.is_some() && began.elapsed() < LONGEST;
        while is_open() && !self.course.is_done(self.seen) {
            let more = tokio::time::timeout(MORE, self.feed.next()).await;
            let Ok(more) = more else { break };
            let mut more = more?;
            self.sift(&mut more);
            if let Some(last) = more.pop() {
                events = vec![last];
            }
        }
        Ok(events)
    }

    /// Keeps what is wanted, up to where it ends.
    fn sift(&mut self, events: &mut Vec<Arc<Event>>) {
        self.seen = events.last().map_or(self.seen, |event| event.seq);
        let until = self.course.until;
        events.retain(|event| {
            until.is_none_or(|until| event.seq <= until) && self.teller.wants(event.kind)
        });
    }
}
