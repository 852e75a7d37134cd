//! Figures for Prometheus: what was asked, how long it took, who is connected.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// What a request was, and what became of it.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    /// The operation's name, or `other` where it is not among those that are counted apart.
    pub operation: String,
    /// `query`, `mutation` or `subscription`.
    pub kind: &'static str,
    /// `ok`, or the code of its first error.
    pub outcome: &'static str,
}

/// Every figure. A clone counts the same.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Requests by operation and outcome.
    pub requests: Family<RequestLabels, Counter>,
    /// How long requests took, in seconds.
    pub seconds: Histogram,
    /// What requests cost.
    pub cost: Histogram,
    /// WebSockets that stand.
    pub sockets: Gauge,
    /// Subscriptions under way.
    pub subscriptions: Gauge,
    /// Answers that were handed to subscribers.
    pub deliveries: Counter,
    /// Documents executed for subscribers; fewer than deliveries where many share them.
    pub renderings: Counter,
    /// Seconds from an event to its being numbered.
    pub event_lag: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Histogram::new(exponential_buckets(0.000_5, 2.0, 16)),
            cost: Histogram::new(exponential_buckets(1.0, 4.0, 9)),
            sockets: Gauge::default(),
            subscriptions: Gauge::default(),
            deliveries: Counter::default(),
            renderings: Counter::default(),
            event_lag: Gauge::default(),
        }
    }
}

impl Metrics {
    /// All of them under their names, to be written for whoever scrapes.
    #[must_use]
    pub fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("yigate");
        registry.register("requests", "GraphQL requests", self.requests.clone());
        registry.register("request_seconds", "Time of a request", self.seconds.clone());
        registry.register("request_cost", "Cost of a request", self.cost.clone());
        registry.register("sockets", "WebSockets that stand", self.sockets.clone());
        registry.register(
            "subscriptions",
            "Subscriptions under way",
            self.subscriptions.clone(),
        );
        registry.register(
            "deliveries",
            "Answers to subscribers",
            self.deliveries.clone(),
        );
        registry.register(
            "renderings",
            "Documents executed for subscribers",
            self.renderings.clone(),
        );
        registry.register(
            "event_lag_seconds",
            "From an event to its number",
            self.event_lag.clone(),
        );
        registry
    }
}
