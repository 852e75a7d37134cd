//! A request that is under way, and its answer: the status, the headers, and what is refused.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use async_graphql::{Response as Answer, ServerError, Value};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::errors::Counted;
use super::graphql::info;
use super::negotiation::{Media, is_json};
use super::session::{is_refused, refusal};
use crate::error::{Error, Problem};
use crate::graphql::RequestInfo;
use crate::graphql::gateway::Gateway;
use crate::graphql::ready;
use crate::graphql::request::Params;

/// What an answer depends on, beside what was asked.
pub const VARY: &str = "Accept, Accept-Language";

/// A request under way.
pub struct Exchange {
    /// What answers.
    pub gateway: Gateway,
    /// The request's headers.
    pub headers: HeaderMap,
    /// What it says of itself.
    pub info: RequestInfo,
    /// What its sender can read.
    pub media: Media,
}

/// Why a request is refused before it is a GraphQL request: its status is the same in both media types.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    error: Error,
    allow: Option<&'static str>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let status = told(&error).unwrap_or(StatusCode::BAD_REQUEST);
        Self::new(status, error)
    }
}

impl Refused {
    const fn new(status: StatusCode, error: Error) -> Self {
        Self {
            status,
            error,
            allow: None,
        }
    }

    /// The answer can be written in no way that the client reads.
    pub fn unreadable(media: &str) -> Self {
        let error = Error::bad_input(
            "Accept",
            format!("must allow {media}."),
            format!("必须接受 {media}。"),
        );
        Self::new(StatusCode::NOT_ACCEPTABLE, error)
    }

    /// Something of which it is written down who reads it was asked for by GET.
    pub fn recorded_by_get() -> Self {
        Self {
            error: Error::bad_input(
                "query",
                "asks for what is handed out on demand alone, which is written down: send it by POST.",
                "包含需留痕的数据导出：请使用 POST 发送。",
            ),
            ..Self::by_get()
        }
    }

    /// What changes something was sent by GET.
    pub fn by_get() -> Self {
        let error = Error::bad_input(
            "query",
            "is a mutation: send it by POST.",
            "是变更操作：请使用 POST 发送。",
        );
        Self {
            allow: Some("POST"),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, error)
        }
    }

    /// A subscription has many answers, and there is one here.
    pub fn subscription() -> Self {
        Error::bad_input(
            "query",
            "is a subscription: follow it at `/graphql/stream` (server-sent events) or at `/graphql/ws` \
             (WebSocket).",
            "是订阅操作：请通过 `/graphql/stream`（SSE）或 `/graphql/ws`（WebSocket）订阅。",
        )
        .into()
    }

    /// A body of another kind.
    fn not_json() -> Self {
        let error = Error::bad_input(
            "Content-Type",
            "must be application/json, in UTF-8.",
            "必须为 application/json（UTF-8 编码）。",
        );
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error)
    }

    fn too_long(most: usize) -> Self {
        let problem = Problem::new(
            format!("A request is at most {most} bytes."),
            format!("请求体最长 {most} 字节。"),
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Error::LimitExceeded(problem))
    }
}

impl Exchange {
    /// A request that is answered as GraphQL over HTTP says. Refused where its sender could not read any
    /// answer; then the refusal is the answer.
    pub fn open(
        gateway: Gateway,
        headers: HeaderMap,
        peer: SocketAddr,
    ) -> Result<Self, Box<Response>> {
        let media = Media::accepted(&headers);
        let exchange = Self::with(gateway, headers, peer, media.unwrap_or_default());
        match media {
            Some(_) => Ok(exchange),
            None => {
                let known = "application/graphql-response+json or application/json";
                Err(Box::new(exchange.refuse(Refused::unreadable(known))))
            }
        }
    }

    /// A request whose sender reads this.
    pub fn with(gateway: Gateway, headers: HeaderMap, peer: SocketAddr, media: Media) -> Self {
        let info = info(&gateway, &headers, peer);
        Self {
            gateway,
            headers,
            info,
            media,
        }
    }

