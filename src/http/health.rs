//! Whether the server lives, is ready, and which keys its tokens are signed with.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::graphql::gateway::Gateway;

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process lives.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, its tables are up to date, and no shutdown has begun.
pub async fn ready(State(gateway): State<Gateway>) -> Response {
    if gateway.app.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n").into_response();
    }
    let missing = gateway.app.db.pending_migrations();
    match tokio::time::timeout(PATIENCE, missing).await {
        Ok(Ok(0)) => "ready\n".into_response(),
        Ok(Ok(_)) => (StatusCode::SERVICE_UNAVAILABLE, "migrations are missing\n").into_response(),
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "no database\n").into_response(),
    }
}

/// `GET /jwks.json`: the public keys of access tokens.
pub async fn jwks(State(gateway): State<Gateway>) -> Response {
    let cache = [(header::CACHE_CONTROL, "public, max-age=60")];
    (cache, Json(gateway.auth.keyring().jwks())).into_response()
}
