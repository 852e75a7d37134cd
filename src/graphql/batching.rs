//! When DataLoader's batches run: exactly when everything that can ask has asked.
//!
//! The library waits for a timer, which costs a millisecond a level. Here a request is polled first;
//! only when it can go no further do the batches run that were asked for meanwhile. They go with the
//! request when that is dropped.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_graphql::runtime::Timer;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, FuturesUnordered};
use futures_util::task::{FutureObj, Spawn, SpawnError};
use futures_util::{FutureExt, Stream, StreamExt};

/// The batches that are under way.
type Running = FuturesUnordered<FutureObj<'static, ()>>;

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
        let mut running = Running::new();
        poll_fn(|cx| self.poll(&mut running, cx, |cx| request.as_mut().poll(cx))).await
    }

    /// Runs a subscription together with its batches.
    pub fn drive_all<S: Stream + Unpin>(self, mut answers: S) -> impl Stream<Item = S::Item> {
        let mut running = Running::new();
        stream::poll_fn(move |cx| self.poll(&mut running, cx, |cx| answers.poll_next_unpin(cx)))
    }

    fn poll<T>(
        &self,
        running: &mut Running,
        cx: &mut Context<'_>,
        mut work: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        loop {
            if let Poll::Ready(value) = work(cx) {
                return Poll::Ready(value);
            }
            running.extend(self.lock().drain(..));
            // A finished batch lets the work go on.
            match running.poll_next_unpin(cx) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
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