    /// What is asked by POST.
    pub fn read_body(&self, body: Result<Bytes, BytesRejection>) -> Result<Params, Refused> {
        if !is_json(&self.headers) {
            return Err(Refused::not_json());
        }
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Refused::too_long(self.gateway.app.settings.http.max_body_bytes)
            }
            status => {
                let (en, zh) = ("could not be read to its end.", "未能完整读取。");
                Refused::new(status, Error::bad_input("body", en, zh))
            }
        })?;
        complete(Params::from_json(&body)?)
    }

    /// What is asked by GET.
    pub fn read_query(query: Option<&str>) -> Result<Params, Refused> {
        complete(Params::from_query_string(query.unwrap_or_default())?)
    }

    /// The answer to a GraphQL request.
    pub fn answer(&self, answer: &Answer) -> Response {
        let has_shown = self.headers.contains_key(header::AUTHORIZATION);
        self.respond(status(self.media, has_shown, answer), answer)
    }

    /// The answer to what is none, or was never looked at. `observe` counts it.
    pub fn refuse(&self, refused: Refused) -> Response {
        let code = refused.error.code();
        let answer = refusal(refused.error, &self.info);
        let mut response = self.respond(refused.status, &answer);
        response.extensions_mut().insert(Counted(code));
        if let Some(allow) = refused.allow {
            let allow = HeaderValue::from_static(allow);
            response.headers_mut().insert(header::ALLOW, allow);
        }
        response
    }

    fn respond(&self, status: StatusCode, answer: &Answer) -> Response {
        let mut response = (status, written(answer)).into_response();
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, self.media.content_type()),
            (header::CACHE_CONTROL, "no-store"),
            (header::VARY, VARY),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        // A 401 names what would prove something (RFC 9110, 15.5.2).
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Some(seconds) = wait(answer) {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Ok(id) = HeaderValue::from_str(&self.info.id) {
            headers.insert("x-request-id", id);
        }
        response
    }
}

/// An answer that was never executed: it has no `data`, not even null.
#[derive(Serialize)]
struct Unexecuted<'a> {
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

/// An answer as JSON.
pub fn written(answer: &Answer) -> Vec<u8> {
    if !is_refused(answer) || answer.data != Value::Null {
        return ready::json(answer);
    }
    let unexecuted = Unexecuted {
        errors: &answer.errors,
        extensions: &answer.extensions,
    };
    serde_json::to_vec(&unexecuted).unwrap_or_default()
}

/// A request that names no document asks for nothing.
fn complete(params: Params) -> Result<Params, Refused> {
    if params.names_document() {
        return Ok(params);
    }
    Err(Error::bad_input(
        "query",
        "is missing: send a document.",
        "缺失：请提供查询文档。",
    )
    .into())
}

