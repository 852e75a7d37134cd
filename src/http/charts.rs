//! Pictures of statistics: `GET /charts/{kind}.svg`, for who signs in, or has a link.

use std::net::SocketAddr;
use std::time::Duration;

use async_graphql::Response as Answer;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::exchange::{Exchange, Refused, VARY};
use super::graphql::caller;
use super::headers::RESOURCE_POLICY;
use super::negotiation::Media;
use crate::auth::model::Who;
use crate::charts::model::{self, Kind, NoPicture, Wish};
use crate::charts::service;
use crate::error::Error;
use crate::graphql::gateway::{Caller, Gateway};
use crate::graphql::ready;
use crate::graphql::request::Params;

/// A picture is only looked at: nothing in it runs, and nothing is fetched for it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; sandbox",
);

/// A link's picture may be shown again for a moment by who has it.
const KEPT: HeaderValue = HeaderValue::from_static("private, max-age=60");

/// Why there is no picture.
enum Failed {
    /// What is asked for, or by whom.
    Refused(Error),
    /// The statistics say so.
    Answered(Answer),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// `GET /charts/{kind}.svg?range=LAST_30_DAYS&…`.
pub async fn picture(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some(kind) = name.strip_suffix(".svg").and_then(Kind::of_name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Who wants a picture accepts pictures; what is wrong is told in JSON, and by the status.
    let exchange = Exchange::with(gateway, headers, peer, Media::GraphqlResponse);
    match draw(&exchange, kind, query.as_deref().unwrap_or_default()).await {
        Ok((svg, is_link)) => shown(svg, is_link),
        Err(Failed::Refused(error)) => exchange.refuse(Refused::from(error)),
        Err(Failed::Answered(answer)) => exchange.answer(&refused(answer)),
    }
}

/// Asks, and draws the answer. Whether a link asked, too.
async fn draw(exchange: &Exchange, kind: Kind, query: &str) -> Result<(String, bool), Failed> {
    let gateway = &exchange.gateway;
    let info = exchange.info.clone();
    let (caller, pairs) = match service::open(&gateway.app, kind, query).await? {
        Some(opened) => {
            let actor = Some(opened.actor);
            (Caller { actor, info }, opened.pairs)
        }
        None => {
            let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
            let caller = caller(gateway, &exchange.headers, info).await?;
            (caller, pairs.collect())
        }
    };
    let actor = caller.actor.clone().ok_or(Error::Unauthenticated)?;
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let wish = Wish::read(kind, pairs, exchange.info.locale)?;
    let params = Params::of_ours(wish.document()).with_variables(wish.variables());
    let prepared = gateway
        .prepare(params, &caller)
        .await
        .map_err(Failed::Answered)?;
    let limit = Duration::from_millis(gateway.app.settings.http.request_timeout_ms);
    let answer = tokio::time::timeout(limit, gateway.answer(prepared, caller)).await;
    let answer = answer.map_err(|_| Error::Unavailable)?;
    if answer.is_err() {
        return Err(Failed::Answered(answer));
    }
    let mut data: serde_json::Value = serde_json::from_slice(&ready::json(&answer))
        .map_err(|error| Error::internal(error.to_string()))?;
    let data = data["data"].take();
    let merchant = crate::merchant::find(&gateway.app, actor.merchant_id).await?;
    let picture = model::picture_of(&wish, data, merchant.currency);
    let picture = picture.map_err(|why| match why {
        NoPicture::TooManyTimes => model::too_many_times(),
        NoPicture::NoAnswer => {
            Error::internal("the statistics' answer is none to a chart's question")
        }
    })?;
    let svg = model::draw(&picture).map_err(|error| Error::internal(error.to_string()))?;
    Ok((svg, actor.who == Who::Link))
}

/// An answer that is no picture, wherever it went wrong: a part of a picture is none.
fn refused(answer: Answer) -> Answer {
    let mut errors = answer.errors;
    for error in &mut errors {
        // Its asker wrote no document.
        error.path.clear();
        error.locations.clear();
    }
    Answer::from_errors(errors)
}

fn shown(svg: String, is_link: bool) -> Response {
    let mut response = svg.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("image/svg+xml; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::VARY, HeaderValue::from_static(VARY));
    if is_link {
        headers.insert(header::CACHE_CONTROL, KEPT);
        // A mail or a chat is another page.
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    }
    response
}
