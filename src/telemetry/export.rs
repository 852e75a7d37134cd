//! Sends spans to a collector, over OTLP.
//!
//! A thread of its own sends them, in batches. Where the collector is away or slow, spans are lost and
//! nothing else is: the queue has an end, and nobody waits for it.

use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Status, TracerProvider};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanLimits,
};
use tracing::level_filters::LevelFilter;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use super::{FIELDS, OPERATIONS};
use crate::config::ConfigError;

/// How long a span waits for others to be sent with it.
const GATHER: Duration = Duration::from_secs(1);

/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a stopping process waits for the last spans to be taken, at the most.
pub const LAST: Duration = Duration::from_secs(2);

/// Spans that wait at the most; what is more is lost.
const QUEUE: usize = 8_192;

static STARTED: OnceLock<SdkTracerProvider> = OnceLock::new();

/// Whether spans are sent.
pub fn is_started() -> bool {
    STARTED.get().is_some()
}

/// What takes spans of operations and of fields, and of nothing else: libraries' own may hold anything.
pub fn layer<S>(endpoint: &str) -> Result<impl Layer<S> + use<S>, ConfigError>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .with_timeout(PATIENCE)
        .build()
        .map_err(|error| ConfigError::Invalid {
            name: "telemetry.otlp_endpoint",
            problem: error.to_string(),
        })?;
    let batches = BatchConfigBuilder::default()
        .with_scheduled_delay(GATHER)
        .with_max_queue_size(QUEUE)
        .build();
    let batches = BatchSpanProcessor::builder(exporter)
        .with_batch_config(batches)
        .build();
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder()
        .with_service_name("yigate")
        .with_attribute(version)
        .build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(batches)
        .with_resource(resource)
        .with_span_limits(SpanLimits::default())
        .build();
    let tracer = provider.tracer("yigate");
    let _ = STARTED.set(provider);
    let ours = Targets::new()
        .with_target(OPERATIONS, LevelFilter::TRACE)
        .with_target(FIELDS, LevelFilter::TRACE);
    Ok(tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_filter(ours))
}

/// Adds to an operation's span what became of it.
pub fn close(span: &Span, outcome: &str, cost: u64) {
    let cost = i64::try_from(cost).unwrap_or(i64::MAX);
    span.set_attribute("outcome", outcome.to_owned());
    span.set_attribute("cost", cost);
    if outcome != "ok" {
        span.set_status(Status::error(outcome.to_owned()));
    }
}

/// How long the last spans may take of all the time that a stop has; none where nothing is sent.
#[must_use]
pub fn last(whole: Duration) -> Duration {
    if is_started() {
        LAST.min(whole / 5)
    } else {
        Duration::ZERO
    }
}

/// Sends what is left, for a moment: a collector that is away does not hold up a stop. What is stopped already
/// has nothing left.
pub async fn stop(within: Duration) {
    let Some(provider) = STARTED.get().cloned() else {
        return;
    };
    let sent = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(within));
    let _ = tokio::time::timeout(within, sent).await;
}
