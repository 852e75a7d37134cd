//! GraphQL over HTTP: POST with JSON, and GET for what changes nothing.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response as Answer, ServerError};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::limited;
use super::observe::REQUEST_ID;
use crate::error::Error;
use crate::graphql::RequestInfo;
use crate::graphql::gateway::{Caller, Gateway, finish};
use crate::graphql::request::Params;
use crate::locale::Locale;

const RESPONSE_JSON: &str = "application/graphql-response+json";

/// What a request says of itself, before anybody is believed.
pub fn info(gateway: &Gateway, headers: &HeaderMap, peer: SocketAddr) -> RequestInfo {
    let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    RequestInfo {
        id: id.map_or_else(|| gateway.request_id(), str::to_owned),
        locale: headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .map(Locale::accepted)
            .unwrap_or_default(),
        ip: Some(client_ip(gateway, headers, peer)),
    }
}

/// Where a request came from: the peer, or what a trusted proxy in front of us says in its header. Of
/// several addresses the last one is the proxy's own word.
fn client_ip(gateway: &Gateway, headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
    let told = gateway.app.settings.http.client_ip_header.as_deref();
    let told = told.and_then(|name| headers.get_all(name).iter().next_back());
    told.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok())
        .unwrap_or_else(|| peer.ip())
}

/// The token of `Bearer …`; the scheme's case does not matter (RFC 9110).
pub fn read_bearer(text: &str) -> Option<&str> {
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Who sends a request: nobody, too, where the header proves nothing. So an ended token does not stand
/// in the way of `tokenRefresh`, and everything else answers UNAUTHENTICATED.
pub async fn caller(
    gateway: &Gateway,
    headers: &HeaderMap,
    info: RequestInfo,
) -> Result<Caller, Error> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(Caller { actor: None, info });
    };
    let Some(bearer) = value.to_str().ok().and_then(read_bearer) else {
        return Ok(Caller { actor: None, info });
    };
    match gateway.auth.authenticate(bearer, info.ip).await {
        Ok(actor) => Ok(Caller {
            actor: Some(actor),
            info,
        }),
        Err(Error::Unauthenticated) => Ok(Caller { actor: None, info }),
        Err(error) => Err(error),
    }
}

/// `POST /graphql`.
pub async fn post(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if !json {
        return (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send application/json.\n",
        )
            .into_response();
    }
    let info = info(&gateway, &headers, peer);
    match Params::from_json(&body) {
        Ok(params) => answer(&gateway, &headers, info, params, Method::POST).await,
        Err(error) => refuse(&headers, &info, error),
    }
}

/// `GET /graphql?query=…&operationName=…&variables=…`, for queries alone.
pub async fn get(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let info = info(&gateway, &headers, peer);
    match Params::from_query_string(query.as_deref().unwrap_or_default()) {
        Ok(params) => answer(&gateway, &headers, info, params, Method::GET).await,
        Err(error) => refuse(&headers, &info, error),
    }
}

async fn answer(
    gateway: &Gateway,
    headers: &HeaderMap,
    info: RequestInfo,
    params: Params,
    method: Method,
) -> Response {
    let caller = match caller(gateway, headers, info.clone()).await {
        Ok(caller) => caller,
        Err(error) => return refuse(headers, &info, error),
    };
    let prepared = match gateway.prepare(params, &caller).await {
        Ok(prepared) => prepared,
        Err(answer) => return respond(headers, &info, StatusCode::BAD_REQUEST, &answer),
    };
    if method == Method::GET && prepared.kind != OperationType::Query {
        let allow = [(header::ALLOW, "POST")];
        return (
            StatusCode::METHOD_NOT_ALLOWED,
            allow,
            "Mutations go by POST.\n",
        )
            .into_response();
    }
    let limit = Duration::from_millis(gateway.app.settings.http.request_timeout_ms);
    match tokio::time::timeout(limit, gateway.answer(prepared, caller)).await {
        Ok(answer) => respond(headers, &info, status(headers, &answer), &answer),
        Err(_) => refuse(headers, &info, Error::Unavailable),
    }
}

/// 401 where a header was sent that proves nothing, and something was asked that needs one; 400 where
/// nothing was executed, since the document cannot be meant.
fn status(headers: &HeaderMap, answer: &Answer) -> StatusCode {
    let refused =
        |error: &ServerError| matches!(error.source::<Error>(), Some(Error::Unauthenticated));
    if headers.contains_key(header::AUTHORIZATION) && answer.errors.iter().any(refused) {
        return StatusCode::UNAUTHORIZED;
    }
    let executed = answer.errors.iter().any(|error| !error.path.is_empty());
    if answer.is_err() && !executed {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    }
}

/// An answer to a request that was never executed.
fn refuse(headers: &HeaderMap, info: &RequestInfo, error: Error) -> Response {
    let status = match error {
        _ if error.code() == "UNAVAILABLE" => StatusCode::SERVICE_UNAVAILABLE,
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::BadInput { .. } => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let error: async_graphql::Error = error.into();
    let mut error: ServerError = error.into_server_error(async_graphql::Pos::default());
    // It lies at no place of a document.
    error.locations.clear();
    let answer = finish(Answer::from_errors(vec![error]), info);
    respond(headers, info, status, &answer)
}

fn respond(
    headers: &HeaderMap,
    info: &RequestInfo,
    status: StatusCode,
    answer: &Answer,
) -> Response {
    let accepts_new = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(RESPONSE_JSON));
    // The older media type knows no status but 200 for an answer that is well formed; a refused
    // identity is told to every client.
    let status = if accepts_new || status == StatusCode::UNAUTHORIZED {
        status
    } else {
        StatusCode::OK
    };
    let kind = if accepts_new {
        "application/graphql-response+json; charset=utf-8"
    } else {
        "application/json; charset=utf-8"
    };
    let body = serde_json::to_vec(answer).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&info.id) {
        headers.insert("x-request-id", id);
    }
    limited::mark(&mut response, answer);
    response
}
