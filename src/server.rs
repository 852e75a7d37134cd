//! A running server: made of an app, listening, stopped in order.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

use crate::app::App;
use crate::auth::service::Auth;
use crate::channels::providers::Providers;
use crate::channels::providers::epay::Reach;
use crate::graphql::document::ManifestError;
use crate::graphql::gateway::Gateway;
use crate::webhooks::courier::Courier;
use crate::{http, telemetry, worker};

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not ours.
    #[error("setting `http.address`: {address} cannot be listened on: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Sign-in cannot work.
    #[error("sign-in cannot start: {0}")]
    Auth(String),
    /// Payment platforms cannot be called.
    #[error("payment platforms cannot be called: {0}")]
    Providers(#[from] crate::channels::provider::ProviderError),
    /// Merchants' servers cannot be called.
    #[error("webhooks cannot be sent: {0}")]
    Webhooks(String),
    /// A manifest of trusted documents cannot be used.
    #[error("setting `documents.manifests`: {0}")]
    Documents(#[from] ManifestError),
}

/// Puts together what answers requests.
pub async fn gateway(app: &App, reach: Reach) -> Result<Gateway, ServeError> {
    let auth = Auth::start(app)
        .await
        .map_err(|error| ServeError::Auth(format!("{error:?}")))?;
    let timeout = Duration::from_millis(app.settings.orders.provider_timeout_ms);
    let providers = Providers::new(timeout, reach)?;
    let courier = Courier::new(&app.settings.webhooks)
        .map_err(|error| ServeError::Webhooks(error.to_string()))?;
    Ok(Gateway::new(app.clone(), auth, providers, courier)?)
}

/// Listens at the setting's address.
pub async fn listen(app: &App) -> Result<TcpListener, ServeError> {
    let address = app.settings.http.address;
    TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Listen { address, source })
}

/// Serves until the process is told to stop (SIGTERM, SIGINT) or the app is shut down. Then it is not ready
/// any more, takes no connection after `http.drain_delay_ms`, sends live ones elsewhere, finishes requests and whatever runs in the
/// background, the last spans told among it, all of it within `http.drain_timeout_ms`.
pub async fn run(listener: TcpListener, gateway: Gateway) {
    let app = gateway.app.clone();
    worker::start(&gateway);
    let serving = tokio::spawn(http::serve(listener, gateway));
    let told = app.shutdown.clone();
    tokio::select! {
        () = asked_to_stop() => {}
        () = told.cancelled() => {}
    }
    tracing::info!("stopping");
    let begun = Instant::now();
    app.unready.cancel();
    // Load balancers see it while whom they still send is taken.
    let delay = Duration::from_millis(app.settings.http.drain_delay_ms);
    tokio::select! {
        () = sleep(delay) => {}
        () = told.cancelled() => {}
    }
    app.shutdown.cancel();
    let whole = Duration::from_millis(app.settings.http.drain_timeout_ms);
    let last = telemetry::last(whole);
    let drained = tokio::time::timeout_at(begun + whole - last, async {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the listener broke");
        }
        app.stop().await;
        worker::finish(&app).await;
    });
    match drained.await {
        Ok(()) => tracing::info!("stopped"),
        Err(_) => tracing::warn!("some connections were cut off"),
    }
    telemetry::stop(last).await;
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
}
