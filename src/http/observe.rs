//! Stands around everything that is served: names each request, tells of it, catches what breaks, and
//! words what went wrong.

use std::borrow::Cow;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::errors::{self, Reader};
use super::headers;
use crate::graphql::gateway::Gateway;
use crate::graphql::panics::caught;
use crate::locale::Locale;
use crate::metrics::ResponseLabels;

/// The header that names a request, on its way in and out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long a name from outside may be, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=64;

/// The routes, as figures tell them apart.
const ROUTES: [&str; 17] = [
    "/graphql",
    "/graphql/ws",
    "/graphql/stream",
    "/callbacks/{channel}",
    "/sandbox/pay/{channel}/{order_no}",
    "/charts/{name}",
    "/exports/{id}/{name}",
    "/demo/webhooks",
    "/demo/webhooks/{shop}",
    "/schema.graphql",
    "/jwks.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/graphiql",
    "/graphiql/assets/{name}",
    "/",
];

/// Serves one request. From here on its header `x-request-id` holds its name.
pub async fn observe(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(&gateway, request.headers());
    let name = HeaderValue::from_str(&id).ok();
    if let Some(name) = &name {
        request.headers_mut().insert(REQUEST_ID, name.clone());
    }
    let route = route(&request);
    let method = request.method().clone();
    let language = request.headers().get(header::ACCEPT_LANGUAGE).cloned();
    let reader = || Reader {
        route,
        request_id: &id,
        locale: language
            .as_ref()
            .and_then(|value| value.to_str().ok())
            .map(Locale::accepted)
            .unwrap_or_default(),
    };
    let metrics = &gateway.app.metrics;
    let mut response = match caught(metrics, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(request_id = id, route, "a panic broke off a request");
            errors::broken(reader())
        }
    };
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let (shaped, code) = errors::shape(response, reader());
        response = shaped;
        if let Some(code) = code {
            metrics.refuse(Cow::Borrowed(code));
        }
    }
    let is_https = gateway.app.settings.http.public_url.starts_with("https://");
    headers::secure(response.headers_mut(), is_https);
    if let Some(name) = name {
        response.headers_mut().insert(REQUEST_ID, name);
    }
    let status = status.as_u16();
    metrics
        .responses
        .get_or_create(&ResponseLabels { route, status })
        .inc();
    let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::debug!(request_id = id, %method, route, status, took_us, "answered");
    response
}

/// The name of a request: the client's own, or the proxy's, where it is a harmless word; else one of ours.
fn request_id(gateway: &Gateway, headers: &HeaderMap) -> String {
    let told = headers.get(REQUEST_ID).and_then(|it| it.to_str().ok());
    let told = told.filter(|text| is_harmless(text));
    told.map_or_else(|| gateway.request_id(), str::to_owned)
}

fn is_harmless(text: &str) -> bool {
    LENGTHS.contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn route(request: &Request) -> &'static str {
    let matched = request.extensions().get::<MatchedPath>();
    let matched = matched.and_then(|path| ROUTES.iter().find(|known| **known == path.as_str()));
    matched.copied().unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_is_a_harmless_word() {
        for (text, is_so) in [
            ("0123abcd", true),
            ("8f14e45f-ceea-4b3b-9c5d_x", true),
            ("short", false),
            ("with space in", false),
            ("line\u{b}break", false),
            ("\"quoted\"", false),
            ("名名名名名名名名", false),
            (&"a".repeat(64), true),
            (&"a".repeat(65), false),
        ] {
            assert_eq!(is_harmless(text), is_so, "{text}");
        }
    }
}
