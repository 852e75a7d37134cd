//! A link to a picture: what it shows, until when, and the signature over all of it.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use entity::MerchantId;
use entity::merchant::MerchantStatus;
use url::form_urlencoded;

use crate::app::App;
use crate::auth::model::{Actor, Scope, Scopes, Who};
use crate::charts::model::Kind;
use crate::error::{Error, Problem};

/// The parameters that make a link of an address; the signature is the last one.
const MERCHANT: &str = "merchant";
const EXPIRES: &str = "expires";
const SIGNATURE: &str = "&signature=";

/// What a link shows, and to whom it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Whoever has the link.
    pub actor: Actor,
    /// The parameters of the picture.
    pub pairs: Vec<(String, String)>,
}

/// What is signed: the picture's address without its host, under a word of its own.
fn signature(app: &App, kind: Kind, query: &str) -> Vec<u8> {
    app.key
        .keyed_hash(&format!("chart link\n{}\n{query}", kind.name()))
}

/// The address of a picture, good for so long for whoever has it.
#[must_use]
pub fn sign(
    app: &App,
    merchant_id: MerchantId,
    kind: Kind,
    pairs: &[(String, String)],
    valid_for: Duration,
) -> String {
    let expires = app.clock.now() + valid_for;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .extend_pairs(pairs)
        .append_pair(MERCHANT, &merchant_id.to_string())
        .append_pair(EXPIRES, &expires.timestamp().to_string());
    let query = query.finish();
    let signature = HEXLOWER.encode(&signature(app, kind, &query));
    let home = app.settings.http.public_url.trim_end_matches('/');
    format!(
        "{home}/charts/{}.svg?{query}{SIGNATURE}{signature}",
        kind.name()
    )
}

/// Reads an address that has a signature; none where it has none. One that has ended, or was not signed here as
/// it stands, is refused.
pub async fn open(app: &App, kind: Kind, query: &str) -> Result<Option<Opened>, Error> {
    let Some((signed, shown)) = query.rsplit_once(SIGNATURE) else {
        return Ok(None);
    };
    let shown = HEXLOWER.decode(shown.as_bytes()).map_err(|_| forged())?;
    verify_slices_are_equal(&shown, &signature(app, kind, signed)).map_err(|_| forged())?;
    let (own, pairs): (Vec<_>, Vec<_>) = form_urlencoded::parse(signed.as_bytes())
        .into_owned()
        .partition(|(name, _)| name == MERCHANT || name == EXPIRES);
    let said = |wanted: &str| {
        own.iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    let expires = said(EXPIRES).and_then(|text| text.parse().ok());
    let expires = expires.and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
    let merchant_id = said(MERCHANT).and_then(|text| text.parse().ok());
    let (Some(expires), Some(merchant_id)) = (expires, merchant_id) else {
        return Err(forged());
    };
    let merchant = crate::merchant::find(app, merchant_id).await?;
    if expires <= app.clock.now() || merchant.row.status == MerchantStatus::Closed {
        return Err(Error::Denied(Problem::new(
            "This link has ended. Ask for a new one.",
            "此链接已过期，请重新获取。",
        )));
    }
    // Who signed it could see what it shows; a link asks for nothing else.
    let scopes = Scopes::of(&[Scope::OrdersRead, Scope::ChannelsRead, Scope::LedgerRead]);
    Ok(Some(Opened {
        actor: Actor {
            merchant_id,
            who: Who::Link,
            scopes,
            origin: None,
        },
        pairs,
    }))
}

fn forged() -> Error {
    Error::Denied(Problem::new(
        "This link was not made here as it stands.",
        "此链接无效或已被修改。",
    ))
}
