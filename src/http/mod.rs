//! HTTP: `/graphql`, its WebSocket and its event stream, callbacks of payment platforms, pictures,
//! GraphiQL, health, figures.

mod callbacks;
mod charts;
mod compression;
mod contract;
mod deadline;
mod demo;
mod errors;
mod exchange;
mod exports;
mod graphiql;
mod graphql;
mod headers;
mod health;
mod line;
mod listener;
mod metrics;
mod negotiation;
mod observe;
mod peers;
mod public;
mod sandbox;
mod seats;
mod session;
mod socket;
mod stream;
mod unpacking;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

use self::seats::Seats;
use crate::graphql::gateway::Gateway;

/// Everything that is served.
pub fn router(gateway: Gateway) -> Router {
    let settings = &gateway.app.settings.http;
    let mut router = Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/graphql/ws", get(socket::upgrade))
        .route("/graphql/stream", get(stream::get).post(stream::post))
        .route(
            "/callbacks/{channel}",
            get(callbacks::get).post(callbacks::post),
        )
        .route(
            "/sandbox/pay/{channel}/{order_no}",
            get(sandbox::page).post(sandbox::pay),
        )
        .route("/charts/{name}", get(charts::picture))
        .route("/exports/{id}/{name}", get(exports::file))
        .route("/schema.graphql", get(contract::sdl))
        .route("/jwks.json", get(health::jwks))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    if gateway.inbox.get().is_some() {
        router = router
            .route("/demo/webhooks", get(demo::page))
            .route("/demo/webhooks/{shop}", post(demo::receive));
    }
    if settings.graphiql {
        router = router
            .route("/graphiql", get(graphiql::page))
            .route("/graphiql/assets/{name}", get(graphiql::asset))
            .route("/", get(graphiql::home));
    }
    if gateway.app.settings.telemetry.metrics {
        router = router.route("/metrics", get(metrics::scrape));
    }
    router
        .layer(DefaultBodyLimit::max(settings.max_body_bytes))
        .layer(compression::layer())
        .layer(middleware::from_fn(deadline::keep))
        .layer(cors(&settings.allowed_origins))
        .layer(middleware::from_fn(public::open))
        .layer(Extension(Seats::new(&gateway.app.settings.sockets)))
        .layer(Extension(health::Readiness::default()))
        // The outermost: nothing answers beside it.
        .layer(middleware::from_fn_with_state(
            gateway.clone(),
            observe::observe,
        ))
        .with_state(gateway)
}

/// Browsers on the listed pages may call; no cookies, no others.
fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins
        .iter()
        .filter_map(|origin| origin.parse().ok())
        .collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            HeaderName::from_static("last-event-id"),
            observe::REQUEST_ID,
        ])
        .expose_headers([observe::REQUEST_ID, header::RETRY_AFTER])
}

/// Serves until the shutdown begins, then finishes what is under way.
pub async fn serve(listener: TcpListener, gateway: Gateway) {
    let app = gateway.app.clone();
    let leaving = app.shutdown.clone();
    listener::serve(listener, router(gateway), &app.settings.http, leaving).await;
}
