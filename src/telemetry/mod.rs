//! Logs and traces: text for people or JSON for machines, spans for a collector, never a secret.
//!
//! What a client sends is not told: no documents, no arguments, no headers. A span says who (a merchant's
//! id) asked for what (an operation's name), and what became of it.

mod export;
mod panics;

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Span};
use tracing_subscriber::filter::{FilterExt, FilterFn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

pub use export::{LAST, last, stop};

use crate::config::{self, ConfigError};

/// Spans of operations: one each.
pub const OPERATIONS: &str = "yigate::operations";

/// Spans of fields, of those operations that are sampled.
pub const FIELDS: &str = "yigate::fields";

/// Starts logging to standard error, and sending traces where there is a collector.
pub fn start(log: &config::Log, settings: &config::Telemetry) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|error| ConfigError::Invalid {
        name: "log.filter",
        problem: error.to_string(),
    })?;
    let harmless = FilterFn::new(is_harmless).with_max_level_hint(LevelFilter::TRACE);
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines = if log.json {
        lines.json().with_span_list(false).boxed()
    } else {
        lines.boxed()
    };
    let traces = settings.otlp_endpoint.as_deref();
    let traces = traces.map(export::layer).transpose()?;
    let started = tracing_subscriber::registry()
        .with(lines.with_filter(filter.and(harmless)))
        .with(traces)
        .try_init();
    // A second start, in a test, keeps the first.
    if started.is_ok() {
        panics::tell();
    }
    Ok(())
}

/// What may be told, whatever the setting says: of libraries nothing below `info`, since there they tell what
/// passes through them, whole messages with whatever secret is in them.
fn is_harmless(told: &Metadata<'_>) -> bool {
    *told.level() <= Level::INFO || told.target().split("::").next() == Some("yigate")
}

/// Tells the collector, where there is one, what became of an operation.
pub fn close(span: &Span, outcome: &str, cost: u64) {
    if export::is_started() {
        export::close(span, outcome, cost);
    }
}
