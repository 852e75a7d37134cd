//! Logs: text for people or JSON for machines, never a secret.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{self, ConfigError};

/// Starts logging to standard error.
pub fn start(settings: &config::Log) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(&settings.filter).map_err(|error| ConfigError::Invalid {
        name: "log.filter",
        problem: error.to_string(),
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    // A second start, in a test, keeps the first.
    let _ = if settings.json {
        registry.with(lines.json()).try_init()
    } else {
        registry.with(lines).try_init()
    };
    Ok(())
}
