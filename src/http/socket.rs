//! GraphQL over WebSocket: the graphql-transport-ws protocol, signed in by `connection_init`.

use std::net::SocketAddr;
use std::time::Duration;

use async_graphql::Data;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::extract::{ConnectInfo, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::graphql::info;
use crate::error::Error;
use crate::graphql::RequestInfo;
use crate::graphql::gateway::{Caller, Gateway};
use crate::locale::Locale;

/// What a client sends to sign in: `{"authorization": "Bearer …", "acceptLanguage": "zh-CN"}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Init {
    #[serde(alias = "Authorization")]
    authorization: Option<String>,
    accept_language: Option<String>,
}

/// The largest message that a client may send.
const MAX_MESSAGE: usize = 131_072;
/// How long a silent client is kept.
const KEEPALIVE: Duration = Duration::from_secs(90);

/// `GET /graphql/ws`.
pub async fn upgrade(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    protocol: GraphQLProtocol,
    upgrade: WebSocketUpgrade,
    headers: HeaderMap,
) -> Response {
    if !allowed(&gateway, &headers) {
        return (StatusCode::FORBIDDEN, "This origin may not connect.\n").into_response();
    }
    let info = info(&gateway, &headers, peer);
    upgrade
        .max_message_size(MAX_MESSAGE)
        .protocols(async_graphql::http::ALL_WEBSOCKET_PROTOCOLS)
        .on_upgrade(move |socket| async move {
            let shutdown = gateway.app.shutdown.clone();
            let signing_in = gateway.clone();
            let serving = GraphQLWebSocket::new(socket, gateway, protocol)
                .on_connection_init(move |payload| sign_in(signing_in, info, payload))
                .keepalive_timeout(KEEPALIVE)
                .serve();
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = serving => {}
            }
        })
}

/// A browser says where its page came from: our own, or a listed one. Programs say nothing.
fn allowed(gateway: &Gateway, headers: &HeaderMap) -> bool {
    let Some(origin) = headers
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok())
    else {
        return true;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let own = host.is_some_and(|host| {
        origin.strip_prefix("http://") == Some(host)
            || origin.strip_prefix("https://") == Some(host)
    });
    own || gateway
        .app
        .settings
        .http
        .allowed_origins
        .iter()
        .any(|allowed| allowed == origin)
}

async fn sign_in(
    gateway: Gateway,
    mut info: RequestInfo,
    payload: serde_json::Value,
) -> async_graphql::Result<Data> {
    let init: Init = serde_json::from_value(payload).unwrap_or_default();
    if let Some(language) = &init.accept_language {
        info.locale = Locale::accepted(language);
    }
    let actor = match &init.authorization {
        None => None,
        Some(text) => {
            let bearer = text.strip_prefix("Bearer ").ok_or(Error::Unauthenticated)?;
            Some(gateway.auth.authenticate(bearer, info.ip).await?)
        }
    };
    Ok(gateway.session(Caller { actor, info }))
}
