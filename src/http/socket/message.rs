//! The messages of graphql-transport-ws, read by the letter and written.

use async_graphql::{Response, ServerError};
use axum::extract::ws::Utf8Bytes;
use serde_json::{Map, Value, json};

use super::closing::Closing;
use crate::graphql::ready;
use crate::graphql::request::Params;

/// The longest id of an operation: each of its messages repeats it.
const LONGEST_ID: usize = 256;

/// What a client says.
#[derive(Debug)]
pub enum Heard {
    /// It signs in.
    Init(Map<String, Value>),
    /// It asks whether we are there.
    Ping(Option<Map<String, Value>>),
    /// It is there.
    Pong,
    /// It begins an operation.
    Subscribe {
        /// Its own name for the operation.
        id: String,
        /// What it asks.
        params: Params,
    },
    /// It wants to hear no more of an operation.
    Complete {
        /// Which.
        id: String,
    },
}

/// Reads a message. Whatever the protocol does not know ends the connection.
pub fn read(text: &str) -> Result<Heard, Closing> {
    let invalid = Closing::invalid;
    let value: Value = serde_json::from_str(text).map_err(|_| invalid("A message is JSON"))?;
    let Value::Object(mut message) = value else {
        return Err(invalid("A message is an object"));
    };
    let Some(Value::String(kind)) = message.remove("type") else {
        return Err(invalid("A message has a type, which is a string"));
    };
    match kind.as_str() {
        "connection_init" => Ok(Heard::Init(payload(&mut message)?.unwrap_or_default())),
        "ping" => Ok(Heard::Ping(payload(&mut message)?)),
        "pong" => payload(&mut message).map(|_| Heard::Pong),
        "subscribe" => Ok(Heard::Subscribe {
            id: id(&mut message)?,
            params: params(message.remove("payload"))?,
        }),
        "complete" => Ok(Heard::Complete {
            id: id(&mut message)?,
        }),
        _ => Err(invalid("No message of this type is known here")),
    }
}

/// A payload that may be missing.
fn payload(message: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, Closing> {
    match message.remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(Closing::invalid("The payload is an object")),
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, Closing> {
    match message.remove("id") {
        Some(Value::String(id)) if (1..=LONGEST_ID).contains(&id.len()) => Ok(id),
        _ => Err(Closing::invalid("The id is a string of 1 to 256 bytes")),
    }
}

/// What `subscribe` asks: a document's text, or what stands for one.
fn params(payload: Option<Value>) -> Result<Params, Closing> {
    let Some(payload @ Value::Object(_)) = payload else {
        return Err(Closing::invalid("The payload of subscribe is an object"));
    };
    let wrong = |_| Closing::invalid("The payload of subscribe is no GraphQL request");
    let params = Params::from_value(payload).map_err(wrong)?;
    let is_named = |extensions: &Map<String, Value>| extensions.contains_key("persistedQuery");
    if params.query.is_some()
        || params.document_id.is_some()
        || params.extensions.as_ref().is_some_and(is_named)
    {
        Ok(params)
    } else {
        Err(Closing::invalid("The payload of subscribe has a query"))
    }
}

/// `connection_ack`.
pub const ACK: Utf8Bytes = Utf8Bytes::from_static(r#"{"type":"connection_ack"}"#);

/// `pong`, with the ping's payload.
pub fn pong(payload: Option<Map<String, Value>>) -> Utf8Bytes {
    match payload {
        None => Utf8Bytes::from_static(r#"{"type":"pong"}"#),
        Some(payload) => json!({ "type": "pong", "payload": payload })
            .to_string()
            .into(),
    }
}

/// `next`; the id is JSON already, and so is the answer, which many subscribers may share.
pub fn next(id: &str, answer: &[u8]) -> Utf8Bytes {
    const PARTS: [&str; 3] = [r#"{"id":"#, r#","type":"next","payload":"#, "}"];
    let answer = String::from_utf8_lossy(answer);
    let length = PARTS.iter().map(|part| part.len()).sum::<usize>() + id.len() + answer.len();
    let mut text = String::with_capacity(length);
    for part in [PARTS[0], id, PARTS[1], &answer, PARTS[2]] {
        text.push_str(part);
    }
    text.into()
}

/// `next` of an answer that is nobody else's.
pub fn answer(id: &str, answer: &Response) -> Utf8Bytes {
    next(id, &ready::json(answer))
}

/// `error`: nothing was executed, and nothing more comes.
pub fn error(id: &str, errors: &[ServerError]) -> Utf8Bytes {
    let errors = serde_json::to_string(errors).unwrap_or_default();
    format!(r#"{{"id":{id},"type":"error","payload":{errors}}}"#).into()
}

/// `complete`: nothing more comes.
pub fn complete(id: &str) -> Utf8Bytes {
    format!(r#"{{"id":{id},"type":"complete"}}"#).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_of_the_protocol_is_refused_by_its_fault() {
        let long = format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(257));
        for text in [
            "",
            "{",
            "null",
            "[]",
            "\"ping\"",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":null}"#,
            r#"{"type":"start","id":"1"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"Ping"}"#,
            r#"{"type":"ping","payload":"x"}"#,
            r#"{"type":"pong","payload":[]}"#,
            r#"{"type":"connection_init","payload":1}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"complete","id":""}"#,
            r#"{"type":"complete","id":1}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":null}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":null}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":[{"query":"{ a }"}]}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":[]}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }","operationName":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }","extensions":"x"}}"#,
            r#"{"type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":2,"payload":{"query":"{ a }"}}"#,
            &long,
        ] {
            let refused = read(text).expect_err(text);
            assert_eq!(refused.code, 4400, "{text}");
            assert!(refused.reason.len() <= 123, "{text}");
        }
    }

    #[test]
    fn what_the_protocol_allows_is_read() {
        for text in [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null}"#,
            r#"{"type":"connection_init","payload":{"authorization":"Bearer x"}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"ping","payload":{"at":1},"more":true}"#,
            r#"{"type":"pong","payload":null}"#,
            r#"{"type":"complete","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }","operationName":null,"variables":null,"extensions":null}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"documentId":"sha256:x"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"extensions":{"persistedQuery":{}}}}"#,
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_json() {
        let id = Value::from("a\"b").to_string();
        let told = next(&id, br#"{"data":{"title":"\u5b9d"}}"#);
        assert_eq!(
            serde_json::from_str::<Value>(&told).unwrap(),
            json!({ "id": "a\"b", "type": "next", "payload": { "data": { "title": "宝" } } })
        );
        let done = serde_json::from_str::<Value>(&complete(&id)).unwrap();
        assert_eq!(done, json!({ "id": "a\"b", "type": "complete" }));
    }
}
