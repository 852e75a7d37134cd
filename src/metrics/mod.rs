//! Figures for Prometheus: what was asked, how long it took, who is connected.
//!
//! A request adds to counters; everything else is read when somebody scrapes. Labels are bounded: nobody
//! can fill the memory of whoever collects them.

mod labels;
mod names;
mod pools;
mod standing;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

pub use labels::{
    ClosingLabels, KindLabels, PoolLabels, ReasonLabels, RequestLabels, ResponseLabels,
};
pub use names::Names;
pub use standing::Standing;

use crate::db::Db;

/// Histograms, one for each kind of operation.
type ByKind = Family<KindLabels, Histogram>;

/// Every figure. A clone counts the same.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Operations by name and outcome.
    pub requests: Family<RequestLabels, Counter>,
    /// How long operations took, in seconds.
    pub seconds: ByKind,
    /// What operations cost.
    pub cost: ByKind,
    /// What was refused before anything was executed, by the code of its error.
    pub refusals: Family<ReasonLabels, Counter>,
    /// Answers over HTTP by route and status.
    pub responses: Family<ResponseLabels, Counter>,
    /// WebSockets that stand.
    pub sockets: Gauge,
    /// Event streams that stand.
    pub streams: Gauge,
    /// WebSockets that we closed, by code.
    pub closings: Family<ClosingLabels, Counter>,
    /// Subscriptions under way.
    pub subscriptions: Gauge,
    /// Answers that were handed to subscribers.
    pub deliveries: Counter,
    /// Documents executed for subscribers; fewer than deliveries where many share them.
    pub renderings: Counter,
    /// How long each of them took, in seconds.
    pub rendering_seconds: Histogram,
    /// Those of them that told an error.
    pub rendering_failures: Counter,
    /// Documents that were found ready to be executed.
    pub document_hits: Counter,
    /// Documents that had to be read first.
    pub document_misses: Counter,
    /// Questions to the statistics whose answer was ready.
    pub statistics_hits: Counter,
    /// Those whose answer had to be made.
    pub statistics_misses: Counter,
    /// Panics that were caught.
    pub panics: Counter,
    /// Seconds from an event to its being numbered.
    pub event_lag: Histogram,
    /// Operations that are counted apart.
    pub names: Names,
    pools: Family<PoolLabels, Gauge>,
}

/// From half a millisecond to half a minute.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_5, 2.0, 17))
}

/// From 1 to 65,536.
fn cost() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 4.0, 9))
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(seconds),
            cost: Family::new_with_constructor(cost),
            refusals: Family::default(),
            responses: Family::default(),
            sockets: Gauge::default(),
            streams: Gauge::default(),
            closings: Family::default(),
            subscriptions: Gauge::default(),
            deliveries: Counter::default(),
            renderings: Counter::default(),
            rendering_seconds: seconds(),
            rendering_failures: Counter::default(),
            document_hits: Counter::default(),
            document_misses: Counter::default(),
            statistics_hits: Counter::default(),
            statistics_misses: Counter::default(),
            panics: Counter::default(),
            event_lag: seconds(),
            names: Names::default(),
            pools: Family::default(),
        }
    }
}

impl Metrics {
    /// Counts an operation that is over.
    pub fn count(&self, labels: &RequestLabels, took: Duration, cost: u64) {
        let kind = KindLabels { kind: labels.kind };
        self.requests.get_or_create(labels).inc();
        self.seconds
            .get_or_create(&kind)
            .observe(took.as_secs_f64());
        self.cost.get_or_create(&kind).observe(cost as f64);
    }

    /// Counts a document that was executed for subscribers, and how long it took where it was about an event.
    pub fn render(&self, took: Option<Duration>, is_failure: bool) {
        self.renderings.inc();
        if let Some(took) = took {
            self.rendering_seconds.observe(took.as_secs_f64());
        }
        if is_failure {
            self.rendering_failures.inc();
        }
    }

    /// Counts something that was refused, by the code that its error has.
    pub fn refuse(&self, reason: Cow<'static, str>) {
        self.refusals.get_or_create(&ReasonLabels { reason }).inc();
    }

    /// Reads how the database's connections are used.
    pub fn read_pools(&self, db: &Db) {
        for pool in pools::read(db) {
            for (state, count) in [
                ("busy", pool.busy),
                ("idle", pool.idle),
                ("most", pool.most),
            ] {
                let labels = PoolLabels {
                    pool: pool.name,
                    state,
                };
                self.pools.get_or_create(&labels).set(count);
            }
        }
    }

    /// All of them under their names, to be written for whoever scrapes.
    #[must_use]
    pub fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("yigate");
        let it = self;
        registry.register(
            "requests",
            "GraphQL operations by name and outcome",
            it.requests.clone(),
        );
        registry.register(
            "request_seconds",
            "Time of an operation, until a subscription stands",
            it.seconds.clone(),
        );
        registry.register("request_cost", "Cost of an operation", it.cost.clone());
        registry.register(
            "refusals",
            "What was refused before anything was executed",
            it.refusals.clone(),
        );
        registry.register(
            "http_responses",
            "Answers over HTTP by route and status",
            it.responses.clone(),
        );
        registry.register("panics", "Panics that were caught", it.panics.clone());
        registry.register(
            "document_hits",
            "Documents found ready to be executed",
            it.document_hits.clone(),
        );
        registry.register(
            "document_misses",
            "Documents that had to be read first",
            it.document_misses.clone(),
        );
        registry.register(
            "statistics_hits",
            "Questions to the statistics whose answer was ready",
            it.statistics_hits.clone(),
        );
        registry.register(
            "statistics_misses",
            "Questions to the statistics whose answer had to be made",
            it.statistics_misses.clone(),
        );
        registry.register(
            "database_connections",
            "Connections of each pool to the database",
            it.pools.clone(),
        );
        self.register_live(&mut registry);
        registry
    }

    fn register_live(&self, registry: &mut Registry) {
        registry.register("sockets", "WebSockets that stand", self.sockets.clone());
        registry.register("streams", "Event streams that stand", self.streams.clone());
        let closings = self.closings.clone();
        registry.register("socket_closings", "WebSockets that we closed", closings);
        let subscriptions = self.subscriptions.clone();
        registry.register("subscriptions", "Subscriptions under way", subscriptions);
        let deliveries = self.deliveries.clone();
        registry.register("deliveries", "Answers to subscribers", deliveries);
        registry.register(
            "renderings",
            "Documents executed for subscribers",
            self.renderings.clone(),
        );
        registry.register(
            "rendering_seconds",
            "Time of executing a document for subscribers",
            self.rendering_seconds.clone(),
        );
        registry.register(
            "rendering_failures",
            "Documents executed for subscribers that told an error",
            self.rendering_failures.clone(),
        );
        registry.register(
            "event_lag_seconds",
            "From an event to its number",
            self.event_lag.clone(),
        );
    }

    /// The label of an operation: its name where it is counted apart, else `other`. Names of whoever is
    /// `trusted` come to be counted apart, as long as there is room.
    #[must_use]
    pub fn name(&self, operation: Option<&str>, trusted: bool) -> Arc<str> {
        self.names.label(operation, trusted)
    }
}
