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

/// A browser says where its page came from: our own, or exactly a listed one. Programs say nothing.
fn is_allowed(gateway: &Gateway, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let host = headers.get(header::HOST);
    let own = host
        .and_then(|host| host.to_str().ok())
        .is_some_and(|host| {
            origin.strip_prefix("http://") == Some(host)
                || origin.strip_prefix("https://") == Some(host)
        });
    let listed = &gateway.app.settings.http.allowed_origins;
    own || listed.iter().any(|allowed| allowed == origin)
}
