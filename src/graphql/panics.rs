//! What becomes of a panic: an error like every other fault of ours, and the gateway lives on.

use std::panic::AssertUnwindSafe;

use async_graphql::{Pos, Response, ServerError};
use futures_util::{FutureExt, Stream, StreamExt};

use super::context::RequestInfo;
use super::gateway::finish;
use crate::crash;
use crate::error::Error;
use crate::metrics::Metrics;

/// Something broke off by a panic.
#[derive(Clone, Copy, Debug)]
pub struct Panicked;

/// Runs something to its end, or to its panic, which is counted; its place is logged by `telemetry`.
///
/// What it worked on is dropped with it: nothing that it left half done is seen again, since what requests
/// share is written in one step or behind a lock that is taken again.
pub async fn caught<T>(metrics: &Metrics, work: impl Future<Output = T>) -> Result<T, Panicked> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.map_err(|_| count(metrics))
}

/// Hands on a subscription's answers; where one panics, the last says what `told` makes of it.
pub fn guarded<T>(
    metrics: Metrics,
    id: String,
    answers: impl Stream<Item = T> + Send,
    told: impl Fn(Panicked) -> T + Send,
) -> impl Stream<Item = T> + Send {
    let answers = answers.inspect(move |_| crash::panic_in("subscription", &id));
    let answers = AssertUnwindSafe(answers).catch_unwind();
    answers.map(move |answer| answer.unwrap_or_else(|_| told(count(&metrics))))
}

fn count(metrics: &Metrics) -> Panicked {
    metrics.panics.inc();
    Panicked
}

impl Panicked {
    /// What a client is told, and what the log holds beside the panic's place: the request's id.
    #[must_use]
    pub fn answer(self, info: &RequestInfo) -> Response {
        let error: async_graphql::Error = Error::internal("a panic").into();
        let mut error: ServerError = error.into_server_error(Pos::default());
        error.locations.clear();
        finish(Response::from_errors(vec![error]), info)
    }
}
