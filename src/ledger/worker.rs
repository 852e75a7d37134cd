//! What happens to the ledger by itself: postings are folded into balances, and balances written down.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::service;
use crate::app::App;
use crate::ticks::Ticks;

/// How often it is looked whether an hour is over whose balances can be written down.
const PAUSE: TimeDelta = TimeDelta::minutes(15);

/// Works until the shutdown begins.
pub async fn run(app: App) {
    let pause = Duration::from_millis(app.settings.ledger.fold_interval_ms);
    let mut ticks = Ticks::every(pause);
    let mut next_checkpoint = app.clock.now();
    while ticks.next(&app).await {
        fold_all(&app).await;
        next_checkpoint = checkpoint_all(&app, next_checkpoint).await;
    }
}

/// Folds what was posted, of all merchants.
pub async fn fold_all(app: &App) {
    let merchants = match service::unfolded(app).await {
        Ok(merchants) => merchants,
        Err(error) => {
            tracing::warn!(?error, "postings could not be looked for");
            return;
        }
    };
    for merchant_id in merchants {
        if app.shutdown.is_cancelled() {
            return;
        }
        if let Err(error) = service::fold(app, merchant_id).await {
            tracing::warn!(%merchant_id, ?error, "postings were not folded");
        }
    }
}

/// Writes checkpoints of all merchants where it is time, and returns when it is time again.
async fn checkpoint_all(app: &App, due: DateTime<Utc>) -> DateTime<Utc> {
    let now = app.clock.now();
    if now < due {
        return due;
    }
    match service::merchants(app).await {
        Ok(merchants) => {
            for merchant_id in merchants {
                if let Err(error) = service::checkpoint(app, merchant_id).await {
                    tracing::warn!(%merchant_id, ?error, "balances were not written down");
                }
            }
            now + PAUSE
        }
        Err(error) => {
            tracing::warn!(?error, "merchants could not be looked for");
            due
        }
    }
}
