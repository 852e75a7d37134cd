//! What happens to bank accounts by itself: small amounts are sent to them.

use std::time::Duration;

use futures_util::StreamExt;

use super::service;
use crate::app::App;
use crate::channels::providers::Providers;
use crate::ticks::Ticks;

/// How many bank accounts are taken at once.
const BATCH: u64 = 16;
/// How many payment platforms are asked at the same time.
const AT_ONCE: usize = 4;

/// Works until the shutdown begins.
pub async fn run(app: App, providers: Providers) {
    let pause = Duration::from_millis(app.settings.bank_accounts.worker_interval_ms);
    let mut ticks = Ticks::every(pause);
    while ticks.next(&app).await {
        while work(&app, &providers).await == BATCH && !app.shutdown.is_cancelled() {}
    }
}

/// Checks all that wait now; returns how many there were.
pub async fn work(app: &App, providers: &Providers) -> u64 {
    let claimed = match service::claim_due(app, BATCH).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(?error, "bank accounts to check could not be read");
            return 0;
        }
    };
    let count = claimed.len() as u64;
    futures_util::stream::iter(claimed)
        .for_each_concurrent(AT_ONCE, |claimed| async move {
            if let Err(error) = service::act(app, providers, &claimed).await {
                let account = &claimed.account;
                // It is taken again when its lease is over.
                tracing::warn!(account_id = %account.id, ?error, "a bank account was not checked");
            }
        })
        .await;
    count
}
