//! GraphQL over HTTP: POST with JSON, and GET for what changes nothing.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;

use super::exchange::{Exchange, Refused};
use super::observe::REQUEST_ID;
use super::public;
use super::session::refusal;
use crate::auth::model::Actor;
use crate::error::Error;
use crate::graphql::RequestInfo;
use crate::graphql::gateway::{Caller, Gateway};
use crate::graphql::request::Params;
use crate::locale::Locale;

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
        user_agent: headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .map(Arc::from),
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
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let exchange = match Exchange::open(gateway, headers, peer) {
        Ok(exchange) => exchange,
        Err(refused) => return *refused,
    };
    match exchange.read_body(body) {
        Ok(params) => answer(&exchange, params, Method::POST).await,
        Err(refused) => exchange.refuse(refused),
    }
}

/// `GET /graphql?query=…&operationName=…&variables=…`, for queries alone.
pub async fn get(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    mut headers: HeaderMap,
) -> Response {
    let shown = public::show(query.as_deref(), &mut headers);
    let is_open = !matches!(shown, Ok(false));
    let response = match Exchange::open(gateway, headers, peer) {
        Ok(exchange) => match (shown, Exchange::read_query(query.as_deref())) {
            (Err(error), _) => exchange.refuse(error.into()),
            (_, Err(refused)) => exchange.refuse(refused),
            (Ok(_), Ok(params)) => answer(&exchange, params, Method::GET).await,
        },
        Err(refused) => *refused,
    };
    if is_open {
        return public::opened(response);
    }
    response
}

async fn answer(exchange: &Exchange, params: Params, method: Method) -> Response {
    let gateway = &exchange.gateway;
    let caller = match caller(gateway, &exchange.headers, exchange.info.clone()).await {
        Ok(caller) => caller,
        Err(error) => return exchange.refuse(error.into()),
    };
    let prepared = match gateway.prepare(params, &caller).await {
        Ok(prepared) => prepared,
        Err(answer) => return exchange.answer(&answer),
    };
    match prepared.kind {
        OperationType::Subscription => return exchange.refuse(Refused::subscription()),
        OperationType::Mutation if method == Method::GET => {
            return exchange.refuse(Refused::by_get());
        }
        OperationType::Query if method == Method::GET && prepared.is_recorded() => {
            return exchange.refuse(Refused::recorded_by_get());
        }
        OperationType::Mutation | OperationType::Query => {}
    }
    let is_public =
        method == Method::GET && caller.actor.as_ref().is_some_and(Actor::is_publishable);
    let limit = Duration::from_millis(gateway.app.settings.http.request_timeout_ms);
    match tokio::time::timeout(limit, gateway.answer(prepared, caller)).await {
        Ok(answer) if is_public && answer.is_ok() => public::kept(exchange, &answer),
        Ok(answer) => exchange.answer(&answer),
        // It was under way, and counts as abandoned.
        Err(_) => exchange.answer(&refusal(Error::Unavailable, &exchange.info)),
    }
}
