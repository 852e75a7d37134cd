//! `/metrics`: the figures in the text that Prometheus reads.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;

use crate::graphql::gateway::Gateway;

/// The media type of OpenMetrics' text.
const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /metrics`.
pub async fn scrape(State(gateway): State<Gateway>) -> Response {
    let app = &gateway.app;
    app.metrics.read_pools(&app.db);
    let mut text = String::new();
    match encode(&mut text, &app.metrics.registry()) {
        Ok(()) => ([(header::CONTENT_TYPE, KIND)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "figures cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
