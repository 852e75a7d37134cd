//! What happens to refunds by itself: they are sent and asked about, and payments that nobody wanted go
//! back.

use std::time::Duration;

use futures_util::StreamExt;

use super::service;
use crate::app::App;
use crate::channels::providers::Providers;

/// How many refunds are taken at once.
const BATCH: u64 = 32;
/// How often payments are looked for that nobody wanted.
const EXTRAS_EVERY: Duration = Duration::from_secs(5);
/// How many payment platforms are asked at the same time.
const AT_ONCE: usize = 8;

/// Works until the shutdown begins.
pub async fn run(app: App, providers: Providers) {
    let pause = Duration::from_millis(app.settings.refunds.worker_interval_ms);
    let mut ticks = tokio::time::interval(pause);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut extras = tokio::time::interval(EXTRAS_EVERY);
    extras.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = extras.tick() => give_back_extras(&app).await,
            _ = ticks.tick() => {}
        }
        while work_due(&app, &providers).await == BATCH && !app.shutdown.is_cancelled() {}
    }
}

/// Deals with all that waits now; returns how many refunds were due.
pub async fn work(app: &App, providers: &Providers) -> u64 {
    give_back_extras(app).await;
    work_due(app, providers).await
}

async fn work_due(app: &App, providers: &Providers) -> u64 {
    let claimed = match service::claim_due(app, BATCH).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(?error, "due refunds could not be read");
            return 0;
        }
    };
    let count = claimed.len() as u64;
    futures_util::stream::iter(claimed)
        .for_each_concurrent(AT_ONCE, |claimed| async move {
            if let Err(error) = service::act(app, providers, &claimed).await {
                // It is taken again when its lease is over.
                tracing::warn!(refund_id = %claimed.refund.id, ?error, "a refund was not dealt with");
            }
        })
        .await;
    count
}

async fn give_back_extras(app: &App) {
    let items = match service::extras(app, BATCH).await {
        Ok(items) => items,
        Err(error) => {
            tracing::warn!(?error, "payments to give back could not be looked for");
            return;
        }
    };
    for item in items {
        if let Err(error) = service::create_extra(app, &item).await {
            tracing::warn!(item = %item.id, ?error, "a payment was not given back");
        }
    }
}
