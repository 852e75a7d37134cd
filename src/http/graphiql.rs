//! GraphiQL: its files lie compressed inside the binary; nothing is loaded from elsewhere.

use std::io::Read;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::{Embed, EmbeddedFile};

/// What `graphiql/` was built into.
#[derive(Embed)]
#[folder = "assets/graphiql/"]
struct Files;

const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

/// `GET /`: the page is what a person looks for.
pub async fn home() -> Redirect {
    Redirect::temporary("/graphiql")
}

/// `GET /graphiql`.
pub async fn page(headers: HeaderMap) -> Response {
    serve("index.html", &headers, "no-cache")
}

/// `GET /graphiql/assets/{name}`: names change with their content.
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve(
        &format!("assets/{name}"),
        &headers,
        "public, max-age=31536000, immutable",
    )
}

fn serve(name: &str, headers: &HeaderMap, cache: &'static str) -> Response {
    let common: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, kind(name)),
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    if let Some(file) = Files::get(name) {
        return (common, file.data.into_owned()).into_response();
    }
    let Some(file) = Files::get(&format!("{name}.gz")) else {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    };
    let gzip = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| accepted.contains("gzip"));
    let vary = [(header::VARY, "Accept-Encoding")];
    if gzip {
        let encoding = [(header::CONTENT_ENCODING, "gzip")];
        return (common, vary, encoding, file.data.into_owned()).into_response();
    }
    match unpack(&file) {
        Ok(plain) => (common, vary, plain).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// For a client that does not know gzip.
fn unpack(file: &EmbeddedFile) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(file.data.as_ref()).read_to_end(&mut plain)?;
    Ok(plain)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
