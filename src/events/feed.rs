//! What subscribers of this instance read: the newest events in memory, older ones from the table.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, Weak};

use entity::event::EventKind;
use entity::{Instant, MerchantId};
use tokio::sync::watch;

use super::{Cursor, lock, number};
use crate::db::Db;
use crate::error::Error;

/// How many events a feed keeps in memory.
const TAIL: usize = 1_024;
/// How many events a subscriber is handed at once.
const BATCH: usize = 200;

/// One numbered event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number in the merchant.
    pub seq: i64,
    /// What happened.
    pub kind: EventKind,
    /// The row that it happened to.
    pub subject_id: i64,
    /// When it happened.
    pub occurred_at: Instant,
}

impl Event {
    /// Where a client that has seen it continues.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor(self.seq)
    }
}

/// The feeds of the merchants that somebody here listens to.
#[derive(Debug, Default)]
pub struct Feeds(Mutex<HashMap<MerchantId, Weak<Feed>>>);

impl Feeds {
    /// The feed of a merchant; it lives as long as somebody holds it.
    pub fn watch(&self, merchant_id: MerchantId) -> Arc<Feed> {
        let mut feeds = lock(&self.0);
        if let Some(feed) = feeds.get(&merchant_id).and_then(Weak::upgrade) {
            return feed;
        }
        feeds.retain(|_, feed| feed.strong_count() > 0);
        let feed = Arc::new(Feed::default());
        feeds.insert(merchant_id, Arc::downgrade(&feed));
        feed
    }

    /// Merchants that somebody listens to.
    pub fn watched(&self) -> Vec<MerchantId> {
        let feeds = lock(&self.0);
        feeds
            .iter()
            .filter(|(_, feed)| feed.strong_count() > 0)
            .map(|(id, _)| *id)
            .collect()
    }

    /// Hands on events that were numbered here.
    pub fn append(&self, merchant_id: MerchantId, fresh: Vec<Arc<Event>>) {
        if let Some(feed) = self.maybe_find(merchant_id) {
            feed.append(fresh);
        }
    }

    /// Says how far a merchant's events are numbered.
    pub fn advance(&self, merchant_id: MerchantId, head: i64) {
        if let Some(feed) = self.maybe_find(merchant_id) {
            feed.advance(head);
        }
    }

    fn maybe_find(&self, merchant_id: MerchantId) -> Option<Arc<Feed>> {
        lock(&self.0).get(&merchant_id).and_then(Weak::upgrade)
    }
}

/// The newest events of one merchant.
#[derive(Debug)]
pub struct Feed {
    head: watch::Sender<i64>,
    tail: Mutex<VecDeque<Arc<Event>>>,
    /// Held while the tail is filled from the table, so that many subscribers read it once.
    filling: tokio::sync::Mutex<()>,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            head: watch::Sender::new(0),
            tail: Mutex::default(),
            filling: tokio::sync::Mutex::default(),
        }
    }
}

impl Feed {
    /// Says how far the events are numbered; never goes back.
    pub fn advance(&self, head: i64) {
        self.head.send_if_modified(|known| {
            let newer = head > *known;
            if newer {
                *known = head;
            }
            newer
        });
    }

    /// Adds events to the tail where they continue it, and wakes the subscribers.
    fn append(&self, fresh: Vec<Arc<Event>>) {
        let Some(head) = fresh.last().map(|event| event.seq) else {
            return;
        };
        {
            let mut tail = lock(&self.tail);
            for event in fresh {
                match tail.back().map(|last| last.seq) {
                    Some(last) if event.seq <= last => continue,
                    // A gap: what is between was numbered elsewhere and is read from the table.
                    Some(last) if event.seq > last + 1 => tail.clear(),
                    _ => {}
                }
                tail.push_back(event);
                if tail.len() > TAIL {
                    tail.pop_front();
                }
            }
        }
        self.advance(head);
    }

    /// What the tail holds after a number; none where it does not reach back that far.
    fn in_tail(&self, seq: i64) -> Option<Vec<Arc<Event>>> {
        let tail = lock(&self.tail);
        let first = tail.front()?.seq;
        let last = tail.back()?.seq;
        if seq + 1 < first || seq >= last {
            return None;
        }
        let skip = usize::try_from(seq + 1 - first).ok()?;
        Some(tail.iter().skip(skip).take(BATCH).cloned().collect())
    }

    /// The events after a number: from memory where it reaches, else from the table.
    async fn after(
        &self,
        db: &Db,
        merchant_id: MerchantId,
        seq: i64,
    ) -> Result<Vec<Arc<Event>>, Error> {
        if let Some(events) = self.in_tail(seq) {
            return Ok(events);
        }
        let _filling = self.filling.lock().await;
        if let Some(events) = self.in_tail(seq) {
            return Ok(events);
        }
        let events = number::after(db, merchant_id, seq, BATCH as u64).await?;
        let reaches_head = events
            .last()
            .is_some_and(|last| last.seq >= *self.head.borrow());
        if reaches_head {
            self.fill(&events);
        }
        Ok(events)
    }

    /// Keeps what was read up to the head, so that the next subscriber finds it in memory.
    fn fill(&self, events: &[Arc<Event>]) {
        let mut tail = lock(&self.tail);
        let newest = |events: Option<&Arc<Event>>| events.map_or(0, |event| event.seq);
        let reaches_further_back = tail
            .front()
            .is_none_or(|first| events.first().is_some_and(|event| event.seq < first.seq));
        if reaches_further_back && newest(events.last()) >= newest(tail.back()) {
            *tail = events.iter().cloned().collect();
        }
    }
}

/// One subscriber's place in a merchant's events.
#[derive(Debug)]
pub struct Subscription {
    db: Db,
    merchant_id: MerchantId,
    feed: Arc<Feed>,
    head: watch::Receiver<i64>,
    last: i64,
}

impl Subscription {
    pub(super) fn new(db: Db, merchant_id: MerchantId, feed: Arc<Feed>, after: i64) -> Self {
        Self {
            db,
            merchant_id,
            head: feed.head.subscribe(),
            feed,
            last: after,
        }
    }

    /// The next events, in order; waits until there is one. While the database is away it waits, too:
    /// nothing is skipped. Whoever reads so slowly that the next event was removed meanwhile is told
    /// [`Error::CursorExpired`].
    pub async fn next(&mut self) -> Result<Vec<Arc<Event>>, Error> {
        loop {
            let last = self.last;
            // The sender lives in the feed that is held here, so this cannot fail.
            let _ = self.head.wait_for(|head| *head > last).await;
            match self.feed.after(&self.db, self.merchant_id, last).await {
                Ok(events) if !events.is_empty() => {
                    if events.first().is_some_and(|event| event.seq != last + 1) {
                        return Err(Error::CursorExpired);
                    }
                    self.last = events.last().map_or(last, |event| event.seq);
                    return Ok(events);
                }
                Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
                Err(error) => {
                    tracing::warn!(code = error.code(), "a feed waits for the database");
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                }
            }
        }
    }
}
