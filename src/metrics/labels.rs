//! What figures are told apart by. Every value comes from a bounded set.

use std::borrow::Cow;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;

/// What an operation was, and what became of it.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    /// The operation's name, or `other` where it is not among those that are counted apart.
    pub operation: Arc<str>,
    /// `query`, `mutation` or `subscription`.
    pub kind: &'static str,
    /// `ok`, the code of its first error, or `ABANDONED`.
    pub outcome: Cow<'static, str>,
}

/// The kind of an operation.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct KindLabels {
    /// `query`, `mutation` or `subscription`.
    pub kind: &'static str,
}

/// Why something was refused.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct ReasonLabels {
    /// The code of its error.
    pub reason: Cow<'static, str>,
}

/// An answer over HTTP.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct ResponseLabels {
    /// The route, or `other`.
    pub route: &'static str,
    /// The status.
    pub status: u16,
}

/// A WebSocket that we closed.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct ClosingLabels {
    /// The code that it was closed with.
    pub code: u16,
}

/// Connections to the database.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct PoolLabels {
    /// `reads`, `writes`, or `all` where one pool does both.
    pub pool: &'static str,
    /// `busy`, `idle`, or the `most` that there may be.
    pub state: &'static str,
}
