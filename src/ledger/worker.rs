//! What happens to the ledger by itself: postings are folded into balances, and balances written down.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::merchant;
use sea_orm::QuerySelect;

use super::service;
use crate::app::App;

/// Works until the shutdown begins.
pub async fn run(app: App) {
    let pause = Duration::from_millis(app.settings.ledger.fold_interval_ms);
    let mut ticks = tokio::time::interval(pause);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut next_checkpoint = app.clock.now();
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
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
        loop {
            match service::fold(app, merchant_id).await {
                Ok(true) if !app.shutdown.is_cancelled() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%merchant_id, ?error, "postings were not folded");
                    break;
                }
            }
        }
    }
}

/// Writes checkpoints of all merchants where it is time, and returns when it is time again.
async fn checkpoint_all(app: &App, due: DateTime<Utc>) -> DateTime<Utc> {
    let now = app.clock.now();
    if now < due {
        return due;
    }
    let merchants: Result<Vec<entity::MerchantId>, _> = merchant::Entity::all()
        .select_only()
        .column(merchant::Column::Id)
        .into_tuple()
        .all(app.db.reads())
        .await;
    for merchant_id in merchants.unwrap_or_default() {
        if let Err(error) = service::checkpoint(app, merchant_id).await {
            tracing::warn!(%merchant_id, ?error, "balances were not written down");
        }
    }
    now + TimeDelta::minutes(15)
}
