//! What happens to messages by itself: they are sent.

use std::time::Duration;

use super::service;
use crate::app::App;
use crate::ticks::Ticks;

/// How often it is looked for what is to be sent.
const EVERY: Duration = Duration::from_secs(1);

/// Works until the shutdown begins.
pub async fn run(app: App) {
    let mut ticks = Ticks::every(EVERY);
    while ticks.next(&app).await {
        while work(&app).await > 0 && !app.shutdown.is_cancelled() {}
    }
}

/// Sends a batch of each message that is due; returns of how many.
pub async fn work(app: &App) -> usize {
    match service::send_due(app).await {
        Ok(count) => count,
        Err(error) => {
            tracing::warn!(?error, "due messages could not be sent");
            0
        }
    }
}
