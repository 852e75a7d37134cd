//! `/schema.graphql`: the contract, for whoever may see it.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::exchange::Exchange;
use super::graphql::caller;
use super::negotiation::Media;
use crate::config::Introspection;
use crate::crash;
use crate::error::Error;
use crate::graphql::gateway::Gateway;
use crate::graphql::introspection::check;
use crate::graphql::schema::sdl as text;

/// `GET /schema.graphql`. It is not there where nobody may see it; where staff may, it wants their token.
pub async fn sdl(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let setting = gateway.app.settings.http.introspection;
    let exchange = Exchange::with(gateway, headers, peer, Media::Json);
    crash::panic_in("page", &exchange.info.id);
    if setting == Introspection::Nobody {
        return StatusCode::NOT_FOUND.into_response();
    }
    let info = exchange.info.clone();
    let caller = match caller(&exchange.gateway, &exchange.headers, info).await {
        Ok(caller) => caller,
        Err(error) => return exchange.refuse(error.into()),
    };
    match check(setting, caller.actor.as_ref()) {
        Ok(()) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (kind, text()).into_response()
        }
        Err(error) if caller.actor.is_some() => exchange.refuse(error.into()),
        Err(_) => exchange.refuse(Error::Unauthenticated.into()),
    }
}
