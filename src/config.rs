//! Settings: read once, from defaults, an optional TOML file and the environment, in this order.
//! A wrong one stops the start and names itself.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The longest span that can be set.
const LONGEST_S: i64 = 10 * 365 * 86_400;

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
    /// Sign-in and tokens.
    pub auth: Auth,
    /// Keys that protect stored secrets.
    pub secrets: Secrets,
    /// Orders.
    pub orders: Orders,
    /// Events and subscriptions.
    pub events: Events,
    /// Logs.
    pub log: Log,
}

impl std::fmt::Debug for Settings {
    /// As they are shown: without a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Where data is kept.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:FILE` (one machine) or `postgres://USER:PASSWORD@HOST/NAME` (any number of instances).
    pub url: String,
    /// Connections at the most: of PostgreSQL, or SQLite's readers (its writer is always one).
    pub max_connections: u32,
    /// How long a request waits for a connection before it fails.
    pub acquire_timeout_ms: u64,
    /// How long PostgreSQL may work at one statement.
    pub statement_timeout_ms: u64,
    /// Whether `serve` applies new migrations at start.
    pub migrate_at_start: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:yigate.db".to_owned(),
            max_connections: 16,
            acquire_timeout_ms: 3_000,
            statement_timeout_ms: 15_000,
            migrate_at_start: true,
        }
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
    /// Whether the schema may be asked for by introspection.
    pub introspection: bool,
    /// How long one GraphQL request may take.
    pub request_timeout_ms: u64,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://127.0.0.1:8080".to_owned(),
            allowed_origins: Vec::new(),
            client_ip_header: None,
            max_body_bytes: 131_072,
            graphiql: true,
            introspection: true,
            request_timeout_ms: 20_000,
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
}

impl Default for Secrets {
    fn default() -> Self {
        Self {
            master_key: None,
            master_key_file: PathBuf::from("yigate.key"),
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

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read: the file is missing, the name is unknown, the value is of another type.
    #[error("settings: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// It was read but cannot be meant.
    #[error("setting `{name}`: {problem}")]
    Invalid {
        /// The setting's name, as in the file.
        name: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

impl Settings {
    /// Reads defaults, then the file, then `YIGATE_…` of the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load_from(file, None)
    }

    /// As [`Settings::load`], with another environment: what tests hand in.
    pub fn load_from(
        file: Option<&Path>,
        environment: Option<config::Map<String, String>>,
    ) -> Result<Self, ConfigError> {
        let mut builder = config::Config::builder();
        if let Some(path) = file {
            builder = builder.add_source(config::File::from(path).format(config::FileFormat::Toml));
        }
        let settings: Self = builder
            .add_source(
                config::Environment::with_prefix("YIGATE")
                    .prefix_separator("_")
                    .separator("__")
                    .try_parsing(true)
                    .list_separator(",")
                    .with_list_parse_key("http.allowed_origins")
                    .source(Some(environment.unwrap_or_else(environment_of_process))),
            )
            .build()?
            .try_deserialize()?;
        settings.check()?;
        Ok(settings)
    }

    /// What can be read but not meant.
    fn check(&self) -> Result<(), ConfigError> {
        let invalid = |name, problem: &str| ConfigError::Invalid {
            name,
            problem: problem.to_owned(),
        };
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|scheme| self.database.url.starts_with(scheme))
        {
            return Err(invalid(
                "database.url",
                "must begin with `sqlite:` or `postgres://`",
            ));
        }
        if self.database.max_connections == 0 {
            return Err(invalid("database.max_connections", "must be at least 1"));
        }
        if let Some(name) = &self.http.client_ip_header
            && !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        {
            return Err(invalid("http.client_ip_header", "must be a header's name"));
        }
        let public = url::Url::parse(&self.http.public_url);
        if !public.is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err(invalid(
                "http.public_url",
                "must be an address that begins with http:// or https://",
            ));
        }
        self.check_spans()?;
        if let Some(key) = &self.secrets.master_key {
            crate::seal::MasterKey::parse(key).map_err(|problem| ConfigError::Invalid {
                name: "secrets.master_key",
                problem: problem.to_string(),
            })?;
        }
        Ok(())
    }

    /// Spans that are neither nothing nor for ever.
    fn check_spans(&self) -> Result<(), ConfigError> {
        for (name, seconds) in [
            ("auth.access_token_s", self.auth.access_token_s),
            ("auth.refresh_token_s", self.auth.refresh_token_s),
            ("auth.signing_key_s", self.auth.signing_key_s),
            ("orders.expiry_s", self.orders.expiry_s),
            ("events.retention_s", self.events.retention_s),
        ] {
            if !(1..=LONGEST_S).contains(&seconds) {
                return Err(ConfigError::Invalid {
                    name,
                    problem: "must be from 1 second to 10 years".to_owned(),
                });
            }
        }
        for (name, ms, most) in [
            (
                "events.poll_interval_ms",
                self.events.poll_interval_ms,
                60_000,
            ),
            (
                "orders.worker_interval_ms",
                self.orders.worker_interval_ms,
                60_000,
            ),
            (
                "orders.provider_timeout_ms",
                self.orders.provider_timeout_ms,
                120_000,
            ),
            (
                "http.request_timeout_ms",
                self.http.request_timeout_ms,
                600_000,
            ),
            (
                "database.acquire_timeout_ms",
                self.database.acquire_timeout_ms,
                60_000,
            ),
            (
                "database.statement_timeout_ms",
                self.database.statement_timeout_ms,
                3_600_000,
            ),
        ] {
            if !(1..=most).contains(&ms) {
                return Err(ConfigError::Invalid {
                    name,
                    problem: format!("must be from 1 to {most} ms"),
                });
            }
        }
        Ok(())
    }

    /// The effective settings as TOML, with every secret masked.
    pub fn masked(&self) -> String {
        let mut shown = self.clone();
        shown.database.url = mask_password(&shown.database.url);
        shown.redis.url = shown.redis.url.as_deref().map(mask_password);
        shown.secrets.master_key = shown.secrets.master_key.map(|_| "********".to_owned());
        toml::to_string(&shown).unwrap_or_default()
    }
}

/// The variables that may be settings. The file's own name is none, nor is what only tests read.
fn environment_of_process() -> config::Map<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name != FILE_VARIABLE && !name.starts_with("YIGATE_TEST_"))
        .collect()
}

