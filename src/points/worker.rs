//! What happens to points by themselves: they end, and those that waited can be spent.

use std::time::Duration;

use super::service;
use crate::app::App;
use crate::ticks::Ticks;

/// How often it is looked for what is due. Who spends does not wait for it: what has ended is not spent.
const EVERY: Duration = Duration::from_secs(5);

/// Works until the shutdown begins.
pub async fn run(app: App) {
    let mut ticks = Ticks::every(EVERY);
    while ticks.next(&app).await {
        while work(&app).await > 0 && !app.shutdown.is_cancelled() {}
    }
}

/// Does what is due now; returns of how many members it was done here.
pub async fn work(app: &App) -> usize {
    match service::settle_due(app).await {
        Ok(count) => count,
        Err(error) => {
            tracing::warn!(?error, "points that are due could not be read");
            0
        }
    }
}
