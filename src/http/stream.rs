//! GraphQL over server-sent events: graphql-sse in its distinct connections mode.
//!
//! A request that could be read is answered on the stream, errors too, as the protocol wants it: a browser's
//! `EventSource` shows nothing of another answer. What is wrong with the HTTP is told by a status. A stream
//! whose holder may no longer listen, or whose instance stops, ends without `complete`: the client comes back.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use async_graphql::Response as Answer;
use async_graphql::parser::types::OperationType;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, Extension, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::exchange::{Exchange, Refused, VARY, written};
use super::negotiation::{Media, accepts_events};
use super::seats::Seats;
use super::session::{NoEntry, Session, leaving, refusal};
use crate::error::Error;
use crate::graphql::gateway::Gateway;
use crate::graphql::introspection::not_publishable;
use crate::graphql::live::Live;
use crate::graphql::request::Params;
use crate::metrics::Standing;

/// When a client that has too many streams may ask for one again.
const RETRY_AFTER_MS: u64 = 5_000;

/// What nobody hears; it keeps proxies from closing a quiet stream.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// The end of a stream that is done. `EventSource` asks for the empty data.
const COMPLETE: &[u8] = b"event: complete\ndata: \n\n";

/// `POST /graphql/stream`.
pub async fn post(
    State(gateway): State<Gateway>,
    Extension(seats): Extension<Seats>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let exchange = Exchange::with(gateway, headers, peer, Media::GraphqlResponse);
    let params = exchange.read_body(body);
    answer(&exchange, &seats, params, Method::POST).await
}

/// `GET /graphql/stream?query=…`, for queries and subscriptions.
pub async fn get(
    State(gateway): State<Gateway>,
    Extension(seats): Extension<Seats>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let exchange = Exchange::with(gateway, headers, peer, Media::GraphqlResponse);
    let params = Exchange::read_query(query.as_deref());
    answer(&exchange, &seats, params, Method::GET).await
}

async fn answer(
    exchange: &Exchange,
    seats: &Seats,
    params: Result<Params, Refused>,
    method: Method,
) -> Response {
    let stream = match open(exchange, seats, params, method).await {
        Ok(stream) => stream,
        Err(refused) => return exchange.refuse(refused),
    };
    let (session, source) = stream;
    respond(&exchange.gateway, session, source)
}

/// Lets the client in, and begins what it asks for.
async fn open(
    exchange: &Exchange,
    seats: &Seats,
    params: Result<Params, Refused>,
    method: Method,
) -> Result<(Session, Source), Refused> {
    if !accepts_events(&exchange.headers) {
        return Err(Refused::unreadable("text/event-stream"));
    }
    let params = params?;
    let (gateway, headers, info) = (&exchange.gateway, &exchange.headers, &exchange.info);
    let authorization = headers.get(header::AUTHORIZATION);
    let authorization = authorization.map(|value| value.to_str().unwrap_or_default());
    let session = Session::open(gateway, seats, authorization, info.clone()).await;
    let session = session.map_err(|reason| match reason {
        NoEntry::Stranger => Error::Unauthenticated,
        NoEntry::Publishable => not_publishable(),
        NoEntry::Unknown => Error::Unavailable,
        NoEntry::Full => Error::RateLimited {
            retry_after_ms: RETRY_AFTER_MS,
        },
    })?;
    let resume = headers.get("last-event-id");
    let resume = resume.and_then(|value| value.to_str().ok());
    let resume = resume.filter(|id| !id.is_empty()).map(str::to_owned);
    let limit = Duration::from_millis(gateway.app.settings.http.request_timeout_ms);
    let begun = tokio::time::timeout(limit, begin(gateway, &session, params, resume, method)).await;
    let source = begun.unwrap_or_else(|_| Ok(Source::answer(refusal(Error::Unavailable, info))))?;
    Ok((session, source))
}

/// What is told on a stream.
enum Source {
    /// One answer, and the end.
    Answer(Box<Answer>),
    /// A subscription.
    Live(Live),
    /// Nothing more.
    Over,
}

impl Source {
    fn answer(answer: Answer) -> Self {
        Self::Answer(Box::new(answer))
    }
}