/// What became of a request, of somebody who has shown a token or not. `application/json` tells in its status
/// whose token proves nothing, and who should come again later: whatever else was well formed is answered by
/// 200.
fn status(media: Media, has_shown: bool, answer: &Answer) -> StatusCode {
    let known = || {
        let errors = answer.errors.iter();
        errors.filter_map(|error| error.source::<Error>())
    };
    if has_shown && known().any(is_unknown) {
        return StatusCode::UNAUTHORIZED;
    }
    if answer.is_ok() || answer.data != Value::Null {
        return StatusCode::OK;
    }
    match (media, known().find_map(told)) {
        (_, Some(status @ (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)))
        | (Media::GraphqlResponse, Some(status)) => status,
        (Media::GraphqlResponse, None) if is_refused(answer) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

fn is_unknown(error: &Error) -> bool {
    matches!(error, Error::Unauthenticated)
}

/// The status of an error that has one of its own.
fn told(error: &Error) -> Option<StatusCode> {
    match error.code() {
        "UNAUTHENTICATED" => Some(StatusCode::UNAUTHORIZED),
        "FORBIDDEN" => Some(StatusCode::FORBIDDEN),
        "RATE_LIMITED" => Some(StatusCode::TOO_MANY_REQUESTS),
        "UNAVAILABLE" => Some(StatusCode::SERVICE_UNAVAILABLE),
        "INTERNAL" => Some(StatusCode::INTERNAL_SERVER_ERROR),
        _ => None,
    }
}

/// In how many seconds somebody may come again who asked for too much.
fn wait(answer: &Answer) -> Option<u64> {
    let waits = answer
        .errors
        .iter()
        .filter_map(|error| match error.source() {
            Some(Error::RateLimited { retry_after_ms }) => {
                Some(retry_after_ms.div_ceil(1_000).max(1))
            }
            _ => None,
        });
    waits.max()
}

#[cfg(test)]
mod tests {
    use async_graphql::{PathSegment, Pos};

    use super::*;

    /// An answer that an error stands in, of what was executed or was not.
    fn failed(error: Error, is_executed: bool) -> Answer {
        let error: async_graphql::Error = error.into();
        let mut error = error.into_server_error(Pos::default());
        if is_executed {
            error.path.push(PathSegment::Field("viewer".to_owned()));
        }
        Answer::from_errors(vec![error])
    }

    #[test]
    fn an_error_has_its_status_whether_something_was_executed_or_not() {
        let limit = Error::LimitExceeded(Problem::new("Too much.", "过多。"));
        let wait = Error::RateLimited {
            retry_after_ms: 1_001,
        };
        for (error, executed, refused, older) in [
            (Error::Unauthenticated, 401, 401, 200),
            (Error::Forbidden { scope: "x" }, 403, 403, 200),
            (Error::internal("x"), 500, 500, 200),
            (Error::NotFound, 200, 400, 200),
            (limit, 200, 400, 200),
            (wait, 429, 429, 429),
            (Error::Unavailable, 503, 503, 503),
        ] {
            for (is_executed, newer) in [(true, executed), (false, refused)] {
                let answer = failed(error.clone(), is_executed);
                let told = |media| status(media, false, &answer).as_u16();
                let both = (told(Media::GraphqlResponse), told(Media::Json));
                assert_eq!(both, (newer, older), "{error:?}, executed: {is_executed}");
                // What was answered at least in part is an answer.
                let mut partly = failed(error.clone(), true);
                partly.data = Value::from(1);
                let told = status(Media::GraphqlResponse, false, &partly);
                assert_eq!(told, StatusCode::OK, "{error:?}");
            }
        }
    }

    #[test]
    fn a_token_that_proves_nothing_is_told_so_in_each_media_type() {
        let answer = failed(Error::Unauthenticated, true);
        for media in [Media::Json, Media::GraphqlResponse] {
            assert_eq!(status(media, true, &answer), StatusCode::UNAUTHORIZED);
        }
    }

    #[test]
    fn who_asked_for_too_much_is_told_whole_seconds_that_are_long_enough() {
        for (retry_after_ms, seconds) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (59_500, 60)] {
            let answer = failed(Error::RateLimited { retry_after_ms }, false);
            assert_eq!(wait(&answer), Some(seconds), "{retry_after_ms}");
        }
        assert_eq!(wait(&failed(Error::Unavailable, false)), None);
    }

    #[test]
    fn data_is_left_out_where_nothing_was_executed_and_there_where_something_was() {
        let json = |answer: &Answer| -> serde_json::Value {
            serde_json::from_slice(&written(answer)).unwrap()
        };
        let refused = json(&failed(Error::NotFound, false));
        assert!(refused.get("data").is_none() && refused["errors"].is_array());
        let executed = json(&failed(Error::NotFound, true));
        assert!(executed["data"].is_null() && executed.get("data").is_some());
    }
}
