//! Files of exports: `GET /exports/{id}/{name}`, for who has a link.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};

use super::exchange::{Exchange, Refused};
use super::graphql::info;
use super::negotiation::Media;
use super::unpacking::{Step, Unpacker};
use crate::error::Error;
use crate::exports::model::{file_name, media_type};
use crate::exports::service::{self, Kept};
use crate::graphql::gateway::Gateway;

/// A link's file is its reader's, and no cache keeps it.
const KEPT: HeaderValue = HeaderValue::from_static("private, no-store");

/// Letters that stand for themselves in a file's name; all others are written by their bytes.
const PLAIN: &[u8] = b"-._";

/// `GET /exports/{id}/{name}?merchant=…&expires=…&signature=…`.
pub async fn file(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((id, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.as_deref().unwrap_or_default();
    match serve(
        &gateway,
        (id.as_str(), name.as_str()),
        query,
        &headers,
        peer,
    )
    .await
    {
        Ok(response) => response,
        Err(Error::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            // Who wants a file reads what is wrong in JSON, and by the status.
            let exchange = Exchange::with(gateway, headers, peer, Media::GraphqlResponse);
            exchange.refuse(Refused::from(error))
        }
    }
}

async fn serve(
    gateway: &Gateway,
    file: (&str, &str),
    query: &str,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Result<Response, Error> {
    let (kept, maker) = service::open(&gateway.auth, file, query).await?;
    let origin = info(gateway, headers, peer).origin();
    service::tell_download(&gateway.app, &kept.row, maker, origin).await?;
    respond(gateway, kept, headers).await
}

async fn respond(gateway: &Gateway, kept: Kept, headers: &HeaderMap) -> Result<Response, Error> {
    let merchant = crate::merchant::find(&gateway.app, kept.row.merchant_id).await?;
    let name = file_name(&kept.row, merchant.zone);
    let gzip = kept.is_packed() && knows_gzip(headers);
    let length = if gzip {
        kept.row.stored_bytes
    } else {
        kept.row.bytes
    };
    let kind = HeaderValue::from_static(media_type(kept.row.format));
    let unpacks = kept.is_packed() && !gzip;
    let mut response = Body::from_stream(pieces(kept, unpacks)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CACHE_CONTROL, KEPT);
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let disposition = format!("attachment; filename*=UTF-8''{}", escaped(&name));
    let disposition = HeaderValue::try_from(disposition);
    let disposition = disposition.map_err(|error| Error::internal(error.to_string()))?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

fn knows_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING);
    accepted
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| {
            accepted.split(',').any(|part| {
                let mut words = part.split(';').map(str::trim);
                words.next().is_some_and(|name| name == "gzip")
                    && !words.any(|weight| weight == "q=0")
            })
        })
}

/// A name as RFC 8187 has it.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            text.push(byte.into());
        } else {
            text += &format!("%{byte:02X}");
        }
    }
    text
}

/// The file, piece by piece, and of a piece that is unpacked a step at a time: a packed piece may hold a hundred times
/// its own length. What cannot be read breaks the answer off, so that nobody takes a part for the whole.
fn pieces(kept: Kept, unpacks: bool) -> impl Stream<Item = std::io::Result<Bytes>> {
    let begun = (kept, unpacks.then(Unpacker::default), 0_i32);
    stream::try_unfold(begun, |(kept, mut unpacker, mut no)| async move {
        loop {
            let step = unpacker.as_mut().map_or(Ok(Step::Hungry), Unpacker::step)?;
            match step {
                Step::Some(bytes) => return Ok(Some((Bytes::from(bytes), (kept, unpacker, no)))),
                Step::Over => return Ok(None),
                Step::Hungry => {}
            }
            let piece = kept.piece(no).await;
            let piece = piece.map_err(|error| std::io::Error::other(error.code()))?;
            no += 1;
            match (&mut unpacker, piece) {
                (Some(unpacker), Some(piece)) => unpacker.feed(piece),
                (Some(unpacker), None) => unpacker.end(),
                (None, Some(piece)) => return Ok(Some((Bytes::from(piece), (kept, None, no)))),
                (None, None) => return Ok(None),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_letters_is_written_in_few() {
        assert_eq!(escaped("订单 a.csv"), "%E8%AE%A2%E5%8D%95%20a.csv");
    }

    #[test]
    fn gzip_is_sent_to_who_knows_it() {
        for (accepted, knows) in [
            ("gzip, br", true),
            ("br;q=1, gzip;q=0.5", true),
            ("gzip;q=0", false),
            ("br", false),
            ("identity", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            assert_eq!(knows_gzip(&headers), knows, "{accepted}");
        }
        assert!(!knows_gzip(&HeaderMap::new()));
    }
}
