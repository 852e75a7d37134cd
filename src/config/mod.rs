//! Settings: read once, from defaults, an optional TOML file and the environment, in this order.
//! A wrong one stops the start and names itself.

mod bank_accounts;
mod database;
mod edge;
mod exports;
mod load;
mod limits;
mod payouts;
mod webhooks;

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use bank_accounts::{BankAccounts, SecondFactor};
pub use database::Database;
pub use edge::{Documents, Introspection, Sockets, Telemetry, Throttle};
pub use exports::Exports;
pub use load::ConfigError;
pub use payouts::Payouts;
pub use webhooks::Webhooks;

/// The variable that names the settings file.
pub const FILE_VARIABLE: &str = "YIGATE_CONFIG_FILE";

/// Everything that can be set. In the environment `http.address` is `YIGATE_HTTP__ADDRESS`.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where data is kept.
    pub database: Database,
    /// What wakes the other instances.
    pub redis: Redis,
    /// How clients reach the server.
    pub http: Http,
    /// What a document may be.
    pub documents: Documents,
    /// WebSockets and event streams.
    pub sockets: Sockets,
    /// What people may spend.
    pub throttle: Throttle,
    /// What is told to whom runs the gateway.
    pub telemetry: Telemetry,
    /// Sign-in and tokens.
    pub auth: Auth,
    /// Second factors.
    pub second_factor: SecondFactor,
    /// Keys that protect stored secrets.
    pub secrets: Secrets,
    /// Orders.
    pub orders: Orders,
    /// The ledger.
    pub ledger: Ledger,
    /// Settlements.
    pub settlements: Settlements,
    /// Refunds.
    pub refunds: Refunds,
    /// Payouts.
    pub payouts: Payouts,
    /// Bank accounts.
    pub bank_accounts: BankAccounts,
    /// Channels' health.
    pub health: Health,
    /// Statistics.
    pub statistics: Statistics,
    /// Exports.
    pub exports: Exports,
    /// Events and subscriptions.
    pub events: Events,
    /// Webhooks.
    pub webhooks: Webhooks,
    /// Logs.
    pub log: Log,
}

impl std::fmt::Debug for Settings {
    /// As they are shown: without a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

/// What wakes the other instances.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// `redis://HOST:PORT`. Without it, other instances notice an event within a second.
    pub url: Option<String>,
}

/// How clients reach the server.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Where the server listens.
    pub address: SocketAddr,
    /// How the outside world reaches it; callback addresses begin with it.
    pub public_url: String,
    /// Web pages that may call the API from a browser, each `https://HOST[:PORT]`.
    pub allowed_origins: Vec<String>,
    /// The header in which a proxy in front tells the client's address, such as `x-forwarded-for`. Set it
    /// only where every request comes through that proxy.
    pub client_ip_header: Option<String>,
    /// The largest request body.
    pub max_body_bytes: usize,
    /// Whether `/graphiql` is served.
    pub graphiql: bool,
    /// Who is shown the schema, by introspection and at `/schema.graphql`.
    pub introspection: Introspection,
    /// How long one GraphQL request may take.
    pub request_timeout_ms: u64,
    /// How long a peer may take to send a request's head, and as long again for its body.
    pub read_timeout_ms: u64,
    /// How long a write may wait for a peer that does not read; a whole answer three times as long.
    pub write_timeout_ms: u64,
    /// Connections at the same time.
    pub max_connections: usize,
    /// Connections of one address at the same time; not counted where `client_ip_header` is set, since all
    /// come from the proxy then.
    pub max_connections_per_address: usize,
    /// How long a stopping instance waits for what is under way.
    pub drain_timeout_ms: u64,
    /// How long of it new connections are still taken, while the instance says that it is not ready.
    pub drain_delay_ms: u64,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://127.0.0.1:8080".to_owned(),
            allowed_origins: Vec::new(),
            client_ip_header: None,
            max_body_bytes: 131_072,
            graphiql: false,
            introspection: Introspection::default(),
            request_timeout_ms: 20_000,
            read_timeout_ms: 10_000,
            write_timeout_ms: 20_000,
            max_connections: 20_000,
            max_connections_per_address: 1_000,
            drain_timeout_ms: 10_000,
            drain_delay_ms: 0,
        }
    }
}

