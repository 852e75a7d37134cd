//! GraphQL over WebSocket: the graphql-transport-ws protocol, signed in by `connection_init`.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_graphql::Data;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::extract::{ConnectInfo, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::graphql::{info, read_bearer};
use crate::auth::model::Actor;
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
/// How often it is looked whether access has ended.
const RECHECK: Duration = Duration::from_secs(4);

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
        .protocols(["graphql-transport-ws"])
        .on_upgrade(move |socket| async move {
            let shutdown = gateway.app.shutdown.clone();
            let (signing_in, checking) = (gateway.clone(), gateway.clone());
            let signed_in = Arc::new(OnceLock::new());
            let actor = Arc::clone(&signed_in);
            let serving = GraphQLWebSocket::new(socket, gateway, protocol)
                .on_connection_init(move |payload| sign_in(signing_in, info, actor, payload))
                // A client that only listens says nothing for hours.
                .keepalive_timeout(None)
                .serve();
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = serving => {}
                () = access_ends(&checking, &signed_in) => {}
            }
        })
}

/// Returns when whoever signed in may no longer do what they could when they did: the connection is
/// cut, and the client finds out when it connects again.
async fn access_ends(gateway: &Gateway, signed_in: &OnceLock<Actor>) {
    loop {
        tokio::time::sleep(RECHECK).await;
        let Some(actor) = signed_in.get() else {
            continue;
        };
        match gateway.auth.recheck(actor).await {
            Ok(now) if now == *actor => {}
            // The database is away: nothing is known, nothing is cut.
            Err(Error::Database(_) | Error::Unavailable) => {}
            Ok(_) | Err(_) => return,
        }
    }
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
    signed_in: Arc<OnceLock<Actor>>,
    payload: serde_json::Value,
) -> async_graphql::Result<Data> {
    let init: Init = serde_json::from_value(payload).unwrap_or_default();
    if let Some(language) = &init.accept_language {
        info.locale = Locale::accepted(language);
    }
    let actor = match &init.authorization {
        None => None,
        Some(text) => {
            let bearer = read_bearer(text).ok_or(Error::Unauthenticated)?;
            let actor = gateway.auth.authenticate(bearer, info.ip).await?;
            let _ = signed_in.set(actor.clone());
            Some(actor)
        }
    };
    Ok(gateway.session(Caller { actor, info }))
}
