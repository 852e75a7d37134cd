//! What every answer says to browsers: how little may be done with it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// An answer is data. Nothing in it runs, and nothing frames it. Pages have policies of their own.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");

/// A year.
const HTTPS_ALONE: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Which pages may show an answer.
pub const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Adds what an answer does not say by itself. `is_https`: whether the world reaches us by https.
pub fn secure(headers: &mut HeaderMap, is_https: bool) {
    let same_origin = HeaderValue::from_static("same-origin");
    for (name, value) in [
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ] {
        headers.insert(name, value);
    }
    for (name, value) in [
        (RESOURCE_POLICY, same_origin),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ] {
        headers.entry(name).or_insert(value);
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ALONE);
    }
}
