//! Which answers are compressed: long ones, not events that must leave at once, nothing twice.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// What is shorter fits a packet as it is.
const SHORTEST: u64 = 1_024;

/// A tag names the very bytes of an answer, which compression would change; a file is kept packed where that is
/// worth it, and its length is told.
fn is_untagged(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ETAG) && !headers.contains_key(header::CONTENT_DISPOSITION)
}

/// Gzip and Brotli for who accepts them, at their quickest: JSON shrinks to a fifth even so. An answer
/// belongs to who holds a token, which no page elsewhere can send, so its length gives nothing away.
pub fn layer() -> CompressionLayer<impl Predicate + Send + Sync> {
    let worth_it = SizeAbove::new(SHORTEST)
        .and(is_untagged)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("font/"));
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(worth_it)
}
