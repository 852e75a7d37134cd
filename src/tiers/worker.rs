//! What happens to tiers by itself: every night all members are looked at again.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::service;
use crate::app::App;

/// How often it is looked for merchants whose night it is.
const EVERY: Duration = Duration::from_secs(5);
/// How often it is looked for merchants at whose members nobody looks yet.
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
        work(&app).await;
    }
}

/// Begins to look at members every night where nobody does.
pub async fn begin(app: &App) {
    if let Err(error) = service::begin(app).await {
        tracing::warn!(?error, "it was not begun to look at tiers");
    }
}

/// Looks again at the members of all merchants whose night it is.
pub async fn work(app: &App) {
    let merchants = match service::due(app).await {
        Ok(merchants) => merchants,
        Err(error) => {
            tracing::warn!(?error, "due runs of tiers could not be read");
            return;
        }
    };
    for merchant_id in merchants {
        loop {
            match service::go_on(app, merchant_id).await {
                Ok(true) if !app.shutdown.is_cancelled() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%merchant_id, ?error, "tiers were not looked at again");
                    break;
                }
            }
        }
    }
}
