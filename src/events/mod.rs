//! Events: record (in the transaction) → number (after commit) → feed → subscribers.
//!
//! A change of state writes its event in its own transaction, without a number, so that writers of
//! one merchant never wait for each other. After the commit the events of the merchant that have no
//! number yet are numbered in one short transaction under a lock on the merchant's head, in the order
//! in which the database took them. So numbers have no gaps, a late commit gets a later number, and
//! whoever has read up to a number has missed nothing. Every instance numbers what it committed, and
//! once a second what a killed one left behind.
//!
//! Redis only wakes other instances; the truth is the table.

mod cursor;
mod feed;
mod number;
mod wake;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entity::event::{self, EventKind};
use entity::{EventId, Instant, MerchantId};
use prometheus_client::metrics::histogram::Histogram;
use sea_orm::{ActiveValue, DatabaseTransaction, DbErr, EntityTrait};
use tokio::sync::Notify;
use tokio::time::Instant as Tick;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use cursor::Cursor;
pub use feed::{Event, Subscription};

use crate::clock::{Clock, Ids};
use crate::config;
use crate::db::Db;
use crate::error::Error;

/// Writes an event in the transaction of the change that it tells of.
pub async fn record(
    txn: &DatabaseTransaction,
    ids: &Ids,
    now: Instant,
    merchant_id: MerchantId,
    kind: EventKind,
    subject_id: impl Into<i64> + Send,
) -> Result<(), DbErr> {
    let id: EventId = ids.next();
    event::Entity::insert(event::ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        id: ActiveValue::Set(id),
        seq: ActiveValue::Set(None),
        kind: ActiveValue::Set(kind),
        subject_id: ActiveValue::Set(subject_id.into()),
        occurred_at: ActiveValue::Set(now),
    })
    .exec_without_returning(txn)
    .await?;
    Ok(())
}

/// How many events one statement writes: SQLite binds 32,766 values at the most.
const MANY: usize = 4_000;

/// Writes one event for each of many subjects, in the transaction of the change that they tell of.
pub async fn record_many(
    txn: &DatabaseTransaction,
    ids: &Ids,
    now: Instant,
    merchant_id: MerchantId,
    kind: EventKind,
    subject_ids: &[i64],
) -> Result<(), DbErr> {
    let events: Vec<(EventId, i64)> = subject_ids
        .iter()
        .map(|subject_id| (ids.next(), *subject_id))
        .collect();
    record_each(txn, now, merchant_id, kind, &events).await
}

