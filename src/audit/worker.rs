//! What happens by itself: committed entries are sealed, and denials that were only counted are told of.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::service;
use crate::app::App;

/// How often each instance looks for what another has left unsealed.
const EVERY: Duration = Duration::from_secs(1);

/// Seals until the app shuts down: what is committed here at once, what a killed instance left within a second.
pub async fn run(app: App) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => break,
            () = app.audited.woken() => {}
            _ = ticks.tick() => service::tell_counted(&app).await,
        }
        // Not inside the select: a shutdown waits for what has begun.
        if let Err(error) = service::seal_all(&app).await {
            tracing::warn!(?error, "audit entries were not sealed");
        }
    }
}
