//! What a client sends, whatever it came by: the parameters of a GraphQL request.

use async_graphql::parser::types::OperationType;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Error;

/// The parameters of a request, after "GraphQL over HTTP"; the payload of `subscribe` is the same.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Params {
    /// The document's text.
    pub query: Option<String>,
    /// The document's id, instead of its text: a trusted document's.
    pub document_id: Option<String>,
    /// Which of the document's operations; needed where it has several.
    pub operation_name: Option<String>,
    /// The values of its variables.
    pub variables: Option<Map<String, Value>>,
    /// What is beyond the specification, such as a persisted query's hash.
    pub extensions: Option<Map<String, Value>>,
    /// Whether the gateway itself wrote the document, which is trusted then; no client can say so.
    #[serde(skip)]
    pub is_ours: bool,
}

impl Params {
    /// A document's text, and nothing beside.
    pub fn of_query(query: impl Into<String>) -> Self {
        Self {
            query: Some(query.into()),
            ..Self::default()
        }
    }

    /// A document that the gateway itself wrote.
    pub fn of_ours(query: impl Into<String>) -> Self {
        Self {
            is_ours: true,
            ..Self::of_query(query)
        }
    }

    /// The same with variables.
    #[must_use]
    pub fn with_variables(mut self, variables: Value) -> Self {
        self.variables = match variables {
            Value::Object(map) => Some(map),
            _ => None,
        };
        self
    }

    /// Reads a body of JSON.
    pub fn from_json(body: &[u8]) -> Result<Self, Error> {
        let value: Value = serde_json::from_slice(body).map_err(|_| unreadable("body"))?;
        Self::from_value(value)
    }

    /// Reads what was parsed already. A list is a batch, which is not taken.
    pub fn from_value(value: Value) -> Result<Self, Error> {
        match value {
            Value::Object(_) => serde_json::from_value(value).map_err(|_| unreadable("body")),
            Value::Array(_) => Err(Error::bad_input(
                "body",
                "is a list: send one request at a time, as an object.",
                "不能是数组：请每次发送一个请求对象。",
            )),
            _ => Err(unreadable("body")),
        }
    }

    /// Reads `query=…&operationName=…&variables=…&extensions=…&documentId=…`.
    pub fn from_query_string(text: &str) -> Result<Self, Error> {
        let mut params = Self::default();
        let object = |field: &str, value: &str| {
            let read = serde_json::from_str::<Option<Map<String, Value>>>(value);
            read.map_err(|_| unreadable(field))
        };
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "query" => params.query = Some(value.into_owned()),
                "documentId" => params.document_id = Some(value.into_owned()),
                "operationName" if !value.is_empty() => {
                    params.operation_name = Some(value.into_owned());
                }
                "variables" if !value.is_empty() => params.variables = object("variables", &value)?,
                "extensions" if !value.is_empty() => {
                    params.extensions = object("extensions", &value)?;
                }
                _ => {}
            }
        }
        Ok(params)
    }

    /// Whether it says which document is meant: by its text, its id, or its hash.
    #[must_use]
    pub fn names_document(&self) -> bool {
        let by_hash = |extensions: &Map<String, Value>| extensions.contains_key("persistedQuery");
        self.query.is_some()
            || self.document_id.is_some()
            || self.extensions.as_ref().is_some_and(by_hash)
    }
}

/// The word for what an operation is, in logs and figures.
#[must_use]
pub const fn kind_name(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

fn unreadable(field: &str) -> Error {
    Error::bad_input(
        field,
        "is no GraphQL request; send JSON with `query`, `variables` and `operationName`.",
        "不是有效的 GraphQL 请求；请发送包含 `query`、`variables`、`operationName` 的 JSON。",
    )
}
