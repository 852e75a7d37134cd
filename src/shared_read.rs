//! One read for many who want the same at the same time, and none that is older than their wish.

use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

/// How long another's read is waited for. Whoever reads may be one whom nobody polls for a while, such as the answer
/// to a peer that takes nothing: then everybody reads for themselves.
const PATIENCE: Duration = Duration::from_millis(250);

/// Reads of things that many ask for together. Whoever comes while a read is under way is not told what it
/// found, for it may have looked before: they wait for the next, which is one for all of them.
pub struct SharedReads<K, V>(Cache<K, Arc<Gate<V>>>);

impl<K, V> std::fmt::Debug for SharedReads<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedReads(…)")
    }
}

struct Gate<V> {
    /// Held by who reads.
    reading: tokio::sync::Mutex<()>,
    /// What those find who came since the last read began.
    next: Mutex<Option<Arc<OnceLock<V>>>>,
}

impl<V> Gate<V> {
    fn new() -> Self {
        Self {
            reading: tokio::sync::Mutex::new(()),
            next: Mutex::new(None),
        }
    }

    fn next(&self) -> std::sync::MutexGuard<'_, Option<Arc<OnceLock<V>>>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> SharedReads<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Remembers who reads, of so many things at the most.
    #[must_use]
    pub fn new(most: u64) -> Self {
        Self(Cache::new(most))
    }

    /// Reads, or takes what another read that began after this was called. Whoever reads and fails, or goes
    /// away, leaves it to the next.
    pub async fn read<E>(&self, key: K, read: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        let gate = self.0.get_with(key, || Arc::new(Gate::new()));
        let ours = Arc::clone(gate.next().get_or_insert_default());
        let turn = tokio::time::timeout(PATIENCE, gate.reading.lock()).await;
        if let Some(found) = ours.get() {
            return Ok(found.clone());
        }
        let Ok(_turn) = turn else {
            return read.await;
        };
        // Whoever comes from now on waits for the read after this one.
        gate.next().take_if(|next| Arc::ptr_eq(next, &ours));
        let found = read.await?;
        Ok(ours.get_or_init(|| found).clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures_util::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn who_comes_while_somebody_reads_is_told_of_a_read_that_began_later() {
        let reads = Arc::new(SharedReads::<u8, u64>::new(10));
        let (count, go) = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
        let read = || {
            let (reads, count, go) = (Arc::clone(&reads), Arc::clone(&count), Arc::clone(&go));
            tokio::spawn(async move {
                let looked = async {
                    let found = count.fetch_add(1, Ordering::SeqCst);
                    go.notified().await;
                    Ok::<_, ()>(found)
                };
                reads.read(1, looked).await
            })
        };
        let first = read();
        while count.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (0..5).map(|_| read()).collect();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(count.load(Ordering::SeqCst), 1);
        go.notify_one();
        assert_eq!(first.await.unwrap(), Ok(0));
        while count.load(Ordering::SeqCst) == 1 {
            tokio::task::yield_now().await;
        }
        go.notify_one();
        for other in join_all(others).await {
            assert_eq!(other.unwrap(), Ok(1), "one read for all who came meanwhile");
        }
    }

    #[tokio::test]
    async fn who_fails_or_goes_away_leaves_it_to_the_next() {
        let reads = SharedReads::<u8, u64>::new(10);
        let failed = reads.read(1, async { Err("no") });
        let read = reads.read(1, async { Ok::<_, &str>(7) });
        assert_eq!(futures_util::join!(failed, read), (Err("no"), Ok(7)));
        let mut gone = Box::pin(reads.read(1, std::future::pending::<Result<u64, &str>>()));
        assert!(futures_util::poll!(gone.as_mut()).is_pending());
        let read = reads.read(1, async { Ok::<_, &str>(8) });
        drop(gone);
        assert_eq!(read.await, Ok(8));
    }

    #[tokio::test]
    async fn who_reads_and_is_polled_no_more_holds_nobody_up() {
        let reads = SharedReads::<u8, u64>::new(10);
        let mut stuck = Box::pin(reads.read(1, std::future::pending::<Result<u64, &str>>()));
        assert!(futures_util::poll!(stuck.as_mut()).is_pending());
        assert_eq!(reads.read(1, async { Ok::<_, &str>(9) }).await, Ok(9));
    }
}
