//! Watches operations: one span each, figures, a line in the log where one was slow or failed, and what
//! becomes of a panic.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::{Response, ServerError, Value};
use entity::MerchantId;
use tracing::{Instrument, Span};

use super::context::RequestInfo;
use super::gateway::{Caller, Prepared};
use super::live::Live;
use super::panics::caught;
use super::request::kind_name;
use crate::app::App;
use crate::metrics::RequestLabels;
use crate::telemetry;

/// What an operation is that nobody waited for: the client went away, or its time was over.
const ABANDONED: &str = "ABANDONED";

/// One operation under way. Dropped before its end, it counts as abandoned.
#[derive(Debug)]
pub struct Watch {
    app: App,
    info: RequestInfo,
    merchant_id: Option<MerchantId>,
    operation: Arc<str>,
    kind: &'static str,
    cost: u64,
    began: Instant,
    span: Span,
    is_over: bool,
}

impl Watch {
    /// Begins to watch an operation that is about to be executed.
    #[must_use]
    pub fn begin(app: &App, prepared: &Prepared, caller: &Caller) -> Self {
        // Whoever read a key in a page would name figures as they like.
        let is_known = caller
            .actor
            .as_ref()
            .is_some_and(|actor| !actor.is_publishable());
        let operation = app.metrics.name(prepared.operation_name(), is_known);
        let merchant_id = caller.actor.as_ref().map(|actor| actor.merchant_id);
        let kind = kind_name(prepared.kind);
        let span = tracing::info_span!(
            target: telemetry::OPERATIONS,
            "operation",
            request_id = caller.info.id,
            operation = &*operation,
            kind,
            merchant_id = merchant_id.map(tracing::field::display),
        );
        Self {
            app: app.clone(),
            info: caller.info.clone(),
            merchant_id,
            operation,
            kind,
            cost: prepared.cost(),
            began: Instant::now(),
            span,
            is_over: false,
        }
    }

    /// Watches a query or mutation to its answer.
    pub async fn answer(mut self, work: impl Future<Output = Response>) -> Response {
        let work = work.instrument(self.span.clone());
        let done = caught(&self.app.metrics, work).await;
        let answer = done.unwrap_or_else(|panicked| panicked.answer(&self.info));
        self.end(outcome(&answer));
        answer
    }

    /// Watches a subscription until it stands.
    pub async fn stands(
        mut self,
        work: impl Future<Output = Result<Live, Response>>,
    ) -> Result<Live, Response> {
        let work = work.instrument(self.span.clone());
        let begun = match caught(&self.app.metrics, work).await {
            Ok(begun) => begun,
            Err(panicked) => Err(panicked.answer(&self.info)),
        };
        let told = begun.as_ref().err().map(outcome);
        self.end(told.unwrap_or(Cow::Borrowed("ok")));
        begun
    }

    fn end(&mut self, outcome: Cow<'static, str>) {
        self.is_over = true;
        telemetry::close(&self.span, &outcome, self.cost);
        let took = self.began.elapsed();
        let slow = self.app.settings.telemetry.slow_ms;
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if took_ms >= slow {
            self.say(&outcome, took_ms, "a slow operation");
        } else if is_fault(&outcome) {
            self.say(&outcome, took_ms, "a failed operation");
        }
        let labels = RequestLabels {
            operation: Arc::clone(&self.operation),
            kind: self.kind,
            outcome,
        };
        self.app.metrics.count(&labels, took, self.cost);
    }

    fn say(&self, outcome: &str, took_ms: u64, what: &str) {
        tracing::info!(
            request_id = self.info.id,
            operation = &*self.operation,
            kind = self.kind,
            merchant_id = self.merchant_id.map(tracing::field::display),
            outcome,
            took_ms,
            cost = self.cost,
            "{what}"
        );
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.is_over {
            self.end(Cow::Borrowed(ABANDONED));
        }
    }
}

/// Whether it is our fault: whatever a client can cause would fill the log.
fn is_fault(outcome: &str) -> bool {
    matches!(outcome, "INTERNAL" | "UNAVAILABLE")
}

/// What became of an operation: the code of its first error.
fn outcome(answer: &Response) -> Cow<'static, str> {
    answer.errors.first().map_or(Cow::Borrowed("ok"), code)
}

/// An error's code. All of them are ours, and so there are few.
fn code(error: &ServerError) -> Cow<'static, str> {
    let code = error.extensions.as_ref().and_then(|it| it.get("code"));
    match code {
        Some(Value::String(code)) => Cow::Owned(code.clone()),
        _ => Cow::Borrowed("UNKNOWN"),
    }
}

/// Counts what was refused before anything was executed.
pub fn refused(app: &App, answer: &Response) {
    if let Some(error) = answer.errors.first() {
        app.metrics.refuse(code(error));
    }
}