async fn begin(
    gateway: &Gateway,
    session: &Session,
    params: Params,
    resume: Option<String>,
    method: Method,
) -> Result<Source, Refused> {
    let caller = session.caller.clone();
    let prepared = match gateway.prepare(params, &caller).await {
        Ok(prepared) => prepared,
        Err(answer) => return Ok(Source::answer(answer)),
    };
    match prepared.kind {
        OperationType::Mutation if method == Method::GET => Err(Refused::by_get()),
        OperationType::Query if method == Method::GET && prepared.is_recorded() => {
            Err(Refused::recorded_by_get())
        }
        OperationType::Subscription => {
            let live = gateway.subscribe(prepared, caller, resume).await;
            Ok(live.map_or_else(Source::answer, Source::Live))
        }
        _ => Ok(Source::answer(gateway.answer(prepared, caller).await)),
    }
}

/// A stream under way.
struct Telling {
    gateway: Gateway,
    session: Session,
    source: Source,
    leaving: Pin<Box<dyn Future<Output = ()> + Send>>,
    rechecks: Interval,
    comments: Interval,
    _standing: Standing,
}

impl Telling {
    /// The next bytes; none where the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        // Nothing comes behind `complete`, not even a comment.
        if matches!(self.source, Source::Over) {
            return None;
        }
        loop {
            tokio::select! {
                bytes = tell(&mut self.source) => return bytes,
                () = &mut self.leaving => return None,
                _ = self.comments.tick() => return Some(COMMENT),
                _ = self.rechecks.tick() => {
                    let end = Box::pin(self.session.end(&self.gateway)).await;
                    if end.is_some() {
                        return None;
                    }
                }
            }
        }
    }
}

/// What the source tells next. Nothing is lost where the wait is broken off.
async fn tell(source: &mut Source) -> Option<Bytes> {
    match source {
        Source::Over => None,
        Source::Answer(answer) => {
            let mut bytes = next_event(&written(answer), None);
            bytes.extend_from_slice(COMPLETE);
            *source = Source::Over;
            Some(bytes.into())
        }
        Source::Live(live) => match live.next().await {
            Some(told) => {
                let cursor = told.cursor.map(|cursor| cursor.to_string());
                Some(next_event(&told.payload, cursor.as_deref()).into())
            }
            None => {
                *source = Source::Over;
                Some(Bytes::from_static(COMPLETE))
            }
        },
    }
}

/// A `next` event; its id is where the client continues.
fn next_event(payload: &[u8], cursor: Option<&str>) -> Vec<u8> {
    let cursor = cursor.unwrap_or_default();
    let mut event = Vec::with_capacity(payload.len() + cursor.len() + 32);
    event.extend_from_slice(b"event: next\n");
    if !cursor.is_empty() {
        event.extend_from_slice(b"id: ");
        event.extend_from_slice(cursor.as_bytes());
        event.push(b'\n');
    }
    event.extend_from_slice(b"data: ");
    event.extend_from_slice(payload);
    event.extend_from_slice(b"\n\n");
    event
}

fn respond(gateway: &Gateway, session: Session, source: Source) -> Response {
    let request_id = HeaderValue::from_str(&session.caller.info.id);
    let settings = &gateway.app.settings.sockets;
    let telling = Telling {
        gateway: gateway.clone(),
        session,
        source,
        leaving: Box::pin(leaving(gateway.app.clone())),
        rechecks: every(settings.recheck_interval_ms, settings.recheck_interval_ms),
        // The first at once: the client learns that the stream stands.
        comments: every(0, settings.comment_interval_ms),
        _standing: Standing::new(&gateway.app.metrics.streams),
    };
    let bytes = stream::unfold(telling, |mut telling| async move {
        let bytes = telling.next().await?;
        Some((Ok::<_, Infallible>(bytes), telling))
    });
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store, no-transform"),
        (header::VARY, VARY),
        // What nginx asks for, lest it gathers events until it has many.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(id) = request_id {
        headers.insert("x-request-id", id);
    }
    response
}

fn every(first_ms: u64, interval_ms: u64) -> Interval {
    let first = Instant::now() + Duration::from_millis(first_ms);
    let mut ticks = interval_at(first, Duration::from_millis(interval_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
