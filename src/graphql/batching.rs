//! When DataLoader's batches run: exactly when everything that can ask has asked.
//!
//! The library waits for a timer, which costs a millisecond a level. Here a request is polled first;
//! only when it can go no further do the batches run that were asked for meanwhile. They go with the
//! request when that is dropped.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use async_graphql::runtime::Timer;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::task::{FutureObj, Spawn, SpawnError};
use futures_util::{FutureExt, StreamExt};

/// The batches that one request has asked for.
#[derive(Clone, Default)]
pub struct Batches(Arc<Mutex<Vec<FutureObj<'static, ()>>>>);

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Batches(…)")
    }
}

impl Spawn for Batches {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.lock().push(future);
        Ok(())
    }
}

impl Batches {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<FutureObj<'static, ()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a request together with its batches.
    pub async fn drive<T>(&self, request: impl Future<Output = T>) -> T {
        let mut request = std::pin::pin!(request);
        let mut running = FuturesUnordered::new();
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(value) = request.as_mut().poll(cx) {
                    return Poll::Ready(value);
                }
                running.extend(self.lock().drain(..));
                // A finished batch lets the request go on.
                match running.poll_next_unpin(cx) {
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) | Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }
}

/// A timer that has always rung: batches wait for the request, not for time.
#[derive(Clone, Copy, Debug)]
pub struct AtOnce;

impl Timer for AtOnce {
    fn delay(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        std::future::ready(()).boxed()
    }
}

/// A timer for subscriptions, whose batches run as tasks: lets others go first, once.
#[derive(Clone, Copy, Debug)]
pub struct AfterYield;

impl Timer for AfterYield {
    fn delay(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        tokio::task::yield_now().boxed()
    }
}
