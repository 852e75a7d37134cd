//! What happens to webhooks by itself: events become deliveries, and deliveries are sent.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::courier::Courier;
use super::service::{self, Claimed, Desk, Followed};
use crate::app::App;
use crate::ticks::Ticks;

/// How long what is under way may still take when the shutdown has begun.
const LAST: Duration = Duration::from_secs(2);

/// Works until the shutdown begins: events are made into deliveries by one task, deliveries are sent by another, so
/// that a long backlog of one merchant's events holds up nothing that is due.
pub async fn run(app: App, courier: Courier) {
    let desk = Desk::default();
    tokio::join!(follow(&app, &desk), deliver(&app, &courier, &desk));
}

async fn follow(app: &App, desk: &Desk) {
    let mut ticks = Ticks::every(Duration::from_millis(
        app.settings.webhooks.worker_interval_ms,
    ));
    while ticks.next(app).await {
        loop {
            let made = make(app).await;
            if made.is_any {
                desk.wake();
            }
            if !made.is_more {
                break;
            }
        }
    }
}

/// Makes deliveries of what was numbered.
async fn make(app: &App) -> Followed {
    service::follow(app).await.unwrap_or_else(|error| {
        tracing::warn!(?error, "events were not made into webhooks");
        Followed::default()
    })
}

/// Deliveries are sent beside each other: a slow one holds up no other.
async fn deliver(app: &App, courier: &Courier, desk: &Desk) {
    let mut ticks = interval(Duration::from_millis(
        app.settings.webhooks.worker_interval_ms,
    ));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = ticks.tick() => {}
            () = desk.freed() => {}
        }
        loop {
            let claimed = claim(app, desk).await;
            if claimed.is_empty() || app.shutdown.is_cancelled() {
                break;
            }
            for one in claimed {
                let (app, courier) = (app.clone(), courier.clone());
                app.clone().tasks.spawn(async move {
                    let stopped = async {
                        app.shutdown.cancelled().await;
                        sleep(LAST).await;
                    };
                    tokio::select! {
                        () = send(&app, &courier, &one) => {}
                        () = stopped => {}
                    }
                });
            }
        }
    }
}

/// Deals with all that waits now, to its end.
pub async fn work(app: &App, courier: &Courier, desk: &Desk) {
    while make(app).await.is_more {}
    loop {
        let claimed = claim(app, desk).await;
        if claimed.is_empty() {
            return;
        }
        join_all(claimed.iter().map(|one| send(app, courier, one))).await;
    }
}

async fn claim(app: &App, desk: &Desk) -> Vec<Claimed> {
    service::claim(app, desk).await.unwrap_or_else(|error| {
        tracing::warn!(?error, "due webhooks could not be read");
        Vec::new()
    })
}

async fn send(app: &App, courier: &Courier, claimed: &Claimed) {
    if let Err(error) = service::act(app, courier, claimed).await {
        // It is taken again when its lease is over.
        tracing::warn!(delivery_id = %claimed.delivery.id, ?error, "a webhook was not dealt with");
    }
}
