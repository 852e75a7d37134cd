//! Answers come in time: what takes longer is given up, and a body that came too late is told so. It stands
//! inside of `observe`, which words it, names it and counts it like every other answer.

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, timeout_at};

use super::line::Verdict;

/// Until when a request is answered. Its connection knows.
#[derive(Clone, Debug)]
pub struct Deadline {
    /// The moment at which it is given up.
    pub at: Instant,
    /// Whether its body was late.
    pub verdict: Verdict,
}

/// Keeps the deadline that a request came with.
pub async fn keep(request: Request, next: Next) -> Response {
    let Some(Deadline { at, verdict }) = request.extensions().get().cloned() else {
        return next.run(request).await;
    };
    match timeout_at(at, next.run(request)).await {
        Ok(response) if !verdict.is_late() => response,
        Ok(_) => over(StatusCode::REQUEST_TIMEOUT),
        Err(_) => over(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// The end of a connection on which a request came too slowly, or is still at work.
fn over(status: StatusCode) -> Response {
    (status, [(header::CONNECTION, "close")]).into_response()
}
