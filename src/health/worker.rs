//! What happens to channels' health by itself: traffic is written down, and channels are judged.

use std::time::Duration;

use chrono::TimeDelta;
use entity::EventId;

use super::service::{self, Judge};
use crate::app::App;
use crate::ticks::Ticks;

/// How often old minutes are removed.
const PRUNE_EVERY: TimeDelta = TimeDelta::hours(1);

/// Writes down what goes through channels until the shutdown begins; [`last`] writes what is left.
pub async fn flush(app: App) {
    let pause = Duration::from_millis(app.settings.health.flush_interval_ms);
    let mut ticks = Ticks::every(pause);
    let mut next_prune = app.clock.now();
    while ticks.next(&app).await {
        last(&app).await;
        let now = app.clock.now();
        if now >= next_prune {
            next_prune = now + PRUNE_EVERY;
            if let Err(error) = service::prune_minutes(&app).await {
                tracing::warn!(?error, "old minutes of traffic were not removed");
            }
        }
    }
}

/// Writes down what went through channels and is not written yet: when nothing goes on any more, the last of it.
pub async fn last(app: &App) {
    if let Err(error) = service::flush(app).await {
        // It is kept, and written with what comes next.
        tracing::warn!(?error, "traffic was not written down");
    }
}

/// Judges channels until the shutdown begins, where no other instance does.
pub async fn judge(app: App) {
    let pause = Duration::from_millis(app.settings.health.judge_interval_ms);
    let mut ticks = Ticks::every(pause);
    // Two instances that start in one millisecond hardly meet.
    let name: EventId = app.ids.next();
    let mut judge = Judge::named(format!("{:016x}", name.0));
    while ticks.next(&app).await {
        if let Err(error) = judge.work(&app).await {
            tracing::warn!(?error, "channels were not judged");
        }
    }
    if let Err(error) = judge.retire(&app).await {
        tracing::debug!(?error, "the next judge has to wait");
    }
}

/// Writes down what went through channels, and judges them once.
pub async fn work(app: &App, judge: &mut Judge) -> Result<bool, crate::error::Error> {
    service::flush(app).await?;
    judge.work(app).await
}
