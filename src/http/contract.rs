//! `/schema.graphql`: the contract, for whoever may see it.

use std::net::SocketAddr;

use async_graphql::{Response as Answer, ServerError};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::graphql::{caller, info};
use crate::config::Introspection;
use crate::crash;
use crate::error::Error;
use crate::graphql::RequestInfo;
use crate::graphql::gateway::{Gateway, finish};
use crate::graphql::introspection::check;
use crate::graphql::schema::sdl as text;

/// `GET /schema.graphql`. It is not there where nobody may see it; where staff may, it wants their token.
pub async fn sdl(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let info = info(&gateway, &headers, peer);
    crash::panic_in("page", &info.id);
    let setting = gateway.app.settings.http.introspection;
    if setting == Introspection::Nobody {
        return StatusCode::NOT_FOUND.into_response();
    }
    let caller = match caller(&gateway, &headers, info.clone()).await {
        Ok(caller) => caller,
        Err(error) => return refuse(StatusCode::SERVICE_UNAVAILABLE, error, &info),
    };
    match check(setting, caller.actor.as_ref()) {
        Ok(()) => (
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            text(),
        )
            .into_response(),
        Err(error) if caller.actor.is_some() => refuse(StatusCode::FORBIDDEN, error, &info),
        Err(_) => refuse(StatusCode::UNAUTHORIZED, Error::Unauthenticated, &info),
    }
}

fn refuse(status: StatusCode, error: Error, info: &RequestInfo) -> Response {
    let error: async_graphql::Error = error.into();
    let mut error: ServerError = error.into_server_error(async_graphql::Pos::default());
    error.locations.clear();
    let answer = finish(Answer::from_errors(vec![error]), info);
    (status, axum::Json(answer)).into_response()
}
