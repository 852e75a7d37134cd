//! What happens to exports by itself: they are written, and removed when their time is over.

use std::time::Duration;

use super::service;
use crate::app::App;
use crate::auth::service::Auth;
use crate::ticks::Ticks;

/// How often files are looked for whose time is over.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);

/// Writes one export after another until the shutdown begins. There is one of these for each that an instance
/// writes at once.
pub async fn write(app: App, auth: Auth) {
    let pause = Duration::from_millis(app.settings.exports.worker_interval_ms);
    let mut ticks = Ticks::every(pause);
    while ticks.next(&app).await {
        while !app.shutdown.is_cancelled() && work(&app, &auth).await {}
    }
}

/// Writes the export whose turn it is; false where none waits.
pub async fn work(app: &App, auth: &Auth) -> bool {
    let claimed = match service::claim(app).await {
        Ok(Some(claimed)) => claimed,
        Ok(None) => return false,
        Err(error) => {
            tracing::warn!(?error, "waiting exports could not be read");
            return false;
        }
    };
    let id = claimed.id;
    if let Err(error) = service::run(app, auth, claimed).await {
        // It is taken up again when its lease is over.
        tracing::warn!(%id, ?error, "an export was not written");
    }
    true
}

/// Removes files whose time is over, until the shutdown begins.
pub async fn expire(app: App) {
    let mut ticks = Ticks::every(EXPIRE_EVERY);
    while ticks.next(&app).await {
        if let Err(error) = service::expire(&app).await {
            tracing::warn!(?error, "old files were not removed");
        }
    }
}
