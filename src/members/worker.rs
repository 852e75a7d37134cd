//! What happens to members by itself: at midnight a day leaves the windows that are summed ahead.

use std::time::Duration;

use super::service;
use crate::app::App;
use crate::ticks::Ticks;

/// How often it is looked for members of whom a day has left a window.
const EVERY: Duration = Duration::from_secs(600);

/// Works until the shutdown begins.
pub async fn run(app: App) {
    let mut ticks = Ticks::every(EVERY);
    while ticks.next(&app).await {
        work(&app).await;
    }
}

/// Sums anew the members of all merchants of whom a day has left a window.
pub async fn work(app: &App) {
    let merchants = match crate::merchant::ids(app).await {
        Ok(merchants) => merchants,
        Err(error) => {
            tracing::warn!(?error, "merchants could not be read");
            return;
        }
    };
    for merchant_id in merchants {
        loop {
            match service::sum_windows(app, merchant_id).await {
                Ok(1..) if !app.shutdown.is_cancelled() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%merchant_id, ?error, "windows of members were not summed");
                    break;
                }
            }
        }
    }
}
