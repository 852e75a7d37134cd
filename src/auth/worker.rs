//! What happens by itself: the next signing key is made ahead, and tokens that have ended are removed.

use std::time::Duration;

use super::service::Auth;
use crate::app::App;
use crate::ticks::Ticks;

/// How often the signing keys are read again.
const RELOAD: Duration = Duration::from_secs(60);

/// Every how many reloads what has ended is removed.
const PRUNE_EVERY: u32 = 60;

/// Keeps the keyring fresh until the app shuts down. Every instance runs it.
pub async fn keep(app: App, auth: Auth) {
    let mut ticks = Ticks::every(RELOAD);
    let mut count = 0_u32;
    while ticks.next(&app).await {
        if let Err(error) = auth.keyring().rotate().await {
            tracing::warn!(?error, "signing keys were not reloaded");
        }
        if count.is_multiple_of(PRUNE_EVERY) {
            prune(&auth).await;
        }
        count = count.wrapping_add(1);
    }
}

async fn prune(auth: &Auth) {
    if let Err(error) = auth.prune_refresh_tokens().await {
        tracing::warn!(?error, "ended refresh tokens were not removed");
    }
    if let Err(error) = auth.prune_failures().await {
        tracing::warn!(?error, "failures to sign in were not forgotten");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::auth::tests::Stage;

    #[tokio::test]
    async fn it_ends_with_the_app() {
        let stage = Stage::set().await;
        let kept = tokio::spawn(super::keep(stage.app.clone(), stage.auth.clone()));
        stage.app.stop().await;
        tokio::time::timeout(Duration::from_secs(5), kept)
            .await
            .unwrap()
            .unwrap();
    }
}
