//! Starts the slices' workers; they stop when the shutdown begins.

use std::time::Duration;

use chrono::TimeDelta;
use entity::Instant;

use crate::app::App;
use crate::graphql::gateway::Gateway;
use crate::{
    audit, auth, bank_accounts, campaigns, exports, grants, health, idempotency, ledger, members,
    messages, orders, payouts, points, refunds, segments, settlements, statistics, tiers, webhooks,
};

/// How often what is old is removed.
const PRUNE_EVERY: Duration = Duration::from_secs(3_600);

/// Starts everything that happens by itself.
pub fn start(gateway: &Gateway) {
    let app = &gateway.app;
    app.tasks
        .spawn(auth::worker::keep(app.clone(), gateway.auth.clone()));
    app.tasks
        .spawn(orders::worker::run(app.clone(), gateway.providers.clone()));
    app.tasks
        .spawn(refunds::worker::run(app.clone(), gateway.providers.clone()));
    app.tasks.spawn(bank_accounts::worker::run(
        app.clone(),
        gateway.providers.clone(),
    ));
    app.tasks
        .spawn(payouts::worker::run(app.clone(), gateway.providers.clone()));
    app.tasks
        .spawn(health::prober::run(app.clone(), gateway.providers.clone()));
    app.tasks.spawn(ledger::worker::run(app.clone()));
    app.tasks.spawn(settlements::worker::run(app.clone()));
    app.tasks.spawn(campaigns::worker::run(app.clone()));
    app.tasks.spawn(members::worker::run(app.clone()));
    app.tasks.spawn(tiers::worker::run(app.clone()));
    app.tasks.spawn(points::worker::run(app.clone()));
    app.tasks.spawn(messages::worker::run(app.clone()));
    app.tasks.spawn(grants::worker::run(app.clone()));
    app.tasks.spawn(health::worker::flush(app.clone()));
    app.tasks.spawn(health::worker::judge(app.clone()));
    app.tasks.spawn(statistics::worker::run(app.clone()));
    app.tasks.spawn(audit::worker::run(app.clone()));
    app.tasks
        .spawn(webhooks::worker::run(app.clone(), gateway.courier.clone()));
    for _ in 0..app.settings.exports.at_once {
        app.tasks
            .spawn(exports::worker::write(app.clone(), gateway.auth.clone()));
    }
    app.tasks.spawn(exports::worker::expire(app.clone()));
    app.tasks.spawn(prune(app.clone()));
}

/// Does what has to be done when nothing else goes on any more.
pub async fn finish(app: &App) {
    health::worker::last(app).await;
    audit::service::tell_all_counted(app).await;
    if let Err(error) = audit::service::seal_all(app).await {
        tracing::warn!(?error, "the last audit entries were not sealed");
    }
}

/// Removes events, idempotency keys, exports and webhooks that are older than they are kept, and who was in snapshots
/// that are removed.
async fn prune(app: App) {
    let mut ticks = tokio::time::interval(PRUNE_EVERY);
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let kept = TimeDelta::seconds(app.settings.events.retention_s);
        let before = Instant(app.clock.now() - kept);
        let merchants = crate::merchant::ids(&app).await;
        for merchant_id in merchants.unwrap_or_default() {
            if let Err(error) = app.events.prune(merchant_id, before).await {
                tracing::warn!(%merchant_id, ?error, "old events were not removed");
            }
            if let Err(error) = idempotency::prune(&app, merchant_id).await {
                tracing::warn!(%merchant_id, %error, "old idempotency keys were not removed");
            }
            if let Err(error) = exports::service::prune(&app, merchant_id).await {
                tracing::warn!(%merchant_id, ?error, "old exports were not removed");
            }
            if let Err(error) = webhooks::service::prune(&app, merchant_id).await {
                tracing::warn!(%merchant_id, ?error, "old webhooks were not removed");
            }
            if let Err(error) = segments::service::prune(&app, merchant_id).await {
                tracing::warn!(%merchant_id, ?error, "who was in removed snapshots was not forgotten");
            }
        }
    }
}
