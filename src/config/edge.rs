//! Settings of the edge: what a document may cost, what people may spend, how long peers may take, what
//! is told to whom runs the gateway.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a document may be.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Documents {
    /// The longest document, in bytes.
    pub max_bytes: usize,
    /// Tokens of a document at the most.
    pub max_tokens: usize,
    /// How deep brackets may lie inside each other.
    pub max_nesting: usize,
    /// Levels of fields, fragments expanded.
    pub max_depth: usize,
    /// Fields, fragments expanded.
    pub max_fields: usize,
    /// Aliases, fragments expanded.
    pub max_aliases: usize,
    /// Directives, fragments expanded.
    pub max_directives: usize,
    /// Fields at the root of an operation.
    pub max_roots: usize,
    /// Fragments that a document may define.
    pub max_fragments: usize,
    /// What one operation may cost.
    pub max_cost: u64,
    /// Manifests of trusted documents, as `relay-compiler` and graphql-codegen write them.
    pub manifests: Vec<PathBuf>,
    /// Whether nothing but trusted documents is executed.
    pub only_trusted: bool,
    /// Whether automatic persisted queries are kept.
    pub persisted: bool,
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            max_bytes: 16_384,
            max_tokens: 2_000,
            max_nesting: 40,
            max_depth: 10,
            max_fields: 500,
            max_aliases: 30,
            max_directives: 50,
            max_roots: 20,
            max_fragments: 20,
            max_cost: 10_000,
            manifests: Vec::new(),
            only_trusted: false,
            persisted: true,
        }
    }
}

/// WebSockets and event streams.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sockets {
    /// How long a client may take to send `connection_init`.
    pub init_timeout_ms: u64,
    /// How often a client is pinged; one that says nothing for twice as long is gone.
    pub ping_interval_ms: u64,
    /// How often a quiet event stream is sent a comment.
    pub comment_interval_ms: u64,
    /// How often it is looked whether a connection's token or access has ended.
    pub recheck_interval_ms: u64,
    /// How long one message may take to be written to a client that reads slowly.
    pub write_timeout_ms: u64,
    /// Over how long a stopping instance spreads the ends of its connections.
    pub drain_jitter_ms: u64,
    /// The largest message that a client may send.
    pub max_message_bytes: usize,
    /// Operations under way on one connection.
    pub max_operations: usize,
    /// Messages that a client may send in a second, on average; as many may come at once.
    pub max_messages_per_s: u32,
    /// Connections of one user or API key on this instance; of one address, where nobody has signed in.
    pub max_per_user: usize,
    /// Connections of one merchant on this instance.
    pub max_per_merchant: usize,
}

impl Default for Sockets {
    fn default() -> Self {
        Self {
            init_timeout_ms: 3_000,
            ping_interval_ms: 30_000,
            comment_interval_ms: 12_000,
            recheck_interval_ms: 4_000,
            write_timeout_ms: 10_000,
            drain_jitter_ms: 2_000,
            max_message_bytes: 131_072,
            max_operations: 50,
            max_messages_per_s: 100,
            max_per_user: 50,
            max_per_merchant: 2_000,
        }
    }
}

/// What people may spend, in cost.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Throttle {
    /// Whether anything is limited.
    pub enabled: bool,
    /// What a user or API key may spend at once.
    pub user_burst: u64,
    /// What comes back to a user or API key in a second.
    pub user_per_s: u64,
    /// What a merchant may spend at once.
    pub merchant_burst: u64,
    /// What comes back to a merchant in a second.
    pub merchant_per_s: u64,
    /// What an address without a valid token may spend at once.
    pub address_burst: u64,
    /// What comes back to such an address in a second.
    pub address_per_s: u64,
    /// What an address may spend at once that comes with a publishable key: one address can be very many payers.
    pub page_burst: u64,
    /// What comes back to such an address in a second.
    pub page_per_s: u64,
    /// Requests of one merchant that are executed at the same time on this instance: fewer than there are
    /// database connections, so that one merchant's slow requests leave some to everybody else. Without it,
    /// half of them.
    pub merchant_concurrency: Option<u32>,
    /// How long a request waits for its turn among its merchant's.
    pub queue_timeout_ms: u64,
    /// How long Redis may take to say what is left; then this instance limits by itself, for a second.
    pub redis_timeout_ms: u64,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            enabled: true,
            user_burst: 50_000,
            user_per_s: 5_000,
            merchant_burst: 200_000,
            merchant_per_s: 20_000,
            address_burst: 2_000,
            address_per_s: 100,
            page_burst: 20_000,
            page_per_s: 1_000,
            merchant_concurrency: None,
            queue_timeout_ms: 1_000,
            redis_timeout_ms: 50,
        }
    }
}

/// Who is shown the schema by introspection and at `/schema.graphql`.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Introspection {
    /// Everybody.
    Everyone,
    /// Members of staff who are signed in.
    #[default]
    Staff,
    /// Nobody.
    Nobody,
}

/// What is told to whom runs the gateway.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Whether `/metrics` is served.
    pub metrics: bool,
    /// Where traces go: the address of an OTLP collector over HTTP, such as `http://127.0.0.1:4318/v1/traces`.
    pub otlp_endpoint: Option<String>,
    /// Of how many requests in a thousand every field is traced.
    pub sampled_per_mille: u32,
    /// An operation that takes as long is logged.
    pub slow_ms: u64,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            metrics: true,
            otlp_endpoint: None,
            sampled_per_mille: 0,
            slow_ms: 1_000,
        }
    }
}