/// Sign-in and tokens.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// The `iss` and `aud` of access tokens.
    pub issuer: String,
    /// How long an access token lives.
    pub access_token_s: i64,
    /// How long a refresh token lives unused.
    pub refresh_token_s: i64,
    /// How long a signing key signs before the next one takes over.
    pub signing_key_s: i64,
    /// Memory of one password hash (argon2id).
    pub argon2_memory_kib: u32,
    /// Rounds of one password hash (argon2id).
    pub argon2_rounds: u32,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            issuer: "yigate".to_owned(),
            access_token_s: 600,
            refresh_token_s: 30 * 86_400,
            signing_key_s: 30 * 86_400,
            argon2_memory_kib: 19_456,
            argon2_rounds: 2,
        }
    }
}

/// Keys that protect stored secrets.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// 32 bytes in base 64. Without it a key file is used.
    pub master_key: Option<String>,
    /// The key file, made on the first start where `master_key` is not set.
    pub master_key_file: PathBuf,
    /// Master keys before this one, each 32 bytes in base 64: they open what they sealed and seal nothing.
    pub previous_master_keys: Vec<String>,
}

impl Default for Secrets {
    fn default() -> Self {
        Self {
            master_key: None,
            master_key_file: PathBuf::from("yigate.key"),
            previous_master_keys: Vec::new(),
        }
    }
}

/// Orders.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Orders {
    /// When an order closes unpaid, where its shop does not say.
    pub expiry_s: i64,
    /// How often the workers look for what is due.
    pub worker_interval_ms: u64,
    /// How long a payment platform may take to answer.
    pub provider_timeout_ms: u64,
}

impl Default for Orders {
    fn default() -> Self {
        Self {
            expiry_s: 1_800,
            worker_interval_ms: 1_000,
            provider_timeout_ms: 10_000,
        }
    }
}

/// The ledger.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ledger {
    /// How often postings are folded into balances; balances are exact at any time all the same.
    pub fold_interval_ms: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            fold_interval_ms: 500,
        }
    }
}

/// Settlements.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settlements {
    /// The calendar of working days, where another than the one built in is to hold.
    pub calendar_file: Option<PathBuf>,
    /// How often the worker looks for money whose day has come.
    pub worker_interval_ms: u64,
}

impl Default for Settlements {
    fn default() -> Self {
        Self {
            calendar_file: None,
            worker_interval_ms: 30_000,
        }
    }
}

/// Refunds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Refunds {
    /// How often the worker looks for refunds to send and to ask about.
    pub worker_interval_ms: u64,
    /// How long a worker has for one refund before another may take it; longer than
    /// `orders.provider_timeout_ms`.
    pub lease_ms: u64,
    /// How long an 易支付 platform may be at work on a refund before it knows its number. One whose answer was
    /// lost is not sent again sooner, since the platform might give the money back twice.
    pub resend_after_ms: u64,
}

impl Default for Refunds {
    fn default() -> Self {
        Self {
            worker_interval_ms: 500,
            lease_ms: 30_000,
            resend_after_ms: 600_000,
        }
    }
}

/// Channels' health.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Health {
    /// How often each instance writes down what went through channels.
    pub flush_interval_ms: u64,
    /// How often channels are judged, by one instance at a time.
    pub judge_interval_ms: u64,
    /// How often a channel's payment platform is asked whether it is there.
    pub probe_interval_ms: u64,
    /// How long it may take to answer that.
    pub probe_timeout_ms: u64,
    /// By how much more or less than the interval lies between two probes, at random; at most half of it.
    pub probe_jitter_ms: u64,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            flush_interval_ms: 500,
            judge_interval_ms: 2_000,
            probe_interval_ms: 30_000,
            probe_timeout_ms: 5_000,
            probe_jitter_ms: 3_000,
        }
    }
}

/// Statistics.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Statistics {
    /// How often all merchants are looked at for what statistics have not counted, by one instance at a time. What
    /// is numbered there, or told of through Redis, is counted at once.
    pub project_interval_ms: u64,
    /// About how much memory answers take that are kept to be told again; 0 keeps none.
    pub answer_cache_bytes: u64,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            project_interval_ms: 1_000,
            answer_cache_bytes: 67_108_864,
        }
    }
}

/// Events and subscriptions.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Events {
    /// How long events are kept; a cursor older than that is CURSOR_EXPIRED.
    pub retention_s: i64,
    /// How often other instances' events are looked for, Redis or not.
    pub poll_interval_ms: u64,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            retention_s: 30 * 86_400,
            poll_interval_ms: 1_000,
        }
    }
}

/// Logs.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// What is logged: a level, or `target=level` separated by commas.
    pub filter: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "yigate=info,warn".to_owned(),
            json: false,
        }
    }
}
