//! Whether the server lives, is ready, and which keys its tokens are signed with.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::graphql::gateway::Gateway;

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a verdict holds: everybody may ask, and none of them is to keep the database busy.
const FRESH: Duration = Duration::from_secs(1);

/// Whether this instance can serve, or in a word why not.
type Verdict = Result<(), &'static str>;

/// What was found out last. A clone knows the same.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<Option<(Instant, Verdict)>>>);

impl Readiness {
    /// What was found out within a second, or is found out now: once for all who ask meanwhile.
    async fn verdict(&self, look: impl Future<Output = Verdict>) -> Verdict {
        let mut known = self.0.lock().await;
        if let Some((at, verdict)) = *known
            && at.elapsed() < FRESH
        {
            return verdict;
        }
        let verdict = look.await;
        *known = Some((Instant::now(), verdict));
        verdict
    }
}

/// `GET /healthz`: the process lives.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, its tables are up to date, and no shutdown has begun. What the database
/// says holds for a second; a shutdown is told at once.
pub async fn ready(
    State(gateway): State<Gateway>,
    Extension(readiness): Extension<Readiness>,
) -> Response {
    let verdict = if gateway.app.is_draining() {
        Err("draining\n")
    } else {
        readiness.verdict(look(&gateway)).await
    };
    match verdict {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

/// Asks the database.
async fn look(gateway: &Gateway) -> Verdict {
    let missing = gateway.app.db.pending_migrations();
    match tokio::time::timeout(PATIENCE, missing).await {
        Ok(Ok(0)) => Ok(()),
        Ok(Ok(_)) => Err("migrations are missing\n"),
        Ok(Err(_)) | Err(_) => Err("no database\n"),
    }
}

/// `GET /jwks.json`: the public keys of access tokens.
pub async fn jwks(State(gateway): State<Gateway>) -> Response {
    let cache = [(header::CACHE_CONTROL, "public, max-age=60")];
    (cache, Json(gateway.auth.keyring().jwks())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_verdict_holds_for_a_second_and_is_then_found_out_anew() {
        let readiness = Readiness::default();
        assert_eq!(readiness.verdict(async { Ok(()) }).await, Ok(()));
        // As if it had been found out at another time: nobody waits for a clock.
        *readiness.0.lock().await = Some((Instant::now() + FRESH, Ok(())));
        assert_eq!(readiness.verdict(async { Err("gone\n") }).await, Ok(()));
        let long_ago = Instant::now().checked_sub(FRESH).unwrap();
        *readiness.0.lock().await = Some((long_ago, Ok(())));
        let anew = readiness.verdict(async { Err("gone\n") }).await;
        assert_eq!(anew, Err("gone\n"));
    }
}
