//! What happens to gifts by itself: they are handed out when their day has come.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::service;
use crate::app::App;

/// How often it is looked for days that have begun.
const EVERY: Duration = Duration::from_secs(1);
/// How often it is looked for merchants where nobody looks yet which days are kept.
const BEGIN_EVERY: Duration = Duration::from_secs(60);

/// Works until the shutdown begins.
pub async fn run(app: App) {
    let mut ticks = interval(EVERY);
    let mut begins = interval(BEGIN_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    begins.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = begins.tick() => begin(&app).await,
            _ = ticks.tick() => {}
        }
        while work(&app).await > 0 && !app.shutdown.is_cancelled() {}
    }
}

/// Begins to look which days are kept where nobody does.
pub async fn begin(app: &App) {
    if let Err(error) = service::begin(app).await {
        tracing::warn!(?error, "it was not begun to look which days are kept");
    }
}

/// Hands out what is due; returns how many steps were done here.
pub async fn work(app: &App) -> usize {
    match service::hand_out(app).await {
        Ok(count) => count,
        Err(error) => {
            tracing::warn!(?error, "gifts that are due could not be read");
            0
        }
    }
}
