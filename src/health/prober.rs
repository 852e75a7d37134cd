//! Probes payment platforms by itself.

use std::time::Duration;

use futures_util::StreamExt;

use super::service;
use crate::app::App;
use crate::channels::providers::Providers;

/// How many channels are taken at once.
const BATCH: u64 = 16;
/// How many payment platforms are asked at the same time.
const AT_ONCE: usize = 8;
/// How often channels are looked for whose turn it is.
const PAUSE: Duration = Duration::from_secs(1);
/// How often channels are looked for that nobody probes yet.
const NEW_EVERY: Duration = Duration::from_secs(5);

/// Works until the shutdown begins.
pub async fn run(app: App, providers: Providers) {
    let instance = format!("{:016x}", rand::random::<u64>());
    let mut ticks = tokio::time::interval(PAUSE);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut new = tokio::time::interval(NEW_EVERY);
    new.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = new.tick() => enter_new(&app).await,
            _ = ticks.tick() => {}
        }
        while probe_due(&app, &providers, &instance).await == BATCH && !app.shutdown.is_cancelled()
        {
        }
    }
}

/// Probes all whose turn it is now, new ones among them; returns how many channels that were.
pub async fn work(app: &App, providers: &Providers, instance: &str) -> u64 {
    enter_new(app).await;
    let mut probed = 0;
    loop {
        match probe_due(app, providers, instance).await {
            0 => return probed,
            some => probed += some,
        }
    }
}

async fn enter_new(app: &App) {
    if let Err(error) = service::enter_new(app).await {
        tracing::warn!(?error, "channels to probe could not be looked for");
    }
}

async fn probe_due(app: &App, providers: &Providers, instance: &str) -> u64 {
    let claimed = match service::claim_due(app, instance, BATCH, rand::random::<u64>).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(?error, "channels to probe could not be read");
            return 0;
        }
    };
    let count = claimed.len() as u64;
    futures_util::stream::iter(claimed)
        .for_each_concurrent(AT_ONCE, |claimed| async move {
            if let Err(error) = service::probe(app, providers, &claimed).await {
                // Its turn comes again.
                tracing::warn!(channel_id = %claimed.channel_id, ?error, "a channel was not probed");
            }
        })
        .await;
    count
}
