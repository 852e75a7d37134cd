//! What stands is counted while it does.

use prometheus_client::metrics::gauge::Gauge;

/// Something that stands. Dropped, it counts no more.
#[derive(Debug)]
pub struct Standing(Gauge);

impl Standing {
    /// One more.
    #[must_use]
    pub fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.0.dec();
    }
}