/// The same, where whoever writes them keeps which event tells of which subject.
pub async fn record_each(
    txn: &DatabaseTransaction,
    now: Instant,
    merchant_id: MerchantId,
    kind: EventKind,
    events: &[(EventId, i64)],
) -> Result<(), DbErr> {
    for some in events.chunks(MANY) {
        let events = some.iter().map(|(id, subject_id)| event::ActiveModel {
            merchant_id: ActiveValue::Set(merchant_id),
            id: ActiveValue::Set(*id),
            seq: ActiveValue::Set(None),
            kind: ActiveValue::Set(kind),
            subject_id: ActiveValue::Set(*subject_id),
            occurred_at: ActiveValue::Set(now),
        });
        event::Entity::insert_many(events)
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

/// How late events are numbered, for whoever runs the gateway.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The time.
    pub clock: Clock,
    /// Seconds from an event to its number.
    pub lag: Histogram,
}

impl Watched {
    fn numbered(&self, fresh: &[Arc<Event>]) {
        let now = self.clock.now();
        for event in fresh {
            let lag = (now - event.occurred_at.0).to_std().unwrap_or_default();
            self.lag.observe(lag.as_secs_f64());
        }
    }
}

/// The events of all merchants, as this instance sees them. Clones share everything.
#[derive(Clone, Debug)]
pub struct Events(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Db,
    feeds: feed::Feeds,
    numbering: number::Numbering,
    wake: Option<wake::Publisher>,
    watched: Watched,
    tasks: TaskTracker,
    poll_interval: Duration,
    /// Whose events were numbered, here or elsewhere, since somebody asked.
    fresh: Mutex<HashSet<MerchantId>>,
    numbered: Notify,
}

impl Events {
    /// Starts numbering, polling and, with Redis, listening. They end with `shutdown`.
    pub fn start(
        db: Db,
        settings: &config::Events,
        redis: Option<redis::Client>,
        watched: Watched,
        tasks: TaskTracker,
        shutdown: &CancellationToken,
    ) -> Self {
        let events = Self(Arc::new(Shared {
            db,
            feeds: feed::Feeds::default(),
            numbering: number::Numbering::default(),
            wake: redis.clone().map(wake::Publisher::start),
            watched,
            tasks: tasks.clone(),
            poll_interval: Duration::from_millis(settings.poll_interval_ms),
            fresh: Mutex::default(),
            numbered: Notify::new(),
        }));
        let poller = events.clone();
        tasks.spawn(run_until(
            shutdown.clone(),
            async move { poller.poll().await },
        ));
        if let Some(client) = redis {
            let listener = events.clone();
            tasks.spawn(run_until(shutdown.clone(), async move {
                wake::listen(client, &listener).await;
            }));
        }
        events
    }

    /// Says that a transaction of the merchant has committed: its events are numbered and delivered,
    /// in the background.
    pub fn committed(&self, merchant_id: MerchantId) {
        if self.0.numbering.begin(merchant_id) {
            let events = self.clone();
            self.0
                .tasks
                .spawn(async move { events.number(merchant_id).await });
        }
    }

    /// Numbers a merchant's events until none is left that was committed meanwhile.
    async fn number(&self, merchant_id: MerchantId) {
        loop {
            match number::number(&self.0.db, merchant_id).await {
                Ok(fresh) => {
                    let more = fresh.len() == number::BATCH;
                    self.0.watched.numbered(&fresh);
                    self.publish(merchant_id, fresh);
                    if more {
                        continue;
                    }
                }
                // The next commit or the next poll numbers them.
                Err(error) => tracing::warn!(%merchant_id, %error, "events were not numbered"),
            }
            if !self.0.numbering.again(merchant_id) {
                return;
            }
        }
    }

    fn publish(&self, merchant_id: MerchantId, fresh: Vec<Arc<Event>>) {
        let Some(head) = fresh.last().map(|event| event.seq) else {
            return;
        };
        self.announce(merchant_id);
        self.0.feeds.append(merchant_id, fresh);
        if let Some(wake) = &self.0.wake {
            wake.publish(merchant_id, head);
        }
    }

    fn announce(&self, merchant_id: MerchantId) {
        lock(&self.0.fresh).insert(merchant_id);
        self.0.numbered.notify_one();
    }

    /// Waits until events have been numbered, of whichever merchant; one waits at a time. What other instances
    /// number is known here through Redis alone.
    pub async fn numbered(&self) {
        self.0.numbered.notified().await;
    }

    /// Whose events have been numbered since this was last asked.
    #[must_use]
    pub fn take_numbered(&self) -> Vec<MerchantId> {
        lock(&self.0.fresh).drain().collect()
    }

    /// Looks, at every interval, for events that a killed instance left without a number, and for
    /// numbers that other instances gave.
    async fn poll(&self) {
        let interval = self.0.poll_interval;
        let mut ticks = tokio::time::interval_at(Tick::now() + interval, interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match number::left_behind(&self.0.db).await {
                Ok(merchants) => merchants.into_iter().for_each(|id| self.committed(id)),
                Err(error) => tracing::warn!(%error, "events could not be looked for"),
            }
            let watched = self.0.feeds.watched();
            if watched.is_empty() {
                continue;
            }
            match number::heads(&self.0.db, watched).await {
                Ok(heads) => {
                    for (merchant_id, head) in heads {
                        self.advance(merchant_id, head);
                    }
                }
                Err(error) => tracing::warn!(%error, "event heads could not be read"),
            }
        }
    }

    /// Learns from another instance that a merchant's events are numbered up to `head`.
    fn learn(&self, merchant_id: MerchantId, head: i64) {
        self.advance(merchant_id, head);
        self.announce(merchant_id);
    }

    /// Learns that a merchant's events are numbered up to `head`.
    fn advance(&self, merchant_id: MerchantId, head: i64) {
        self.0.feeds.advance(merchant_id, head);
    }

    /// The cursor after which nothing has been numbered yet: where a query's answer continues.
    pub async fn head(&self, merchant_id: MerchantId) -> Result<Cursor, Error> {
        let head = number::head(&self.0.db, merchant_id).await?;
        Ok(Cursor(head.map_or(0, |head| head.last_seq)))
    }

    /// From where to where a merchant's events can be read now.
    pub async fn kept(&self, merchant_id: MerchantId) -> Result<Kept, Error> {
        let head = number::head(&self.0.db, merchant_id).await?;
        let (head, pruned) = head.map_or((0, 0), |head| (head.last_seq, head.pruned_seq));
        Ok(Kept { pruned, head })
    }

    /// Every event of a merchant after a cursor, in order, without end. Without a cursor it begins
    /// with the next event. A cursor that is too old is [`Error::CursorExpired`].
    pub async fn subscribe(
        &self,
        merchant_id: MerchantId,
        after: Option<Cursor>,
    ) -> Result<Subscription, Error> {
        // Watched first, so that what is numbered from here on is noticed.
        let feed = self.0.feeds.watch(merchant_id);
        let kept = self.kept(merchant_id).await?;
        let after = kept.place(after)?;
        feed.advance(kept.head);
        let db = self.0.db.clone();
        Ok(Subscription::new(db, merchant_id, feed, after))
    }

    /// Removes events older than `before` and remembers up to which number they are gone.
    pub async fn prune(&self, merchant_id: MerchantId, before: Instant) -> Result<u64, Error> {
        number::prune(&self.0.db, merchant_id, before).await
    }
}

/// From where to where a merchant's events can be read.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Up to this number they are gone.
    pub pruned: i64,
    /// The last number.
    pub head: i64,
}

impl Kept {
    /// The number behind which a cursor continues; without one, the last.
    pub fn place(&self, after: Option<Cursor>) -> Result<i64, Error> {
        match after {
            None => Ok(self.head),
            Some(Cursor(seq)) if seq < self.pruned => Err(Error::CursorExpired),
            Some(Cursor(seq)) if seq > self.head => Err(Error::bad_input(
                "after",
                "is no cursor of this merchant.",
                "不是该商户的游标。",
            )),
            Some(Cursor(seq)) => Ok(seq),
        }
    }
}

/// Runs a loop until the shutdown begins.
async fn run_until(shutdown: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = work => {}
    }
}

/// A lock that a panic elsewhere does not close.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
