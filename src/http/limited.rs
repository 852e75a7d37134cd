//! How HTTP tells who has spent what they may: 429, and when to ask again.

use async_graphql::{Response as Answer, Value};
use axum::http::{StatusCode, header};
use axum::response::Response;

use crate::error::Error;

/// When whoever asked for too much may ask again, where the answer is nothing but that.
fn retry_after_ms(answer: &Answer) -> Option<u64> {
    if answer.data != Value::Null {
        return None;
    }
    answer
        .errors
        .iter()
        .find_map(|error| match error.source::<Error>() {
            Some(Error::RateLimited { retry_after_ms }) => Some(*retry_after_ms),
            _ => None,
        })
}

/// Tells a refusal for having spent too much by its status, whatever the media type, and when to ask again.
pub fn mark(response: &mut Response, answer: &Answer) {
    if let Some(ms) = retry_after_ms(answer) {
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        let seconds = ms.div_ceil(1_000).max(1);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
}
