//! `Ticks`: when a worker looks again for what is due, until the shutdown begins.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::app::App;

/// When a worker looks again.
#[derive(Debug)]
pub struct Ticks(Interval);

impl Ticks {
    /// At once, and then every so often. Work that takes longer delays the next tick; what was missed is not made up
    /// for.
    #[must_use]
    pub fn every(period: Duration) -> Self {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self(ticks)
    }

    /// Waits for the next tick; false once the shutdown has begun. The shutdown interrupts the waiting alone: it waits
    /// for work that has begun.
    pub async fn next(&mut self, app: &App) -> bool {
        tokio::select! {
            () = app.shutdown.cancelled() => false,
            _ = self.0.tick() => true,
        }
    }
}
