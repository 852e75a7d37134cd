//! Notifications of payment platforms. A platform that reads `success` never sends again.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use entity::{ChannelId, MerchantId};

use crate::channels::provider::Callback;
use crate::graphql::gateway::Gateway;
use crate::orders::service::{self, Notice};

/// The merchant and channel in an address: `mer_….chn_…`.
pub fn read_channel(text: &str) -> Option<(MerchantId, ChannelId)> {
    let (merchant, channel) = text.split_once('.')?;
    Some((merchant.parse().ok()?, channel.parse().ok()?))
}

/// `GET /callbacks/{channel}`.
pub async fn get(
    State(gateway): State<Gateway>,
    Path(channel): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let callback = Callback {
        query: query.unwrap_or_default(),
        body: Vec::new(),
    };
    take(gateway, channel, callback).await
}

/// `POST /callbacks/{channel}`.
pub async fn post(
    State(gateway): State<Gateway>,
    Path(channel): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let callback = Callback {
        query: query.unwrap_or_default(),
        body: body.to_vec(),
    };
    take(gateway, channel, callback).await
}

async fn take(gateway: Gateway, channel: String, callback: Callback) -> Response {
    let Some((merchant_id, channel_id)) = read_channel(&channel) else {
        return say(StatusCode::NOT_FOUND, "fail");
    };
    let (app, providers) = (gateway.app.clone(), gateway.providers.clone());
    // A platform that hangs up has not told us less.
    let done = gateway.app.finish(async move {
        service::notify(&app, &providers, merchant_id, channel_id, &callback).await
    });
    match done.await.and_then(|notice| notice) {
        Ok(Notice::Accepted) => say(StatusCode::OK, "success"),
        Ok(Notice::Refused) => say(StatusCode::BAD_REQUEST, "fail"),
        Ok(Notice::Unknown) => say(StatusCode::NOT_FOUND, "fail"),
        Ok(Notice::Later) => say(StatusCode::SERVICE_UNAVAILABLE, "fail"),
        Err(error) => {
            tracing::error!(%channel_id, ?error, "a callback failed");
            say(StatusCode::SERVICE_UNAVAILABLE, "fail")
        }
    }
}

fn say(status: StatusCode, word: &'static str) -> Response {
    let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, plain, word).into_response()
}
