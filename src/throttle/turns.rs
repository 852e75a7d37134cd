//! Turns: so many requests of one merchant at a time on this instance, others wait for a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entity::MerchantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::Error;

/// When somebody who got no turn may ask again.
const RETRY_AFTER_MS: u64 = 1_000;

/// The turns of this instance.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Queues>);

#[derive(Debug)]
struct Queues {
    most: usize,
    patience: Duration,
    merchants: Mutex<HashMap<MerchantId, Arc<Semaphore>>>,
}

impl Turns {
    /// So many for each merchant, waited for no longer than this.
    #[must_use]
    pub fn new(most: u32, patience: Duration) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Self(Arc::new(Queues {
            most: most.clamp(1, Semaphore::MAX_PERMITS),
            patience,
            merchants: Mutex::default(),
        }))
    }

    /// A merchant's next turn.
    pub async fn take(&self, merchant_id: MerchantId) -> Result<Turn, Error> {
        let mut turn = Turn(Some(Taken {
            queues: Arc::clone(&self.0),
            merchant_id,
            permit: None,
        }));
        let queue = {
            let mut merchants = self.0.lock();
            let queue = merchants.entry(merchant_id);
            Arc::clone(queue.or_insert_with(|| Arc::new(Semaphore::new(self.0.most))))
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
    fn lock(&self) -> MutexGuard<'_, HashMap<MerchantId, Arc<Semaphore>>> {
        self.merchants
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request's turn; the next one's comes when this is dropped.
#[derive(Debug, Default)]
#[must_use = "a turn is over when it is dropped"]
pub struct Turn(Option<Taken>);

#[derive(Debug)]
struct Taken {
    queues: Arc<Queues>,
    merchant_id: MerchantId,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.permit = None;
        let mut merchants = self.queues.lock();
        let queue = merchants.get(&self.merchant_id);
        // Clones are made under the lock alone: nobody else has it, and nobody waits.
        if queue.is_some_and(|queue| Arc::strong_count(queue) == 1) {
            merchants.remove(&self.merchant_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn so_many_have_a_turn_and_the_next_one_when_it_is_over() {
        let turns = Turns::new(2, Duration::from_millis(50));
        let (one, other) = (MerchantId(1), MerchantId(2));
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
    async fn merchants_that_have_gone_leave_nothing_behind() {
        let turns = Turns::new(1, Duration::from_millis(50));
        let turn = turns.take(MerchantId(1)).await.unwrap();
        assert!(turns.take(MerchantId(1)).await.is_err());
        assert_eq!(turns.0.lock().len(), 1);
        drop(turn);
        assert_eq!(turns.0.lock().len(), 0);
    }
}
