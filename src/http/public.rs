//! Answers to publishable keys: any page may read them, and any cache may keep them for a moment.
//!
//! A key in the address needs no header, so a browser asks no leave before, and a cache in front of us tells
//! shops apart by the address alone.

use async_graphql::Response as Answer;
use aws_lc_rs::digest;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;

use super::exchange::{Exchange, VARY, written};
use crate::auth::api_key::is_publishable;
use crate::error::Error;

/// The parameter of an address that holds a publishable key.
const PARAMETER: &str = "publishableKey";

/// How long an answer is fresh, and how long an old one may stand in while a new one is fetched: no longer, since
/// who sees the old one is the payer whom it sends to a method that has stopped working.
const CACHING: HeaderValue =
    HeaderValue::from_static("public, max-age=5, stale-while-revalidate=5");

/// Beside an answer: its key stood in the address.
#[derive(Clone, Copy, Debug)]
struct Open;

/// Takes a key from the address as if it had come in its header. Whether there was one; another secret does
/// not belong there.
pub fn show(query: Option<&str>, headers: &mut HeaderMap) -> Result<bool, Error> {
    let parameters = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut keys = parameters.filter(|(name, _)| name == PARAMETER);
    let Some((_, key)) = keys.next() else {
        return Ok(false);
    };
    if !is_publishable(&key) {
        return Err(Error::bad_input(
            PARAMETER,
            "takes a publishable key, which begins with `pk_`. Revoke what stood there: addresses are logged \
             on their way.",
            "只接受以 `pk_` 开头的可公开密钥。地址会被途经的服务器记录，请撤销刚才使用的密钥。",
        ));
    }
    if keys.next().is_some() || headers.contains_key(header::AUTHORIZATION) {
        return Err(Error::bad_input(
            PARAMETER,
            "says who you are, and so does something else: say it once.",
            "与其他身份凭证重复，请只提供一个。",
        ));
    }
    let bearer = HeaderValue::try_from(format!("Bearer {key}"));
    let mut bearer = bearer.map_err(|_| Error::Unauthenticated)?;
    bearer.set_sensitive(true);
    headers.insert(header::AUTHORIZATION, bearer);
    Ok(true)
}

/// An answer without errors: kept by caches, and not sent again to who has it.
pub fn kept(exchange: &Exchange, answer: &Answer) -> Response {
    let body = written(answer);
    let kind = exchange.media.content_type();
    let tag = tag_of(kind, &body);
    let mut response = if has(&exchange.headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
        (kind, body).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHING);
    let vary = HeaderValue::from_static("Accept, Accept-Language, Authorization");
    headers.insert(header::VARY, vary);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Marks an answer whose key stood in the address: see [`open`].
pub fn opened(mut response: Response) -> Response {
    response.extensions_mut().insert(Open);
    response
}

/// Stands around the rules for other pages: an answer whose key stood in the address is for every page, and
/// is the same for all of them.
pub async fn open(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.extensions_mut().remove::<Open>().is_some() {
        let headers = response.headers_mut();
        let everybody = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, everybody);
        headers.insert(header::VARY, HeaderValue::from_static(VARY));
    }
    response
}

/// Names the bytes of an answer.
fn tag_of(kind: &str, body: &[u8]) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(kind.as_bytes());
    hash.update(body);
    let hash = hash.finish();
    let some = hash.as_ref().get(..16).unwrap_or_default();
    format!("\"{}\"", HEXLOWER.encode(some))
}

/// Whether who asks has the answer of this tag already (RFC 9110, 13.1.2).
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let told = headers.get_all(header::IF_NONE_MATCH).iter();
    let tags = told.filter_map(|value| value.to_str().ok());
    let mut tags = tags.flat_map(|text| text.split(',')).map(str::trim);
    tags.any(|told| told == "*" || told.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_known_by_its_tag() {
        let tag = tag_of("application/json", b"{}");
        assert_ne!(tag, tag_of("application/json", b"{ }"));
        assert_ne!(tag, tag_of("application/graphql-response+json", b"{}"));
        for (told, known) in [
            (tag.clone(), true),
            (format!("W/{tag}"), true),
            (format!("\"other\", {tag}"), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
            (tag.trim_matches('"').to_owned(), false),
        ] {
            let value = HeaderValue::try_from(&told).unwrap();
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, value)]);
            assert_eq!(has(&headers, &tag), known, "{told}");
        }
        assert!(!has(&HeaderMap::new(), &tag));
    }
}
