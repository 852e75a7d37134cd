//! What happens to settlements by itself: pending money is released on its day.

use std::time::Duration;

use super::service;
use crate::app::App;
use crate::ticks::Ticks;

/// Works until the shutdown begins.
pub async fn run(app: App) {
    let pause = Duration::from_millis(app.settings.settlements.worker_interval_ms);
    let mut ticks = Ticks::every(pause);
    while ticks.next(&app).await {
        work(&app).await;
    }
}

/// Releases what is due now, of all merchants.
pub async fn work(app: &App) {
    let merchants = match service::due(app).await {
        Ok(merchants) => merchants,
        Err(error) => {
            tracing::warn!(?error, "due settlements could not be looked for");
            return;
        }
    };
    for merchant_id in merchants {
        loop {
            match service::release(app, merchant_id).await {
                Ok(true) if !app.shutdown.is_cancelled() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%merchant_id, ?error, "money was not released");
                    break;
                }
            }
        }
    }
}
