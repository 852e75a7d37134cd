//! GraphQL over WebSocket: the graphql-transport-ws protocol, signed in by `connection_init`.

mod allowance;
mod closing;
mod connection;
mod message;
mod operation;
mod peer;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Extension, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::graphql::info;
use super::seats::Seats;
use crate::graphql::gateway::Gateway;

/// Clients say little at a time: the library's own 128 KB would be most of what a connection takes.
const READ_BUFFER: usize = 4_096;

/// `GET /graphql/ws`.
pub async fn upgrade(
    State(gateway): State<Gateway>,
    Extension(seats): Extension<Seats>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    upgrade: WebSocketUpgrade,
    headers: HeaderMap,
) -> Response {
    if !is_allowed(&gateway, &headers) {
        return (StatusCode::FORBIDDEN, "This origin may not connect.\n").into_response();
    }
    let info = info(&gateway, &headers, peer);
    let longest = gateway.app.settings.sockets.max_message_bytes;
    upgrade
        .max_message_size(longest)
        .max_frame_size(longest)
        .read_buffer_size(READ_BUFFER)
        // Each message is written at once.
        .write_buffer_size(0)
        .protocols(["graphql-transport-ws"])
        .on_upgrade(move |socket| connection::serve(socket, gateway, seats, info))
}

/// A browser says where its page came from: our own, at `http.public_url`, or exactly a listed one. `Host` is
/// not asked: a page whose name was made to lead here sends that name. Programs say nothing.
fn is_allowed(gateway: &Gateway, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let settings = &gateway.app.settings.http;
    let own = Url::parse(&settings.public_url).map(|url| url.origin().ascii_serialization());
    own.is_ok_and(|own| own == origin)
        || settings
            .allowed_origins
            .iter()
            .any(|allowed| allowed == origin)
}
