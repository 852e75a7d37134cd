//! What happens to orders by itself: providers are asked about unpaid ones, and those whose time is
//! over are closed.

use std::time::Duration;

use futures_util::StreamExt;

use super::service;
use crate::app::App;
use crate::channels::providers::Providers;
use crate::ticks::Ticks;

/// How many orders are taken at once.
const BATCH: u64 = 50;
/// How many providers are asked at the same time.
const AT_ONCE: usize = 8;

/// Works until the shutdown begins.
pub async fn run(app: App, providers: Providers) {
    let mut ticks = Ticks::every(Duration::from_millis(
        app.settings.orders.worker_interval_ms,
    ));
    while ticks.next(&app).await {
        while work(&app, &providers).await == BATCH && !app.shutdown.is_cancelled() {}
    }
}

/// Deals with what is due now; returns how many orders that were.
pub async fn work(app: &App, providers: &Providers) -> u64 {
    let due = match service::claim_due(app, BATCH).await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(?error, "due orders could not be read");
            return 0;
        }
    };
    let count = due.len() as u64;
    futures_util::stream::iter(due)
        .for_each_concurrent(AT_ONCE, |order| async move {
            if let Err(error) = service::settle_due(app, providers, &order).await {
                // It is taken again when its lease is over.
                tracing::warn!(order_id = %order.id, ?error, "a due order was not settled");
            }
        })
        .await;
    count
}
