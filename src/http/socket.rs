//! GraphQL over WebSocket: the graphql-transport-ws protocol, signed in by `connection_init`.

use std::net::SocketAddr;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::extract::{ConnectInfo, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream, SelectAll};
use serde::Deserialize;
use serde_json::{Value, json};

use super::graphql::{info, read_bearer};
use crate::error::Error;
use crate::graphql::RequestInfo;
use crate::graphql::gateway::{Caller, Gateway};
use crate::graphql::request::Params;
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

/// A code of the protocol, and why.
type Closing = (u16, &'static str);

/// `GET /graphql/ws`.
pub async fn upgrade(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
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
        .on_upgrade(move |socket| serve(socket, gateway, info))
}

/// One connection, to its end.
async fn serve(mut socket: WebSocket, gateway: Gateway, info: RequestInfo) {
    let closing = tokio::select! {
        () = gateway.app.shutdown.cancelled() => Some((1012, "Service restart")),
        closing = talk(&mut socket, &gateway, info) => closing,
    };
    if let Some((code, reason)) = closing {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        let _ = socket.send(Message::Close(Some(frame))).await;
    }
}

/// What operations tell: their messages, in order, each with its operation's id.
type Operations = SelectAll<BoxStream<'static, String>>;

async fn talk(socket: &mut WebSocket, gateway: &Gateway, info: RequestInfo) -> Option<Closing> {
    let mut caller: Option<Caller> = None;
    let mut operations = Operations::new();
    let mut rechecks = tokio::time::interval(RECHECK);
    loop {
        tokio::select! {
            _ = rechecks.tick() => {
                if has_ended(gateway, caller.as_ref()).await {
                    return Some((4403, "Forbidden"));
                }
            }
            Some(message) = operations.next() => {
                socket.send(Message::text(message)).await.ok()?;
            }
            heard = socket.recv() => {
                let Message::Text(text) = heard?.ok()? else { continue };
                let Ok(message) = serde_json::from_str::<Value>(&text) else {
                    return Some((4400, "Invalid message"));
                };
                let id = message["id"].as_str().unwrap_or_default().to_owned();
                match (message["type"].as_str().unwrap_or_default(), &caller) {
                    ("connection_init", Some(_)) => {
                        return Some((4429, "Too many initialisation requests"));
                    }
                    ("connection_init", None) => {
                        match sign_in(gateway, info.clone(), message["payload"].clone()).await {
                            Ok(signed_in) => caller = Some(signed_in),
                            Err(_) => return Some((4403, "Forbidden")),
                        }
                        let ack = json!({ "type": "connection_ack" }).to_string();
                        socket.send(Message::text(ack)).await.ok()?;
                    }
                    ("ping", _) => {
                        let pong = json!({ "type": "pong" }).to_string();
                        socket.send(Message::text(pong)).await.ok()?;
                    }
                    ("pong", _) => {}
                    ("subscribe", Some(caller)) => {
                        let Ok(params) = Params::from_value(message["payload"].clone()) else {
                            return Some((4400, "Invalid message"));
                        };
                        operations.push(operate(gateway.clone(), caller.clone(), id, params));
                    }
                    ("complete", Some(_)) => {}
                    ("subscribe" | "complete", None) => return Some((4401, "Unauthorized")),
                    _ => return Some((4400, "Invalid message")),
                }
            }
        }
    }
}

/// One operation: its messages until it is complete.
fn operate(
    gateway: Gateway,
    caller: Caller,
    id: String,
    params: Params,
) -> BoxStream<'static, String> {
    let error = |id: &str, answer: &async_graphql::Response| {
        json!({ "id": id, "type": "error", "payload": answer.errors }).to_string()
    };
    let begun = async move {
        let prepared = match gateway.prepare(params, &caller).await {
            Ok(prepared) => prepared,
            Err(answer) => return stream::iter([error(&id, &answer)]).boxed(),
        };
        let complete = json!({ "id": id, "type": "complete" }).to_string();
        if prepared.kind != OperationType::Subscription {
            let answer = gateway.answer(prepared, caller).await;
            let next = json!({ "id": id, "type": "next", "payload": answer }).to_string();
            return stream::iter([next, complete]).boxed();
        }
        match gateway.subscribe(prepared, caller, None).await {
            Err(answer) => stream::iter([error(&id, &answer)]).boxed(),
            Ok(live) => stream::unfold(live, move |mut live| {
                let id = id.clone();
                async move {
                    let told = live.next().await?;
                    let payload = String::from_utf8_lossy(&told.payload).into_owned();
                    let id = Value::String(id);
                    Some((
                        format!(r#"{{"id":{id},"type":"next","payload":{payload}}}"#),
                        live,
                    ))
                }
            })
            .chain(stream::iter([complete]))
            .boxed(),
        }
    };
    stream::once(begun).flatten().boxed()
}

/// Whether whoever signed in may no longer do what they could when they did: the client finds out what
/// it may do now when it connects again.
async fn has_ended(gateway: &Gateway, caller: Option<&Caller>) -> bool {
    let Some(actor) = caller.and_then(|caller| caller.actor.as_ref()) else {
        return false;
    };
    match gateway.auth.recheck(actor).await {
        Ok(now) => now != *actor,
        // The database is away: nothing is known, nothing is cut.
        Err(Error::Database(_) | Error::Unavailable) => false,
        Err(_) => true,
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
    gateway: &Gateway,
    mut info: RequestInfo,
    payload: Value,
) -> Result<Caller, Error> {
    let init: Init = serde_json::from_value(payload).unwrap_or_default();
    if let Some(language) = &init.accept_language {
        info.locale = Locale::accepted(language);
    }
    let actor = match &init.authorization {
        None => None,
        Some(text) => {
            let bearer = read_bearer(text).ok_or(Error::Unauthenticated)?;
            Some(gateway.auth.authenticate(bearer, info.ip).await?)
        }
    };
    Ok(Caller { actor, info })
}