/// An address without its password.
fn mask_password(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut url) => {
            if url.password().is_some() {
                let _ = url.set_password(Some("********"));
            }
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            if pairs.iter().any(|(name, _)| name == "password") {
                let shown = pairs.iter().map(|(name, value)| match name.as_str() {
                    "password" => (name.as_str(), "********"),
                    _ => (name.as_str(), value.as_str()),
                });
                url.query_pairs_mut().clear().extend_pairs(shown);
            }
            url.to_string()
        }
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Result<Settings, ConfigError> {
        let environment = [(name.to_owned(), value.to_owned())].into_iter().collect();
        Settings::load_from(None, Some(environment))
    }

    #[test]
    fn the_environment_sets_a_setting_by_its_path() {
        let settings = with("YIGATE_HTTP__ADDRESS", "0.0.0.0:9000").unwrap();
        assert_eq!(settings.http.address.port(), 9000);
    }

    #[test]
    fn a_wrong_value_names_itself() {
        for (name, value, named) in [
            ("YIGATE_HTTP__ADDRESS", "nowhere", "http.address"),
            ("YIGATE_HTTP__GRAPHIQL", "perhaps", "http.graphiql"),
            ("YIGATE_DATABASE__URL", "mysql://x", "database.url"),
            ("YIGATE_ORDERS__EXPIRY_S", "0", "orders.expiry_s"),
            ("YIGATE_SECRETS__MASTER_KEY", "short", "secrets.master_key"),
        ] {
            let error = with(name, value).unwrap_err().to_string();
            assert!(error.contains(named), "{error} does not name {named}");
        }
    }

    #[test]
    fn an_unknown_setting_stops_the_start() {
        let error = with("YIGATE_HTTP__ADRESS", "0.0.0.0:9000")
            .unwrap_err()
            .to_string();
        assert!(error.contains("adress"), "{error}");
    }

    #[test]
    fn what_is_shown_holds_no_secret() {
        let settings = with("YIGATE_DATABASE__URL", "postgres://a:hunter2@db/x").unwrap();
        let shown = settings.masked();
        assert!(!shown.contains("hunter2"));
        assert!(shown.contains("postgres://a:********@db/x"));
        let settings = with(
            "YIGATE_DATABASE__URL",
            "postgres://db/x?user=a&password=hunter2",
        );
        assert!(!settings.unwrap().masked().contains("hunter2"));
    }
}
