//! Turns: so many requests of one merchant at a time on this instance, others wait for a moment. Who reads a
//! payment page waits in another line than the merchant's own people.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entity::MerchantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::auth::model::{Actor, Who};
use crate::error::Error;

/// When somebody who got no turn may ask again.
const RETRY_AFTER_MS: u64 = 1_000;

/// Where somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// Among a merchant's own people and programs.
    Merchant(MerchantId),
    /// Among those who came with a merchant's publishable key: anybody. Half as many have a turn.
    Page(MerchantId),
}

impl Line {
    /// Where whoever asks waits.
    #[must_use]
    pub const fn of(actor: &Actor) -> Self {
        match actor.who {
            Who::PublishableKey(_) | Who::Link => Self::Page(actor.merchant_id),
            Who::Staff { .. } | Who::ApiKey(_) | Who::System => Self::Merchant(actor.merchant_id),
        }
    }

    const fn turns(self, most: usize) -> usize {
        match self {
            Self::Merchant(_) => most,
            Self::Page(_) => most.div_ceil(2),
        }
    }
}

/// The turns of this instance.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Queues>);

#[derive(Debug)]
struct Queues {
    most: usize,
    patience: Duration,
    lines: Mutex<HashMap<Line, Arc<Semaphore>>>,
}

impl Turns {
    /// So many for each merchant's line, waited for no longer than this.
    #[must_use]
    pub fn new(most: u32, patience: Duration) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Self(Arc::new(Queues {
            most: most.clamp(1, Semaphore::MAX_PERMITS),
            patience,
            lines: Mutex::default(),
        }))
    }

    /// The next turn of a line.
    pub async fn take(&self, line: Line) -> Result<Turn, Error> {
        let mut turn = Turn(Some(Taken {
            queues: Arc::clone(&self.0),
            line,
            permit: None,
        }));
        let queue = {
            let mut lines = self.0.lock();
            let queue = lines.entry(line);
            let most = line.turns(self.0.most);
            Arc::clone(queue.or_insert_with(|| Arc::new(Semaphore::new(most))))
        };
        let permit = timeout(self.0.patience, queue.acquire_owned()).await;
        if let (Some(taken), Ok(Ok(permit))) = (&mut turn.0, permit) {
            taken.permit = Some(permit);
            return Ok(turn);
        }
        Err(Error::RateLimited {
            retry_after_ms: RETRY_AFTER_MS,
        })
    }
}

impl Queues {
    fn lock(&self) -> MutexGuard<'_, HashMap<Line, Arc<Semaphore>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request's turn; the next one's comes when this is dropped.
#[derive(Debug, Default)]
#[must_use = "a turn is over when it is dropped"]
pub struct Turn(Option<Taken>);

#[derive(Debug)]
struct Taken {
    queues: Arc<Queues>,
    line: Line,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.permit = None;
        let mut lines = self.queues.lock();
        let queue = lines.get(&self.line);
        // Clones are made under the lock alone: nobody else has it, and nobody waits.
        if queue.is_some_and(|queue| Arc::strong_count(queue) == 1) {
            lines.remove(&self.line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn so_many_have_a_turn_and_the_next_one_when_it_is_over() {
        let turns = Turns::new(2, Duration::from_millis(50));
        let (one, other) = (Line::Merchant(MerchantId(1)), Line::Merchant(MerchantId(2)));
        let first = turns.take(one).await.unwrap();
        let _second = turns.take(one).await.unwrap();
        assert!(matches!(
            turns.take(one).await,
            Err(Error::RateLimited { .. })
        ));
        let _others = turns.take(other).await.unwrap();
        drop(first);
        let _third = turns.take(one).await.unwrap();
    }

    #[tokio::test]
    async fn who_reads_a_page_does_not_stand_in_the_way_of_the_shop() {
        let turns = Turns::new(3, Duration::from_millis(50));
        let (page, shop) = (Line::Page(MerchantId(1)), Line::Merchant(MerchantId(1)));
        let _readers = [
            turns.take(page).await.unwrap(),
            turns.take(page).await.unwrap(),
        ];
        assert!(turns.take(page).await.is_err(), "half as many");
        let _first = turns.take(shop).await.unwrap();
        let _second = turns.take(shop).await.unwrap();
        let _third = turns.take(shop).await.unwrap();
        assert!(turns.take(shop).await.is_err());
    }

    #[tokio::test]
    async fn merchants_that_have_gone_leave_nothing_behind() {
        let turns = Turns::new(1, Duration::from_millis(50));
        let line = Line::Merchant(MerchantId(1));
        let turn = turns.take(line).await.unwrap();
        assert!(turns.take(line).await.is_err());
        assert_eq!(turns.0.lock().len(), 1);
        drop(turn);
        assert_eq!(turns.0.lock().len(), 0);
    }
}
