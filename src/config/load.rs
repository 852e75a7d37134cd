//! Reads settings, refuses what cannot be meant, and shows them without their secrets.

use std::path::Path;

use super::{FILE_VARIABLE, Settings};

/// The longest span that can be set.
const LONGEST_S: i64 = 10 * 365 * 86_400;

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
                    .with_list_parse_key("documents.manifests")
                    .with_list_parse_key("secrets.previous_master_keys")
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
        self.check_documents()?;
        self.check_sockets()?;
        self.check_people()?;
        self.check_payouts()?;
        self.check_telemetry()?;
        let secrets = &self.secrets;
        let keys = secrets.master_key.iter();
        let keys = keys.map(|key| ("secrets.master_key", key));
        let previous = secrets.previous_master_keys.iter();
        let previous = previous.map(|key| ("secrets.previous_master_keys", key));
        for (name, key) in keys.chain(previous) {
            crate::seal::MasterKey::parse(key).map_err(|problem| ConfigError::Invalid {
                name,
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
            ("webhooks.retention_s", self.webhooks.retention_s),
        ] {
            if !(1..=LONGEST_S).contains(&seconds) {
                return Err(ConfigError::Invalid {
                    name,
                    problem: "must be from 1 second to 10 years".to_owned(),
                });
            }
        }
        self.check_bank_accounts()?;
        for (name, seconds) in [
            ("second_factor.rest_s", self.second_factor.rest_s),
            (
                "bank_accounts.cooling_off_s",
                self.bank_accounts.cooling_off_s,
            ),
        ] {
            if !(0..=LONGEST_S).contains(&seconds) {
                return Err(ConfigError::Invalid {
                    name,
                    problem: "must be from 0 seconds to 10 years".to_owned(),
                });
            }
        }
        self.check_exports()?;
        self.check_webhooks()?;
        self.check_waits()
    }

    /// Waits of webhooks.
    fn check_webhooks(&self) -> Result<(), ConfigError> {
        let it = &self.webhooks;
        for (name, ms) in [
            ("webhooks.worker_interval_ms", it.worker_interval_ms),
            ("webhooks.timeout_ms", it.timeout_ms),
        ] {
            if !(1..=60_000).contains(&ms) {
                return Err(ConfigError::Invalid {
                    name,
                    problem: "must be from 1 to 60000 ms".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Waits and intervals that are neither nothing nor longer than they make sense.
    fn check_waits(&self) -> Result<(), ConfigError> {
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
                "health.flush_interval_ms",
                self.health.flush_interval_ms,
                10_000,
            ),
            // The judge's lease is over after six seconds.
            (
                "health.judge_interval_ms",
                self.health.judge_interval_ms,
                5_000,
            ),
            (
                "health.probe_interval_ms",
                self.health.probe_interval_ms,
                3_600_000,
            ),
            // A channel that a dead instance was asking about is asked about within ten seconds.
            (
                "health.probe_timeout_ms",
                self.health.probe_timeout_ms,
                9_000,
            ),
            // The projector's lease is over after six seconds.
            (
                "statistics.project_interval_ms",
                self.statistics.project_interval_ms,
                5_000,
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

    /// A collector that can be reached, and a share that is one.
    fn check_telemetry(&self) -> Result<(), ConfigError> {
        let it = &self.telemetry;
        let is_address = |text: &String| {
            let url = url::Url::parse(text);
            url.is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        };
        if !it.otlp_endpoint.as_ref().is_none_or(is_address) {
            return Err(ConfigError::Invalid {
                name: "telemetry.otlp_endpoint",
                problem: "must be an address that begins with http:// or https://".to_owned(),
            });
        }
        if it.sampled_per_mille > 1_000 {
            return Err(ConfigError::Invalid {
                name: "telemetry.sampled_per_mille",
                problem: "must be from 0 to 1000".to_owned(),
            });
        }
        Ok(())
    }

    /// The effective settings as TOML, with every secret masked.
    pub fn masked(&self) -> String {
        let mut shown = self.clone();
        shown.database.url = mask_password(&shown.database.url);
        shown.redis.url = shown.redis.url.as_deref().map(mask_password);
        let collector = shown.telemetry.otlp_endpoint.as_deref();
        shown.telemetry.otlp_endpoint = collector.map(mask_password);
        shown.secrets.master_key = shown.secrets.master_key.map(|_| "********".to_owned());
        for key in &mut shown.secrets.previous_master_keys {
            "********".clone_into(key);
        }
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
            ("YIGATE_HTTP__INTROSPECTION", "true", "http.introspection"),
            (
                "YIGATE_TELEMETRY__OTLP_ENDPOINT",
                "collector:4318",
                "telemetry.otlp_endpoint",
            ),
            (
                "YIGATE_TELEMETRY__SAMPLED_PER_MILLE",
                "1001",
                "telemetry.sampled_per_mille",
            ),
            ("YIGATE_DATABASE__URL", "mysql://x", "database.url"),
            ("YIGATE_ORDERS__EXPIRY_S", "0", "orders.expiry_s"),
            (
                "YIGATE_SOCKETS__PING_INTERVAL_MS",
                "0",
                "sockets.ping_interval_ms",
            ),
            (
                "YIGATE_SOCKETS__DRAIN_JITTER_MS",
                "6001",
                "sockets.drain_jitter_ms",
            ),
            (
                "YIGATE_DOCUMENTS__MAX_NESTING",
                "65",
                "documents.max_nesting",
            ),
            (
                "YIGATE_DOCUMENTS__ONLY_TRUSTED",
                "true",
                "documents.only_trusted",
            ),
            ("YIGATE_SECRETS__MASTER_KEY", "short", "secrets.master_key"),
            (
                "YIGATE_SECRETS__PREVIOUS_MASTER_KEYS",
                "short",
                "secrets.previous_master_keys",
            ),
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
