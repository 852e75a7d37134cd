//! What happens to campaigns by itself: they begin and end.

use std::time::Duration;

use super::service;
use crate::app::App;
use crate::ticks::Ticks;

/// How often it is looked for what is to begin or to end. Prices go by times, and need not wait for it.
const EVERY: Duration = Duration::from_secs(1);

/// Works until the shutdown begins.
pub async fn run(app: App) {
    let mut ticks = Ticks::every(EVERY);
    while ticks.next(&app).await {
        while work(&app).await > 0 && !app.shutdown.is_cancelled() {}
    }
}

/// Lets begin and end what is to now; returns how many steps were done here.
pub async fn work(app: &App) -> usize {
    match service::turn_due(app).await {
        Ok(count) => count,
        Err(error) => {
            tracing::warn!(?error, "due campaigns could not be read");
            0
        }
    }
}
