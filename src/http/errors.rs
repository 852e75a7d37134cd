//! Errors of HTTP as clients of GraphQL know them: JSON, with a code, a request id and a sentence in the
//! reader's language. What the router and its parts say by themselves is plain text, or nothing.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::locale::Locale;

/// Routes whose plain texts are read by machines that know no other.
const PLAIN: [&str; 3] = ["/callbacks/{channel}", "/demo/webhooks/{shop}", "/readyz"];

/// Who is told of an error.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The route that was asked.
    pub route: &'a str,
    /// The request's id.
    pub request_id: &'a str,
    /// The reader's language.
    pub locale: Locale,
}

/// The code of an answer to what was refused before anything was executed.
#[derive(Clone, Copy, Debug)]
pub struct Counted(pub &'static str);

/// An error's answer in our form, unless it has it already. Its code, too, where it is to be counted.
pub fn shape(response: Response, reader: Reader<'_>) -> (Response, Option<&'static str>) {
    if is_in_form(&response) || PLAIN.contains(&reader.route) {
        let counted = response.extensions().get::<Counted>();
        let code = counted.map(|counted| counted.0);
        return (response, code);
    }
    let (mut parts, _) = response.into_parts();
    let (code, body) = words(parts.status, reader);
    parts.headers.remove(header::CONTENT_LENGTH);
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    parts.headers.insert(header::CONTENT_TYPE, json);
    (Response::from_parts(parts, Body::from(body)), Some(code))
}

/// The answer to a request that broke off by a panic.
pub fn broken(reader: Reader<'_>) -> Response {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    shape(status.into_response(), reader).0
}

/// Whether an answer is more than a plain text.
fn is_in_form(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"))
}

fn words(status: StatusCode, reader: Reader<'_>) -> (&'static str, String) {
    let (code, en, zh) = sentence(status);
    let message = match reader.locale {
        Locale::En => en,
        Locale::ZhCn => zh,
    };
    let extensions = json!({ "code": code, "requestId": reader.request_id });
    let body = json!({ "errors": [{ "message": message, "extensions": extensions }] });
    (code, body.to_string())
}

/// A status in words.
fn sentence(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    match status.as_u16() {
        401 => (
            "UNAUTHENTICATED",
            "Sign in, or send a valid API key.",
            "请先登录，或提供有效的接口密钥。",
        ),
        403 => (
            "FORBIDDEN",
            "This may not be done from where you ask.",
            "不允许从此来源执行该操作。",
        ),
        404 => (
            "NOT_FOUND",
            "There is nothing at this address.",
            "此地址不存在。",
        ),
        405 => (
            "BAD_USER_INPUT",
            "This address is asked by another method: see the header Allow.",
            "此地址不支持该请求方法，请参见 Allow 响应头。",
        ),
        406 => (
            "BAD_USER_INPUT",
            "None of the media types that you accept can be sent.",
            "无法返回您所接受的媒体类型。",
        ),
        408 => (
            "BAD_USER_INPUT",
            "The request's body did not come in time.",
            "未在规定时间内收到请求内容。",
        ),
        413 => (
            "LIMIT_EXCEEDED",
            "The request is too large.",
            "请求体过大。",
        ),
        415 => (
            "BAD_USER_INPUT",
            "Send application/json.",
            "请使用 application/json 发送请求。",
        ),
        426 => (
            "BAD_USER_INPUT",
            "This address is for WebSockets.",
            "此地址仅支持 WebSocket 连接。",
        ),
        429 => (
            "RATE_LIMITED",
            "Too much was asked for: try again later.",
            "请求过于频繁，请稍后重试。",
        ),
        503 => (
            "UNAVAILABLE",
            "The service is not available at the moment. Try again shortly.",
            "服务暂时不可用，请稍后重试。",
        ),
        500..=599 => (
            "INTERNAL",
            "Something went wrong on our side. Quote the request id when you ask about it.",
            "服务内部错误。咨询时请提供请求编号。",
        ),
        _ => (
            "BAD_USER_INPUT",
            "The request cannot be understood.",
            "无法理解该请求。",
        ),
    }
}
