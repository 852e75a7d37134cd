//! What happens to payouts by itself: schedules ask for them, they are sent and asked about.

use std::time::Duration;

use futures_util::StreamExt;

use super::service;
use crate::app::App;
use crate::channels::providers::Providers;
use crate::ticks::Ticks;

/// How many payouts are taken at once.
const BATCH: u64 = 32;
/// How many payment platforms are asked at the same time.
const AT_ONCE: usize = 8;

/// Works until the shutdown begins.
pub async fn run(app: App, providers: Providers) {
    let pause = Duration::from_millis(app.settings.payouts.worker_interval_ms);
    let mut ticks = Ticks::every(pause);
    while ticks.next(&app).await {
        run_schedules(&app).await;
        while work_due(&app, &providers).await == BATCH && !app.shutdown.is_cancelled() {}
    }
}

/// Deals with all that waits now; returns how many schedules ran and payouts were due.
pub async fn work(app: &App, providers: &Providers) -> u64 {
    run_schedules(app).await + work_due(app, providers).await
}

async fn run_schedules(app: &App) -> u64 {
    match service::run_schedules(app).await {
        Ok(ran) => ran,
        Err(error) => {
            tracing::warn!(?error, "due payout schedules could not be read");
            0
        }
    }
}

async fn work_due(app: &App, providers: &Providers) -> u64 {
    let claimed = match service::claim_due(app, BATCH).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(?error, "due payouts could not be read");
            return 0;
        }
    };
    let count = claimed.len() as u64;
    futures_util::stream::iter(claimed)
        .for_each_concurrent(AT_ONCE, |claimed| async move {
            if let Err(error) = service::act(app, providers, &claimed).await {
                // It is taken again when its lease is over.
                tracing::warn!(payout_id = %claimed.payout.id, ?error, "a payout was not dealt with");
            }
        })
        .await;
    count
}
